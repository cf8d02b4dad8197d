/** A name that may be broken behind its dots and underscores, where it is too long for its place. */
import {Fragment} from 'react';

export function Name({text}: {readonly text: string}) {
  return text.split(/(?<=[._@])/).map((piece, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text keep their places.
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {piece}
    </Fragment>
  ));
}
