/**
 * Small pieces of text for terminals: columns, wrapping, times.
 * It does not deal with amounts (planner/amount.ts), with colour (paint.ts) nor with what is said.
 */
import {stripVTControlCharacters} from 'node:util';

/** Columns to write in: as wide as the terminal, within reason. */
export function widthOf(columns: number | undefined): number {
  return Math.min(200, Math.max(80, columns ?? 100));
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
