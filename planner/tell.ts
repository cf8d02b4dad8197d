/**
 * Tells of decided partitions: each with its state, its action and the reasons of both, by the functions that decided.
 * It does not decide (decide.ts), nor put reasons into words (sentence.ts).
 */
import {CODE, lastTrouble, reasonsAt, stateNotes} from './classify.ts';
import type {AssetPlan, Deciding} from './deciding.ts';
import {Following} from './following.ts';
import {type AssetFrame, keyAt, stateAt} from './frame.ts';
import type {PlannedPartition} from './plan.ts';
import type {Note, Reason} from './reason.ts';
import {judge, type Verdict} from './satisfy.ts';
import {ACTIONS, type Action, type State} from './state.ts';
import {unreachable} from './unreachable.ts';
import {wantOf} from './want.ts';

/**
 * The chosen partitions of an asset with their reasons, by key, orphans last. `all`: also those that are fresh and
 * need nothing.
 */
export function* listPartitions(deciding: Deciding, plan: AssetPlan): Generator<PlannedPartition> {
  const {asset, chosen, actions, orphans} = plan;
  const {stateCounts} = asset;
  const isAllFresh = stateCounts[CODE.fresh] === asset.keys.length && !actions.some(action => action !== 0);
  if (!isAllFresh || deciding.request.all) {
    const teller = new Teller(deciding, plan);
    for (let ordinal = 0; ordinal < actions.length; ordinal++) {
      if (chosen !== undefined && chosen[ordinal] === 0) continue;
      const isListed = deciding.request.all || actions[ordinal] !== 0 || asset.state[ordinal] !== CODE.fresh;
      if (isListed) yield teller.tell(ordinal);
    }
  }
  yield* orphans;
}

/** Gives decided partitions their reasons, by the same rules that decided. */
class Teller {
  readonly #deciding: Deciding;
  readonly #plan: AssetPlan;
  #following: Following | undefined;
  #verdicts: ReadonlyMap<number, Verdict> | undefined;

  constructor(deciding: Deciding, plan: AssetPlan) {
    this.#deciding = deciding;
    this.#plan = plan;
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
      case 'run':
        return this.#wanted(ordinal);
      case 'wait':
        return [...this.#wanted(ordinal), ...(this.#judged().get(ordinal)?.waits ?? [])];
      case 'skip': {
        const want = wantOf(this.#deciding, ordinal);
        return want.kind === 'skip' ? [want.reason] : [];
      }
      case 'run-if': {
        this.#following ??= new Following(this.#deciding);
        const reason = this.#following.reason(ordinal);
        return reason === undefined ? [] : [reason];
      }
      default:
        return unreachable(action);
    }
  }

  #wanted(ordinal: number): readonly Reason[] {
    const want = wantOf(this.#deciding, ordinal);
    return want.kind === 'run' ? want.reasons : [];
  }

  #notes(ordinal: number): readonly Note[] {
    return this.#judged().get(ordinal)?.notes ?? [];
  }

  /** Verdicts of what wants to run. */
  #judged(): ReadonlyMap<number, Verdict> {
    if (this.#verdicts === undefined) {
      const {running} = this.#plan;
      const verdicts = judge(this.#deciding.asset, running, this.#deciding.progress);
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
