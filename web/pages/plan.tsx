/** A page that is yet to be drawn. */
import {Text} from '@mantine/core';

export function PlanPage() {
  return <Text>plan </Text>;
}
