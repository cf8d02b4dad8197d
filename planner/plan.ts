/**
 * The plan: which partitions will be made, wait or are skipped, and why. Frozen data.
 * It does not deal with how one is made (make-plan.ts).
 */
import type {Frame} from './frame.ts';
import type {AssetName, PartitionKey} from './pipeline.ts';
import type {PlanGroup} from './plan-group.ts';
import type {KeyFilter} from './range.ts';
import type {Note, Reason} from './reason.ts';
import type {Selection} from './select.ts';
import type {Action, State} from './state.ts';

/** A partition that is not fresh or has an action. */
export interface PlannedPartition {
  readonly asset: AssetName;
  readonly key: PartitionKey;
  readonly state: State;
  /** Undefined: nothing to do. */
  readonly action: Action | undefined;
  /** First what the state says, then why the action. */
  readonly reasons: readonly Reason[];
  readonly notes: readonly Note[];
}

export interface Plan {
  readonly version: 1;
  readonly pipeline: string;
  readonly target: string;
  /** ISO, UTC. */
  readonly now: string;
  /** `sha256:…` of the manifest's text and of the calendars as read. */
  readonly manifest: string;
  readonly calendar: string;
  /** Sequence of the ledger that was read. */
  readonly ledger: number;
  /** False: a calendar's own assets have work; keys may be added, and a run plans again after that stage. */
  readonly settled: boolean;
  readonly actions: Readonly<Record<Action, number>>;
  /** Over all selected assets and the whole selected range. */
  readonly states: Readonly<Record<State, number>>;
  /** In topological order, then by key. */
  readonly partitions: readonly PlannedPartition[];
  /** The same as they are told: alike ones together. */
  readonly groups: readonly PlanGroup[];
  /** One line for the head of the text: dates known per calendar. */
  readonly calendars: readonly {
    readonly name: string;
    readonly dates: number;
    readonly from: string | undefined;
    readonly to: string | undefined;
    readonly timezone: string;
  }[];
}

/** What is asked for. */
export interface PlanRequest {
  /** Undefined: every asset. */
  readonly selection: Selection | undefined;
  readonly range: KeyFilter;
  /** Undefined: every partition. Else those named here alone, by asset. */
  readonly only: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  /** Plans what is selected and may run, whatever its state. */
  readonly force: boolean;
  readonly missingOnly: boolean;
  /** At most so many partitions with action `run`. */
  readonly limit: number | undefined;
  /** Lists every partition, also those that are fresh. */
  readonly all: boolean;
  /** Plans to drop orphans. */
  readonly prune: boolean;
  /** Plans protected partitions like others. */
  readonly allowProtected: boolean;
  /** Plans what its gate would keep waiting. */
  readonly ignoreGate: boolean;
}

/** Everything that needs to be made, and nothing else. */
export const WHOLE_REQUEST: PlanRequest = {
  selection: undefined,
  range: {},
  only: undefined,
  force: false,
  missingOnly: false,
  limit: undefined,
  all: false,
  prune: false,
  allowProtected: false,
  ignoreGate: false,
};

/** The plan with what a run needs to follow it. */
export interface Planned {
  readonly plan: Plan;
  /** Undefined: the plan of a file, which is followed and not asked for again. */
  readonly request: PlanRequest | undefined;
  readonly frame: Frame;
  /** By asset and ordinal: PROGRESS.planned for `run` and `run-if`. */
  readonly progress: ReadonlyMap<AssetName, Uint8Array>;
}
