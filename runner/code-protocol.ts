/**
 * What the process and the workers that run the assets' own code tell each other. Everything is plain data that can be
 * cloned; errors keep what code tells them apart by.
 * It does not deal with how messages travel (code-channel.ts).
 */
import type {Partition, Row} from './asset.ts';
import {EmptyAnswer, SiteError} from './asset-error.ts';

/** One call of an asset's code. */
export interface CallStart {
  readonly call: number;
  /** Absolute folder of the project, and the module in it. */
  readonly root: string;
  readonly module: string;
  /** The export that is called. */
  readonly name: 'files' | 'rows';
  readonly partition: Partition;
  readonly source: string | undefined;
  /** Of a fetch: the instant to ask about. */
  readonly asOf: string | undefined;
  /** Edges that it may read. */
  readonly edges: readonly string[];
}

export type ToWorker =
  | ({readonly kind: 'start'} & CallStart)
  | {readonly kind: 'abort'; readonly call: number; readonly error: PlainError}
  /** Of an `Ask`: what came of it. */
  | {readonly kind: 'given'; readonly id: number; readonly value: unknown}
  | {readonly kind: 'refused'; readonly id: number; readonly error: PlainError}
  | {readonly kind: 'ping'};

/** What code may ask of the process. */
export type Ask =
  | {
      readonly kind: 'get';
      readonly path: string;
      readonly query: Readonly<Record<string, string | number>> | undefined;
      /** In credits. */
      readonly cost: number;
    }
  | {readonly kind: 'put'; readonly name: string; readonly bytes: Uint8Array | string}
  /** The next object of an edge, of one reading of it. */
  | {readonly kind: 'object'; readonly edge: string; readonly reading: number}
  /** The answer is awaited before more are made. */
  | {readonly kind: 'rows'; readonly rows: readonly Row[]};

export type FromWorker =
  | {readonly kind: 'ask'; readonly call: number; readonly id: number; readonly ask: Ask}
  | {readonly kind: 'done'; readonly call: number; readonly value: unknown}
  /** `refused`: what was asked for and refused is what it failed of. */
  | {
      readonly kind: 'failed';
      readonly call: number;
      readonly error: PlainError;
      readonly refused: number | undefined;
    }
  | {readonly kind: 'pong'};

/** An answer of a site as it is handed to a worker. */
export interface PlainAnswer {
  readonly url: string;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly bytes: Uint8Array;
}

export interface PlainObject {
  readonly place: string;
  readonly name: string;
  readonly key: string;
  readonly bytes: Uint8Array;
}

export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly cause: PlainError | undefined;
  /** Of a `SiteError`. */
  readonly site:
    | {
        readonly url: string;
        readonly status: number | undefined;
        readonly transient: boolean;
        readonly retryAfterMs: number | undefined;
        readonly timedOut: boolean;
        readonly isQuota: boolean;
      }
    | undefined;
}

/** How far causes of causes are told. */
const DEPTH = 4;

export function plainError(error: unknown, depth = DEPTH): PlainError {
  if (!(error instanceof Error))
    return {name: 'Error', message: String(error), cause: undefined, site: undefined};
  const {name, message, cause} = error;
  const site =
    error instanceof SiteError
      ? {
          url: error.url,
          status: error.status,
          transient: error.transient,
          retryAfterMs: error.retryAfterMs,
          timedOut: error.timedOut,
          isQuota: error.isQuota,
        }
      : undefined;
  const isMore = cause instanceof Error && depth > 0;
  return {name, message, cause: isMore ? plainError(cause, depth - 1) : undefined, site};
}

export function errorFrom({name, message, cause, site}: PlainError): Error {
  const because = cause === undefined ? undefined : errorFrom(cause);
  if (site !== undefined) return new SiteError(message, {...site, cause: because});
  if (name === 'EmptyAnswer') return new EmptyAnswer(message);
  const error = new Error(message, {cause: because});
  error.name = name;
  return error;
}
