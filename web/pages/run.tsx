/** A page that is yet to be drawn. */
import {Text} from '@mantine/core';

export function RunPage({id}: {readonly id: string}) {
  return <Text>run {[id].join(' ')}</Text>;
}
