/**
 * `pipeline.yaml` -> `Pipeline`, or every mistake in it with its place. Pure: other files and variables are arguments.
 * It does not deal with queries and modules (query.ts).
 */
import {type Diagnostic, type SourceFile, sortDiagnostics} from './diagnostic.ts';
import {engineOf} from './engine.ts';
import {sha256} from './hash.ts';
import {parseKnownGaps} from './known-gaps.ts';
import {readAlerts} from './manifest-alerts.ts';
import {makingOf, readAsset} from './manifest-asset.ts';
import {judgeCalendars, readCalendars} from './manifest-calendar.ts';
import type {FindFile} from './manifest-dates.ts';
import type {Outline} from './manifest-edge.ts';
import type {Variables} from './manifest-env.ts';
import {readHealing} from './manifest-healing.ts';
import {readPartitioning} from './manifest-partition.ts';
import {readRetention} from './manifest-retention.ts';
import {judgeRules} from './manifest-rules.ts';
import {findNode, namesAt, readDuration, report, type Scope} from './manifest-scope.ts';
import {readShape} from './manifest-shape.ts';
import {type ResolvedTarget, readSites, readTarget} from './manifest-target.ts';
import {parseTree} from './manifest-tree.ts';
import type {AcceptedGap, Asset, AssetName, Concurrency, Pipeline} from './pipeline.ts';
import {manifestSchema, type RawManifest} from './schema.ts';

/** Where the manifest says nothing else. */
const CONCURRENCY: Concurrency = {fetches: 32, batches: 2};

export interface ManifestInput {
  readonly file: SourceFile;
  /** Undefined: the first target of the manifest. */
  readonly target: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The known-gaps file by its path as the manifest writes it; undefined where it is not there. */
  readonly knownGaps?: FindFile;
  /** A calendar's CSV file, likewise. */
  readonly calendarFile?: FindFile;
}

export interface ManifestResult {
  /** Undefined where there is an error among the diagnostics. */
  readonly pipeline: Pipeline | undefined;
  /** In file order. */
  readonly diagnostics: readonly Diagnostic[];
  /** What was taken from the environment. */
  readonly variables: Pick<Variables, 'asked' | 'filled'>;
}

/** Parses, resolves and judges a manifest. Never throws for what is written in it. */
export function parseManifest(input: ManifestInput): ManifestResult {
  const {file} = input;
  const tree = parseTree(file);
  const scope: Scope = {root: tree.root, diagnostics: [...tree.diagnostics]};
  if (tree.value === null || (tree.value === undefined && tree.diagnostics.length === 0)) {
    const message = `The manifest '${file.path}' is empty: it needs at least a name and assets.`;
    report(scope, 'empty-manifest', {file, start: 0, end: 0}, message);
  }
  const manifest =
    tree.value === undefined || tree.value === null
      ? undefined
      : readShape(scope, tree.value, manifestSchema, {name: 'unnamed', assets: {}});
  const target = manifest === undefined ? undefined : readTarget(scope, manifest, input.target, input.env);
  const pipeline =
    manifest === undefined || target === undefined ? undefined : resolve(scope, manifest, target, input);
  const diagnostics = sortDiagnostics(scope.diagnostics);
  const wrong = diagnostics.some(({severity}) => severity === 'error');
  return {
    pipeline: wrong || pipeline === undefined ? undefined : deepFreeze(pipeline),
    diagnostics,
    variables: target?.variables ?? {asked: new Set(), filled: new Map()},
  };
}

function resolve(
  scope: Scope,
  manifest: RawManifest,
  target: ResolvedTarget,
  input: ManifestInput,
): Pipeline {
  readDuration(scope, ['defaults', 'timeout'], manifest.defaults?.timeout);
  const calendars = readCalendars(scope, manifest, input.calendarFile ?? (() => undefined));
  const outlines = new Map<string, Outline>();
  for (const [name, raw] of Object.entries(manifest.assets)) {
    outlines.set(name, {partitioning: readPartitioning(scope, name, raw, manifest), making: makingOf(raw)});
  }
  const assets = new Map<AssetName, Asset>();
  const variables = target.variables;
  const engine = engineOf(target.target.warehouse);
  for (const [name, raw] of Object.entries(manifest.assets)) {
    const asset = readAsset(scope, name, raw, {manifest, variables, calendars, outlines, engine});
    if (asset !== undefined) assets.set(asset.name, asset);
  }
  const said = findNode(scope, ['assets']);
  const isWrong = scope.diagnostics.some(({at}) => at === said?.span || at === said?.key);
  if (said !== undefined && said.children.size === 0 && !isWrong) {
    report(scope, 'empty-manifest', ['assets'], 'The manifest declares no asset: add one.');
  }
  judgeCalendars(scope, calendars, assets);
  judgeRules(scope, {start: target.start, end: target.end, calendars, assets});
  const used = new Set([...assets.values()].flatMap(({site}) => site ?? []));
  const sites = readSites(scope, manifest, target, used);
  const knownGaps = readKnownGaps(scope, target, assets, input);
  const healing = readHealing(scope, manifest);
  const alerts = readAlerts(scope, manifest, {name: target.target.name, raw: target.raw});
  const {start, end} = target;
  const hash = sha256(input.file.text);
  if (manifest.name.trim() === '')
    report(scope, 'bad-name', ['name'], 'The name of the pipeline is blank: write one.');
  return {
    name: manifest.name,
    start,
    end,
    calendars,
    target: target.target,
    sites,
    pools: new Map(Object.entries(manifest.pools ?? {})),
    retention: readRetention(scope, manifest),
    limits: {
      fetches: manifest.limits?.fetches ?? CONCURRENCY.fetches,
      batches: manifest.limits?.batches ?? CONCURRENCY.batches,
    },
    assets,
    knownGaps,
    healing,
    alerts,
    hash,
  };
}

function readKnownGaps(
  scope: Scope,
  target: ResolvedTarget,
  assets: ReadonlyMap<AssetName, Asset>,
  {knownGaps: find}: ManifestInput,
): readonly AcceptedGap[] {
  const file = find?.(target.target.knownGaps);
  if (file === undefined) {
    if (target.knownGaps !== undefined) {
      const {path, at} = target.knownGaps;
      report(
        scope,
        'missing-file',
        at,
        `There is no file '${path}': write it (it may be empty), or correct the path.`,
      );
    }
    return [];
  }
  const {gaps, diagnostics} = parseKnownGaps(file, assets, namesAt(scope, ['assets']));
  scope.diagnostics.push(...diagnostics);
  return gaps;
}

/** Maps and the texts of files are left as they are: their types are read-only, and texts are large. */
function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    for (const item of value.values()) deepFreeze(item);
    return value;
  }
  Object.freeze(value);
  for (const item of Object.values(value)) deepFreeze(item);
  return value;
}
