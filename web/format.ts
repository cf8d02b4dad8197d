/**
 * Numbers, durations and dates as people write them, for the page.
 * It does not deal with elements (parts/), and knows no clock: `now` is an argument.
 */

const NUMBERS = new Intl.NumberFormat('en-US');

/** `36904` as `36,904`. */
export function number(value: number): string {
  return NUMBERS.format(Math.trunc(value));
}

/** `1 partition`, `2 partitions`. */
export function counted(value: number, noun: string, nouns = `${noun}s`): string {
  return `${number(value)} ${value === 1 ? noun : nouns}`;
}

/** A score of quality: at most one digit after the point, never rounded up to the whole. */
export function scoreText(score: number): string {
  return String(Math.floor(score * 10) / 10);
}

/** A share as a percentage that is never rounded up to the whole. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${Math.floor((1000 * part) / whole) / 10}%`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1.5 GiB`; two or three digits. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** `850 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something lasts already, in one unit: `20 min`, `5 h`, `508 d`. */
export function ageText(ms: number): string {
  if (ms < 2 * HOUR) return `${Math.max(0, Math.floor(ms / MINUTE))} min`;
  return ms < 2 * DAY ? `${Math.floor(ms / HOUR)} h` : `${number(ms / DAY)} d`;
}

/** `just now`, `20 min ago`, `in 5 h`. */
export function agoText(at: number, now: number): string {
  const ms = now - at;
  if (Math.abs(ms) < MINUTE) return 'just now';
  return ms > 0 ? `${ageText(ms)} ago` : `in ${ageText(-ms)}`;
}

/** What a command line says in the middle of a line, as a sentence. */
export function asSentence(text: string): string {
  const end = /[.?)]$/.test(text) ? '' : '.';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${end}`;
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

/** Merged ranges of ordinals, as `2024-10-22 … 2024-11-04, 2024-12-25`, at most `most` of them. */
export function rangesText(keys: readonly string[], ordinals: readonly number[], most = 6): string {
  const ranges: {from: number; to: number}[] = [];
  for (const ordinal of ordinals.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last.to === ordinal - 1) last.to = ordinal;
    else ranges.push({from: ordinal, to: ordinal});
  }
  const shown = ranges.slice(0, most).map(({from, to}) => {
    if (from === to) return keys[from];
    return to === from + 1 ? `${keys[from]}, ${keys[to]}` : `${keys[from]} … ${keys[to]}`;
  });
  const rest = ranges.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${counted(rest, 'more range')}` : ''}`;
}
