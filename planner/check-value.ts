/**
 * The values that a check compares a column with: which type they are of, and how they are written.
 * It does not deal with where they stand in the manifest (manifest-check.ts).
 */
import {isDate, parseTimeOfDay} from './duration.ts';
import type {CheckValue, ColumnType} from './pipeline.ts';
import {unreachable} from './unreachable.ts';

/** As a message quotes it. */
export function written(value: CheckValue): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** Whether a column of this type can hold it. */
export function isOfType(value: CheckValue, type: ColumnType): boolean {
  switch (type) {
    case 'bool':
      return typeof value === 'boolean';
    case 'int64':
      return Number.isSafeInteger(value);
    case 'float64':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'date':
      return typeof value === 'string' && isDate(value);
    case 'timestamp':
      return typeof value === 'string' && isTimestamp(value);
    default:
      return unreachable(type);
  }
}

function isTimestamp(text: string): boolean {
  const [, date, time] = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}):[0-5]\d(?:\.\d{1,6})?Z?$/.exec(text) ?? [];
  return date !== undefined && time !== undefined && isDate(date) && parseTimeOfDay(time) !== undefined;
}

/** How a value of this type is written. */
export function typeHint(type: ColumnType): string {
  switch (type) {
    case 'bool':
      return 'write true or false';
    case 'int64':
      return 'write a whole number, without quotes';
    case 'float64':
      return 'write a number, without quotes';
    case 'string':
      return 'write it in quotes';
    case 'date':
      return "write it as '2024-01-15'";
    case 'timestamp':
      return "write it as '2024-01-15 19:30:00'";
    default:
      return unreachable(type);
  }
}
