/**
 * What the server tells a page while it is open (server-sent events), and what a client that comes back is sent.
 * It does not deal with sending.
 */
import type {Counts} from './schema/common.ts';

export type LiveMessage =
  /** The first of a connection, or after more than can be told: fetch all anew. */
  | {readonly kind: 'hello'; readonly sequence: number}
  /** The ledger has gone on: bytes of strips that differ, as [asset, [ordinal, byte, ordinal, byte, ...]]. */
  | {
      readonly kind: 'ledger';
      readonly sequence: number;
      readonly changes: readonly (readonly [asset: string, pairs: readonly number[]])[];
    }
  /** How far a run is that is at work; `rate` in partitions a second. */
  | {
      readonly kind: 'progress';
      readonly run: string;
      readonly counts: Counts;
      readonly rate: number | null;
      readonly etaMs: number | null;
    }
  | {readonly kind: 'run-ended'; readonly run: string; readonly isCrash: boolean}
  /** The manifest or a file of it was changed. */
  | {readonly kind: 'pipeline'};
