/** A page that is yet to be drawn. */
import {Text} from '@mantine/core';

export function AssetPage({name}: {readonly name: string}) {
  return <Text>asset {[name].join(' ')}</Text>;
}
