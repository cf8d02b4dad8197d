/** A page that is yet to be drawn. */
import {Text} from '@mantine/core';

export function GraphPage() {
  return <Text>graph </Text>;
}
