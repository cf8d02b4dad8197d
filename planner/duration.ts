/**
 * Reads the small notations of the manifest: durations, sizes, percentages, times of day, season labels.
 * Every function gives undefined for a text that is none; saying so with its place is the caller's.
 */
import {dateOf, dayOf} from './day.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  second: 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
};

/** How a duration is written, for messages. */
export const DURATION_HINT = "a number with a unit, such as '90s', '3m', '12h' or '14 days'";

/** Milliseconds, above 0: `90s`, `3m`, `1.5h`, `14 days`. At most 100 years. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,9}(?:\.\d{1,6})?) ?([a-z]+)$/.exec(text.trim()) ?? [];
  const scale =
    find(UNITS, unit) ?? (unit.length > 3 && unit.endsWith('s') ? find(UNITS, unit.slice(0, -1)) : undefined);
  if (number === undefined || scale === undefined) return undefined;
  const ms = Math.round(Number(number) * scale);
  return ms > 0 && ms <= 100 * 366 * 86_400_000 ? ms : undefined;
}

/** Whole days, above 0: `14 days`, `2 weeks`, `48h`. */
export function parseDays(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms !== undefined && ms % 86_400_000 === 0 ? ms / 86_400_000 : undefined;
}

const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

export const SIZE_HINT = "a number with a unit, such as '512 MB' or '4 GiB'";

/** Bytes, above 0: `512 MB` (10^6), `4 GiB` (2^30). */
export function parseSize(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,9}(?:\.\d{1,6})?) ?([A-Za-z]+)$/.exec(text.trim()) ?? [];
  const scale = find(BYTES, unit);
  if (number === undefined || scale === undefined) return undefined;
  const bytes = Math.round(Number(number) * scale);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

export const PERCENTAGE_HINT = "a number from 0% to 100%, such as '90%'";

/** A share from 0 to 1: `90%`, `99.5%`. */
export function parsePercentage(text: string): number | undefined {
  const [, number] = /^(\d{1,3}(?:\.\d{1,6})?) ?%$/.exec(text.trim()) ?? [];
  const share = number === undefined ? Number.NaN : Number(number) / 100;
  return share >= 0 && share <= 1 ? share : undefined;
}

export const TIME_HINT = "hours and minutes from '00:00' to '23:59'";

/** Minutes since midnight: `10:00`, `06:30`. */
export function parseTimeOfDay(text: string): number | undefined {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text.trim()) ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}

export function isDate(text: string): boolean {
  return !Number.isNaN(dayOf(text));
}

/** `2023-24`: a year and the last two digits of the next one. */
export function isSeason(text: string): boolean {
  const [, year, next] = /^(\d{4})-(\d{2})$/.exec(text) ?? [];
  return year !== undefined && (Number(year) + 1) % 100 === Number(next);
}

/** A month and day, `07-01`, that every year has. */
export function isMonthDay(text: string): boolean {
  return isDate(`2001-${text}`);
}

/** The label of the season that holds `date`, where a new one begins each `rollsOver` (MM-DD). */
export function seasonHolding(date: string, rollsOver: string): string {
  const year = Number(date.slice(0, 4)) - (date.slice(5) < rollsOver ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${String((year + 1) % 100).padStart(2, '0')}`;
}

/** The date `days` after (or before, where negative) an ISO date. */
export function shiftDate(date: string, days: number): string {
  return dateOf(dayOf(date) + days);
}

function find(table: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
