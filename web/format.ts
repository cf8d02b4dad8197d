/**
 * Times, keys and sentences as people write them, for the page. It knows no clock: `now` is an argument.
 * It does not deal with amounts (planner/amount.ts) nor with elements (parts/).
 */
import {ageText} from '../planner/amount.ts';

/** `just now`, `20 min ago`, `in 5 h`. */
export function agoText(at: number, now: number): string {
  const ms = now - at;
  if (Math.abs(ms) < 60_000) return 'just now';
  return ms > 0 ? `${ageText(ms)} ago` : `in ${ageText(-ms)}`;
}

/** What a command line says in the middle of a line, as a sentence. */
export function asSentence(text: string): string {
  const end = /[.?)]$/.test(text) ? '' : '.';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${end}`;
}

/** How much of an edge must be there, and whether it is followed: that a window's words end with, or all that they say. */
const BESIDE = /^(?:not required|not tracked|at least .*)$/;

/** What an edge reads: `season to date, at least 90%`; `the same key, not required`. */
export function windowInFull(window: string): string {
  const parts = window.split(', ').filter(Boolean);
  return [...(parts.every(part => BESIDE.test(part)) ? ['the same key'] : []), ...parts].join(', ');
}

type Parts = Readonly<Partial<Record<Intl.DateTimeFormatPartTypes, string>>>;

const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(at: number, timezone: string | null): Parts {
  const zone = timezone ?? 'UTC';
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      weekday: 'short',
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZoneName: timezone === null ? 'short' : 'shortGeneric',
    });
    formats.set(zone, format);
  }
  return Object.fromEntries(format.formatToParts(at).map(({type, value}) => [type, value]));
}

/** With all that is known of it, such as `Wed 22 Jul 2026, 09:00:05 ET`; UTC where the pipeline has no zone. */
export function fullTime(at: number, timezone: string | null): string {
  const {weekday, day, month, year, hour, minute, second, timeZoneName} = partsOf(at, timezone);
  return `${weekday} ${day} ${month} ${year}, ${hour}:${minute}:${second} ${timeZoneName}`;
}

/** As short as it can be told from others: `09:00 ET` today, `22 Jul, 09:00 ET` this year, else `22 Jul 2025, 09:00 ET`. */
export function shortTime(at: number, now: number, timezone: string | null): string {
  const [own, today] = [partsOf(at, timezone), partsOf(now, timezone)];
  const time = `${own.hour}:${own.minute} ${own.timeZoneName}`;
  if (own.year !== today.year) return `${own.day} ${own.month} ${own.year}, ${time}`;
  return own.day === today.day && own.month === today.month ? time : `${own.day} ${own.month}, ${time}`;
}

const KEY_DATE = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});

/** `2024-10-22` as `Tuesday 22 October 2024`; other keys as they are. */
export function keyInWords(key: string): string {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(key);
  return isDate ? KEY_DATE.format(Date.parse(`${key}T00:00:00Z`)).replace(',', '') : key;
}
