/**
 * How often and how many at once a site may be asked.
 * It does not deal with what is asked, nor with trying again.
 */
import PQueue from 'p-queue';
import type {Allowance} from './allowance.ts';
import {SiteClosed, SiteHealth} from './site-health.ts';

/** Waits, or rejects with the signal's reason when it aborts. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

export interface PoolLimits {
  readonly name: string;
  readonly concurrency: number;
}

interface PoolTools {
  readonly now: () => number;
  readonly sleep: Sleep;
  /** By site, of those that count requests by the minute. */
  readonly allowances: ReadonlyMap<string, Allowance>;
}

export class SitePool {
  readonly #queue: PQueue;
  readonly #allowance: Allowance | undefined;
  readonly #now: () => number;
  readonly #sleep: Sleep;
  #closedUntil = 0;
  readonly health = new SiteHealth();
  readonly #name: string;

  constructor({name, concurrency}: PoolLimits, {now, sleep, allowances}: PoolTools) {
    this.#name = name;
    this.#queue = new PQueue({concurrency});
    this.#allowance = allowances.get(name);
    this.#now = now;
    this.#sleep = sleep;
  }

  /**
   * Runs `ask` when the site may be asked again; rejects with the signal's reason if it aborts before, and with a
   * `SiteClosed` where the site is closed.
   */
  run<T>(
    ask: (isProbe: boolean) => Promise<T>,
    {signal, url}: {signal: AbortSignal; url: string},
  ): Promise<T> {
    return this.#queue.add(
      async () => {
        return await ask(await this.#turn(signal, url));
      },
      {signal},
    );
  }

  /** The site asked to be left alone: no request begins before `until`, milliseconds since 1970. */
  closeUntil(until: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, until);
  }

  /** Whether it is a probe. */
  async #turn(signal: AbortSignal, url: string): Promise<boolean> {
    let isProbe: boolean;
    for (;;) {
      signal.throwIfAborted();
      const now = this.#now();
      const from = Math.max(this.#closedUntil, this.#allowance?.freeAt(now) ?? 0);
      if (now < from) {
        await this.#sleep(from - now, signal);
        continue;
      }
      const leave = this.health.leave(now);
      if (leave.kind === 'closed') throw new SiteClosed(this.#name, {url, because: leave.because});
      if (leave.kind === 'ask') {
        isProbe = leave.isProbe;
        break;
      }
      await this.#sleep(leave.until - now, signal);
    }
    this.#allowance?.begin(this.#now());
    return isProbe;
  }
}
