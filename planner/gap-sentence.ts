/**
 * The cause of a gap in words.
 * It does not deal with which cause it is (gaps.ts).
 */
import {number} from './amount.ts';
import type {GapCause} from './gap.ts';
import {sentence, unstopped} from './sentence.ts';
import {unreachable} from './unreachable.ts';

/** What a gap comes from, where it comes from others: the first of them, and how many there are. */
export interface Origin {
  readonly ref: string;
  readonly count: number;
  /** Whether it waits for them, or has what they gave it. */
  readonly isAwaited: boolean;
}

/** Without a full stop. `origin` is undefined where the cause is its own. */
export function causeSentence(cause: GapCause, origin: Origin | undefined): string {
  const own = ownSentence(cause);
  if (origin === undefined) return own;
  const {ref, count, isAwaited} = origin;
  const name = count > 1 ? `${ref} and ${number(count - 1)} more` : ref;
  if (cause.kind === 'accepted') return `through ${name}, ${own}`;
  return isAwaited ? `waits for ${name}: ${own}` : `as ${name}: ${own}`;
}

function ownSentence(cause: GapCause): string {
  switch (cause.kind) {
    case 'untried':
      return 'never materialized';
    case 'forgotten':
      return 'published once and forgotten since';
    case 'too-late':
      return 'too late: its source shows only the present';
    case 'failed':
      return `the last attempt failed: ${unstopped(cause.error)}`;
    case 'quarantined':
      return `the last attempt was quarantined: ${unstopped(cause.error)}`;
    case 'games-absent':
      return 'made, and these games were not in what it was made from';
    case 'gate':
      return sentence({...cause, upstream: cause.weakest, count: 1});
    case 'accepted':
      return `accepted by ${cause.gap.acceptedBy} on ${cause.gap.acceptedOn}: ${unstopped(cause.gap.reason)}`;
    default:
      return unreachable(cause);
  }
}
