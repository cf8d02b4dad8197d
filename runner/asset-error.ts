/**
 * The errors that assets' code throws and is thrown; part of the public module (asset.ts). They stand apart because the
 * worker that runs the code starts in half the time without what else that module loads.
 */

/** The source answered, and has nothing for this partition: `200` with an empty list is no success. */
export class EmptyAnswer extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EmptyAnswer';
  }
}

/** A site did not give a usable answer. */
export class SiteError extends Error {
  readonly url: string;
  /** Undefined where there was no HTTP answer at all. */
  readonly status: number | undefined;
  /** Whether asking again may help: 408, 425, 429, 5xx, resets and timeouts. */
  readonly transient: boolean;
  readonly retryAfterMs: number | undefined;
  /** Whether there was no answer in time. */
  readonly timedOut: boolean;
  /** Whether it says that a quota is used up, so that asking again is of no use for a long time. */
  readonly isQuota: boolean;

  constructor(
    message: string,
    about: {
      url: string;
      status?: number | undefined;
      transient?: boolean;
      retryAfterMs?: number | undefined;
      timedOut?: boolean;
      isQuota?: boolean;
      cause?: unknown;
    },
  ) {
    super(message, {cause: about.cause});
    this.name = 'SiteError';
    this.url = about.url;
    this.status = about.status;
    this.transient = about.transient ?? false;
    this.retryAfterMs = about.retryAfterMs;
    this.timedOut = about.timedOut ?? false;
    this.isQuota = about.isQuota ?? false;
  }
}
