/**
 * Columns as BigQuery's REST interface describes them, and the DuckDB types that hold them.
 * It does not deal with values (bigquery-rows.ts).
 */
import {DuckDBListType, DuckDBStructType, type DuckDBType, DuckDBTypeId} from '@duckdb/node-api';
import {BigqueryError, notModelled} from './bigquery-error.ts';

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#TableFieldSchema */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly description?: string;
  readonly fields?: readonly Field[];
}

/** GoogleSQL's names and the older ones of the REST interface. */
const DUCKDB_TYPES: Readonly<Record<string, string>> = {
  INT64: 'BIGINT',
  INTEGER: 'BIGINT',
  INT: 'BIGINT',
  SMALLINT: 'BIGINT',
  BIGINT: 'BIGINT',
  TINYINT: 'BIGINT',
  BYTEINT: 'BIGINT',
  FLOAT64: 'DOUBLE',
  FLOAT: 'DOUBLE',
  NUMERIC: 'DECIMAL(38,9)',
  DECIMAL: 'DECIMAL(38,9)',
  BIGNUMERIC: 'DECIMAL(38,18)',
  BIGDECIMAL: 'DECIMAL(38,18)',
  BOOL: 'BOOLEAN',
  BOOLEAN: 'BOOLEAN',
  STRING: 'VARCHAR',
  BYTES: 'BLOB',
  DATE: 'DATE',
  DATETIME: 'TIMESTAMP',
  TIME: 'TIME',
  TIMESTAMP: 'TIMESTAMPTZ',
  JSON: 'JSON',
};

/** Undefined where GoogleSQL knows no such type. */
export function scalarType(name: string): string | undefined {
  return DUCKDB_TYPES[name.toUpperCase()];
}

export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function typeOfField(field: Field): string {
  const one = /^(?:RECORD|STRUCT)$/i.test(field.type)
    ? `STRUCT(${(field.fields ?? []).map(each => `${quotedName(each.name)} ${typeOfField(each)}`).join(', ')})`
    : scalarType(field.type);
  if (one === undefined)
    throw new BigqueryError('invalid', `Invalid value for type: ${field.type} is not a valid value`);
  return field.mode === 'REPEATED' ? `${one}[]` : one;
}

/** As a `CREATE TABLE` writes it. */
export function columnDefinition(field: Field): string {
  return `${quotedName(field.name)} ${typeOfField(field)}${field.mode === 'REQUIRED' ? ' NOT NULL' : ''}`;
}

const FIELD_TYPES: ReadonlyMap<DuckDBTypeId, string> = new Map([
  [DuckDBTypeId.BOOLEAN, 'BOOLEAN'],
  [DuckDBTypeId.TINYINT, 'INTEGER'],
  [DuckDBTypeId.SMALLINT, 'INTEGER'],
  [DuckDBTypeId.INTEGER, 'INTEGER'],
  [DuckDBTypeId.BIGINT, 'INTEGER'],
  [DuckDBTypeId.HUGEINT, 'INTEGER'],
  [DuckDBTypeId.UTINYINT, 'INTEGER'],
  [DuckDBTypeId.USMALLINT, 'INTEGER'],
  [DuckDBTypeId.UINTEGER, 'INTEGER'],
  [DuckDBTypeId.UBIGINT, 'INTEGER'],
  [DuckDBTypeId.FLOAT, 'FLOAT'],
  [DuckDBTypeId.DOUBLE, 'FLOAT'],
  [DuckDBTypeId.DECIMAL, 'NUMERIC'],
  [DuckDBTypeId.VARCHAR, 'STRING'],
  [DuckDBTypeId.BLOB, 'BYTES'],
  [DuckDBTypeId.DATE, 'DATE'],
  [DuckDBTypeId.TIME, 'TIME'],
  [DuckDBTypeId.TIMESTAMP, 'DATETIME'],
  [DuckDBTypeId.TIMESTAMP_TZ, 'TIMESTAMP'],
  [DuckDBTypeId.SQLNULL, 'INTEGER'],
]);

/** The column that a query's result becomes: NULL is an INT64, as in BigQuery. */
export function fieldOfType(name: string, type: DuckDBType): Field {
  if (type instanceof DuckDBListType) return {...fieldOfType(name, type.valueType), mode: 'REPEATED'};
  if (type instanceof DuckDBStructType) {
    const fields = type.entryNames.map((each, i) => fieldOfType(each, required(type.entryTypes[i])));
    return {name, type: 'RECORD', mode: 'NULLABLE', fields};
  }
  const found = FIELD_TYPES.get(type.typeId);
  if (found === undefined) throw notModelled(`a column of DuckDB's type ${type.toString()}`);
  return {name, type: found, mode: 'NULLABLE'};
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('Internal error: a struct with more names than types.');
  return value;
}

/** Whether two columns hold the same, under whichever of their names the types stand. */
export function sameType(one: Field, other: Field): boolean {
  return typeOfField(one) === typeOfField(other);
}
