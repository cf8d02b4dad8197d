/**
 * Reads the sources of an asset: a cascade of places that its rows may come from, each with its own edges.
 * It does not deal with which of them is taken (runner/cascade.ts).
 */
import {hasTable} from './making.ts';
import {readChecks} from './manifest-check.ts';
import {type Outline, readEdges} from './manifest-edge.ts';
import {readProjectPath} from './manifest-path.ts';
import {at, has, keyAt, type Path, readDuration, report, type Scope} from './manifest-scope.ts';
import type {Cascade, Column, Covers, Edge, Source} from './pipeline.ts';
import type {RawAsset, RawSource} from './schema.ts';

interface CascadeInput {
  readonly asset: string;
  readonly raw: RawAsset;
  readonly columns: readonly Column[];
  readonly covers: Covers | undefined;
  /** Those that every source reads. */
  readonly edges: readonly Edge[];
  readonly outlines: ReadonlyMap<string, Outline>;
}

interface ReadCascade {
  readonly cascade: Cascade | undefined;
  /** Of its sources, by rank. */
  readonly edges: readonly Edge[];
}

/** The column that says where a row came from, filled by the runner where an asset declares it. */
export const SOURCE_COLUMN = '_source';

/** Says nothing of an asset without sources but where it has keys that need them. */
export function readCascade(scope: Scope, input: CascadeInput): ReadCascade {
  const {asset, raw, columns} = input;
  const base: Path = ['assets', asset];
  if (raw.sources === undefined) {
    // What it says of sources may be wrong, and is told of already.
    if (!has(scope, [...base, 'sources'])) refuseWithoutSources(scope, base, raw);
    return {cascade: undefined, edges: []};
  }
  const sources: Source[] = [];
  const edges: Edge[] = [];
  const taken = new Set(input.edges.map(({name}) => name));
  for (const [rank, source] of raw.sources.entries()) {
    const path: Path = [...base, 'sources', rank];
    refuseName(scope, [...path, 'name'], source.name, sources);
    const own = readSourceEdges(scope, path, {...input, source, rank});
    for (const {name, at: place} of own) {
      if (taken.has(name))
        report(scope, 'duplicate-name', place, `Two edges of '${asset}' are named '${name}': rename one.`);
      taken.add(name);
    }
    edges.push(...own);
    const query = source.sql === undefined ? undefined : readProjectPath(scope, [...path, 'sql'], source.sql);
    const checks = readChecks(scope, [...path, 'checks'], source.checks ?? [], {
      asset,
      columns,
      edges: [...input.edges, ...own],
      covers: input.covers,
    });
    sources.push({
      name: source.name,
      edges: own.map(({name}) => name),
      quality: source.quality ?? 100,
      checks,
      query,
    });
  }
  const sourceColumn = columns.find(({name}) => name === SOURCE_COLUMN);
  if (sourceColumn !== undefined && sourceColumn.type !== 'string') {
    const place = [...base, 'columns', SOURCE_COLUMN];
    report(
      scope,
      'wrong-type',
      place,
      `'${SOURCE_COLUMN}' holds the source's name: its type must be 'string'.`,
    );
  }
  const {take = 'first', on_missing: onMissing = 'gap'} = raw;
  if (take === 'fill' && raw.covers === undefined) {
    report(
      scope,
      'missing-key',
      [...base, 'take'],
      `'fill' goes game by game, and nothing says which games the rows hold: declare 'covers'.`,
    );
  }
  return {cascade: {sources, take, improve: readImprove(scope, base, raw), onMissing}, edges};
}

const NEED_SOURCES = ['take', 'improve', 'on_missing'] as const;

function refuseWithoutSources(scope: Scope, base: Path, raw: RawAsset): void {
  for (const key of NEED_SOURCES) {
    if (raw[key] === undefined) continue;
    report(
      scope,
      'misplaced-key',
      keyAt(scope, [...base, key]),
      `'${key}' speaks of sources, and this asset has none: declare 'sources', or remove it.`,
    );
  }
  if (raw.columns !== undefined && SOURCE_COLUMN in raw.columns) {
    report(
      scope,
      'misplaced-key',
      keyAt(scope, [...base, 'columns', SOURCE_COLUMN]),
      `'${SOURCE_COLUMN}' is filled with the name of a source, and this asset has none: declare 'sources', or rename the column.`,
    );
  }
}

function refuseName(scope: Scope, path: Path, name: string, before: readonly Source[]): void {
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    report(scope, 'bad-name', path, `'${name}' cannot name a source: use small letters, digits and '_'.`);
  if (before.some(source => source.name === name))
    report(scope, 'duplicate-name', path, `Two sources are named '${name}': rename one.`);
}

function readSourceEdges(
  scope: Scope,
  path: Path,
  {asset, raw, outlines, source, rank}: CascadeInput & {readonly source: RawSource; readonly rank: number},
): readonly Edge[] {
  const {upstream, sql, name} = source;
  const byQuery = sql !== undefined;
  if (!byQuery && typeof upstream !== 'string') {
    return (
      report(
        scope,
        'bad-value',
        [...path, 'upstream'],
        `Source '${name}' reads several assets, which needs a query: give it 'sql', or name the one asset that has its rows.`,
      ) ?? []
    );
  }
  const edges = readEdges(scope, {
    asset,
    edges: typeof upstream === 'string' ? {[name]: upstream} : upstream,
    path: [...path, 'upstream'],
    source: {rank, byQuery},
    outlines,
  });
  for (const edge of edges) {
    const making = outlines.get(edge.upstream)?.making;
    if (raw.rows !== undefined || making === undefined || making === 'export' || hasTable(making)) continue;
    report(
      scope,
      'missing-key',
      at(scope, [...path, 'upstream']),
      `'${edge.upstream}' has objects and no rows: '${asset}' needs 'rows', the TypeScript that makes rows of them.`,
    );
  }
  return edges;
}

function readImprove(scope: Scope, base: Path, {improve}: RawAsset): Cascade['improve'] {
  if (improve === undefined || !has(scope, [...base, 'improve'])) return undefined;
  const every = readDuration(scope, [...base, 'improve', 'every'], improve.every);
  const until = readDuration(scope, [...base, 'improve', 'until'], improve.until);
  return every === undefined ? undefined : {every, until};
}
