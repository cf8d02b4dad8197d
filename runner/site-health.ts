/**
 * Whether a site is worth asking: a circuit breaker. Many failures in a row stop all requests for a moment, then one is
 * let through; if that fails too, or the site says that a quota is used up, it is closed and nobody waits for it.
 * It does not deal with how often it may be asked while it is well (site-pool.ts).
 */
import {SiteError} from './asset-error.ts';

/** Tries that failed in a row, over all requests, before the site is left alone for a moment. */
const FAILURES = 8;
/** How long that is, and how long a site is closed that fails after it. Milliseconds. */
const PAUSE_MS = 15_000;
const CLOSED_MS = 300_000;

/** The site is closed: the request was not sent, or nothing can be concluded from its failure. */
export class SiteClosed extends SiteError {
  readonly site: string;
  /** Why, for people: a sentence's end. */
  readonly because: string;

  constructor(
    site: string,
    about: {readonly url: string; readonly because: string; readonly cause?: SiteError},
  ) {
    const {url, because, cause} = about;
    super(`The site '${site}' is closed for now: ${because}`, {
      url,
      status: cause?.status,
      retryAfterMs: cause?.retryAfterMs,
      cause,
    });
    this.name = 'SiteClosed';
    this.site = site;
    this.because = about.because;
  }
}

type Health =
  | {readonly kind: 'well'; readonly failures: number}
  | {readonly kind: 'paused'; readonly until: number; readonly because: string}
  /** One request is on its way to see whether it is well again. */
  | {readonly kind: 'probing'; readonly because: string}
  | {readonly kind: 'closed'; readonly until: number; readonly because: string};

/** What a request may do now. Times are milliseconds since 1970. */
export type Leave =
  | {readonly kind: 'ask'}
  | {readonly kind: 'wait'; readonly until: number}
  | {readonly kind: 'closed'; readonly because: string};

const ASK: Leave = {kind: 'ask'};
/** How often those that wait look at how the one that was let through fares. */
const LOOK_MS = 100;

export class SiteHealth {
  #health: Health = {kind: 'well', failures: 0};

  /** Of a request that gets leave to ask, what came of it is to be told. */
  leave(now: number): Leave {
    const health = this.#health;
    switch (health.kind) {
      case 'well':
        return ASK;
      case 'probing':
        return {kind: 'wait', until: now + LOOK_MS};
      case 'paused':
      case 'closed':
        if (now >= health.until) {
          this.#health = {kind: 'probing', because: health.because};
          return ASK;
        }
        if (health.kind === 'closed') return {kind: 'closed', because: health.because};
        return {kind: 'wait', until: health.until};
    }
  }

  /** The site answered, whatever the answer says. */
  answered(): void {
    if (this.#health.kind === 'well' || this.#health.kind === 'probing')
      this.#health = {kind: 'well', failures: 0};
  }

  /** A request that got leave was given up before there was an answer: it says nothing of the site. */
  abandoned(now: number): void {
    if (this.#health.kind === 'probing') this.#health = {...this.#health, kind: 'paused', until: now};
  }

  /** It gave no answer, or one that says that it is in trouble. */
  failed(because: string, now: number): void {
    const health = this.#health;
    if (health.kind === 'probing') this.#health = {kind: 'closed', until: now + CLOSED_MS, because};
    if (health.kind !== 'well') return;
    const failures = health.failures + 1;
    this.#health =
      failures < FAILURES ? {kind: 'well', failures} : {kind: 'paused', until: now + PAUSE_MS, because};
  }

  /** A quota is used up until then; of several the one that lasts longest counts. */
  close(because: string, until: number): void {
    if (this.#health.kind === 'closed' && this.#health.until >= until) return;
    this.#health = {kind: 'closed', until, because};
  }
}
