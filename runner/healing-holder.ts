/**
 * Which of several servers heals on the schedule: one holds it, and another takes it over when that one is gone.
 * It does not deal with when there is something to do (server/healing-clock.ts).
 */
import {randomBytes} from 'node:crypto';
import type {Ledger} from './ledger.ts';
import type {PassOutcome} from './ledger-pass.ts';
import type {HealingSchedule, Holder} from './ledger-schedule.ts';
import {beginOwn, endOwn, ownProcess, PULSE, Watch} from './liveness.ts';

/** Whether a holder lives, as it was last seen. */
export function isHolderDead(watch: Watch, {holder, ...shown}: HealingSchedule): boolean {
  if (holder === undefined) return true;
  return watch.isDead({...holder, ...shown, run: holder.id});
}

/** So far the clocks of two machines may be apart. A tick that is noted further ahead was noted by a wrong clock. */
const SKEW_MS = 300_000;
/** Of passes: what the last tick led to is among so many of the newest. */
const LATEST = 50;
/** Outcomes of a pass that did not come to its end. */
const CUT_SHORT: ReadonlySet<PassOutcome> = new Set(['interrupted', 'broken', 'died']);

export class HealingHolder {
  readonly #me: Holder = {id: `server-${randomBytes(6).toString('hex')}`, ...ownProcess()};
  readonly #watch: Watch;
  /** Of passes: they beat no heart, so one is dead only when its process is gone. */
  readonly #passes: Watch;
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#watch = new Watch(PULSE, {clock});
    this.#passes = new Watch({deadMs: Number.POSITIVE_INFINITY}, {clock});
    beginOwn(this.#me.id);
  }

  /** Keeps it, or takes it where it is free; returns what is known of it, undefined where another one holds it. */
  hold(ledger: Ledger, nextAt: number): HealingSchedule | undefined {
    const seen = ledger.schedule();
    const isMine = seen?.holder?.id === this.#me.id;
    if (seen !== undefined && !isMine && !isHolderDead(this.#watch, seen)) return undefined;
    const isHeld = ledger.takeSchedule(this.#me, {seen, at: this.#clock(), nextAt});
    return isHeld ? ledger.schedule() : undefined;
  }

  /** Whether this is the first to act on that tick. */
  takeTick(ledger: Ledger, tick: number): boolean {
    return ledger.takeTick(this.#me.id, {tick, latest: this.#clock() + SKEW_MS});
  }

  /**
   * What became of the tick that was acted on last, where another server did so: it may have ended, or its machine, before
   * its pass could. One that goes on elsewhere counts as cut short: to ask again costs nothing.
   */
  lastTick(ledger: Ledger, tick: number): 'done' | 'at-work' | 'cut-short' {
    const latest = this.#clock() + SKEW_MS;
    const passes = ledger.passes(LATEST).filter(({startedAt}) => startedAt >= tick && startedAt <= latest);
    if (passes.some(({end}) => end !== undefined && !CUT_SHORT.has(end.outcome))) return 'done';
    const {host} = this.#me;
    const isAtWork = passes.some(
      ({id, end, ...process}) =>
        end === undefined &&
        process.host === host &&
        !this.#passes.isDead({...process, run: id, beat: 0, beatAt: 0}),
    );
    return isAtWork ? 'at-work' : 'cut-short';
  }

  release(ledger: Ledger): void {
    endOwn(this.#me.id);
    ledger.releaseSchedule(this.#me.id);
  }
}
