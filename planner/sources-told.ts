/**
 * What a table says of its sources where none was enough: written from what was tried of each, and read again by whoever
 * shows it beside the failures of those sources. It does not deal with what else an error says.
 */
import type {Try} from './coverage-event.ts';
import {unstopped} from './sentence.ts';

/** Each source by its name, in the order in which they were asked. */
export function sourcesTold(lead: `No source ${string}`, tries: readonly Try[]): string {
  return `${lead}: ${tries.map(each => `${each.source}: ${triedText(each)}`).join('; ')}`;
}

function triedText({outcome, found, expected, detail}: Try): string {
  const games = expected === null || outcome !== 'partial' ? '' : ` ${found} of ${expected} games`;
  return detail === null ? `${outcome}${games}` : unstopped(detail);
}

const SOURCE = /^(No source [^:]*: )?([\w-]+): (\S+@[^\s:]+): /;

/** The same, short where they have told their own failures beside it. `told`: `asset@key` of what failed in the same run. */
export function withoutTold(error: string, told: ReadonlySet<string>): string {
  if (!error.startsWith('No source ')) return error;
  const parts = error.split(/; (?=[\w-]+: )/).map(part => {
    const [, lead = '', source = '', ref = ''] = SOURCE.exec(part) ?? [];
    return told.has(ref) ? `${lead}${source}: ${ref} failed` : part;
  });
  return parts.join('; ');
}
