/**
 * Reads one asset: what makes it, when it is due, and all that the other readers of its parts give.
 * It does not deal with how assets fit together (manifest-rules.ts).
 */
import {parseDuration} from './duration.ts';
import type {Engine} from './engine.ts';
import {hasTable, isExternal} from './making.ts';
import {readChecks} from './manifest-check.ts';
import {readDue, readProtect, readRange, readRefresh} from './manifest-clock.ts';
import {readColumns, readCovers, readKey} from './manifest-columns.ts';
import {type MakingKind, type Outline, readEdges} from './manifest-edge.ts';
import type {Variables} from './manifest-env.ts';
import {readExternal} from './manifest-external.ts';
import {readPath} from './manifest-partition.ts';
import {readProjectPath} from './manifest-path.ts';
import {readPhysical} from './manifest-physical.ts';
import {
  at,
  has,
  keyAt,
  namesAt,
  type Path,
  readDays,
  readDuration,
  readSize,
  report,
  type Scope,
} from './manifest-scope.ts';
import {readCascade} from './manifest-source.ts';
import type {
  Asset,
  AssetName,
  Batch,
  CalendarDeclaration,
  Edge,
  Making,
  Partitioning,
  Refresh,
} from './pipeline.ts';
import type {RawAsset, RawManifest} from './schema.ts';
import {didYouMean} from './suggest.ts';

export interface AssetInput {
  readonly manifest: RawManifest;
  readonly variables: Variables;
  readonly calendars: ReadonlyMap<string, CalendarDeclaration>;
  readonly outlines: ReadonlyMap<string, Outline>;
  /** Of the target. */
  readonly engine: Engine;
}

const RETRIES = 3;
const TIMEOUT_MS = 180_000;
const MEMORY = 2 ** 30;
/** What others make is looked at with one question, whatever it is asked of. */
const OBSERVED_BATCH = 1_000_000;
/** How often others' data is looked at again where nothing is said. */
const OBSERVED_EVERY: Refresh = {every: 86_400_000, until: undefined};

/** How an asset is made, as far as can be told. */
export function makingOf(raw: RawAsset): MakingKind | undefined {
  if (raw.external !== undefined)
    return raw.external.objects === undefined ? 'external-table' : 'external-objects';
  if (raw.export !== undefined) return 'export';
  if (raw.files !== undefined) return 'files';
  if (raw.rows !== undefined) return 'rows';
  if (raw.sql !== undefined) return 'sql';
  return raw.sources === undefined ? undefined : 'sources';
}

/** One asset; undefined, and said, where it cannot be made sense of at all. */
export function readAsset(scope: Scope, name: string, raw: RawAsset, input: AssetInput): Asset | undefined {
  const base: Path = ['assets', name];
  const {manifest, calendars, outlines, engine} = input;
  refuseName(scope, base, name);
  const partitioning = outlines.get(name)?.partitioning;
  const kind = judgeMaking(scope, base, raw);
  const plain = readEdges(scope, {
    asset: name,
    edges: raw.upstream ?? {},
    path: [...base, 'upstream'],
    outlines,
  });
  if (partitioning === undefined || kind === undefined) return undefined;
  refuseMisplaced(scope, base, raw, kind, partitioning);
  const making = readMaking(scope, base, raw, partitioning);
  const isTable = hasTable(kind);
  const columns = isTable ? readColumns(scope, name, raw, partitioning) : [];
  const key = isTable ? readKey(scope, name, raw) : [];
  const calendar = partitioning.kind === 'all' ? undefined : calendars.get(partitioning.calendar);
  const covers = readCovers(scope, name, raw, {partitioning, calendar});
  const {cascade, edges: ofSources} = readCascade(scope, {
    asset: name,
    raw,
    columns,
    covers,
    edges: plain,
    outlines,
  });
  const upstream = [...plain, ...ofSources];
  const checks = isTable
    ? readChecks(scope, [...base, 'checks'], raw.checks ?? [], {
        asset: name,
        columns,
        edges: upstream,
        covers,
      })
    : [];
  const range = readRange(scope, base, raw, input.variables);
  const due = readDue(scope, base, raw, partitioning);
  const days = {partitioning, calendar};
  const refresh = readRefresh(scope, base, raw, days) ?? (isExternal(kind) ? OBSERVED_EVERY : undefined);
  const skipFirstDays = readDays(scope, [...base, 'skip_first'], raw.skip_first) ?? 0;
  const liveFor = readDuration(scope, [...base, 'live_for'], raw.live_for);
  const site = readSiteName(scope, base, raw);
  const batch = readBatch(scope, base, raw, {kind, upstream, partitioning, engine});
  const physical = readPhysical(scope, base, {raw, kind, partitioning, columns});
  const timeout =
    readDuration(scope, [...base, 'timeout'], raw.timeout) ?? defaultTimeout(manifest, kind, engine);
  const memory = readSize(scope, [...base, 'memory'], raw.memory) ?? MEMORY;
  if (making === undefined) return undefined;
  return {
    // The schema's pattern was just held against it.
    name: name as AssetName,
    making,
    description: raw.description,
    partitioning,
    ...range,
    due,
    refresh,
    liveFor,
    skipFirstDays,
    upstream,
    cascade,
    gate: raw.gate?.quality,
    site,
    columns,
    key,
    physical,
    covers,
    empty: raw.empty ?? 'error',
    protect: readProtect(scope, base, raw, days),
    checks,
    batch,
    group: raw.group,
    tags: raw.tags ?? [],
    owner: raw.owner,
    retries: raw.retries ?? manifest.defaults?.retries ?? RETRIES,
    timeout,
    memory,
    isolation: raw.isolate ?? 'thread',
    pool: readPoolName(scope, base, raw),
    concurrency: raw.concurrency,
    at: keyAt(scope, base),
    makingAt: at(scope, [...base, keyOf(kind)]),
  };
}

/** Schemas of gameplan's own tables, and of the engine's. */
const RESERVED: ReadonlySet<string> = new Set([
  'gameplan',
  'information_schema',
  'pg_catalog',
  'system',
  'temp',
]);

function refuseName(scope: Scope, base: Path, name: string): void {
  if (/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/.test(name)) {
    const [schema = ''] = name.split('.');
    if (RESERVED.has(schema))
      report(
        scope,
        'bad-name',
        keyAt(scope, base),
        `'${name}' cannot name an asset: the schema '${schema}' is not for tables of yours. Use another.`,
      );
    return;
  }
  report(
    scope,
    'bad-name',
    keyAt(scope, base),
    `'${name}' cannot name an asset: write it as 'raw.games', in small letters, digits and '_'.`,
  );
}

/** The key of the manifest that says what makes it. */
function keyOf(kind: MakingKind): string {
  if (isExternal(kind)) return 'external';
  return kind === 'export' ? 'sql' : kind;
}

/** Which kind it is; it must be one. */
function judgeMaking(scope: Scope, base: Path, raw: RawAsset): MakingKind | undefined {
  const said = (['files', 'rows', 'sql', 'external'] as const).filter(key => has(scope, [...base, key]));
  const [only] = said;
  const place = keyAt(scope, base);
  if (only === undefined && has(scope, [...base, 'sources'])) return 'sources';
  if (only === undefined) {
    return report(
      scope,
      'missing-key',
      place,
      `'${base.at(-1)}' needs one of 'files', 'rows', 'sql', 'sources' or 'external': what makes it.`,
    );
  }
  if (said.length > 1) {
    return report(
      scope,
      'misplaced-key',
      place,
      `'${base.at(-1)}' has ${said.join(' and ')}: keep the one that makes it.`,
    );
  }
  if (has(scope, [...base, 'export']) && only !== 'sql') {
    return report(
      scope,
      'misplaced-key',
      keyAt(scope, [...base, 'export']),
      `An export is made by a query: give 'sql' in place of '${only}'.`,
    );
  }
  // What is wrong with the export itself is told already: it is no table that lacks its columns.
  if (has(scope, [...base, 'export']) && raw.export === undefined) return undefined;
  return makingOf(raw);
}

/** What speaks of making rows or objects. */
const NOT_MADE = [
  'upstream',
  'sources',
  'take',
  'improve',
  'on_missing',
  'gate',
  'site',
  'path',
  'live_for',
  'covers',
  'empty',
  'checks',
  'batch',
  'protect',
  'bigquery',
  'memory',
  'isolate',
  'retries',
  'timeout',
] as const satisfies readonly (keyof RawAsset)[];

const MISPLACED: Readonly<Record<MakingKind, readonly (keyof RawAsset)[]>> = {
  files: ['columns', 'key', 'checks', 'batch', 'empty', 'sources', 'gate'],
  rows: ['site', 'path', 'live_for'],
  sources: ['site', 'path', 'refresh', 'live_for', 'memory', 'isolate'],
  sql: ['site', 'path', 'refresh', 'sources', 'live_for', 'memory', 'isolate'],
  export: [
    'memory',
    'isolate',
    'live_for',
    'site',
    'path',
    'refresh',
    'columns',
    'key',
    'checks',
    'batch',
    'sources',
  ],
  'external-table': NOT_MADE,
  'external-objects': ['columns', 'key', ...NOT_MADE],
};

/** Keys that speak of single dates: of no use to an asset that is not made by date. */
const DATES_ONLY: Readonly<Record<Partitioning['kind'], readonly (keyof RawAsset)[]>> = {
  date: [],
  season: ['skip_first'],
  all: ['due', 'skip_first'],
};

/** Keys that say nothing for this kind of asset: left in, they would promise what is not done. */
function refuseMisplaced(
  scope: Scope,
  base: Path,
  raw: RawAsset,
  kind: MakingKind,
  partitioning: Partitioning,
): void {
  for (const key of MISPLACED[kind]) {
    if (raw[key] === undefined) continue;
    report(
      scope,
      'misplaced-key',
      keyAt(scope, [...base, key]),
      `'${key}' says nothing for ${isExternal(kind) ? 'what others make' : kind === 'export' ? 'an export' : `a '${kind}' asset`}: remove it.`,
    );
  }
  for (const key of DATES_ONLY[partitioning.kind]) {
    if (raw[key] === undefined) continue;
    report(
      scope,
      'misplaced-key',
      keyAt(scope, [...base, key]),
      `'${key}' speaks of dates, and this asset is partitioned by '${partitioning.kind}': remove it.`,
    );
  }
  if (partitioning.kind !== 'all') return;
  for (const key of ['start', 'end'] as const) {
    if (raw[key] !== undefined)
      report(
        scope,
        'misplaced-key',
        keyAt(scope, [...base, key]),
        `An asset with the one partition 'all' has no ${key}: remove it.`,
      );
  }
}

function readMaking(scope: Scope, base: Path, raw: RawAsset, partitioning: Partitioning): Making | undefined {
  if (raw.external !== undefined)
    return readExternal(scope, [...base, 'external'], raw.external, partitioning);
  if (raw.files !== undefined) {
    const module = readProjectPath(scope, [...base, 'files'], raw.files);
    const slot =
      partitioning.kind === 'all' ? '' : `{${partitioning.kind === 'date' ? 'game_date' : 'season'}}/`;
    const text = raw.path ?? `${base.at(-1)}/${slot}`;
    const path = readPath(scope, [...base, 'path'], text, {partitioning, folder: true});
    return module === undefined || path === undefined ? undefined : {kind: 'files', module, path};
  }
  if (raw.rows !== undefined) {
    const module = readProjectPath(scope, [...base, 'rows'], raw.rows);
    return module === undefined ? undefined : {kind: 'rows', module};
  }
  if (raw.sql === undefined && raw.sources !== undefined) return {kind: 'sources'};
  const query = raw.sql === undefined ? undefined : readProjectPath(scope, [...base, 'sql'], raw.sql);
  if (raw.export === undefined) return query === undefined ? undefined : {kind: 'sql', query};
  const path = readPath(scope, [...base, 'export', 'path'], raw.export.path, {partitioning, folder: false});
  return query === undefined || path === undefined
    ? undefined
    : {kind: 'export', query, format: raw.export.format, path};
}

function readSiteName(scope: Scope, base: Path, {site}: RawAsset): string | undefined {
  const names = namesAt(scope, ['sites']);
  if (site !== undefined && !names.includes(site)) {
    report(
      scope,
      'unknown-site',
      [...base, 'site'],
      `No site is named '${site}'.${didYouMean(site, names) || " Declare it under 'sites'."}`,
    );
  }
  return site;
}

function readPoolName(scope: Scope, base: Path, {pool}: RawAsset): string | undefined {
  const names = namesAt(scope, ['pools']);
  if (pool === undefined || names.includes(pool)) return pool;
  report(
    scope,
    'unknown-pool',
    [...base, 'pool'],
    `No pool is named '${pool}'.${didYouMean(pool, names) || " Declare it under 'pools', such as 'pools: {heavy: 1}'."}`,
  );
  return undefined;
}

interface BatchInput {
  readonly kind: MakingKind;
  readonly upstream: readonly Edge[];
  readonly partitioning: Partitioning;
  readonly engine: Engine;
}

function readBatch(
  scope: Scope,
  base: Path,
  {batch}: RawAsset,
  {kind, upstream, partitioning, engine}: BatchInput,
): Batch {
  const path = [...base, 'batch'];
  const previous = upstream.find(({window}) => window.kind === 'previous');
  if (isExternal(kind)) return {kind: 'keys', count: OBSERVED_BATCH};
  if (batch === undefined) {
    const isAlone = previous !== undefined || kind === 'export';
    const usual = kind === 'rows' || kind === 'sources' ? engine.batch.rows : engine.batch.query;
    return {kind: 'keys', count: isAlone ? 1 : usual};
  }
  if (batch === 'season' && partitioning.kind === 'all') {
    report(
      scope,
      'misplaced-key',
      path,
      `An asset with the one partition 'all' has no seasons to batch by: remove 'batch'.`,
    );
  }
  if (batch !== 1 && previous !== undefined) {
    report(
      scope,
      'batch-on-previous',
      path,
      `Edge '${previous.name}' reads the key before, so keys are made one after another: remove 'batch'.`,
      [{message: `'${previous.name}' is here`, at: previous.at}],
    );
  }
  return batch === 'season' ? {kind: 'season'} : {kind: 'keys', count: Math.min(batch, engine.mostInBatch)};
}

function defaultTimeout({defaults}: RawManifest, kind: MakingKind, {queryTimeout}: Engine): number {
  const usual = kind === 'files' || kind === 'rows' ? TIMEOUT_MS : queryTimeout;
  // Judged once for all assets, in manifest.ts.
  return (defaults?.timeout === undefined ? undefined : parseDuration(defaults.timeout)) ?? usual;
}
