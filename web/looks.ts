/**
 * What a cell of a strip may look like, and which look a byte of a strip has.
 * It does not deal with colours (app.css: --state-*, --action-*) nor with places (strip-layout.ts).
 */
import {ACTIONS, type Action, STATES, type State} from '../planner/state.ts';
import {STRIP} from '../server/strip-format.ts';

/** What a cell may look like: its state, or what happens to it. */
export type Look = State | 'running' | 'failed';

interface Drawn {
  readonly word: string;
  /** Drawn where there is room. */
  readonly sign: string;
  /** What must not be hidden is drawn last: the highest. */
  readonly rank: number;
}

/** In the order of a legend. */
export const LOOKS: Readonly<Record<Look, Drawn>> = {
  fresh: {word: 'fresh', sign: '', rank: 0},
  exempt: {word: 'exempt', sign: '–', rank: 1},
  'not-due': {word: 'not due', sign: '·', rank: 2},
  accepted: {word: 'accepted', sign: 'a', rank: 3},
  orphan: {word: 'orphan', sign: 'o', rank: 4},
  stale: {word: 'stale', sign: '~', rank: 5},
  partial: {word: 'partial', sign: '◐', rank: 6},
  running: {word: 'running', sign: '▶', rank: 7},
  missing: {word: 'missing', sign: '×', rank: 8},
  failed: {word: 'failed', sign: '!', rank: 9},
};

/** In a plan's strip: what is to happen, or nothing. */
type ActionLook = Action | 'none';

export const ACTION_LOOKS: Readonly<Record<ActionLook, Drawn>> = {
  none: {word: 'nothing to do', sign: '', rank: 0},
  'run-if': {word: 'may run', sign: '?', rank: 1},
  run: {word: 'run', sign: '▶', rank: 2},
  drop: {word: 'drop', sign: '–', rank: 3},
  skip: {word: 'skip', sign: '/', rank: 4},
  wait: {word: 'wait', sign: '…', rank: 5},
};

/** How bytes are to be read: a strip of states, or one of a plan. */
export interface Scale {
  /** Rank of each byte. */
  readonly ranks: Uint8Array;
  /** By rank. */
  readonly looks: readonly (Drawn & {readonly name: string; readonly variable: string})[];
  /** From this rank on a look is a gap, which is drawn wide enough to be seen. */
  readonly gapFrom: number;
}

/** A try at work outweighs the failure before it; what was signed off or need not exist is no failure. */
export function lookOf(byte: number): Look {
  const state = STATES[byte & STRIP.code] ?? 'missing';
  if ((byte & STRIP.running) !== 0) return 'running';
  if ((byte & STRIP.failed) !== 0 && state !== 'exempt' && state !== 'accepted') return 'failed';
  return state;
}

/** By a byte of a plan's strip; null: nothing is to be done. */
export function actionOf(byte: number): Action | null {
  return ACTIONS[(byte & STRIP.code) - 1] ?? null;
}

function madeScale<Name extends string>(
  looks: Readonly<Record<Name, Drawn>>,
  prefix: string,
  gapFrom: number,
  nameOf: (byte: number) => Name,
): Scale {
  const names = Object.keys(looks) as Name[]; // its own keys
  return {
    ranks: Uint8Array.from({length: 256}, (_, byte) => looks[nameOf(byte)].rank),
    looks: names
      .map(name => ({name, variable: `--${prefix}-${name}`, ...looks[name]}))
      .sort((a, b) => a.rank - b.rank),
    gapFrom,
  };
}

export const STATE_SCALE = madeScale(LOOKS, 'state', LOOKS.missing.rank, lookOf);
const ACTION_SCALE = madeScale(
  ACTION_LOOKS,
  'action',
  ACTION_LOOKS.skip.rank,
  byte => actionOf(byte) ?? 'none',
);

export function scaleOf(of: 'states' | 'plan'): Scale {
  return of === 'plan' ? ACTION_SCALE : STATE_SCALE;
}
