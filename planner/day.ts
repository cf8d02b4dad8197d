/**
 * Dates as day numbers since 1970-01-01, and times of day in a zone as milliseconds.
 * It reads no clock: every instant is an argument.
 */

/** Milliseconds of one day without a change of clocks. */
export const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The day number of an ISO date; NaN where the text is none, such as `2024-02-30`. */
export function dayOf(date: string): number {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return Number.NaN;
  const [year, month, day] = [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8))];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return Number.NaN;
  // Date.UTC takes years before 100 as those of the last century.
  return year < 100 ? Date.parse(`${date}T00:00:00Z`) / DAY_MS : Date.UTC(year, month - 1, day) / DAY_MS;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The ISO date of a day number. */
export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string): Intl.DateTimeFormat {
  let format = formats.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(timezone, format);
  }
  return format;
}

/** Whether there is a zone of that name. */
export function isTimezone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What a clock on the wall of `timezone` shows at `at`: the day and the minute of the day. */
export function wallClock(at: number, timezone: string): {readonly day: number; readonly minute: number} {
  const parts: Record<string, string> = {};
  for (const {type, value} of formatOf(timezone).formatToParts(at)) parts[type] = value;
  const day = dayOf(`${parts['year']}-${parts['month']}-${parts['day']}`);
  return {day, minute: Number(parts['hour']) * 60 + Number(parts['minute'])};
}

/**
 * The instant at which a clock in `timezone` shows `minute` of `day`. A time that is skipped in spring is taken with
 * the offset before the change, one that comes twice in autumn is its first.
 */
export function instantOf(day: number, minute: number, timezone: string): number {
  const name = `${timezone} ${day} ${minute}`;
  let instant = instants.get(name);
  if (instant === undefined) {
    if (instants.size >= INSTANTS_KEPT) instants.clear();
    instant = findInstant(day, minute, timezone);
    instants.set(name, instant);
  }
  return instant;
}

/** No zone is further from UTC than this, in milliseconds. */
const FURTHEST = 15 * 60 * MINUTE_MS;

/** Whether `instantOf` the same is not after `now`. Days that are long over, or far away, are told without the zone. */
export function hasCome(day: number, minute: number, timezone: string, now: number): boolean {
  const asUtc = day * DAY_MS + minute * MINUTE_MS;
  if (asUtc + FURTHEST <= now) return true;
  return asUtc - FURTHEST <= now && instantOf(day, minute, timezone) <= now;
}

/** Asking for a zone's offset is slow, and every asset of a date asks for the same few instants. */
const instants = new Map<string, number>();
const INSTANTS_KEPT = 100_000;

function findInstant(day: number, minute: number, timezone: string): number {
  const asUtc = day * DAY_MS + minute * MINUTE_MS;
  const before = offsetAt(asUtc - DAY_MS, timezone);
  const after = offsetAt(asUtc + DAY_MS, timezone);
  const early = asUtc - before;
  if (offsetAt(early, timezone) === before) return early;
  const late = asUtc - after;
  return offsetAt(late, timezone) === after ? late : early;
}

/** No zone changes its offset twice within so long: where both ends agree, all between do. */
const STEADY_MS = 8 * DAY_MS;

/** How far the zone is ahead of UTC at `at`, in milliseconds. */
function offsetAt(at: number, timezone: string): number {
  const start = Math.floor(at / STEADY_MS) * STEADY_MS;
  const offset = edgeOffset(start, timezone);
  return offset === edgeOffset(start + STEADY_MS, timezone) ? offset : readOffset(at, timezone);
}

const edgeOffsets = new Map<string, Map<number, number>>();

function edgeOffset(at: number, timezone: string): number {
  const known = edgeOffsets.get(timezone) ?? new Map<number, number>();
  edgeOffsets.set(timezone, known);
  const offset = known.get(at) ?? readOffset(at, timezone);
  known.set(at, offset);
  return offset;
}

function readOffset(at: number, timezone: string): number {
  const {day, minute} = wallClock(at, timezone);
  return day * DAY_MS + minute * MINUTE_MS - Math.floor(at / MINUTE_MS) * MINUTE_MS;
}
