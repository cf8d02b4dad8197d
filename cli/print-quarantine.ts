/**
 * What was held back, as people and programs read it: a line a partition, or one with its rows.
 * It does not deal with where it is kept (runner/warehouse.ts).
 */

import {ageText, counted, number} from '../planner/amount.ts';
import {clockTime, cut, visible, wrap} from '../report/text.ts';
import type {HeldBack, Violation} from '../runner/warehouse.ts';
import type {Paint} from './paint.ts';
import {type Cell, printTable, rowsJson, type TableData} from './table.ts';

interface Screen {
  readonly now: number;
  readonly width: number;
  readonly paint: Paint;
}

/** Ends with a line break. */
export function printHeldBack(held: readonly HeldBack[], {now, width, paint}: Screen): string {
  if (held.length === 0) return 'Nothing is held back.\n';
  const sections = [...Map.groupBy(held, ({asset}) => asset)].map(([asset, all]) =>
    [`  ${paint.name(asset)}`, ...all.flatMap(each => heldLines(each, {now, width, paint}))].join('\n'),
  );
  const last = `${counted(held.length, 'partition')} held back. 'gameplan quarantine ASSET@KEY' shows the rows; what is published stays until they are right.`;
  return `${[...sections, wrap(last, width).join('\n')].join('\n\n')}\n`;
}

function heldLines({key, rows, at, run, error}: HeldBack, {now, width, paint}: Screen): readonly string[] {
  const facts = [counted(rows, 'row'), `${ageText(Math.max(0, now - at))} ago`, run].join(' · ');
  return [
    `    ${paint.bad(key)}  ${facts}`,
    ...wrap(visible(error), width - 8).map(line => `        ${paint.quiet(line)}`),
  ];
}

export interface HeldView extends Screen {
  readonly held: HeldBack;
  /** The rows to show. */
  readonly table: TableData;
}

/** Ends with a line break. */
export function printHeld({held, table, now, width, paint}: HeldView): string {
  const {asset, key, run, at, rows, kept, violations, error} = held;
  const head = `${asset}@${key} is held back since ${clockTime(at, undefined)} (${ageText(Math.max(0, now - at))} ago) by ${run}`;
  const isTold = violations.some(({severity}) => severity === 'error');
  const reasons = isTold
    ? violations.flatMap(each => violationLines(each, width, paint))
    : wrap(visible(error), width - 2).map(line => `  ${paint.bad(line)}`);
  const shown = table.rows.length;
  const cut = [
    ...(shown < kept ? [`the first ${number(shown)} are shown; --limit shows more`] : []),
    ...(kept < rows ? [`only ${number(kept)} are kept`] : []),
  ];
  const count = `${counted(rows, 'row')}${cut.length === 0 ? '' : `: ${cut.join('; ')}`}`;
  const body = shown === 0 ? [] : [printTable(table, paint).trimEnd()];
  return `${[wrap(head, width).join('\n'), reasons.join('\n'), ...body, count].join('\n\n')}\n`;
}

function violationLines(
  {check, severity, message, examples}: Violation,
  width: number,
  paint: Paint,
): readonly string[] {
  const tone = severity === 'error' ? paint.bad : paint.warn;
  return [
    ...wrap(visible(`${check}: ${message}${severity === 'warn' ? ' (warns)' : ''}`), width - 4).map(
      (line, index) => `${index === 0 ? '  ' : '    '}${tone(line)}`,
    ),
    ...examples.map(example => `        ${paint.quiet(cut(visible(example), width - 8))}`),
  ];
}

/** Additive changes only. */
export function heldBackJson({asset, key, run, at, rows, kept, error, violations}: HeldBack): object {
  return {asset, key, run, at: new Date(at).toISOString(), rows, kept, error, violations};
}

export function heldJson(held: HeldBack, table: TableData): object {
  return {...heldBackJson(held), held: rowsJson(table)};
}

/** Rows that were kept as JSON texts. */
export function heldTable(rows: readonly string[]): TableData {
  const objects = rows.map(parsed);
  const columns = Object.keys(objects[0] ?? {});
  return {columns, rows: objects.map(row => columns.map(column => row[column] ?? null))};
}

/** Numbers that are none have no form in JSON: DuckDB writes them bare. */
const NO_NUMBER = /(?<=":)(?:NaN|-?Infinity)(?=[,}])/g;

function parsed(text: string): Readonly<Record<string, Cell>> {
  const exact = (_: string, value: unknown, {source = ''}: {source?: string} = {}): unknown =>
    typeof value === 'number' && /^-?\d+$/.test(source) && !Number.isSafeInteger(value)
      ? BigInt(source)
      : value;
  // What is kept is an object of plain values.
  try {
    return JSON.parse(text, exact) as Readonly<Record<string, Cell>>;
  } catch {
    return JSON.parse(text.replaceAll(NO_NUMBER, '"$&"'), exact) as Readonly<Record<string, Cell>>;
  }
}
