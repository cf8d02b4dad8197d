/**
 * Whether a site is worth asking: a circuit breaker. Many failures in a row stop all requests for a moment, then one after
 * the other is let through; if many of those fail too, or the site says that a quota is used up, it is closed and nobody
 * waits for it. It does not deal with how often it may be asked while it is well (site-pool.ts).
 */
import {SiteError} from './asset-error.ts';

/** Tries that failed in a row, over all requests, before the site is left alone for a moment. */
const FAILURES = 8;
/** Then so many requests, one after the other, must fail as well: or a few, where they take their time. */
const PROBES = 20;
const FEW_PROBES = 3;
const PROBING_MS = 60_000;
/** How long it is left alone, and how long a site is closed that fails after it. Milliseconds. */
const PAUSE_MS = 15_000;
const CLOSED_MS = 300_000;

/** The site is closed: the request was not sent, or nothing can be concluded from its failure. */
export class SiteClosed extends SiteError {
  readonly site: string;
  /** Why, for people: a sentence's end. */
  readonly because: string;
  /** When the site's budget begins anew, where that is used up; milliseconds since 1970. */
  readonly resetsAt: number | undefined;

  constructor(
    site: string,
    about: {
      readonly url: string;
      readonly because: string;
      readonly cause?: SiteError;
      readonly resetsAt?: number;
    },
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
    this.resetsAt = about.resetsAt;
  }
}

type Health =
  | {readonly kind: 'well'; readonly failures: number}
  | {readonly kind: 'paused'; readonly until: number; readonly because: string}
  /** One request after the other sees whether it is well again: some may only be what the site cannot answer. */
  | {
      readonly kind: 'probing';
      readonly because: string;
      readonly since: number;
      readonly failures: number;
      /** Whether one is on its way. */
      readonly isOut: boolean;
    }
  | {readonly kind: 'closed'; readonly until: number; readonly because: string};

/** What a request may do now. Times are milliseconds since 1970. */
export type Leave =
  /** `isProbe`: it is not tried again by itself, and what comes of it decides about the site. */
  | {readonly kind: 'ask'; readonly isProbe: boolean}
  | {readonly kind: 'wait'; readonly until: number}
  | {readonly kind: 'closed'; readonly because: string};

/** How often those that wait look at how the one that was let through fares. */
const LOOK_MS = 100;

export class SiteHealth {
  #health: Health = {kind: 'well', failures: 0};

  /** Of a request that gets leave to ask, what came of it is to be told. */
  leave(now: number): Leave {
    const health = this.#health;
    if (health.kind === 'well') return {kind: 'ask', isProbe: false};
    if (health.kind === 'probing') {
      if (health.isOut) return {kind: 'wait', until: now + LOOK_MS};
      this.#health = {...health, isOut: true};
      return {kind: 'ask', isProbe: true};
    }
    if (now >= health.until) {
      this.#health = {kind: 'probing', because: health.because, since: now, failures: 0, isOut: true};
      return {kind: 'ask', isProbe: true};
    }
    if (health.kind === 'closed') return {kind: 'closed', because: health.because};
    return {kind: 'wait', until: health.until};
  }

  /** The site answered, whatever the answer says. */
  answered(): void {
    if (this.#health.kind !== 'closed') this.#health = {kind: 'well', failures: 0};
  }

  /** A request that got leave was given up before there was an answer: it says nothing of the site. */
  abandoned(isProbe: boolean): void {
    if (isProbe && this.#health.kind === 'probing') this.#health = {...this.#health, isOut: false};
  }

  /** It gave no answer, or one that says that it is in trouble. What was asked before the probes says nothing new. */
  failed(because: string, {isProbe, now}: {readonly isProbe: boolean; readonly now: number}): void {
    const health = this.#health;
    if (health.kind === 'probing' && isProbe) {
      const failures = health.failures + 1;
      const isDead = failures >= PROBES || (failures >= FEW_PROBES && now - health.since >= PROBING_MS);
      this.#health = isDead
        ? {kind: 'closed', until: now + CLOSED_MS, because}
        : {...health, because, failures, isOut: false};
    }
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
