/**
 * What a change of the project does: two pipelines with their sources, held against the same ledger at the same time.
 * What was so before the change is not its doing. It does not deal with where the older project comes from.
 */
import {allDueLedger} from './all-due.ts';
import {type AssetFrame, type Frame, stateAt} from './frame.ts';
import type {LedgerSnapshot} from './ledger.ts';
import {makePlan} from './make-plan.ts';
import type {Asset, AssetName, Edge, Pipeline} from './pipeline.ts';
import {type Plan, WHOLE_REQUEST} from './plan.ts';
import {isInRange, type KeyFilter} from './range.ts';
import type {StaleReason} from './reason.ts';
import type {Sources} from './sources.ts';
import {definitionReasons} from './stale.ts';
import type {Action, State} from './state.ts';

export interface ProjectState {
  readonly pipeline: Pipeline;
  readonly sources: Sources;
}

export interface AgainstInput {
  readonly before: ProjectState;
  readonly after: ProjectState;
  readonly ledger: LedgerSnapshot;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What is told; the plans are of everything. */
  readonly range: KeyFilter;
  /** Undefined: every asset. */
  readonly assets: ReadonlySet<AssetName> | undefined;
}

export interface EdgeChanges {
  readonly added: readonly string[];
  readonly dropped: readonly string[];
  readonly changed: readonly string[];
}

/** Partitions of one asset that the change puts into another state. */
export interface Becoming {
  /** Of a removed asset `orphan`: published, and nothing declares it any more. */
  readonly state: State;
  readonly keys: readonly string[];
}

export interface AssetDifference {
  readonly asset: string;
  readonly change: 'added' | 'removed' | 'redefined' | undefined;
  /** Of a redefined asset. */
  readonly parts: readonly StaleReason[];
  readonly edges: EdgeChanges;
  readonly becomes: readonly Becoming[];
  /** What a plan would make only after the change. */
  readonly run: readonly string[];
  /** And what it would then make if inputs change. */
  readonly runIf: readonly string[];
}

export interface Against {
  /** `all-due`: the ledger is empty, and all that is due counts as there. */
  readonly basis: 'ledger' | 'all-due';
  /** Whether a calendar is made again by the change: dates may come and go that are not told here. */
  readonly unsettles: boolean;
  /** The plan after the change, for its head. */
  readonly plan: Plan;
  readonly frame: Frame;
  /** Only those of which something is to be told; in topological order, removed ones last. */
  readonly assets: readonly AssetDifference[];
}

export function compareProjects(input: AgainstInput): Against {
  const {before, after, now} = input;
  const isEmpty = input.ledger.assets.length === 0;
  const ledger = isEmpty ? allDueLedger({...before, ledger: input.ledger, now}) : input.ledger;
  const old = makePlan({...before, ledger, now, request: WHOLE_REQUEST});
  const {plan, frame} = makePlan({...after, ledger, now, request: WHOLE_REQUEST});
  const acting = {before: actionsOf(old.plan), after: actionsOf(plan)};
  const isMeant = (name: AssetName): boolean => input.assets === undefined || input.assets.has(name);
  const kept = [...frame.assets.values()].flatMap(asset => {
    const was = old.frame.assets.get(asset.asset.name);
    return isMeant(asset.asset.name) ? [differenceOf({was, is: asset, acting, range: input.range})] : [];
  });
  const removed = [...old.frame.assets.values()].flatMap(asset =>
    frame.assets.has(asset.asset.name) || !isMeant(asset.asset.name) ? [] : [removalOf(asset, input.range)],
  );
  return {
    basis: isEmpty ? 'all-due' : 'ledger',
    unsettles: old.plan.settled && !plan.settled,
    plan,
    frame,
    assets: [...kept, ...removed].filter(
      ({change, becomes, run, runIf}) =>
        change !== undefined || becomes.length + run.length + runIf.length > 0,
    ),
  };
}

type Actions = ReadonlyMap<string, Action>;

function actionsOf({partitions}: Plan): Actions {
  const found = new Map<string, Action>();
  for (const {asset, key, action} of partitions)
    if (action !== undefined) found.set(`${asset}@${key}`, action);
  return found;
}

interface Comparing {
  readonly was: AssetFrame | undefined;
  readonly is: AssetFrame;
  readonly acting: {readonly before: Actions; readonly after: Actions};
  readonly range: KeyFilter;
}

function differenceOf({was, is, acting, range}: Comparing): AssetDifference {
  const {name} = is.asset;
  const isRedefined = was !== undefined && was.fingerprint.hash !== is.fingerprint.hash;
  const becomes = new Map<State, string[]>();
  const add = (state: State, key: string): void => void (becomes.get(state) ?? put(becomes, state)).push(key);
  const run: string[] = [];
  const runIf: string[] = [];
  is.keys.forEach((key, ordinal) => {
    if (!isInRange(is, ordinal, range)) return;
    const before = was?.ordinalOf.get(key);
    const state = stateAt(is, ordinal);
    if (was === undefined || before === undefined || stateAt(was, before) !== state) add(state, key);
    const [then, now] = [acting.before.get(`${name}@${key}`), acting.after.get(`${name}@${key}`)];
    if (now === 'run' && then !== 'run') run.push(key);
    if (now === 'run-if' && then !== 'run' && then !== 'run-if') runIf.push(key);
  });
  const known = new Set(was?.orphans.map(({key}): string => key));
  for (const {key} of is.orphans) if (!known.has(key)) add('orphan', key);
  return {
    asset: name,
    change: was === undefined ? 'added' : isRedefined ? 'redefined' : undefined,
    parts: isRedefined ? partsOf(was, is, becomes.get('stale')?.length ?? 0) : [],
    edges: edgeChanges(was?.asset, is.asset),
    becomes: [...becomes].map(([state, keys]) => ({state, keys})),
    run,
    runIf,
  };
}

/** What of its definition changed; columns are told with how many partitions have the old ones. */
function partsOf(was: AssetFrame, is: AssetFrame, partitions: number): readonly StaleReason[] {
  return definitionReasons(was.fingerprint, is.fingerprint).map(part =>
    part.kind === 'schema-changed' && partitions > 0 ? {...part, partitions} : part,
  );
}

function put(map: Map<State, string[]>, state: State): string[] {
  const list: string[] = [];
  map.set(state, list);
  return list;
}

/** What was published of an asset that is no longer declared stays, and no plan speaks of it. */
function removalOf(was: AssetFrame, range: KeyFilter): AssetDifference {
  const keys = was.keys.filter(
    (_, ordinal) => was.published[ordinal] === 1 && isInRange(was, ordinal, range),
  );
  return {
    asset: was.asset.name,
    change: 'removed',
    parts: [],
    edges: {added: [], dropped: [], changed: []},
    becomes: keys.length === 0 ? [] : [{state: 'orphan', keys}],
    run: [],
    runIf: [],
  };
}

function edgeChanges(was: Asset | undefined, is: Asset): EdgeChanges {
  if (was === undefined) return {added: [], dropped: [], changed: []};
  const before = new Map(was.upstream.map(edge => [edge.name, edgeText(edge)]));
  const after = new Map(is.upstream.map(edge => [edge.name, edgeText(edge)]));
  return {
    added: [...after.keys()].filter(name => !before.has(name)),
    dropped: [...before.keys()].filter(name => !after.has(name)),
    changed: [...after]
      .filter(([name, text]) => before.has(name) && before.get(name) !== text)
      .map(([name]) => name),
  };
}

function edgeText({upstream, window, throughToday, crossesSeasons, tracks}: Edge): string {
  return JSON.stringify([upstream, window, throughToday, crossesSeasons, tracks]);
}
