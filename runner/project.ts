/**
 * A project's own files: what the planner must know of its queries and modules, and the modules themselves.
 * It does not judge them (planner) nor read the manifest (cli).
 */
import {createRequire, registerHooks} from 'node:module';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import type {Asset, Pipeline, ProjectPath} from '../planner/pipeline.ts';
import type {QueryFacts, QuerySource, Sources} from '../planner/sources.ts';
import type {Files, Rows} from './asset.ts';
import {CODE_SCHEME, type CodeFacts} from './canonical-code.ts';
import {FactCache, hashOf} from './fact-cache.ts';
import {functionLibrary} from './functions.ts';
import {type ModuleExport, readModules, readText} from './module-source.ts';

/** Raise when the facts of one query change, so that cached ones are read again. */
const QUERY_SCHEME = 1;

export interface ProjectSources {
  readonly sources: Sources;
  /** What did not keep the project from being read, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads the queries and modules of all assets and their checks. What an earlier call read of the same text comes from
 * `.gameplan/cache` under `root`, and then no parser is loaded.
 */
export async function readProject({
  root,
  pipeline,
}: {
  root: string;
  pipeline: Pipeline;
}): Promise<ProjectSources> {
  const assets = [...pipeline.assets.values()];
  const folder = join(root, '.gameplan', 'cache');
  const duckdb = createRequire(import.meta.url)('@duckdb/node-api/package.json').version;
  const queries = await FactCache.open<QueryFacts>(
    join(folder, 'queries.json'),
    `${QUERY_SCHEME} duckdb ${duckdb}`,
  );
  const code = await FactCache.open<CodeFacts>(
    join(folder, 'modules.json'),
    `${CODE_SCHEME} node ${process.version}`,
  );
  const sources: Sources = {
    queries: await readQueries(root, queryPaths(assets), queries),
    modules: await readModules(root, moduleRequests(assets), code),
    functions: functionLibrary,
  };
  const warnings = [await queries.save(), await code.save()];
  return {sources, warnings: warnings.filter(each => each !== undefined)};
}

function queryPaths(assets: readonly Asset[]): ReadonlySet<ProjectPath> {
  const paths = assets.flatMap(({making, checks}) => [
    ...('query' in making ? [making.query] : []),
    ...checks.flatMap(check => (check.kind === 'sql' ? [check.query] : [])),
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

/** Queries that do not exist are left out. */
async function readQueries(
  root: string,
  paths: ReadonlySet<ProjectPath>,
  cache: FactCache<QueryFacts>,
): Promise<ReadonlyMap<ProjectPath, QuerySource>> {
  const texts = new Map<ProjectPath, string>();
  for (const path of paths) {
    const text = await readText(join(root, path));
    if (text !== undefined) texts.set(path, text);
  }
  const unknown = [...new Set(texts.values())].filter(text => cache.find(hashOf(text)) === undefined);
  if (unknown.length > 0) {
    const {closeQueryParser, readAllQueryFacts} = await import('./query-facts.ts');
    const facts = await readAllQueryFacts(unknown);
    await closeQueryParser();
    for (const [index, text] of unknown.entries()) cache.set(hashOf(text), get(facts[index]));
  }
  return new Map(
    [...texts].map(([path, text]) => [path, {path, text, facts: get(cache.find(hashOf(text)))}]),
  );
}

function get<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('Internal error: the parser left out a query.');
  return value;
}

/** The asset's own code. Throws where it cannot be loaded, or does not export a function of that name. */
export async function loadModule(root: string, path: ProjectPath, name: 'files'): Promise<Files>;
export async function loadModule(root: string, path: ProjectPath, name: 'rows'): Promise<Rows>;
export async function loadModule(root: string, path: ProjectPath, name: ModuleExport): Promise<Files | Rows> {
  shareOwnModule();
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(/* @vite-ignore */ pathToFileURL(join(root, path)).href);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`'${path}' cannot be loaded: ${message}`, {cause});
  }
  const found = module[name];
  if (typeof found === 'function') return found as Files | Rows; // its arguments are the asset's own affair
  throw new Error(
    `'${path}' does not export a function '${name}'. Write 'export const ${name} = async ({partition}) => {…}'.`,
  );
}

let isShared = false;

/**
 * Assets that import 'gameplan' get the module that runs them, wherever they lie: else a second copy would throw its
 * own `SiteError`, which nobody here would know.
 */
function shareOwnModule(): void {
  if (isShared) return;
  isShared = true;
  const own = new URL(import.meta.url.endsWith('.ts') ? './asset.ts' : './asset.js', import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'gameplan' ? {url: own, shortCircuit: true} : next(specifier, context),
  });
}
