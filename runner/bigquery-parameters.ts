/**
 * Values of a query as typed parameters: texts, lists, and lists of structs.
 * It does not deal with what they are for.
 */
import type {ParameterType, QueryParameter} from './bigquery-rest.ts';
import type {Parameter, Structs} from './sql-dialect.ts';
import {type Value, WarehouseError} from './warehouse.ts';

/** One value with its type. */
interface Single {
  readonly type: 'single';
  readonly of: 'BOOL' | 'FLOAT64' | 'INT64' | 'STRING';
  readonly value: string | null;
}

export type BigqueryParameters = Readonly<Record<string, Parameter | Single>>;

/** What one request may hold, with room for the rest of it: https://cloud.google.com/bigquery/quotas#query_jobs (10 MB). */
const MOST_BYTES = 9_000_000;

/** Throws a `WarehouseError` where they are too large for one request. */
export function queryParameters(parameters: BigqueryParameters): readonly QueryParameter[] {
  const all = Object.entries(parameters).map(([name, value]) => ({name, ...parameterOf(value)}));
  const bytes = all.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(all));
  if (bytes <= MOST_BYTES) return all;
  throw new WarehouseError(
    'query',
    `The keys and windows of one statement take ${Math.round(bytes / 1e6)} MB, and BigQuery takes 10 MB in a request: give the asset a smaller 'batch'.`,
  );
}

function parameterOf(value: BigqueryParameters[string]): Omit<QueryParameter, 'name'> {
  if (typeof value === 'string') return {parameterType: {type: 'STRING'}, parameterValue: {value}};
  if (value.type === 'single') return {parameterType: {type: value.of}, parameterValue: {value: value.value}};
  if (value.type === 'structs') return structsOf(value);
  return {
    parameterType: {type: 'ARRAY', arrayType: {type: value.type === 'date' ? 'DATE' : 'STRING'}},
    parameterValue: {arrayValues: value.values.map(each => ({value: each}))},
  };
}

function structsOf({fields}: Structs): Omit<QueryParameter, 'name'> {
  const structTypes = fields.map(({name, type}) => ({name, type: {type} satisfies ParameterType}));
  const count = fields[0]?.values.length ?? 0;
  const valueAt = (i: number): Readonly<Record<string, {readonly value: string | null}>> =>
    Object.fromEntries(
      fields.map(({name, values}) => {
        const value = values[i] ?? null;
        return [name, {value: value === null ? null : String(value)}];
      }),
    );
  return {
    parameterType: {type: 'ARRAY', arrayType: {type: 'STRUCT', structTypes}},
    parameterValue: {arrayValues: Array.from({length: count}, (_, i) => ({structValues: valueAt(i)}))},
  };
}

/** Of a value that someone reads with. */
export function singleOf(value: Value): BigqueryParameters[string] {
  const of =
    typeof value === 'boolean'
      ? 'BOOL'
      : typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
        ? 'INT64'
        : typeof value === 'number'
          ? 'FLOAT64'
          : 'STRING';
  return {type: 'single', of, value: value === null ? null : String(value)};
}
