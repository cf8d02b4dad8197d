/**
 * What a table says of its sources, short where they have told their own failures beside it.
 * It does not deal with what else an error says.
 */

const SOURCE = /^(No source [^:]*: )?([\w-]+): (\S+@[^\s:]+): /;

/** `told`: `asset@key` of what failed in the same run. */
export function withoutTold(error: string, told: ReadonlySet<string>): string {
  if (!error.startsWith('No source ')) return error;
  const parts = error.split(/; (?=[\w-]+: )/).map(part => {
    const [, lead = '', source = '', ref = ''] = SOURCE.exec(part) ?? [];
    return told.has(ref) ? `${lead}${source}: ${ref} failed` : part;
  });
  return parts.join('; ');
}
