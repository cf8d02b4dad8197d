/**
 * Values as the evaluator's protocol writes them, and back: dates are days since 1970, 64-bit numbers are text.
 * Types that no column of an asset has are left out.
 */
import type {ColumnType} from '../../planner/pipeline.ts';
import {unreachable} from '../../planner/unreachable.ts';
import type {BigqueryParameters} from '../../runner/bigquery-parameters.ts';
import type {Value} from '../../runner/warehouse.ts';

export const TYPE_KINDS: Readonly<Record<ColumnType, string>> = {
  bool: 'TYPE_BOOL',
  int64: 'TYPE_INT64',
  float64: 'TYPE_DOUBLE',
  string: 'TYPE_STRING',
  date: 'TYPE_DATE',
  timestamp: 'TYPE_TIMESTAMP',
};

const DAY_MS = 86_400_000;

/** Null is a cell without a value. */
export function cellOf(value: Value, type: ColumnType): Readonly<Record<string, unknown>> {
  if (value === null) return {};
  switch (type) {
    case 'bool':
      return {boolValue: value};
    case 'int64':
      return {int64Value: String(value)};
    case 'float64':
      return {doubleValue: Number(value)};
    case 'string':
      return {stringValue: String(value)};
    case 'date':
      return {dateValue: Date.parse(`${value}T00:00:00Z`) / DAY_MS};
    case 'timestamp': {
      const ms = Date.parse(String(value));
      return {timestampValue: {seconds: String(Math.floor(ms / 1000)), nanos: (ms % 1000) * 1_000_000}};
    }
    default:
      return unreachable(type);
  }
}

type Message = Readonly<Record<string, unknown>>;

/** A query's parameter as the evaluator takes it: its type, and its value. */
export function parameterOf(parameter: BigqueryParameters[string]): {
  readonly type: Message;
  readonly value: Message;
} {
  if (typeof parameter === 'string') return {type: typeOf('string'), value: cellOf(parameter, 'string')};
  if (parameter.type === 'single') {
    const type = columnType(parameter.of);
    return {type: typeOf(type), value: cellOf(parameter.value, type)};
  }
  if (parameter.type !== 'structs') {
    const {type} = parameter;
    return {
      type: arrayOf(typeOf(type)),
      value: {arrayValue: {element: parameter.values.map(each => cellOf(each, type))}},
    };
  }
  const fields = parameter.fields.map(({name, type, values}) => ({name, type: columnType(type), values}));
  const field = fields.map(({name, type}) => ({fieldName: name, fieldType: typeOf(type)}));
  const element = (fields[0]?.values ?? []).map((_, i) => ({
    structValue: {field: fields.map(({type, values}) => cellOf(values[i] ?? null, type))},
  }));
  return {type: arrayOf({typeKind: 'TYPE_STRUCT', structType: {field}}), value: {arrayValue: {element}}};
}

function typeOf(type: ColumnType): Message {
  return {typeKind: TYPE_KINDS[type]};
}

function arrayOf(elementType: Message): Message {
  return {typeKind: 'TYPE_ARRAY', arrayType: {elementType}};
}

function columnType(name: string): ColumnType {
  return name.toLowerCase() as ColumnType; // BigQuery's names of the types of columns
}

/** Little-endian two's complement of 1e9 times the number: https://github.com/google/zetasql, NumericValue. */
function plainNumeric(bytes: Buffer): bigint | number {
  let scaled = 0n;
  for (const [i, byte] of bytes.entries()) scaled += BigInt(byte) << BigInt(8 * i);
  const signed = BigInt.asIntN(8 * bytes.length, scaled);
  return signed % 1_000_000_000n === 0n ? signed / 1_000_000_000n : Number(signed) / 1e9;
}

/** As a warehouse gives it: dates and times are text, whole numbers are numbers where they are exact. */
export function plainCell(cell: Readonly<Record<string, unknown>>): Value {
  const kind = cell['value'];
  if (kind === undefined) return null;
  const value = cell[String(kind)];
  switch (kind) {
    case 'int64Value': {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : BigInt(String(value));
    }
    case 'dateValue':
      return new Date(Number(value) * DAY_MS).toISOString().slice(0, 10);
    case 'timestampValue': {
      // The message that the protocol has for moments.
      const {seconds, nanos} = value as {seconds: string; nanos: number};
      return new Date(Number(seconds) * 1000 + nanos / 1_000_000).toISOString().replace('.000Z', 'Z');
    }
    case 'numericValue':
      return plainNumeric(Buffer.from(value as Uint8Array)); // as the protocol has it
    case 'boolValue':
    case 'doubleValue':
    case 'stringValue':
      return value as boolean | number | string; // of the kind that it names
    default:
      throw new Error(`The evaluator gave a ${String(kind)}, which is no type of a column.`);
  }
}
