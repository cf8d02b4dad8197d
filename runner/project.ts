/**
 * A project's own files: what the planner must know of its queries and modules, and the modules themselves.
 * It does not judge them (planner) nor read the manifest (cli).
 */
import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {googleFacts} from '../planner/google-facts.ts';
import type {Asset, Pipeline, ProjectPath} from '../planner/pipeline.ts';
import type {QueryFacts, QuerySource, QueryText, Sources, SourcesWithFacts} from '../planner/sources.ts';
import {hashOf} from './cache-file.ts';
import {CODE_SCHEME, type CodeFacts} from './canonical-code.ts';
import {FactCache} from './fact-cache.ts';
import {functionsOf, type LibraryEngine} from './functions.ts';
import {type ModuleExport, readModules} from './module-source.ts';
import {readProjectFile} from './project-file.ts';

/** Raise when the facts of one query change, so that cached ones are read again. */
const QUERY_SCHEME = 1;

/** Where what is known of a project's files is kept, under its root. */
export const CACHE = '.gameplan/cache';

interface ProjectFiles {
  readonly root: string;
  readonly pipeline: Pipeline;
  /** Whose functions and overrides are read; undefined: those of the target's engine. */
  readonly engine?: LibraryEngine;
  /** Texts of queries in place of those that lie there, by path. */
  readonly unsaved?: ReadonlyMap<string, string> | undefined;
}

interface Known<S extends Sources> {
  readonly sources: S;
  /** What did not keep the project from being read, one sentence each. */
  readonly warnings: readonly string[];
}

/** Reads the queries and modules of all assets and their checks, with all that must be known to judge them. */
export async function readProject(files: ProjectFiles): Promise<Known<SourcesWithFacts>> {
  const {sources, warnings} = await readSources(files);
  const known = await addFacts(files.root, sources);
  return {...known, warnings: [...known.warnings, ...warnings]};
}

/**
 * Reads the queries, as texts alone, and the modules. What an earlier call read of the same text of a module comes from
 * `.gameplan/cache` under `root`, and then no parser is loaded.
 */
export async function readSources({
  root,
  pipeline,
  engine = pipeline.target.warehouse.engine,
  unsaved,
}: ProjectFiles): Promise<Known<Sources>> {
  const assets = [...pipeline.assets.values()];
  const cache = FactCache.open<CodeFacts>(
    join(root, CACHE, 'modules.json'),
    `${CODE_SCHEME} node ${process.version}`,
  );
  const sources: Sources = {
    ...readQueriesFor(root, pipeline, engine, unsaved),
    modules: await readModules(root, moduleRequests(assets), cache),
  };
  return {sources, warnings: listed(await cache.save())};
}

/** The queries as an engine has them, with the functions that it brings. */
export function readQueriesFor(
  root: string,
  {assets}: Pipeline,
  engine: LibraryEngine,
  unsaved?: ProjectFiles['unsaved'],
): Pick<Sources, 'queries' | 'functions'> {
  return {
    queries: readQueries(queryPaths([...assets.values()]), engine, {
      find: path => unsaved?.get(path) ?? readProjectFile(root, path),
      isThere: path => unsaved?.has(path) === true || existsSync(join(root, path)),
    }),
    functions: functionsOf(engine),
  };
}

/** Parses the queries, those apart that were parsed before. */
export async function addFacts(root: string, sources: Sources): Promise<Known<SourcesWithFacts>> {
  const duckdb = createRequire(import.meta.url)('@duckdb/node-api/package.json').version;
  const cache = FactCache.open<QueryFacts>(
    join(root, CACHE, 'queries.json'),
    `${QUERY_SCHEME} duckdb ${duckdb}`,
  );
  const queries = await parseQueries(sources.queries, cache);
  return {sources: {...sources, queries}, warnings: listed(await cache.save())};
}

function listed(warning: string | undefined): readonly string[] {
  return warning === undefined ? [] : [warning];
}

function queryPaths(assets: readonly Asset[]): ReadonlySet<ProjectPath> {
  const paths = assets.flatMap(({making, checks, cascade}) => [
    ...('query' in making ? [making.query] : []),
    ...(cascade?.sources ?? []).flatMap(({query}) => query ?? []),
    ...[...checks, ...(cascade?.sources ?? []).flatMap(source => source.checks)].flatMap(check =>
      check.kind === 'sql' ? [check.query] : [],
    ),
  ]);
  return new Set(paths);
}

function moduleRequests(assets: readonly Asset[]) {
  const needs = new Map<ProjectPath, Set<ModuleExport>>();
  for (const {making} of assets) {
    if (making.kind !== 'files' && making.kind !== 'rows') continue;
    const kinds = needs.get(making.module) ?? new Set();
    needs.set(making.module, kinds.add(making.kind));
  }
  return [...needs].map(([path, kinds]) => ({path, needs: kinds}));
}

/** Those for one engine stand in for the others. Queries that do not exist are left out. */
function readQueries(
  paths: ReadonlySet<ProjectPath>,
  engine: LibraryEngine,
  files: {find(path: string): string | undefined; isThere(path: string): boolean},
): ReadonlyMap<ProjectPath, QueryText> {
  const queries = new Map<ProjectPath, QueryText>();
  for (const path of paths) {
    const own = overridePath(path, engine);
    // Most have none, and to read what is not there costs several times as much.
    const override = files.isThere(own) ? files.find(own) : undefined;
    const text = override ?? files.find(path);
    if (override !== undefined) queries.set(path, {path: own, text: override, engine});
    else if (text !== undefined) queries.set(path, {path, text});
  }
  return queries;
}

/** Beside `assets/games.sql` lies `assets/games.bigquery.sql`. */
function overridePath(path: ProjectPath, engine: LibraryEngine): ProjectPath {
  return path.replace(/(?:\.sql)?$/, `.${engine}.sql`) as ProjectPath; // beside one that was judged
}

async function parseQueries(
  queries: ReadonlyMap<ProjectPath, QueryText>,
  cache: FactCache<QueryFacts>,
): Promise<ReadonlyMap<ProjectPath, QuerySource>> {
  const google = [...queries].filter(([, {engine}]) => engine === 'bigquery');
  const hashed = [...queries]
    .filter(([, {engine}]) => engine !== 'bigquery')
    .map(([name, query]) => ({name, query, text: query.text, hash: hashOf(query.text)}));
  const unknown = new Map(
    hashed.flatMap(({hash, text}) => (cache.find(hash) === undefined ? [[hash, text] as const] : [])),
  );
  if (unknown.size > 0) {
    const {closeQueryParser, readAllQueryFacts} = await import('./query-facts.ts');
    const facts = await readAllQueryFacts([...unknown.values()]);
    await closeQueryParser();
    for (const [index, hash] of [...unknown.keys()].entries()) cache.set(hash, get(facts[index]));
  }
  return new Map([
    ...hashed.map(({name, query, hash}) => [name, {...query, facts: get(cache.find(hash))}] as const),
    ...google.map(([name, query]) => [name, {...query, facts: googleFacts(query.text)}] as const),
  ]);
}

function get<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('Internal error: the parser left out a query.');
  return value;
}
