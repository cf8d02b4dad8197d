/** A page that is yet to be drawn. */
import {Text} from '@mantine/core';

export function PartitionPage({
  asset,
  partitionKey,
}: {
  readonly asset: string;
  readonly partitionKey: string;
}) {
  return <Text>partition {[asset, partitionKey].join(' ')}</Text>;
}
