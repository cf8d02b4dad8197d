/**
 * Reads when an asset has partitions and when they are made: its range, due time and refresh, and from
 * when on it is kept.
 * It does not deal with what time it is (due.ts).
 */
import {DURATION_HINT, parseDuration} from './duration.ts';
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
import type {Asset, CalendarDeclaration, Due, Partitioning, Refresh, Start} from './pipeline.ts';
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

/** What tells when the games of an asset's dates begin. */
interface Days {
  readonly partitioning: Partitioning;
  readonly calendar: CalendarDeclaration | undefined;
}

const MINUTE_MS = 60_000;

/** How often a fetch is made again. */
export function readRefresh(scope: Scope, base: Path, {refresh}: RawAsset, days: Days): Refresh | undefined {
  if (refresh === undefined) return undefined;
  const path = [...base, 'refresh'];
  const every = readDuration(scope, [...path, 'every'], refresh.every);
  const until = readUntil(scope, [...path, 'until'], refresh.until, days);
  if (every === undefined) return undefined;
  if (every < MINUTE_MS) {
    const problem = `'${refresh.every}' is less than a minute, which no site is asked for`;
    return report(scope, 'bad-duration', [...path, 'every'], `${problem}: write '1m' or more.`);
  }
  return {every, until};
}

function readUntil(
  scope: Scope,
  path: Path,
  text: string | undefined,
  days: Days,
): number | Start | undefined {
  if (text === undefined) return undefined;
  if (text === 'first start' || text === 'last start') return readStart(scope, path, text, days);
  const duration = parseDuration(text);
  if (duration !== undefined) return duration;
  const starts = "or 'first start' or 'last start' for when the games of the date begin";
  return report(scope, 'bad-duration', path, `'${text}' is no duration: write ${DURATION_HINT}; ${starts}.`);
}

/** From when on what was published is kept. */
export function readProtect(scope: Scope, base: Path, {protect}: RawAsset, days: Days): Asset['protect'] {
  if (typeof protect !== 'object') return protect === true ? 'always' : 'never';
  return readStart(scope, [...base, 'protect', 'from'], protect.from, days) ?? 'always';
}

/** Only the games of a date begin, and only where the calendar says when. */
function readStart(
  scope: Scope,
  path: Path,
  start: Start,
  {partitioning, calendar}: Days,
): Start | undefined {
  if (partitioning.kind !== 'date') {
    const grain = partitioning.kind === 'season' ? 'a season' : "'all'";
    const mend = path.at(-1) === 'until' ? 'write a duration' : "write 'protect: true' or remove it";
    const problem = `'${start}' speaks of the games of a date, and this asset is made by ${grain}`;
    return report(scope, 'bad-value', path, `${problem}: ${mend}.`);
  }
  if (calendar === undefined) return start;
  const {source, name, at: place} = calendar;
  if (source.kind === 'asset' && source.columns.startsAt !== undefined) return start;
  const [why, mend] =
    source.kind === 'list'
      ? ['is a list of dates', 'write a duration, or read the calendar from an asset']
      : ["has no 'starts_at'", "name the column of its asset that says it, such as 'starts_at: starts_at'"];
  const problem = `'${start}' needs to know when games begin, and calendar '${name}' ${why}`;
  const related = [{message: 'the calendar is declared here', at: place}];
  return report(scope, 'missing-key', path, `${problem}: ${mend}.`, related);
}
