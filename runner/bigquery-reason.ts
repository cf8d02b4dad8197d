/**
 * What BigQuery answered when it refused, whatever form the client gave it, and whether trying again may help.
 * It does not deal with what it means to a user (bigquery-error.ts).
 */
import type {ErrorProto} from './bigquery-rest.ts';

export interface Refusal {
  /** HTTP status; undefined of a job's own error and where no answer came. */
  readonly status: number | undefined;
  /** Google's word for it, such as `invalidQuery`; empty where there is none. */
  readonly reason: string;
  readonly message: string;
  /** Code of an error of the network, such as `ECONNRESET`, where no answer came. */
  readonly network: string | undefined;
}

/** `again`: it passes by itself. `quota`: it passes after hours. `never`: the same comes out every time. */
export type Outlook = 'again' | 'quota' | 'never';

const PASSING: ReadonlySet<string> = new Set([
  'backendError',
  'internalError',
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'jobRateLimitExceeded',
  'jobBackendError',
  'jobInternalError',
  'tableUnavailable',
]);

/** https://cloud.google.com/bigquery/docs/error-messages */
export function outlook({status, reason, message, network}: Refusal): Outlook {
  if (network !== undefined) return 'again';
  if (reason === 'quotaExceeded') return 'quota';
  if (PASSING.has(reason)) return 'again';
  // A transaction that met another one is rolled back; it is an `invalidQuery` all the same.
  if (/due to concurrent update/i.test(message)) return 'again';
  return status === 408 || status === 429 || (status !== undefined && status >= 500) ? 'again' : 'never';
}

/** The error of a request, as the client threw it. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Error))
    return {status: undefined, reason: '', message: String(error), network: undefined};
  const code: unknown = Reflect.get(error, 'code');
  const first = firstOf(Reflect.get(error, 'errors'));
  const status = typeof code === 'number' ? code : undefined;
  const text = typeof code === 'string' ? code : undefined;
  // Of an answer that is no JSON, such as a proxy's page, the first line says enough.
  const said = (first?.message ?? error.message).trim().split('\n')[0] ?? '';
  return {
    status,
    reason: first?.reason ?? '',
    message: said,
    network: status === undefined && isNetwork(text, error) ? (text ?? 'no answer') : undefined,
  };
}

/** The error that a job ended with. */
export function refusalOfJob({reason, message}: ErrorProto): Refusal {
  return {status: undefined, reason: reason ?? '', message: message ?? '', network: undefined};
}

function firstOf(errors: unknown): ErrorProto | undefined {
  if (!Array.isArray(errors)) return undefined;
  const first: unknown = errors[0];
  if (typeof first !== 'object' || first === null) return undefined;
  const field = (name: string): string | undefined => {
    const value: unknown = Reflect.get(first, name);
    return typeof value === 'string' ? value : undefined;
  };
  const [reason, message] = [field('reason'), field('message')];
  return {...(reason === undefined ? {} : {reason}), ...(message === undefined ? {} : {message})};
}

function isNetwork(code: string | undefined, error: Error): boolean {
  if (code !== undefined && /^(E[A-Z_]+|UND_ERR_\w+|ERR_STREAM_PREMATURE_CLOSE)$/.test(code)) return true;
  return /socket hang up|premature close|network timeout|fetch failed|terminated/i.test(error.message);
}
