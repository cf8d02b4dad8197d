/**
 * Asks the warehouse's engine whether the project's statements can run at all: each is bound over empty relations of its
 * edges, once for each text and all that it reads. It does not deal with what is said of it (planner/judge-binding.ts).
 */
import {createRequire} from 'node:module';
import {join} from 'node:path';
import type {Diagnostic} from '../planner/diagnostic.ts';
import {type Bindable, type Binding, judgeBinding} from '../planner/judge-binding.ts';
import {SOURCE_COLUMN} from '../planner/manifest-source.ts';
import type {Asset, Check, Covers, Edge, Pipeline, ProjectPath} from '../planner/pipeline.ts';
import type {QueryText, SourcesWithFacts} from '../planner/sources.ts';
import {hasWindowRelation} from '../planner/window-text.ts';
import {hashOf} from './cache-file.ts';
import {FactCache} from './fact-cache.ts';
import {functionsOf} from './functions.ts';
import {CACHE} from './project.ts';
import type {InputSpec, TableSpec} from './warehouse.ts';
import {assetOf, isTable, tableOf} from './workshop.ts';

/** Raise when what is bound of one statement changes. */
const SCHEME = 1;

/** One statement with all that it may read: nothing else decides whether it can run. */
export interface BindRequest {
  readonly table: TableSpec;
  readonly covers: Covers | undefined;
  /** Without keys. */
  readonly inputs: readonly InputSpec[];
  readonly statement:
    | {readonly kind: 'query'; readonly path: string; readonly text: string}
    | {readonly kind: 'check'; readonly check: Check & {readonly text?: string}};
}

interface Statement {
  readonly bindable: Bindable;
  readonly request: BindRequest;
}

/** The mistakes in all statements but those of `wrong` files, which are told already. */
export async function judgeBindings(
  root: string,
  {pipeline, sources}: {readonly pipeline: Pipeline; readonly sources: SourcesWithFacts},
  wrong: ReadonlySet<string>,
): Promise<{readonly diagnostics: readonly Diagnostic[]; readonly warnings: readonly string[]}> {
  const statements = [...pipeline.assets.values()].flatMap(asset => statementsOf(asset, pipeline, sources));
  const right = statements.filter(
    ({bindable}) => bindable.kind === 'check' || !wrong.has(bindable.source.path),
  );
  const duckdb = createRequire(import.meta.url)('@duckdb/node-api/package.json').version;
  const scheme = `${SCHEME} duckdb ${duckdb} ${hashOf(JSON.stringify([...functionsOf('duckdb')]))}`;
  const cache = FactCache.open<Binding>(join(root, CACHE, 'bindings.json'), scheme);
  const hashed = right.map(statement => ({
    ...statement,
    hash: hashOf(JSON.stringify(plain(statement.request))),
  }));
  const unknown = new Map(
    hashed.flatMap(({hash, request}) => (cache.find(hash) === undefined ? [[hash, request] as const] : [])),
  );
  if (unknown.size > 0) {
    const {bindAll} = await import('./duckdb-bind.ts');
    const found = await bindAll([...unknown.values()]);
    for (const [index, hash] of [...unknown.keys()].entries()) cache.set(hash, found[index] ?? NOTHING);
  }
  const diagnostics = hashed.flatMap(({bindable, hash}) =>
    judgeBinding(bindable, cache.find(hash) ?? NOTHING),
  );
  const warning = await cache.save();
  return {diagnostics, warnings: warning === undefined ? [] : [warning]};
}

const NOTHING: Binding = {mistake: undefined, columns: []};

/** Where a check stands, and what it is called, is nothing to the engine. */
function plain(request: BindRequest): unknown {
  const {statement} = request;
  if (statement.kind === 'query') return request;
  const {at: _, name: __, severity: ___, penalty: ____, ...check} = statement.check;
  return {...request, statement: check};
}

function statementsOf(asset: Asset, pipeline: Pipeline, sources: SourcesWithFacts): readonly Statement[] {
  const statements: Statement[] = [];
  const columns = asset.columns;
  const add = (bindable: Bindable, statement: BindRequest['statement'], edges: readonly Edge[]): void => {
    const inputs = inputsOf(edges, pipeline);
    statements.push({
      bindable,
      request: {table: tableOf(bindable.asset), covers: asset.covers, inputs, statement},
    });
  };
  const addQuery = (path: ProjectPath, edges: readonly Edge[], seen: Asset): void => {
    const source = sources.queries.get(path);
    // DuckDB cannot bind what is written for another engine.
    if (source === undefined || isForeign(source)) return;
    const {text} = source;
    add({kind: 'query', asset: seen, source, use: 'asset'}, {kind: 'query', path, text}, edges);
  };
  const addCheck = (check: Check, edges: readonly Edge[]): void => {
    if (check.kind !== 'sql') {
      if (isDoubtful(check)) add({kind: 'check', asset, check}, {kind: 'check', check}, edges);
      return;
    }
    const source = sources.queries.get(check.query);
    if (source === undefined || isForeign(source)) return;
    const statement = {kind: 'check', check: {...check, text: source.text}} as const;
    add({kind: 'query', asset, source, use: 'check'}, statement, edges);
  };
  const shared = asset.upstream.filter(({source}) => source === undefined);
  if ('query' in asset.making) addQuery(asset.making.query, shared, asset);
  for (const check of asset.checks) addCheck(check, asset.upstream);
  for (const source of asset.cascade?.sources ?? []) {
    const edges = asset.upstream.filter(
      edge => edge.source === undefined || source.edges.includes(edge.name),
    );
    // Where a row came from is filled in by the runner.
    const made = {...asset, columns: columns.filter(({name}) => name !== SOURCE_COLUMN)};
    if (source.query !== undefined) addQuery(source.query, edges, made);
    for (const check of source.checks) addCheck(check, edges);
  }
  return statements;
}

function isForeign({engine}: QueryText): boolean {
  return engine !== undefined && engine !== 'duckdb';
}

/** Of the other kinds the manifest's columns and types tell all. */
function isDoubtful({kind}: Check): boolean {
  return kind === 'regex' || kind === 'sum-equals';
}

function inputsOf(edges: readonly Edge[], pipeline: Pipeline): readonly InputSpec[] {
  return edges.flatMap(({name, upstream, window}) => {
    const asset = assetOf(pipeline, upstream);
    if (!isTable(asset)) return [];
    const byGames = window.kind === 'games' ? [] : undefined;
    const empty = {
      members: {positions: [], upstreamKeys: [], teams: byGames, gameIds: byGames},
      stretches: {keys: [], from: [], to: []},
    };
    return [
      {edge: name, table: tableOf(asset), keys: [], window: hasWindowRelation(window) ? empty : undefined},
    ];
  });
}
