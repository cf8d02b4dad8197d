/**
 * Passes of healing that this server starts: one is at work, and at most one waits, however often it is asked. A pass
 * looks at everything, so whoever asks while one waits has asked for that one.
 * It does not deal with what asks (healing-clock.ts, triggers.ts), nor with what a pass does.
 */
import {stripVTControlCharacters} from 'node:util';
import type {PassTrigger} from '../runner/ledger-pass.ts';
import {type Child, type Ended, withoutEvents} from './child.ts';

export interface PassesOptions {
  readonly start: (trigger: PassTrigger, by: string | undefined) => Child;
  /** What a pass said when it ended. */
  readonly tell: (text: string) => void;
  /** Between the starts of two passes that requests and notifications ask for; milliseconds. */
  readonly paceMs?: number;
}

export interface PassAsked {
  readonly trigger: PassTrigger;
  readonly by: string | undefined;
}

/** `started`: it has begun. `waiting`: it begins when the one at work has ended, or after a while. */
export type PassAnswer = 'started' | 'waiting' | 'stopping';

/** A storm that goes on and on is answered by a pass every so often. */
const PACE_MS = 10_000;

/** How long a pass that was asked a second time may take until it is killed; its ledger is true either way. */
const LAST_MS = 3_000;

export class Passes {
  readonly #options: PassesOptions;
  readonly #paceMs: number;
  #atWork: Child | undefined;
  #waiting: PassAsked | undefined;
  #timer: NodeJS.Timeout | undefined;
  #startedAt = Number.NEGATIVE_INFINITY;
  #isStopping = false;

  constructor(options: PassesOptions) {
    this.#options = options;
    this.#paceMs = options.paceMs ?? PACE_MS;
  }

  ask(asked: PassAsked): PassAnswer {
    if (this.#isStopping) return 'stopping';
    const isOnTime = asked.trigger === 'schedule' || this.#restMs() === 0;
    if (this.#atWork === undefined && this.#waiting === undefined && isOnTime) {
      this.#start(asked);
      return 'started';
    }
    this.#waiting ??= asked;
    if (this.#atWork === undefined) this.#startLater();
    return 'waiting';
  }

  /**
   * No pass begins any more; the one at work is asked to end, again when `graceMs` are over or `now` says so, and is
   * killed where it does not heed that.
   */
  async stop({graceMs, now}: {readonly graceMs: number; readonly now: AbortSignal}): Promise<void> {
    this.#isStopping = true;
    this.#waiting = undefined;
    clearTimeout(this.#timer);
    const child = this.#atWork;
    if (child === undefined) return;
    child.interrupt();
    if (await within(child.ended, graceMs, now)) return;
    child.interrupt();
    if (await within(child.ended, LAST_MS)) return;
    child.kill();
    await child.ended;
  }

  /** Until the next one may begin. */
  #restMs(): number {
    return Math.max(0, this.#startedAt + this.#paceMs - performance.now());
  }

  #startLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const asked = this.#waiting;
      this.#waiting = undefined;
      if (asked !== undefined && !this.#isStopping) this.#start(asked);
    }, this.#restMs());
  }

  #start({trigger, by}: PassAsked): void {
    this.#startedAt = performance.now();
    const child = this.#options.start(trigger, by);
    this.#atWork = child;
    void child.ended.then(ended => {
      this.#atWork = undefined;
      this.#options.tell(sentence(trigger, ended));
      if (this.#waiting !== undefined) this.#startLater();
    });
  }
}

/** Its own words, and how it ended where that was not well. */
function sentence(trigger: PassTrigger, {end, out, err}: Ended): string {
  const said = stripVTControlCharacters(withoutEvents(out) + err).trim();
  const how = end === 0 ? '' : ` It ended with ${end}.`;
  return `Pass (${trigger}): ${said === '' ? 'it said nothing.' : said}${how}\n`;
}

/** Whether it ended within that time, and before somebody said that it is over. */
async function within(ended: Promise<unknown>, ms: number, over?: AbortSignal): Promise<boolean> {
  const {promise, resolve} = Promise.withResolvers<boolean>();
  const giveUp = (): void => resolve(false);
  const timer = setTimeout(giveUp, ms);
  if (over?.aborted === true) giveUp();
  over?.addEventListener('abort', giveUp, {once: true});
  void ended.then(() => resolve(true));
  const isEnded = await promise;
  clearTimeout(timer);
  over?.removeEventListener('abort', giveUp);
  return isEnded;
}
