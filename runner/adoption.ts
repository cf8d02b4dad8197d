/**
 * The plain values of taking over what lies there already: what is asked for, and what was found of an asset.
 * It does not look at anything (adopt-survey.ts), nor write anything (adopt.ts).
 */
import type {Frame} from '../planner/frame.ts';
import type {PartitionKey} from '../planner/pipeline.ts';
import type {KeyPattern} from '../planner/range-text.ts';
import type {Sources} from '../planner/sources.ts';
import type {MadeResult} from './finish.ts';
import type {Store, StoredObjectInfo} from './store.ts';
import type {Warehouse} from './warehouse.ts';

/** What is asked for. */
export interface AdoptionRequest {
  readonly patterns: readonly KeyPattern[];
  /** Where objects lie, with the placeholders of a path, if not at the asset's own path. */
  readonly from: string | undefined;
  /** Also what does not pass its checks. */
  readonly anyway: boolean;
}

export interface Surveying {
  readonly frame: Frame;
  readonly sources: Sources;
  readonly warehouse: Warehouse;
  readonly store: Store;
  readonly clock: () => number;
  readonly request: AdoptionRequest;
}

/** A partition that nobody published. */
export interface Wanted {
  readonly ordinal: number;
  readonly key: PartitionKey;
}

/** What lies there of one partition. */
export interface Found extends Wanted {
  readonly result: MadeResult;
  /** Checks that did not hold, where it is taken over anyway. */
  readonly despite: string | undefined;
  /** Of a fetch: its objects, each with its place. */
  readonly objects?: readonly (StoredObjectInfo & {readonly place: string})[];
}

export interface Surveyed {
  readonly found: readonly Found[];
  /** What lies there and is not taken over. `because`: cause and mend. */
  readonly refused: readonly {readonly key: PartitionKey; readonly because: string}[];
  /** Keys of which nothing is there. */
  readonly absent: readonly PartitionKey[];
  /** How many that are meant are published already. */
  readonly known: number;
  /** Why nothing of the asset can be taken over. */
  readonly problem: string | undefined;
}

/** What a survey of one kind of asset tells. */
export type Looked = Omit<Surveyed, 'known'>;

export const NOTHING: Looked = {found: [], refused: [], absent: [], problem: undefined};
