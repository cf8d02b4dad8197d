/**
 * What a gap is: a partition that is not there or lacks games, since when, and why.
 * It does not deal with how gaps are found (gaps.ts) nor with what is done about them (healing.ts).
 */
import type {AssetFrame} from './frame.ts';
import type {AcceptedGap} from './pipeline.ts';
import type {PartitionRef} from './reason.ts';
import type {State} from './state.ts';

/** Why a partition is not there, or lacks games, by itself: what it waits for is another's cause. */
export type GapCause =
  | {readonly kind: 'untried'}
  | {readonly kind: 'forgotten'}
  /** Its source shows only the present, and its time is past. */
  | {readonly kind: 'too-late'}
  | {readonly kind: 'failed'; readonly error: string}
  | {readonly kind: 'quarantined'; readonly error: string}
  /** It was made, and these games were not in what it was made from. */
  | {readonly kind: 'games-absent'}
  /** Its inputs score less than its gate; `weakest` pulls them down most. */
  | {readonly kind: 'gate'; readonly score: number; readonly gate: number; readonly weakest: PartitionRef}
  | {readonly kind: 'accepted'; readonly gap: AcceptedGap};

export interface Gap {
  readonly asset: AssetFrame;
  readonly ordinal: number;
  readonly state: State;
  /** `accepted`: all that it lacks is signed off. */
  readonly standing: 'open' | 'accepted';
  /** How many games it lacks; undefined where none are counted. */
  readonly games: {readonly open: number; readonly accepted: number} | undefined;
  /** Milliseconds since 1970: when it fell due, was published without its games, or was signed off. Undefined: not known. */
  readonly since: number | undefined;
  /** Where it begins: itself, or what it waits for, and what that waits for. */
  readonly root: {readonly asset: AssetFrame; readonly ordinal: number};
  /** The root's. */
  readonly cause: GapCause;
  /** The date since which its acceptance no longer holds. */
  readonly expired: string | undefined;
}

/** The games that a partition lacks, by id. */
export interface AbsentGames {
  readonly open: readonly string[];
  readonly accepted: readonly string[];
}
