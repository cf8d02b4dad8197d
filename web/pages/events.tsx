/** A page that is yet to be drawn. */
import {Text} from '@mantine/core';

export function EventsPage() {
  return <Text>events </Text>;
}
