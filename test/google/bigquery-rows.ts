/**
 * Values on their way in and out: https://cloud.google.com/bigquery/docs/reference/rest/v2/QueryParameter and the
 * rows `{f: [{v}]}` of https://cloud.google.com/bigquery/docs/reference/rest/v2/tabledata/list.
 * It does not deal with types beyond those of bigquery-schema.ts.
 */
import type {Value} from './bigquery-engine.ts';
import {BigqueryError} from './bigquery-error.ts';
import {type Field, quotedName, quotedText, scalarType} from './bigquery-schema.ts';

export interface ParameterType {
  readonly type: string;
  readonly arrayType?: ParameterType;
  readonly structTypes?: readonly {readonly name?: string; readonly type: ParameterType}[];
}

export interface ParameterValue {
  readonly value?: string | null;
  readonly arrayValues?: readonly ParameterValue[];
  readonly structValues?: Readonly<Record<string, ParameterValue>>;
}

export interface Parameter {
  readonly name?: string;
  readonly parameterType: ParameterType;
  readonly parameterValue: ParameterValue;
}

function duckdbType(type: ParameterType): string {
  if (type.type === 'ARRAY' && type.arrayType !== undefined) return `${duckdbType(type.arrayType)}[]`;
  if (type.type === 'STRUCT')
    return `STRUCT(${(type.structTypes ?? []).map((each, i) => `${quotedName(each.name ?? `_field_${i + 1}`)} ${duckdbType(each.type)}`).join(', ')})`;
  const found = scalarType(type.type);
  if (found === undefined)
    throw new BigqueryError('invalid', `Invalid value for query parameter type: ${type.type}`);
  return found;
}

function plain(type: ParameterType, value: ParameterValue | undefined): Value {
  if (type.type === 'ARRAY')
    return (value?.arrayValues ?? []).map(each => plain(type.arrayType ?? {type: 'STRING'}, each));
  if (type.type === 'STRUCT')
    return Object.fromEntries(
      (type.structTypes ?? []).map(each => [
        each.name ?? '',
        plain(each.type, value?.structValues?.[each.name ?? '']),
      ]),
    );
  return value?.value ?? null;
}

/** One text that DuckDB casts to the parameter's type: thousands of literals would take the parser long. */
export function parameterExpression({parameterType, parameterValue}: Parameter): string {
  const type = duckdbType(parameterType);
  const value = plain(parameterType, parameterValue);
  if (parameterType.type === 'ARRAY' || parameterType.type === 'STRUCT')
    return `CAST(CAST(${quotedText(JSON.stringify(value))} AS JSON) AS ${type})`;
  return value === null ? `CAST(NULL AS ${type})` : `CAST(${quotedText(String(value))} AS ${type})`;
}

/** How TIMESTAMP goes out: https://cloud.google.com/bigquery/docs/reference/rest/v2/DataFormatOptions */
export type TimestampFormat = 'float' | 'int64' | 'iso';

interface Cell {
  readonly v: unknown;
}

export function encodeRow(
  fields: readonly Field[],
  row: readonly Value[],
  format: TimestampFormat,
): {readonly f: readonly Cell[]} {
  return {f: fields.map((field, i) => ({v: encode(field, row[i] ?? null, format)}))};
}

function encode(field: Field, value: Value, format: TimestampFormat): unknown {
  if (field.mode === 'REPEATED') {
    const {mode, ...element} = field;
    return (Array.isArray(value) ? value : []).map(each => ({v: encode(element, each, format)}));
  }
  if (value === null) return null;
  switch (field.type.toUpperCase()) {
    case 'RECORD':
    case 'STRUCT': {
      const entries = isObject(value) ? value : {};
      const fields = field.fields ?? [];
      return encodeRow(
        fields,
        fields.map(({name}) => entries[name] ?? null),
        format,
      );
    }
    case 'TIMESTAMP':
      return timestamp(microsOf(String(value)), format);
    case 'DATETIME':
      return String(value).replace(' ', 'T');
    case 'NUMERIC':
    case 'BIGNUMERIC':
      return String(value).replace(/\.?0+$/, match =>
        match.startsWith('.') ? '' : match.replace(/0+$/, ''),
      );
    case 'FLOAT':
    case 'FLOAT64':
      return Number.isInteger(value) ? `${value}.0` : String(value);
    default:
      return String(value);
  }
}

function isObject(value: Value): value is {readonly [name: string]: Value} {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of DuckDB's text, such as `2024-01-01 00:00:00.123456+00`. */
function microsOf(text: string): bigint {
  const [, second = '', fraction = ''] = /^(\S+ \d+:\d+:\d+)(?:\.(\d+))?/.exec(text) ?? [];
  return (
    BigInt(Date.parse(`${second.replace(' ', 'T')}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6))
  );
}

function timestamp(micros: bigint, format: TimestampFormat): string {
  if (format === 'int64') return String(micros);
  if (format === 'float') return String(Number(micros) / 1_000_000);
  const fraction = String(((micros % 1_000_000n) + 1_000_000n) % 1_000_000n).padStart(6, '0');
  const second = new Date(Number((micros - BigInt(fraction)) / 1000n)).toISOString().slice(0, 19);
  return fraction === '000000' ? `${second}Z` : `${second}.${fraction}Z`;
}
