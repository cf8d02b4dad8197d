/**
 * Tells of decided partitions: each with its state, its action and the reasons of both, by the functions that decided.
 * It does not decide (decide.ts), nor put reasons into words (sentence.ts).
 */
import type {AssetPlan, Deciding} from './deciding.ts';
import type {Dueness} from './due.ts';
import {type Followed, Following} from './following.ts';
import {type AssetFrame, isUnasked, keyAt, refOf, stateAt} from './frame.ts';
import {dueOf} from './not-due.ts';
import {type Needed, neededOf} from './on-demand.ts';
import type {AssetName} from './pipeline.ts';
import type {PlannedPartition} from './plan.ts';
import {type CountPlanned, groupPartitions, type PlanGroup} from './plan-group.ts';
import type {Note, Reason} from './reason.ts';
import {canNote, judge, type Verdict} from './satisfy.ts';
import {ACTIONS, type Action, CODE, type State} from './state.ts';
import {lastTrouble, neverReason, reasonsAt, stateNotes} from './state-reason.ts';
import {unreachable} from './unreachable.ts';
import {parkedReason, wantOf} from './want.ts';

/**
 * The chosen partitions of an asset with their reasons, by key, orphans last. `all`: also those that are fresh and
 * need nothing.
 */
export function listPartitions(deciding: Deciding, plan: AssetPlan): readonly PlannedPartition[] {
  const teller = new Teller(deciding, plan);
  return [...listOrdinals(deciding, plan).map(ordinal => teller.tell(ordinal)), ...plan.orphans];
}

function listOrdinals({asset, request}: Deciding, {chosen, actions, isIdle}: AssetPlan): readonly number[] {
  const {state, stateCounts} = asset;
  if (isIdle && stateCounts[CODE.fresh] === state.length && !request.all) return [];
  const listed: number[] = [];
  for (let ordinal = 0; ordinal < actions.length; ordinal++) {
    if (chosen !== undefined && chosen[ordinal] === 0) continue;
    if (request.all || actions[ordinal] !== 0 || state[ordinal] !== CODE.fresh) listed.push(ordinal);
  }
  return listed;
}

/** The same as `groupPartitions` of them, without making what needs no telling one by one. */
export function groupAsset(deciding: Deciding, plan: AssetPlan, planned: CountPlanned): readonly PlanGroup[] {
  const {asset} = deciding;
  const listed = listOrdinals(deciding, plan);
  if (listed.length === 0) return groupPartitions(plan.orphans, planned);
  const teller = new Teller(deciding, plan);
  const told: PlannedPartition[] = [];
  const never: number[] = [];
  const followers = new Map<AssetName, Followers>();
  for (const ordinal of listed) {
    const kind = teller.kindOf(ordinal);
    if (kind === 'never') never.push(ordinal);
    else if (kind === 'follower') follow(followers, ordinal, teller.following.find(ordinal));
    else told.push(teller.tell(ordinal));
  }
  const groups = [
    ...groupPartitions(told, planned),
    ...[...followers.values()].map(each => followersGroup(asset, each, planned)),
    ...(never.length === 0 ? [] : [neverGroup(asset, never)]),
  ];
  const place = ({keys: [first]}: PlanGroup): number => asset.ordinalOf.get(first ?? '') ?? -1;
  groups.sort((a, b) => place(a) - place(b));
  return [...groups, ...groupPartitions(plan.orphans, planned)];
}

/** Fresh partitions of one asset that follow what is planned of one upstream asset. */
interface Followers {
  readonly upstream: AssetFrame;
  readonly ordinals: number[];
  /** By the first partition that is read: the most that are read from it on. */
  readonly most: Map<number, number>;
}

function follow(all: Map<AssetName, Followers>, ordinal: number, found: Followed | undefined): void {
  if (found === undefined) throw new Error('Internal error: it follows nothing');
  const {upstream, first, count} = found;
  const {name} = upstream.asset;
  const own = all.get(name) ?? {upstream, ordinals: [], most: new Map<number, number>()};
  all.set(name, own);
  own.ordinals.push(ordinal);
  own.most.set(first, Math.max(count, own.most.get(first) ?? 0));
}

function followersGroup(
  asset: AssetFrame,
  {upstream, ordinals, most}: Followers,
  planned: CountPlanned,
): PlanGroup {
  // As `mergeAlike` of their reasons: those that begin with the same partition overlap.
  let sum = 0;
  let first = Number.POSITIVE_INFINITY;
  for (const [ordinal, count] of most) {
    sum += count;
    first = Math.min(first, ordinal);
  }
  const count = Math.min(sum, planned(upstream.asset.name));
  return {
    ...groupBase(asset, ordinals),
    label: 'if changed',
    state: 'fresh',
    action: 'run-if',
    reasons: [{kind: 'upstream-planned', upstream: refOf(upstream, first), count}],
  };
}

function neverGroup(asset: AssetFrame, ordinals: readonly number[]): PlanGroup {
  return {
    ...groupBase(asset, ordinals),
    label: 'missing',
    state: 'missing',
    action: 'run',
    reasons: [neverReason(asset.asset)],
  };
}

function groupBase(
  asset: AssetFrame,
  ordinals: readonly number[],
): Pick<PlanGroup, 'asset' | 'keys' | 'notes'> {
  return {
    asset: asset.asset.name,
    keys: ordinals.map(ordinal => keyAt(asset, ordinal)),
    notes: [],
  };
}

const RUN = ACTIONS.indexOf('run') + 1;
const RUN_IF = ACTIONS.indexOf('run-if') + 1;

/** Gives decided partitions their reasons, by the same rules that decided. */
class Teller {
  readonly #deciding: Deciding;
  readonly #plan: AssetPlan;
  /** Whether nothing is to be noted of partitions that run, and nothing asks for them but their own state. */
  readonly #canNote: boolean;
  readonly #isPlain: boolean;
  readonly #dueness: (ordinal: number) => Dueness;
  #following: Following | undefined;
  #needed: Needed | undefined;
  #verdicts: ReadonlyMap<number, Verdict> | undefined;

  constructor(deciding: Deciding, plan: AssetPlan) {
    this.#deciding = deciding;
    this.#plan = plan;
    const {asset, frame, progress, request} = deciding;
    this.#canNote = canNote(asset, progress);
    this.#isPlain = !this.#canNote && !request.force;
    this.#dueness = dueOf(frame, asset);
  }

  get following(): Following {
    this.#following ??= new Following(this.#deciding);
    return this.#following;
  }

  /** `never`: made for the first time, and that is all there is to say; `follower`: fresh, and made if an input changes. */
  kindOf(ordinal: number): 'never' | 'follower' | 'other' {
    const {asset} = this.#deciding;
    const code = this.#plan.actions[ordinal] ?? 0;
    if (code === RUN_IF && asset.state[ordinal] === CODE.fresh)
      return lastTrouble(asset.record, asset.row[ordinal] ?? -1) === undefined ? 'follower' : 'other';
    const isFirst = code === RUN && asset.state[ordinal] === CODE.missing && asset.row[ordinal] === -1;
    if (!isFirst || !this.#isPlain) return 'other';
    const dueness = this.#dueness(ordinal);
    return dueness.kind === 'due' && dueness.overdue ? 'other' : 'never';
  }

  tell(ordinal: number): PlannedPartition {
    const {frame, asset} = this.#deciding;
    const action = ACTIONS[(this.#plan.actions[ordinal] ?? 0) - 1];
    const state = stateAt(asset, ordinal);
    return {
      asset: asset.asset.name,
      key: keyAt(asset, ordinal),
      state,
      action,
      reasons: [
        ...reasonsAt(frame, asset, ordinal),
        ...trouble(asset, ordinal, state),
        ...this.#because(ordinal, action),
      ],
      notes: [...stateNotes(frame, asset, ordinal), ...this.#notes(ordinal)],
    };
  }

  #because(ordinal: number, action: Action | undefined): readonly Reason[] {
    switch (action) {
      case undefined:
      case 'drop':
        return [];
      case 'run': {
        const {asset, frame} = this.#deciding;
        const wanted = this.#wanted(ordinal);
        return wanted.length === 0 && isUnasked(frame, asset, ordinal) ? this.#onDemand(ordinal) : wanted;
      }
      case 'wait':
        return [...this.#wanted(ordinal), ...(this.#judged().get(ordinal)?.waits ?? [])];
      case 'skip': {
        const want = wantOf(this.#deciding, ordinal);
        if (want.kind === 'skip') return [want.reason];
        const {asset, frame} = this.#deciding;
        const parked = parkedReason(frame, asset, ordinal);
        return parked === undefined ? [] : [parked];
      }
      case 'run-if': {
        const {asset, frame} = this.#deciding;
        if (isUnasked(frame, asset, ordinal)) return this.#onDemand(ordinal);
        const reason = this.following.reason(ordinal);
        return reason === undefined ? [] : [reason];
      }
      default:
        return unreachable(action);
    }
  }

  #onDemand(ordinal: number): readonly Reason[] {
    this.#needed ??= neededOf(this.#deciding);
    const reader = this.#needed.readerOf(ordinal);
    return reader === undefined ? [] : [{kind: 'if-source-fails', upstream: reader}];
  }

  #wanted(ordinal: number): readonly Reason[] {
    const want = wantOf(this.#deciding, ordinal);
    return want.kind === 'run' ? want.reasons : [];
  }

  #notes(ordinal: number): readonly Note[] {
    return this.#canNote ? (this.#judged().get(ordinal)?.notes ?? []) : [];
  }

  /** Verdicts of what wants to run. */
  #judged(): ReadonlyMap<number, Verdict> {
    if (this.#verdicts === undefined) {
      const {running} = this.#plan;
      const {asset, frame, progress, request} = this.#deciding;
      const gates = request.ignoreGate ? undefined : frame.quality;
      const verdicts = judge(asset, running, progress, gates);
      this.#verdicts = new Map(verdicts.map((verdict, index) => [running[index] ?? -1, verdict]));
    }
    return this.#verdicts;
  }
}

/** What the last attempt left on a published partition; a missing one carries it already. */
function trouble(asset: AssetFrame, ordinal: number, state: State): readonly Reason[] {
  if (state === 'missing' || asset.record === undefined) return [];
  const found = lastTrouble(asset.record, asset.row[ordinal] ?? -1);
  return found === undefined ? [] : [found];
}
