/**
 * Ends a switch over a union: a member that was forgotten does not compile.
 * It does not deal with users' mistakes; reaching it is a bug.
 */
export function unreachable(value: never): never {
  throw new Error(`Internal error: unexpected ${JSON.stringify(value)}.`);
}
