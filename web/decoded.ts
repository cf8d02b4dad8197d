/** Parts of an address as texts. It does not deal with what they name. */

/** As it stands where it is written wrong. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
