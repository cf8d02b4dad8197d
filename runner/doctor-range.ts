/**
 * How far back a pipeline goes, against how long a table keeps its partitions. It does not ask anybody.
 */
import type {Asset, Pipeline} from '../planner/pipeline.ts';

const DAY = 24 * 60 * 60 * 1000;

/** The first date that an asset is declared to have; undefined where it is not sliced. */
export function oldestDate({partitioning, start}: Asset, pipeline: Pipeline): string | undefined {
  if (partitioning.kind === 'all') return undefined;
  const calendar = pipeline.calendars.get(partitioning.calendar);
  if (calendar === undefined) return undefined;
  const {seasons, source} = calendar;
  const opens = `${seasons.from.slice(0, 4)}-${seasons.rollsOver}`;
  const listed = source.kind === 'list' ? source.entries.map(({date}) => date).toSorted()[0] : undefined;
  return [listed ?? opens, start, pipeline.start]
    .filter(date => date !== undefined)
    .toSorted()
    .at(-1);
}

/** What is wrong with an expiration (milliseconds, as the API writes it) for partitions from a date on; undefined: nothing. */
export function tooShort(
  expiration: string | undefined,
  oldest: string | undefined,
  now: number,
): string | undefined {
  if (expiration === undefined || oldest === undefined) return undefined;
  const days = Number(expiration) / DAY;
  if (days <= 0 || now - Date.parse(oldest) < Number(expiration)) return undefined;
  return `partitions older than ${daysText(days)} are deleted, and the pipeline goes back to ${oldest}: a backfill would vanish as it is written`;
}

export function daysText(days: number): string {
  const rounded = days >= 10 ? Math.round(days) : Math.round(days * 10) / 10;
  return `${rounded} ${rounded === 1 ? 'day' : 'days'}`;
}
