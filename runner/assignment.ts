/**
 * What a run asks of a worker: partitions of one asset, with all that the worker must know to make them as the run
 * would. It does not deal with how it gets there (queue.ts).
 */
import type {Reason} from '../planner/reason.ts';

export interface Assignment {
  /** The run that it is done for. */
  readonly run: string;
  /** Which of that run's plans it is of: 1 for the first. */
  readonly planning: number;
  /** The instant that it was planned for. Milliseconds since 1970. */
  readonly now: number;
  readonly acceptCalendar: boolean;
  readonly asset: string;
  /** Hash of the asset's definition as the run has it. */
  readonly fingerprint: string;
  readonly partitions: readonly AssignedPartition[];
}

export interface AssignedPartition {
  readonly key: string;
  readonly reasons: readonly Reason[];
}
