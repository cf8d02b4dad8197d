/**
 * The name of a partition as a link to its page. It breaks between asset and key, and nowhere within the key.
 * It does not deal with names inside sentences (reasons.tsx).
 */
import './partition-name.css';
import {Anchor} from '@mantine/core';
import {Link} from 'wouter';
import {partitionAddress} from '../addresses.ts';
import {Name} from './name.tsx';

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
      <Name text={asset} />
      <wbr />
      <span>@{partitionKey}</span>
    </Anchor>
  );
}
