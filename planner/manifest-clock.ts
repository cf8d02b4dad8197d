/**
 * Reads when an asset has partitions and when they are made: its range, due time and refresh.
 * It does not deal with what time it is (due.ts).
 */
import {expandDate, type Variables} from './manifest-env.ts';
import {
  at,
  keyAt,
  namesAt,
  type Path,
  readDuration,
  readTimeOfDay,
  report,
  type Scope,
} from './manifest-scope.ts';
import type {Due, Partitioning, Refresh} from './pipeline.ts';
import type {RawAsset} from './schema.ts';

/** Its first and last date. */
export function readRange(
  scope: Scope,
  base: Path,
  raw: RawAsset,
  variables: Variables,
): {readonly start: string | undefined; readonly end: string | undefined} {
  const bound = (key: 'start' | 'end') => {
    const text = raw[key];
    const path = [...base, key];
    return text === undefined ? undefined : expandDate(scope, path, text, variables);
  };
  const start = bound('start');
  const end = bound('end');
  if (start !== undefined && end !== undefined && start > end) {
    const related = [{message: 'the start is here', at: at(scope, [...base, 'start'])}];
    report(
      scope,
      'bad-range',
      [...base, 'end'],
      `The end ${end} is before the start ${start}: exchange or correct them.`,
      related,
    );
  }
  return {start, end};
}

/** When a key of it may be made. */
export function readDue(scope: Scope, base: Path, {due}: RawAsset, partitioning: Partitioning): Due {
  // A season is due as soon as a game of it is known, `all` at once.
  if (due === undefined) return partitioning.kind === 'date' ? {kind: 'final'} : {kind: 'scheduled'};
  if (due === 'final' || due === 'scheduled') return {kind: due};
  const path = [...base, 'due'];
  const minute = readTimeOfDay(scope, [...path, 'at'], due.at) ?? 0;
  const {days_before: before, days_after: after} = due;
  const said = namesAt(scope, path).filter(name => name !== 'at');
  // One that is misspelt or out of bounds is told by its own place.
  if (said.length === 0 || (before !== undefined && after !== undefined)) {
    report(
      scope,
      'bad-value',
      keyAt(scope, path),
      `A due time needs either 'days_before' or 'days_after': on the day itself write 'days_before: 0'.`,
    );
  }
  return {kind: 'clock', days: after ?? -(before ?? 0) + 0, minute};
}

/** How often a fetch is made again. */
export function readRefresh(scope: Scope, base: Path, {refresh}: RawAsset): Refresh | undefined {
  if (refresh === undefined) return undefined;
  const path = [...base, 'refresh'];
  const every = readDuration(scope, [...path, 'every'], refresh.every);
  const until = readDuration(scope, [...path, 'until'], refresh.until);
  return every === undefined ? undefined : {every, until};
}
