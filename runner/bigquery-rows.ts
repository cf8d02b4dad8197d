/**
 * Rows of BigQuery's answers as plain values: text for dates and times, numbers where they are exact, JSON text for
 * nested ones. It does not deal with which rows are asked for.
 */
import type {Field, ResultPage} from './bigquery-rest.ts';
import {isoTimestamp} from './iso-timestamp.ts';
import type {QueryResult, Value} from './warehouse.ts';

/** One page; timestamps must have been asked for as whole microseconds (`formatOptions.useInt64Timestamp`). */
export function pageOf({rows = []}: ResultPage, fields: readonly Field[]): QueryResult {
  const readers = fields.map(readerOf);
  return {
    columns: fields.map(field => field.name),
    rows: rows.map(({f = []}) => readers.map((read, at) => read(f[at]?.v))),
  };
}

type Reader = (value: unknown) => Value;

function readerOf(field: Field): Reader {
  const isNested = field.mode === 'REPEATED' || field.type === 'RECORD' || field.type === 'STRUCT';
  const read: Reader = isNested
    ? value =>
        JSON.stringify(nested(value, field), (_, each: unknown) =>
          typeof each === 'bigint' ? String(each) : each,
        )
    : value => scalar(String(value), field.type);
  return value => (value === null || value === undefined ? null : read(value));
}

function scalar(text: string, type: string): Value {
  switch (type) {
    case 'INTEGER':
    case 'INT64': {
      const number = Number(text);
      return Number.isSafeInteger(number) ? number : BigInt(text);
    }
    case 'FLOAT':
    case 'FLOAT64':
      return double(text);
    case 'NUMERIC':
    case 'BIGNUMERIC':
      // A number holds 15 digits exactly enough to be written back; more stay text.
      return text.replaceAll(/\D/g, '').length <= 15 ? Number(text) : text;
    case 'BOOLEAN':
    case 'BOOL':
      return text === 'true';
    case 'TIMESTAMP':
      return isoTimestamp(BigInt(text)) ?? text;
    default:
      // Dates, times, strings, bytes in base64, JSON: as they are written.
      return text;
  }
}

function double(text: string): number {
  if (/^-?inf(inity)?$/i.test(text))
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

/** Lists are `[{v: ...}]` and structs `{f: [{v: ...}]}` in an answer. */
function nested(value: unknown, field: Field): unknown {
  if (value === null || value === undefined) return null;
  if (field.mode === 'REPEATED') {
    const {mode: _, ...element} = field;
    return Array.isArray(value) ? value.map(each => nested(valueIn(each), element)) : [];
  }
  if (field.fields === undefined) return scalar(String(value), field.type);
  const cells: unknown = typeof value === 'object' ? Reflect.get(value, 'f') : undefined;
  const list = Array.isArray(cells) ? cells : [];
  return Object.fromEntries(field.fields.map((each, at) => [each.name, nested(valueIn(list[at]), each)]));
}

function valueIn(cell: unknown): unknown {
  return typeof cell === 'object' && cell !== null ? Reflect.get(cell, 'v') : undefined;
}
