/**
 * Reads the stored objects of one edge. It does not deal with what they hold.
 */
import type {Input, StoredObject} from 'gameplan';

/** The objects of the edge `name`; throws where the manifest declares no such edge. */
export function objectsOf(
  inputs: Readonly<Record<string, Input>>,
  name: string,
): AsyncIterable<StoredObject> {
  const input = inputs[name];
  if (input === undefined) {
    throw new Error(`There is no edge named '${name}': declare it under 'upstream' in pipeline.yaml.`);
  }
  return input.objects();
}
