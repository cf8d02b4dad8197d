/**
 * Patterns with wildcards: `*` stands for any letters, `?` for one.
 * It does not deal with what is matched.
 */

/** Whether a text has a wildcard in it. */
export function isGlob(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/** Without recursion or backtracking that could explode: each part is found once. */
export function globOf(pattern: string): (text: string) => boolean {
  if (!isGlob(pattern)) return text => text === pattern;
  const parts = pattern.split(/\*+/).map(part => [...part]);
  const fits = (part: readonly string[], text: string, at: number) =>
    at >= 0 &&
    at + part.length <= text.length &&
    part.every((letter, i) => letter === '?' || letter === text[at + i]);
  return text => {
    const first = parts[0] ?? [];
    const last = parts.at(-1) ?? [];
    if (parts.length === 1) return text.length === first.length && fits(first, text, 0);
    if (!fits(first, text, 0)) return false;
    let at = first.length;
    for (const part of parts.slice(1, -1)) {
      while (at <= text.length && !fits(part, text, at)) at++;
      if (at > text.length) return false;
      at += part.length;
    }
    return text.length - last.length >= at && fits(last, text, text.length - last.length);
  };
}
