// What can happen in a game, and the moment it happens at.
// Does not deal with why; match.ts makes it happen.
import type {Line} from './bench.ts';

export type Zone = 'rim' | 'short' | 'middle' | 'three';
export type TurnoverKind = 'bad pass' | 'lost ball' | 'traveling' | 'offensive foul';
export type FoulKind = 'shooting' | 'personal' | 'offensive';

export type Happening =
  | {readonly kind: 'period'; readonly edge: 'start' | 'end'}
  | {readonly kind: 'jump ball'; readonly winner: Line; readonly loser: Line; readonly receiver: Line}
  | {
      readonly kind: 'shot';
      readonly shooter: Line;
      readonly zone: Zone;
      readonly made: boolean;
      readonly helper: Line | undefined;
      readonly blocker: Line | undefined;
    }
  | {
      readonly kind: 'free throw';
      readonly shooter: Line;
      readonly made: boolean;
      readonly nth: number;
      readonly of: number;
    }
  | {readonly kind: 'rebound'; readonly player: Line; readonly offensive: boolean}
  | {
      readonly kind: 'turnover';
      readonly player: Line;
      readonly how: TurnoverKind;
      readonly thief: Line | undefined;
    }
  | {
      readonly kind: 'foul';
      readonly player: Line;
      readonly how: FoulKind;
      readonly drawn: Line;
      readonly shots: number;
    }
  | {readonly kind: 'substitution'; readonly out: Line; readonly into: Line}
  | {readonly kind: 'game over'};

export interface Moment {
  readonly period: number;
  /** Seconds left in the period. */
  readonly clock: number;
  readonly home: number;
  readonly away: number;
  /** The team the happening is about; neither for the start of a period. */
  readonly side: 'home' | 'away' | undefined;
}

export type Watcher = (happening: Happening, moment: Moment) => void;
