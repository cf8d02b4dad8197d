/**
 * Small pieces of text for terminals: numbers, columns, wrapping, times.
 * It does not deal with colour (paint.ts) nor with what is said.
 */
import {stripVTControlCharacters} from 'node:util';

/** Columns to write in: as wide as the terminal, within reason. */
export function widthOf(columns: number | undefined): number {
  return Math.min(200, Math.max(80, columns ?? 100));
}

/** `36904` as `36,904`. */
export function number(value: number): string {
  return String(Math.trunc(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 partition`, `2 partitions`. */
export function counted(value: number, noun: string, nouns = `${noun}s`): string {
  return `${number(value)} ${value === 1 ? noun : nouns}`;
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

/** Letters that a terminal shows, colours left out. */
export function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - lengthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - lengthOf(text))) + text;
}

/** Cut to `width`, with an ellipsis where something is missing. Only for text without colours. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** What others wrote (errors of sites, rows) must not steer the terminal: control characters become visible. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return text.replace(/\r?\n/g, ' ').replace(/[\x00-\x1f\x7f-\x9f]/g, '·');
}

/** Breaks at spaces, never within a range, so that no line is longer than `width`; a longer word stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<!…) (?!…)/)) {
    if (line !== '' && lengthOf(line) + 1 + lengthOf(word) > width) {
      lines.push(line.trimEnd());
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Lines after the first stand two further in. */
export function indented(text: string, indent: string, width: number): readonly string[] {
  return wrap(text, width - indent.length - 2).map(
    (line, index) => `${indent}${index === 0 ? '' : '  '}${line}`,
  );
}

/** Joins parts by `separator`; a part that does not fit begins a new line, indented by `indent`. */
export function wrapParts(
  parts: readonly string[],
  {separator, width, indent}: {readonly separator: string; readonly width: number; readonly indent: string},
): string {
  let text = '';
  let line = 0;
  for (const [index, part] of parts.entries()) {
    const joint = index === 0 ? '' : separator;
    const after = index === parts.length - 1 ? 0 : lengthOf(separator.trimEnd());
    if (index > 0 && line + lengthOf(joint) + lengthOf(part) + after > width) {
      text += `${separator.trimEnd()}\n${indent}${part}`;
      line = lengthOf(indent) + lengthOf(part);
    } else {
      text += joint + part;
      line += lengthOf(joint) + lengthOf(part);
    }
  }
  return text;
}

/** `850 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** How long ago something was, in one unit: `20 min`, `5 h`, `508 d`. */
export function age(ms: number): string {
  if (ms < 2 * 3_600_000) return `${Math.max(0, Math.floor(ms / 60_000))} min`;
  return ms < 2 * 86_400_000 ? `${Math.floor(ms / 3_600_000)} h` : `${number(ms / 86_400_000)} d`;
}

/** `2026-07-22 09:00 ET`; UTC where no zone is given. */
export function clockTime(at: number, timezone: string | undefined): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone ?? 'UTC',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: timezone === undefined ? 'short' : 'shortGeneric',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find(each => each.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')} ${part('timeZoneName')}`;
}

/** A share as a percentage that is never rounded up to the whole. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${(Math.floor((1000 * part) / whole) / 10).toFixed(1).replace(/\.0$/, '')}%`;
}
