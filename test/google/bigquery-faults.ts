/**
 * What goes wrong on request: plain data, so that a test can also send it to a server in a process of its own.
 * It does not deal with the rules that BigQuery keeps by itself.
 */
import {BigqueryError} from './bigquery-error.ts';

export interface Call {
  readonly method: string;
  /** Such as `/bigquery/v2/projects/p/jobs`. */
  readonly path: string;
  /** What follows `?`. */
  readonly search: string;
  /** As it came. */
  readonly body: string;
}

export type Trouble =
  /** An answer other than the request deserves: before it is done, or after. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly reason: string;
      readonly message?: string;
      readonly when: 'before' | 'after';
    }
  /** The connection goes without an answer. */
  | {readonly kind: 'reset'; readonly when: 'before' | 'after'}
  /** The job that this request inserts ends with that error, and changes nothing: at its start, or at its script's COMMIT. */
  | {
      readonly kind: 'job';
      readonly reason: string;
      readonly message?: string;
      /** `start` where left out. */
      readonly at?: 'start' | 'commit';
    }
  /** The job that this request inserts waits: before it starts, or in its script before each COMMIT TRANSACTION. */
  | {readonly kind: 'slow'; readonly milliseconds: number; readonly at: 'start' | 'commit'}
  /** From now on no credentials are accepted. */
  | {readonly kind: 'revoke'};

export interface Fault {
  /** Every pattern given must match: sources of regular expressions. */
  readonly on: {readonly method?: string; readonly path?: string; readonly body?: string};
  /** So many matching requests pass first. */
  readonly skip?: number;
  /** So many are hit then; 1 where left out. */
  readonly times?: number;
  readonly trouble: Trouble;
}

interface Planned {
  readonly fault: Fault;
  seen: number;
}

export class Faults {
  #planned: readonly Planned[] = [];

  add(fault: Fault): void {
    this.#planned = [...this.#planned, {fault, seen: 0}];
  }

  clear(): void {
    this.#planned = [];
  }

  /** All that hit this call. */
  of(call: Call): readonly Trouble[] {
    return this.#planned.flatMap(planned => {
      const {on, skip = 0, times = 1, trouble} = planned.fault;
      const matches =
        new RegExp(on.method ?? '').test(call.method) &&
        new RegExp(on.path ?? '').test(call.path) &&
        new RegExp(on.body ?? '').test(call.body);
      if (!matches) return [];
      planned.seen += 1;
      return planned.seen > skip && planned.seen <= skip + times ? [trouble] : [];
    });
  }
}

export function jobError(
  troubles: readonly Trouble[],
  at: 'start' | 'commit',
): {readonly reason: string; readonly message: string} | undefined {
  const found = troubles
    .filter(trouble => trouble.kind === 'job')
    .find(trouble => (trouble.at ?? 'start') === at);
  return found === undefined
    ? undefined
    : {reason: found.reason, message: found.message ?? `The test asked for ${found.reason}.`};
}

export function delay(troubles: readonly Trouble[], at: 'start' | 'commit'): number {
  return troubles.reduce(
    (sum, trouble) => sum + (trouble.kind === 'slow' && trouble.at === at ? trouble.milliseconds : 0),
    0,
  );
}

/** https://cloud.google.com/bigquery/docs/error-messages: credentials that are not valid (any more). */
export function unauthenticated(): BigqueryError {
  return new BigqueryError(
    'authError',
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
  );
}
