/**
 * Binds statements in an empty DuckDB: the relations that a run would give them, without a row.
 * It does not deal with which statements there are (binding.ts).
 */
import type {Binding, BindMistake} from '../planner/judge-binding.ts';
import type {ColumnType, Partitioning} from '../planner/pipeline.ts';
import {namesQuality, QUALITY_COLUMN} from '../planner/quality.ts';
import type {BindRequest} from './binding.ts';
import {duckdbDialect} from './duckdb-dialect.ts';
import {engineError} from './duckdb-error.ts';
import {judgedOf} from './duckdb-judged.ts';
import {bindParameters} from './duckdb-key.ts';
import {duckdbType, quoted} from './duckdb-name.ts';
import {openFile} from './duckdb-open.ts';
import {inputSql, NEW_ROWS} from './duckdb-relations.ts';
import {Session} from './duckdb-session.ts';
import {bindInputs, bindPartitions, bindWindows, type Staging} from './duckdb-staging.ts';
import {scanTests} from './sql-check.ts';
import {judgeCustom, sumsStatement} from './sql-edge-check.ts';
import {scan} from './sql-scan.ts';
import {wrap} from './sql-wrap.ts';
import {keyType} from './table-key.ts';
import {type InputSpec, type TableSpec, WarehouseError} from './warehouse.ts';

/** What became of each, in their order. */
export async function bindAll(requests: readonly BindRequest[]): Promise<readonly Binding[]> {
  const file = await openFile({path: ':memory:', threads: 1});
  try {
    const session = await Session.open(file.instance);
    const bindings: Binding[] = [];
    for (const request of requests) bindings.push(await bindOne(session, request));
    session.close();
    return bindings;
  } finally {
    file.close();
  }
}

async function bindOne(session: Session, request: BindRequest): Promise<Binding> {
  const {statement} = request;
  try {
    if (statement.kind === 'query')
      return {mistake: undefined, columns: await bindQuery(session, request, statement)};
    await bindCheck(session, request, statement.check);
    return {mistake: undefined, columns: []};
  } catch (error) {
    const isOurs = error instanceof WarehouseError && (error.kind === 'statement' || error.kind === 'query');
    if (!isOurs) throw error;
    return {mistake: mistakeOf(error, request), columns: []};
  }
}

/** Without any temporary table: those of a window cost more than the query's binding. */
async function bindQuery(
  session: Session,
  {table, inputs}: BindRequest,
  {path, text}: {readonly path: string; readonly text: string},
): Promise<readonly string[]> {
  await session.refuseFragments({path, text, start: 0});
  const quality: Typed = namesQuality(text) ? {[QUALITY_COLUMN]: 'int64'} : {};
  const relations = [
    {name: 'partitions', sql: emptySql({...PARTITIONS_COLUMNS[table.partitioning.kind], ...quality})},
    ...inputs.flatMap(input => {
      const {edge, window} = input;
      const rows = {name: edge, sql: inputSql('', input, undefined, undefined)};
      if (window === undefined) return [rows];
      return [rows, {name: `${edge}_window`, sql: emptySql(windowColumns(table, input))}];
    }),
  ];
  const {sql, embedded} = wrap(duckdbDialect, {before: '', select: '*', relations, query: text, path});
  return await session.outputColumns(sql, embedded);
}

type Typed = Readonly<Record<string, ColumnType>>;

function emptySql(columns: Typed): string {
  const nulls = Object.entries(columns).map(
    ([name, type]) => `CAST(NULL AS ${duckdbType(type)}) AS ${quoted(name)}`,
  );
  return `SELECT ${nulls.join(', ')} WHERE false`;
}

const PARTITIONS_COLUMNS: Readonly<Record<Partitioning['kind'], Typed>> = {
  date: {game_date: 'date', season: 'string'},
  season: {season: 'string'},
  all: {key: 'string'},
};

function windowColumns(table: TableSpec, {table: upstream, window}: InputSpec): Typed {
  const keys = {key: keyType(table.partitioning), upstream_key: keyType(upstream.partitioning)};
  return window?.members.teams === undefined ? keys : {...keys, team: 'string', game_id: 'string'};
}

/** Run over no rows: that costs little more than preparing it. */
async function bindCheck(
  session: Session,
  {table, inputs, covers}: BindRequest,
  check: Extract<BindRequest['statement'], {kind: 'check'}>['check'],
): Promise<void> {
  const shapes = {readable: new Set<string>(), unseen: new Set<string>(), found: new Map()};
  const request = {table, inputs, partitions: []};
  const staging: Staging = {
    session,
    catalog: 'memory',
    ...request,
    shapes,
    cuts: undefined,
    windowsBound: false,
    isPublished: false,
  };
  await bindPartitions(staging);
  await bindWindows(staging);
  await bindInputs(staging);
  const columns = table.columns.map(({name, type}) => `${quoted(name)} ${duckdbType(type)}`);
  await session.run(`CREATE OR REPLACE TEMP TABLE ${quoted(NEW_ROWS)} (${columns.join(', ')})`);
  if (check.kind === 'sql') {
    await session.refuseFragments({path: check.query, text: check.text ?? '', start: 0});
    await judgeCustom(judgedOf(staging), check);
  } else if (check.kind === 'sum-equals') {
    const input = inputs.find(({edge}) => edge === check.edge);
    if (input === undefined) return;
    const {sql, parameters} = sumsStatement(judgedOf(staging), check, input);
    await session.rows(sql, {bound: bindParameters(parameters)});
  } else {
    await scan(
      judgedOf(staging),
      scanTests(check, covers, duckdbDialect).flatMap(({measures}) => measures),
      undefined,
    );
  }
}

function mistakeOf(error: WarehouseError, request: BindRequest): BindMistake {
  const {offset} = error;
  const {message} = engineError(error.cause ?? error);
  const column = /^Referenced column "(.+?)" not found/.exec(message);
  if (column !== null) {
    const [, name = ''] = column;
    return {kind: 'column', name, relation: undefined, candidates: candidatesIn(message), offset};
  }
  const absent = /"([^"]+)" does not have a column named "(.+?)"/.exec(message);
  if (absent !== null) {
    const [, relation = '', name = ''] = absent;
    const candidates = columnsOf(relation, request);
    return {kind: 'column', name, relation, candidates, offset};
  }
  const called = /Function with name "?(.+?)"? (?:does not exist|is not in the catalog)/.exec(message);
  if (called !== null)
    return {kind: 'function', name: called[1] ?? '', candidates: candidatesIn(message), offset};
  const [line = ''] = message.split('\n');
  const flat = line.trim().replace(/!$/, '.');
  return {kind: 'other', message: /[.?]$/.test(flat) ? flat : `${flat}.`, offset};
}

function columnsOf(relation: string, {table, inputs}: BindRequest): readonly string[] {
  const read = relation === 'new_rows' ? table : inputs.find(({edge}) => edge === relation)?.table;
  return read?.columns.map(({name}) => name) ?? [];
}

/** What the engine suggests, each in quotes. */
function candidatesIn(message: string): readonly string[] {
  const [, list = ''] = /(?:Candidate bindings:|Did you mean)([\s\S]*)$/.exec(message) ?? [];
  return [...list.matchAll(/"(.+?)"/g)].map(([, name = '']) => name);
}
