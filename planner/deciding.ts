/**
 * What is asked and what is decided about one asset: the plain values that deciding (decide.ts), telling (tell.ts) and
 * their parts hand each other.
 */
import type {AssetFrame, Frame} from './frame.ts';
import type {AssetName} from './pipeline.ts';
import type {PlannedPartition, PlanRequest} from './plan.ts';
import type {SkipReason} from './reason.ts';

export interface Deciding {
  readonly frame: Frame;
  readonly asset: AssetFrame;
  readonly progress: Map<AssetName, Uint8Array>;
  readonly request: PlanRequest;
  /** How many `run` actions the request's limit still allows; counted down. */
  readonly budget: {left: number};
  /** Why the budget of its site does not reach for a fetch that is wanted; undefined where it does. */
  readonly beyond: (asset: AssetFrame, ordinal: number) => SkipReason | undefined;
}

/** What is decided about one asset, by ordinal. */
export interface AssetPlan {
  readonly asset: AssetFrame;
  /** 1: asked for. Undefined: every partition is. */
  readonly chosen: Uint8Array | undefined;
  /** One more than the index into ACTIONS; 0 where there is nothing to do. */
  readonly actions: Uint8Array;
  /** Ordinals that are to be made by their own state, whether or not their edges let them. Ascending. */
  readonly running: readonly number[];
  /** Whether there is nothing to do for any. */
  readonly isIdle: boolean;
  readonly orphans: readonly PlannedPartition[];
}
