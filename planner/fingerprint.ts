/**
 * The fingerprint of an asset: SHA-256 over all that can change a partition's content apart from its inputs.
 * Checks, coverage, due times, batches, sites and texts are not in it: they change nothing that is stored.
 */
import {calledNames, canonicalQuery} from './canonical.ts';
import {sha256} from './hash.ts';
import type {Fingerprint} from './ledger.ts';
import type {Asset, Column, Edge, Partitioning, ProjectPath} from './pipeline.ts';
import {formOf} from './query-form.ts';
import type {FingerprintPart} from './reason.ts';
import type {Sources} from './sources.ts';
import {unreachable} from './unreachable.ts';

/** Raised when what is hashed changes its form, so that everything is made again once, knowingly. */
const SCHEME = '1';

/** The order in which differing parts are named. */
export const FINGERPRINT_PARTS = [
  'query',
  'functions',
  'code',
  'columns',
  'key',
  'upstream',
  'output',
  'scheme',
] as const satisfies readonly FingerprintPart[];

export function fingerprintOf(asset: Asset, sources: Sources): Fingerprint {
  const parts: Record<FingerprintPart, string> = {
    ...makingParts(asset, sources),
    columns: columnsPart(asset.columns),
    key: JSON.stringify([asset.partitioning, [...asset.key].sort()]),
    upstream: [...asset.upstream.map(edgePart).sort(), ...cascadeParts(asset, sources)].join('\n'),
    scheme: SCHEME,
  };
  const hash = sha256(FINGERPRINT_PARTS.map(part => `${part}=${parts[part]}`).join('\n'));
  return {hash, parts};
}

function makingParts(
  {making}: Asset,
  sources: Sources,
): Pick<Record<FingerprintPart, string>, 'query' | 'functions' | 'code' | 'output'> {
  switch (making.kind) {
    case 'files':
      return {query: '', functions: '', code: codePart(making.module, sources), output: making.path};
    case 'rows':
      return {query: '', functions: '', code: codePart(making.module, sources), output: ''};
    case 'sources':
      return {query: '', functions: '', code: '', output: ''};
    case 'sql':
      return {...queryParts(making.query, sources, false), code: '', output: ''};
    case 'export':
      // The names of columns stand in the object as the query spells them.
      return {
        ...queryParts(making.query, sources, true),
        code: '',
        output: `${making.format} ${making.path}`,
      };
    case 'external-table':
      return {query: '', functions: '', code: '', output: `${EXTERNAL}${making.table}`};
    case 'external-objects':
      return {query: '', functions: '', code: '', output: `${EXTERNAL}${making.path}`};
    default:
      return unreachable(making);
  }
}

const EXTERNAL = 'external ';

/** Whether a partition with this definition was made by others and observed. */
export function isObserved({parts}: Fingerprint): boolean {
  return parts['output']?.startsWith(EXTERNAL) === true;
}

function codePart(path: ProjectPath, sources: Sources): string {
  const module = sources.modules.get(path);
  if (module === undefined) throw new Error(`Internal error: module '${path}' was not read`);
  return module.hash;
}

function queryParts(
  path: ProjectPath,
  sources: Sources,
  isSpelled: boolean,
): {query: string; functions: string} {
  const source = sources.queries.get(path);
  if (source === undefined) throw new Error(`Internal error: query '${path}' was not read`);
  const {text} = source;
  const form = formOf(source);
  return {
    query: sha256(isSpelled || form.showsNames(text) ? form.spelled(text) : form.canonical(text)),
    functions: functionsPart(form.called(text), sources.functions),
  };
}

/** The definitions of the library functions that a query calls, and of those that they call. */
function functionsPart(called: ReadonlySet<string>, library: ReadonlyMap<string, string>): string {
  const used = new Map<string, string>();
  const open = [...called];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const definition = library.get(name);
    if (definition === undefined || used.has(name)) continue;
    used.set(name, canonicalQuery(definition));
    open.push(...calledNames(definition));
  }
  return sha256(
    [...used.keys()]
      .sort()
      .map(name => `${name}=${used.get(name)}`)
      .join('\n'),
  );
}

/** Columns stay readable, so that a difference can be told column by column. */
function columnsPart(columns: readonly Column[]): string {
  return columns.map(({name, type}) => `${name}:${type}`).join(',');
}

/** Reads what `columnsPart` wrote. */
export function columnsIn(part: string): ReadonlyMap<string, string> {
  const columns = new Map<string, string>();
  for (const column of part.split(',')) {
    const [name, type] = column.split(':');
    if (name !== undefined && type !== undefined) columns.set(name, type);
  }
  return columns;
}

/** What slices a table, from what the part `key` says; undefined where it cannot be told. */
export function slicingIn(part: string): {
  readonly kind: Partitioning['kind'] | undefined;
  readonly column: string | undefined;
} {
  if (part === '') return {kind: undefined, column: undefined};
  const [{kind, column}] = JSON.parse(part) as [{kind: Partitioning['kind']; column?: string}, unknown]; // written above
  return {kind, column};
}

/** How rows are taken from which sources. A ceiling is no part of it: it is recorded with what was taken. */
function cascadeParts({cascade}: Asset, sources: Sources): readonly string[] {
  if (cascade === undefined) return [];
  const parts = cascade.sources.map(({name, edges, query}) => {
    const {query: text = '', functions = ''} = query === undefined ? {} : queryParts(query, sources, false);
    return JSON.stringify({source: name, edges, text, functions});
  });
  return [...parts, `take ${cascade.take}`];
}

function edgePart({name, upstream, window, throughToday, crossesSeasons, tracks}: Edge): string {
  return JSON.stringify({name, upstream, window, throughToday, crossesSeasons, tracks});
}
