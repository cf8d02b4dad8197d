/**
 * One query on both engines over the same rows: in DuckDB as gameplan runs it, and in the reference evaluator as it
 * would be sent to BigQuery, keys and windows as parameters.
 * It does not choose queries or rows (queries.ts, random-case.ts).
 */
import type {Asset, Pipeline} from '../../planner/pipeline.ts';
import type {Sources} from '../../planner/sources.ts';
import {fillInputs, requestOf} from '../../runner/asset-test.ts';
import {bigqueryDialect} from '../../runner/bigquery-dialect.ts';
import {referenceOf, tableText} from '../../runner/bigquery-name.ts';
import {scopeOf} from '../../runner/bigquery-scope.ts';
import {differences, type RowValues, TOLERANCE} from '../../runner/compare-rows.ts';
import {openDuckdb} from '../../runner/duckdb.ts';
import {castColumns, wrap} from '../../runner/sql-wrap.ts';
import type {Case} from '../../runner/test-cases.ts';
import type {QueryResult, StageQuery, Value, Warehouse} from '../../runner/warehouse.ts';
import type {Evaluator, EvaluatorTable} from './evaluator.ts';

export interface Trial {
  readonly rows: number;
  /** Empty: both engines gave the same. */
  readonly differences: readonly string[];
}

export interface TrialOf {
  readonly asset: Asset;
  readonly pipeline: Pipeline;
  readonly sources: Sources;
  readonly evaluator: Evaluator;
}

/** An asset's query over a fixture case. */
export async function tryCase(test: Case, about: TrialOf): Promise<Trial> {
  const warehouse = await openDuckdb({path: ':memory:'});
  try {
    await fillInputs(warehouse, test, about);
    const request = requestOf(test, about);
    const ours = await warehouse.readQuery(request, new AbortController().signal);
    const tables = await tablesOf(warehouse, request);
    return await compare(about.evaluator, {tables, request, ours});
  } catch (error) {
    return {rows: 0, differences: [`DuckDB: ${error instanceof Error ? error.message : String(error)}`]};
  } finally {
    await warehouse.close();
  }
}

async function compare(
  evaluator: Evaluator,
  {tables, request, ours}: {tables: readonly EvaluatorTable[]; request: StageQuery; ours: QueryResult},
): Promise<Trial> {
  const {query, queryPath: path, table} = request;
  const {relations, parameters} = scopeOf({...request, place: PLACE, shapes: new Map()});
  const select = table.columns.length === 0 ? '*' : castColumns(bigqueryDialect, table, ours.columns);
  const {sql} = wrap(bigqueryDialect, {before: '', relations, select, query, path});
  let theirs: QueryResult;
  try {
    theirs = await evaluator.run(withPlainNames(sql), tables, parameters);
  } catch (error) {
    const head = sql.slice(0, sql.indexOf(query)).split('\n').length - 1;
    const said = placed(error instanceof Error ? error.message : String(error), head);
    return {rows: 0, differences: [`GoogleSQL: ${said}`]};
  }
  return {rows: ours.rows.length, differences: unlike(theirs, ours, table.key)};
}

/** Where the tables would lie; the evaluator knows no datasets. */
export const PLACE = {project: 'project', datasetPrefix: ''};

/** `project`.`dataset`.`table` as one name. */
export function withPlainNames(sql: string): string {
  return sql.replaceAll(/`project`\.`([^`]+)`\.`([^`]+)`/g, '`project.$1.$2`');
}

/** Every table that the query reads, whole: the statement itself cuts it to its keys. */
export async function tablesOf(
  warehouse: Warehouse,
  {inputs}: Pick<StageQuery, 'inputs'>,
): Promise<readonly EvaluatorTable[]> {
  const specs = new Map(inputs.map(({table}) => [table.name, table]));
  return await Promise.all(
    [...specs.values()].map(async table => {
      const {columns, name} = table;
      const list = columns.map(column => `"${column.name}"`).join(', ');
      const {rows} = await warehouse.read(`SELECT ${list} FROM ${name}`);
      return {name: tableText(referenceOf(PLACE, table)), columns, rows};
    }),
  );
}

/** The line of an error within the query's own text. */
function placed(message: string, head: number): string {
  return message.replace(
    /\[at (\d+):(\d+)\]/,
    (_, line: string, column: string) => `[at ${Number(line) - head}:${column}]`,
  );
}

/** Rows are matched by their key where it tells them apart, else by all that they hold. */
export function unlike(theirs: QueryResult, ours: QueryResult, key: readonly string[]): readonly string[] {
  const theirRows = theirs.rows.map(row => objectOf(theirs.columns, row));
  const ourRows = ours.rows.map(row => objectOf(ours.columns, row));
  if (theirRows.length !== ourRows.length) {
    return [`${theirRows.length} rows in GoogleSQL, ${ourRows.length} in DuckDB`];
  }
  const isApart =
    key.length > 0 &&
    new Set(ourRows.map(row => key.map(name => row[name]).join('\t'))).size === ourRows.length;
  if (isApart) return differences(theirRows, ourRows, {key, tolerance: TOLERANCE});
  const names = theirs.columns;
  const sorted = (rows: RowValues[]) =>
    rows
      .map(row => ({row, text: names.map(name => nearly(row[name])).join('\t')}))
      .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
      .map(({row}, nth) => ({...row, nth}));
  return differences(sorted(theirRows), sorted(ourRows), {key: ['nth'], tolerance: TOLERANCE});
}

/** Numbers that count as equal sort alike. */
function nearly(value: Value | undefined): string {
  return typeof value === 'number' ? value.toPrecision(9) : String(value);
}

function objectOf(columns: readonly string[], row: QueryResult['rows'][number]): RowValues {
  return Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null]));
}
