/**
 * Short names for long ones, so that an address can say which of a list are chosen.
 * It does not deal with what has the same name by chance: of some thousand names hardly any two.
 */

/** FNV-1a (Fowler, Noll and Vo, 1991) over UTF-16, 32 bits, in at most seven letters. */
export function shortName(name: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}
