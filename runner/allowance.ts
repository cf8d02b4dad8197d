/**
 * How many requests this process may begin of those that a site allows in a minute: its share, where several runs are
 * at work. Whoever comes while others are at work gets its share after a minute, when all of them have let go of it, and
 * a share that grows does so after a minute; so no 60 seconds see more than the site allows.
 * It does not know who is at work (heart.ts), and waits for nothing (site-pool.ts).
 */

const MINUTE = 60_000;

interface Sharing {
  /** How many runs are at work, this one among them. */
  readonly runs: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export class Allowance {
  readonly #perMinute: number;
  /** When the last `perMinute` requests began, as a ring. */
  readonly #begun: number[] = [];
  #count = 0;
  /** When this run came and who was there. Undefined: nobody said, so it is alone. */
  #came: Sharing | undefined;
  /** How many runs there were from when on: what counted within the last minute. */
  #sharing: readonly Sharing[] = [];

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  shareAmong(now: Sharing): void {
    this.#came ??= now;
    if (this.#sharing.at(-1)?.runs !== now.runs) this.#sharing = [...this.#sharing, now];
  }

  /** From when on the next request may begin, as things stand. */
  freeAt(now: number): number {
    const share = this.#perMinute / this.#runsWithin(now);
    const whole = Math.floor(share);
    const free =
      whole >= 1 ? this.#endOf(this.#count - whole, MINUTE) : this.#endOf(this.#count - 1, MINUTE / share);
    return this.#came === undefined || this.#came.runs <= 1 ? free : Math.max(free, this.#came.at + MINUTE);
  }

  begin(now: number): void {
    this.#begun[this.#count % this.#perMinute] = now;
    this.#count++;
  }

  /** So long after the n-th request; 0 where there was none. */
  #endOf(n: number, ms: number): number {
    return n < 0 ? 0 : (this.#begun[n % this.#perMinute] ?? 0) + ms;
  }

  #runsWithin(now: number): number {
    // One counts until another has counted for a minute.
    this.#sharing = this.#sharing.filter((_, i, all) => (all[i + 1]?.at ?? now) > now - MINUTE);
    return Math.max(1, ...this.#sharing.map(({runs}) => runs));
  }
}
