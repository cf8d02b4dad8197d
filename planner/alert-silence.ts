/**
 * How long nothing was at work: stretches without any pass of healing or run. It does not deal with why.
 */
import type {Found} from './alert.ts';
import {ageText} from './amount.ts';

/** A pass of healing that could do its work, or a run: when it began, and until when it is known to have been at work. Milliseconds since 1970. */
export interface Activity {
  readonly from: number;
  readonly to: number;
}

/** What ended so long ago is no news. */
const NEWS_MS = 86_400_000;

export interface Listening {
  /** How long nothing may run. Milliseconds. */
  readonly silence: number;
  readonly now: number;
}

/** The one that lasts, and those that ended since. */
export function silencesIn(
  activity: readonly Activity[],
  {silence, now}: Listening,
): readonly Omit<Found, 'about'>[] {
  const found: Omit<Found, 'about'>[] = [];
  let quietSince = Number.POSITIVE_INFINITY;
  const until = (time: number, what: string): void => {
    if (time - quietSince <= silence || now - time > NEWS_MS) return;
    const since = new Date(quietSince).toISOString();
    const cause = `${what} for ${ageText(time - quietSince)}, since ${since}`;
    found.push({
      kind: 'nothing-ran',
      cause,
      keys: [since],
      since: quietSince,
      once: `silence ${quietSince}`,
    });
  };
  for (const {from, to} of activity.toSorted((a, b) => a.from - b.from)) {
    // A clock that was ahead has written of times to come.
    if (from > now) break;
    until(from, 'nothing ran');
    const end = Math.min(to, now);
    quietSince = Number.isFinite(quietSince) ? Math.max(quietSince, end) : end;
  }
  until(now, 'neither a pass of healing that could do its work nor a run');
  return found;
}
