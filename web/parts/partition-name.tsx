/**
 * The name of a partition as a link to its page. It breaks between asset and key, and nowhere within the key.
 * It does not deal with names inside sentences (reasons.tsx).
 */
import './partition-name.css';
import {Anchor} from '@mantine/core';
import {Fragment} from 'react';
import {Link} from 'wouter';
import {partitionAddress} from '../addresses.ts';

export function PartitionName({
  asset,
  partitionKey,
  isStrong = false,
}: {
  readonly asset: string;
  readonly partitionKey: string;
  readonly isStrong?: boolean;
}) {
  return (
    <Anchor
      component={Link}
      href={partitionAddress(asset, partitionKey)}
      inherit
      className="partition-name-link"
      {...(isStrong ? {fw: 550} : {})}
    >
      <Breaking name={asset} />
      <wbr />
      <span>@{partitionKey}</span>
    </Anchor>
  );
}

/** A name that breaks, where it has to, behind a dot or an underline. */
export function Breaking({name}: {readonly name: string}) {
  return [...name.matchAll(/[^._]*[._]?/g)].map(({0: part, index}) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
