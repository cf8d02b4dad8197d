/**
 * Errors as BigQuery reports them: a reason, the HTTP status that goes with it, and a message.
 * It does not deal with when they arise.
 */

/** The reasons of https://cloud.google.com/bigquery/docs/error-messages, each with its status. */
const STATUS = {
  accessDenied: 403,
  authError: 401,
  backendError: 503,
  badRequest: 400,
  bytesBilledLimitExceeded: 400,
  conditionNotMet: 412,
  duplicate: 409,
  internalError: 500,
  invalid: 400,
  invalidQuery: 400,
  jobRateLimitExceeded: 403,
  notFound: 404,
  notImplemented: 501,
  quotaExceeded: 403,
  rateLimitExceeded: 403,
  resourceInUse: 400,
  resourcesExceeded: 400,
  responseTooLarge: 403,
  stopped: 200,
  timeout: 400,
} as const;

export type Reason = keyof typeof STATUS;

/** What a job's `errorResult` holds. */
export interface ErrorProto {
  readonly reason: string;
  readonly message: string;
  readonly location?: string;
}

export class BigqueryError extends Error {
  readonly reason: Reason;

  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }

  get status(): number {
    return STATUS[this.reason];
  }

  get proto(): ErrorProto {
    const {reason, message} = this;
    return reason === 'invalidQuery' ? {reason, message, location: 'query'} : {reason, message};
  }
}

export function statusOf(reason: string): number {
  return Object.entries(STATUS).find(([each]) => each === reason)?.[1] ?? 500;
}

/** Of whatever was thrown: what a test asked for by name, BigQuery's own, or a defect of this server. */
export function errorOf(error: unknown): ErrorProto {
  if (error instanceof BigqueryError) return error.proto;
  if (error instanceof AskedFor) return error.proto;
  return {
    reason: 'internalError',
    message: `Internal error of the test server: ${error instanceof Error ? error.message : String(error)}`,
  };
}

/** An error that is only passed on: of a job that has ended, or asked for by a test. */
export class AskedFor extends Error {
  readonly proto: ErrorProto;

  constructor(proto: ErrorProto) {
    super(proto.message);
    this.proto = proto;
  }
}

/** The body of an answer that is no success. */
export function errorBody(status: number, {reason, message, location}: ErrorProto): unknown {
  const error = {message, domain: 'global', reason, ...(location === undefined ? {} : {location})};
  return {error: {code: status, message, errors: [error], status: reason}};
}

export function stopped(): BigqueryError {
  return new BigqueryError('stopped', 'Job execution was cancelled: User requested cancellation');
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfiguration: jobTimeoutMs. */
export function timedOut(milliseconds: string): BigqueryError {
  return new BigqueryError(
    'stopped',
    `Job execution was cancelled: Job timed out after ${Number(milliseconds) / 1000} sec`,
  );
}

/** What this server does not model, said aloud so that nobody takes its answer for BigQuery's. */
export function notModelled(what: string): BigqueryError {
  return new BigqueryError('notImplemented', `The test server does not model ${what}.`);
}
