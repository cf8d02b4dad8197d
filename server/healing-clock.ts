/**
 * Heals on the schedule of the manifest: holds it in the ledger, so that of several servers one does, and asks for a pass
 * at each tick. Ticks that nobody acted on, while no server was there, come to one pass, and so does one whose pass was
 * cut short.
 * It does not deal with how a pass is done (passes.ts).
 */
import {lastTime, nextTime} from '../planner/cron.ts';
import type {Pipeline} from '../planner/pipeline.ts';
import {timezoneOf} from '../report/frame-view.ts';
import {type Project, writeLedger} from '../report/project-ledger.ts';
import {HealingHolder} from '../runner/healing-holder.ts';
import type {Ledger} from '../runner/ledger.ts';

export interface HealingClockOptions {
  /** As it stands now. */
  readonly project: () => Promise<Project>;
  /** In place of the manifest's. */
  readonly schedule: string | undefined;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Told which tick it acts on, as milliseconds since 1970. */
  readonly onTick: (tick: number) => void;
  /** To the terminal. */
  readonly complain: (text: string) => void;
}

export type ClockStanding = 'holding' | 'standing-by' | 'stuck';

/** How often it shows that it lives, or looks whether the holder does. Less than what counts as dead (liveness.ts). */
const BEAT_MS = 15_000;
/** A tick is looked for a moment after it is due, so that it has come by every clock. */
const AFTER_MS = 5;

export class HealingClock {
  readonly #options: HealingClockOptions;
  readonly #holder: HealingHolder;
  #timer: NodeJS.Timeout | undefined;
  #turning: Promise<void> = Promise.resolve();
  #isStopped = false;
  #isHolding = false;
  #isLastTickKnown = false;
  #trouble = '';
  #turnedAt = performance.now();

  constructor(options: HealingClockOptions) {
    this.#options = options;
    this.#holder = new HealingHolder(options.clock);
  }

  start(): void {
    this.#turning = this.#turn();
  }

  /** Another server may take it at once. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#turning;
    if (!this.#isHolding) return;
    try {
      const project = await this.#options.project();
      writeLedger(project, this.#options.clock, ledger => this.#holder.release(ledger));
    } catch (error) {
      this.#tellTrouble(error);
    }
  }

  standing(): ClockStanding {
    if (performance.now() - this.#turnedAt > 4 * BEAT_MS) return 'stuck';
    return this.#isHolding ? 'holding' : 'standing-by';
  }

  async #turn(): Promise<void> {
    let waitMs = BEAT_MS;
    try {
      waitMs = Math.min(waitMs, await this.#look());
      this.#trouble = '';
    } catch (error) {
      this.#isHolding = false;
      this.#tellTrouble(error);
    }
    this.#turnedAt = performance.now();
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#turning = this.#turn();
    }, waitMs);
  }

  /** Returns how long it is until the next tick. */
  async #look(): Promise<number> {
    const {clock, onTick} = this.#options;
    const project = await this.#options.project();
    // A tick that is taken is acted on.
    if (this.#isStopped) return BEAT_MS;
    const {schedule, zone} = this.#timesOf(project.pipeline);
    const now = clock();
    const next = nextTime(schedule, zone, now) ?? Number.POSITIVE_INFINITY;
    const last = lastTime(schedule, zone, now);
    const tick = writeLedger(project, clock, ledger => {
      const held = this.#holder.hold(ledger, next);
      this.#isHolding = held !== undefined;
      if (held === undefined || last === undefined) return undefined;
      if (!this.#holder.takeTick(ledger, last))
        return this.#isCutShort(ledger, held.tick) ? held.tick : undefined;
      this.#isLastTickKnown = true;
      return last;
    });
    if (tick !== undefined) onTick(tick);
    return Math.max(0, next - clock()) + AFTER_MS;
  }

  /** Looked at once, when this server has just begun to hold the schedule. */
  #isCutShort(ledger: Ledger, tick: number): boolean {
    if (this.#isLastTickKnown) return false;
    const last = this.#holder.lastTick(ledger, tick);
    this.#isLastTickKnown = last !== 'at-work';
    return last === 'cut-short';
  }

  #timesOf(pipeline: Pipeline): {readonly schedule: string; readonly zone: string} {
    return {
      schedule: this.#options.schedule ?? pipeline.healing.schedule,
      zone: timezoneOf(pipeline) ?? 'UTC',
    };
  }

  /** Each trouble once, until another comes or it is over: it is looked at again and again. */
  #tellTrouble(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    if (text === this.#trouble) return;
    this.#trouble = text;
    this.#options.complain(`The schedule of healing cannot go on: ${text} It is tried again.\n`);
  }
}
