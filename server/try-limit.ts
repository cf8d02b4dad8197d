/**
 * How often a token may be tried: by address, and by everybody together. In memory that never grows.
 * It does not deal with what is tried.
 */
import {createHash, randomBytes} from 'node:crypto';

/** Tries at once, and how long until one of them may be made again, in milliseconds. */
interface Allowance {
  readonly tries: number;
  readonly everyMs: number;
}

const EACH: Allowance = {tries: 5, everyMs: 30_000};
const ALL: Allowance = {tries: 50, everyMs: 2_000};

/** Addresses share a place by chance; an attacker cannot choose whose. */
const PLACES = 4096;

/** A bucket that fills again: it holds when it will be full. */
export class TryLimit {
  readonly #salt = randomBytes(16);
  readonly #fullAt = new Float64Array(PLACES);
  readonly #now: () => number;
  #allFullAt = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Milliseconds until this address may try again; 0: now. */
  waitMs(address: string): number {
    const now = this.#now();
    const own = waitOf(this.#fullAt[this.#placeOf(address)] ?? 0, now, EACH);
    return Math.max(own, waitOf(this.#allFullAt, now, ALL));
  }

  /** To be told of each try that was wrong. */
  failed(address: string): void {
    const now = this.#now();
    const place = this.#placeOf(address);
    this.#fullAt[place] = later(this.#fullAt[place] ?? 0, now, EACH);
    this.#allFullAt = later(this.#allFullAt, now, ALL);
  }

  #placeOf(address: string): number {
    return createHash('sha256').update(this.#salt).update(address).digest().readUInt32LE() % PLACES;
  }
}

function waitOf(fullAt: number, now: number, {tries, everyMs}: Allowance): number {
  return Math.max(0, Math.min(fullAt - now, tries * everyMs) - (tries - 1) * everyMs);
}

/** A clock that was set back must not lock anybody out for longer. */
function later(fullAt: number, now: number, {tries, everyMs}: Allowance): number {
  return Math.min(Math.max(fullAt, now) + everyMs, now + tries * everyMs);
}
