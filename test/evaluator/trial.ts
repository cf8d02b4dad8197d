/**
 * One query on both engines over the same rows: in DuckDB as gameplan runs it, and wrapped in the reference evaluator.
 * It does not choose queries or rows (queries.ts, random-case.ts).
 */
import type {Asset, Column, Pipeline} from '../../planner/pipeline.ts';
import type {Sources} from '../../planner/sources.ts';
import {type Case, fillInputs, requestOf} from '../../runner/asset-test.ts';
import {differences, type RowValues, TOLERANCE} from '../../runner/compare-rows.ts';
import {openDuckdb} from '../../runner/duckdb.ts';
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
    const tables = await relationsOf(warehouse, request);
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
  const {columns, key} = request.table;
  const {sql, head} = wrapped(request.query, columns, tables);
  let theirs: QueryResult;
  try {
    theirs = await evaluator.run(
      sql,
      tables.map(table => ({...table, name: `given_${table.name}`})),
    );
  } catch (error) {
    return {
      rows: 0,
      differences: [`GoogleSQL: ${placed(error instanceof Error ? error.message : String(error), head)}`],
    };
  }
  return {rows: ours.rows.length, differences: unlike(theirs, ours, key)};
}

/** What the query is shown, as DuckDB shows it. */
async function relationsOf(warehouse: Warehouse, request: StageQuery): Promise<readonly EvaluatorTable[]> {
  const read = async (name: string, columns: EvaluatorTable['columns']): Promise<EvaluatorTable> => {
    const query = `SELECT ${columns.map(column => `"${column.name}"`).join(', ')} FROM "${name}"`;
    const bare = {...request, table: {...request.table, columns: []}, query};
    const {rows} = await warehouse.readQuery(bare, new AbortController().signal);
    return {name, columns, rows};
  };
  const {partitioning} = request.table;
  const key = {date: 'date', season: 'string', all: 'string'} as const;
  const own = {
    date: [
      {name: 'game_date', type: 'date'},
      {name: 'season', type: 'string'},
    ],
    season: [{name: 'season', type: 'string'}],
    all: [{name: 'key', type: 'string'}],
  } as const;
  const tables = [await read('partitions', own[partitioning.kind])];
  for (const {edge, table, window} of request.inputs) {
    tables.push(await read(edge, table.columns));
    if (window === undefined) continue;
    const byGames = window.members.teams === undefined ? [] : (['team', 'game_id'] as const);
    tables.push(
      await read(`${edge}_window`, [
        {name: 'key', type: key[partitioning.kind]},
        {name: 'upstream_key', type: key[table.partitioning.kind]},
        ...byGames.map(name => ({name, type: 'string'}) as const),
      ]),
    );
  }
  return tables;
}

/** As the warehouse wraps it; `head` is how many lines stand before the query. */
function wrapped(
  query: string,
  columns: readonly Column[],
  tables: readonly EvaluatorTable[],
): {readonly sql: string; readonly head: number} {
  const relations = tables.map(({name}) => `\`${name}\` AS (SELECT * FROM given_${name})`);
  const casts = columns.map(
    ({name, type}) => `CAST(result.\`${name}\` AS ${type.toUpperCase()}) AS \`${name}\``,
  );
  const select = columns.length === 0 ? '*' : casts.join(', ');
  const head = `WITH ${relations.join(',\n')}\nSELECT ${select} FROM (\n`;
  return {sql: `${head}${query}\n) AS result`, head: head.split('\n').length - 1};
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
