// Plain calendar arithmetic on `YYYY-MM-DD`, and US Eastern time to UTC by the rule since 2007.
// Does not deal with a clock: nothing here knows what day it is.

const day = 86_400_000;

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * day).toISOString().slice(0, 10);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / day);
}

/** Days since 1970-01-01. */
export function dayNumber(date: string): number {
  return Date.parse(date) / day;
}

/** 0 is Sunday. */
export function weekday(date: string): number {
  return new Date(date).getUTCDay();
}

/** The n-th given weekday of a month (1-based). */
export function nthWeekday(year: number, month: number, dayOfWeek: number, n: number): string {
  const first = `${year}-${String(month).padStart(2, '0')}-01`;
  return addDays(first, ((dayOfWeek - weekday(first) + 7) % 7) + 7 * (n - 1));
}

/** Daylight saving: from the second Sunday of March to the first of November. */
export function isSummerTime(date: string): boolean {
  const year = Number(date.slice(0, 4));
  return date >= nthWeekday(year, 3, 0, 2) && date < nthWeekday(year, 11, 0, 1);
}

export function utcOfEastern(date: string, minutesAfterMidnight: number): string {
  const hours = isSummerTime(date) ? 4 : 5;
  return stamp(Date.parse(date) + (minutesAfterMidnight + hours * 60) * 60_000);
}

/** The Eastern wall clock of a UTC time, written as the API does with a Z that means nothing. */
export function easternOfUtc(utc: string): string {
  const hours = isSummerTime(utc.slice(0, 10)) ? 4 : 5;
  return stamp(Date.parse(utc) - hours * 3_600_000);
}

export function shiftHours(time: string, hours: number): string {
  return stamp(Date.parse(time) + hours * 3_600_000);
}

function stamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
