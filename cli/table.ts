/**
 * Rows in columns: aligned for people, CSV for programs.
 * It does not deal with where the rows come from.
 */

import {cut, padEnd, padStart, visible} from '../report/text.ts';
import type {Paint} from './paint.ts';

export type Cell = string | number | bigint | boolean | null;

export interface TableData {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** The widest a column of text gets before its cells are cut. */
const WIDEST = 60;

/** Numbers stand right, null is a quiet `null`, a text wider than `widest` is cut. Ends with a line break; a table without rows is its head. */
export function printTable({columns, rows}: TableData, paint: Paint, widest = WIDEST): string {
  const texts = rows.map(row => row.map(cell => cut(visible(cellText(cell)), widest)));
  const widths = columns.map((name, index) =>
    Math.max(name.length, ...texts.map(row => row[index]?.length ?? 0)),
  );
  const isNumber = columns.map((_, index) => rows.some(row => isNumeric(row[index])));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => (isNumber[index] ? padStart : padEnd)(cell, widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  const body = texts.map((row, index) =>
    line(row.map((text, column) => (rows[index]?.[column] === null ? paint.quiet(text) : text))),
  );
  return `${[line(columns.map(name => paint.name(name))), ...body].join('\n')}\n`;
}

function isNumeric(cell: Cell | undefined): boolean {
  return typeof cell === 'number' || typeof cell === 'bigint';
}

function cellText(cell: Cell): string {
  return cell === null ? 'null' : String(cell);
}

/** As RFC 4180 has it, with a head line. Null is an empty field, an empty text is quoted. */
export function printCsv({columns, rows}: TableData): string {
  const lines = [columns.map(csvField), ...rows.map(row => row.map(csvField))];
  return lines.map(fields => `${fields.join(',')}\n`).join('');
}

function csvField(cell: Cell): string {
  if (cell === null) return '';
  const text = String(cell);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One object a row. Whole numbers beyond what JSON keeps exactly become text. */
export function rowsJson({columns, rows}: TableData): readonly object[] {
  return rows.map(row =>
    Object.fromEntries(columns.map((name, index) => [name, jsonCell(row[index] ?? null)])),
  );
}

function jsonCell(cell: Cell): string | number | boolean | null {
  if (typeof cell !== 'bigint') return cell;
  return cell >= BigInt(Number.MIN_SAFE_INTEGER) && cell <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(cell)
    : String(cell);
}
