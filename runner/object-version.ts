/**
 * The version of a set of objects: 64 bits over their names and bytes, whatever their order.
 * It does not deal with where they lie.
 */
import {add, hexOf, wordOf} from '../planner/hash.ts';

/** `bytes`: another text where an object's bytes are others. */
export function versionOfObjects(objects: Iterable<{readonly name: string; readonly bytes: string}>): string {
  const total = {hi: 0, lo: 0};
  for (const {name, bytes} of objects) {
    const {hi, lo} = wordOf(`${bytes} ${name}`);
    add(total, hi, lo);
  }
  return hexOf(total);
}
