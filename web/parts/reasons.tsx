/**
 * Why something is as it is, in the words of the command line; partitions that are named lead to their pages.
 * It does not deal with what the reasons are (planner/reason.ts).
 */
import './reasons.css';
import {Anchor} from '@mantine/core';
import {Link} from 'wouter';
import type {Said} from '../../server/schema/common.ts';
import {partitionAddress} from '../addresses.ts';
import {useLive} from '../live.tsx';
import {piecesOf} from '../references.ts';

export function Reasons({
  reasons,
  notes = [],
}: {
  readonly reasons: readonly Said[];
  readonly notes?: readonly Said[];
}) {
  return (
    <ul className="reasons">
      {reasons.map(reason => (
        <Line key={`${reason.kind} ${reason.text}`} said={reason} />
      ))}
      {notes.map(note => (
        <Line key={`note ${note.kind} ${note.text}`} said={note} isNote />
      ))}
    </ul>
  );
}

function Line({said, isNote = false}: {readonly said: Said; readonly isNote?: boolean}) {
  return (
    <li className="reasons-line">
      <code className="reasons-kind">{isNote ? `note: ${said.kind}` : said.kind}</code>
      <span className="reasons-text">
        <Linked text={said.text} />
      </span>
    </li>
  );
}

/** A text in which `asset@key` leads to that partition, where there is such an asset. */
export function Linked({text}: {readonly text: string}) {
  const {pipeline} = useLive();
  const assets = new Set(pipeline.assets.map(({asset}) => asset));
  return piecesOf(text, assets).map(piece =>
    typeof piece === 'string' ? (
      piece
    ) : (
      <Anchor
        key={`${piece.at}`}
        component={Link}
        href={partitionAddress(piece.asset, piece.key)}
        inherit
        underline="always"
      >
        {piece.asset}@{piece.key}
      </Anchor>
    ),
  );
}
