/** A page that is yet to be drawn. */
import {Text} from '@mantine/core';

export function RunsPage() {
  return <Text>runs </Text>;
}
