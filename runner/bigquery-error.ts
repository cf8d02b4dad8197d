/**
 * BigQuery's refusals as our errors: a kind, a sentence with cause and mend, and the place in the asset's own query.
 * It does not deal with trying again (bigquery-reason.ts).
 */
import {type Refusal, refusalOf, refusalOfJob} from './bigquery-reason.ts';
import type {ErrorProto} from './bigquery-rest.ts';
import {credentialsProblem} from './google-auth.ts';
import type {Embedded} from './sql-dialect.ts';
import {WarehouseError} from './warehouse.ts';

/** What was asked, for the message. */
export interface Asked {
  readonly project: string;
  readonly location: string;
  /** Where the requests go. */
  readonly endpoint: string;
  /** The job's id. */
  readonly job?: string;
  /** The whole statement, and the user's own piece of it. */
  readonly statement?: string;
  readonly embedded?: Embedded | undefined;
}

/** The error to throw for a request that failed. */
export function requestError(error: unknown, asked: Asked): WarehouseError {
  if (error instanceof WarehouseError) return error;
  const problem = credentialsProblem(error);
  if (problem !== undefined) return new WarehouseError('credentials', problem);
  return explained(refusalOf(error), asked, error);
}

/** The error to throw for a job that ended in one. */
export function jobError(error: ErrorProto, asked: Asked): WarehouseError {
  return explained(refusalOfJob(error), asked, undefined);
}

function explained(refusal: Refusal, asked: Asked, cause: unknown): WarehouseError {
  const general = ofMachine(refusal, asked) ?? ofAccess(refusal, asked) ?? ofLimits(refusal);
  if (general !== undefined) return error(general, refusal, asked, cause);
  const told = ofTables(refusal, asked) ?? {kind: 'query', mend: ''};
  const {embedded, statement} = asked;
  const place = placeIn(refusal.message);
  const at =
    place === undefined || embedded === undefined || statement === undefined
      ? undefined
      : offsetIn(embedded, statement, place);
  const kind = told.kind === 'query' && place !== undefined && !isOfRows(refusal) ? 'statement' : told.kind;
  const said = sentence(refusal.message.replace(/ at \[\d+:\d+\]$/, at === undefined ? '$&' : ''));
  const message = `${said}${told.mend === '' ? '' : ` ${told.mend}`}`;
  if (embedded === undefined) return new WarehouseError(kind, `${message}${ofJob(asked)}`, {cause});
  const where = at === undefined ? embedded.path : `${embedded.path}:${lineAndColumn(embedded.text, at)}`;
  return new WarehouseError(kind, `${where}: ${message}`, {offset: at, cause});
}

interface Told {
  readonly kind: WarehouseError['kind'];
  readonly mend: string;
}

function error({kind, mend}: Told, refusal: Refusal, asked: Asked, cause: unknown): WarehouseError {
  return new WarehouseError(kind, `${sentence(refusal.message)} ${mend}${ofJob(asked)}`, {cause});
}

function ofJob({job}: Asked): string {
  return job === undefined ? '' : ` (Job ${job}.)`;
}

/** Nobody answered, or the service itself is unwell, after all that was tried. */
function ofMachine({status, reason, network}: Refusal, {endpoint}: Asked): Told | undefined {
  if (network !== undefined) {
    return {
      kind: 'unreadable',
      mend: `BigQuery could not be reached at ${endpoint} (${network}). See whether the network is there and the target's 'endpoint' is right, and run again.`,
    };
  }
  const isUnwell = (status !== undefined && status >= 500) || /^(job)?(backend|internal)Error$/i.test(reason);
  if (isUnwell) {
    return {
      kind: 'unreadable',
      mend: 'BigQuery failed again and again by itself. Wait a while and run again.',
    };
  }
  return undefined;
}

/** Who asks, and what he may do. */
function ofAccess({status, reason, message}: Refusal, {project}: Asked): Told | undefined {
  if (status === 401 || reason === 'authError' || reason === 'required') {
    return {
      kind: 'credentials',
      mend: "The credentials are not accepted: they were revoked or have expired. Run 'gcloud auth application-default login', or give the target a new key under 'credentials:'.",
    };
  }
  if (
    reason === 'accessNotConfigured' ||
    /has not been used in project|has not enabled BigQuery|SERVICE_DISABLED/.test(message)
  ) {
    return {
      kind: 'credentials',
      mend: `Enable it: gcloud services enable bigquery.googleapis.com --project ${project}`,
    };
  }
  if (
    reason === 'billingNotEnabled' ||
    /billing has not been enabled|Billing must be enabled/i.test(message)
  ) {
    return {
      kind: 'credentials',
      mend: `Enable billing for the project '${project}': changes of data need it.`,
    };
  }
  if (reason !== 'accessDenied' && status !== 403 && !/^Access Denied/.test(message)) return undefined;
  if (reason === 'quotaExceeded' || /rateLimitExceeded$/i.test(reason)) return undefined;
  // Who may begin no job can make no partition.
  const kind = message.includes('bigquery.jobs.create') ? 'credentials' : 'denied';
  return {kind, mend: grant(message, project)};
}

/** The role that has the permission an answer names. */
function grant(message: string, project: string): string {
  const permission = /\b(bigquery(?:\.\w+){2,})\b/.exec(message)?.[1];
  if (permission === undefined) {
    return `Grant the account roles/bigquery.jobUser on the project '${project}' and roles/bigquery.dataEditor on the datasets.`;
  }
  const role = ROLES.find(([of]) => permission.startsWith(of))?.[1] ?? 'roles/bigquery.dataEditor';
  const perhaps = permission === 'bigquery.jobs.create' ? ' See also that the project is spelled right.' : '';
  return `Grant the account ${permission}, such as by ${role}.${perhaps}`;
}

const ROLES: readonly (readonly [permission: string, role: string])[] = [
  ['bigquery.jobs.create', 'roles/bigquery.jobUser'],
  ['bigquery.jobs', 'roles/bigquery.admin'],
  ['bigquery.datasets.create', 'roles/bigquery.user'],
  ['bigquery.readsessions', 'roles/bigquery.readSessionUser'],
];

/** What is used up or too large. */
function ofLimits({reason, message}: Refusal): Told | undefined {
  switch (reason) {
    case 'quotaExceeded':
      return {
        kind: 'quota',
        mend: 'It refills within 24 hours: run again then, or gather more partitions in one job (a longer batch of the asset).',
      };
    case 'rateLimitExceeded':
    case 'userRateLimitExceeded':
    case 'jobRateLimitExceeded':
      return {
        kind: 'quota',
        mend: 'Too much was asked at once, again and again. Run again with a smaller --concurrency.',
      };
    case 'bytesBilledLimitExceeded':
      return {
        kind: 'budget',
        mend: "Raise 'max_bytes_billed' of the target or of the asset ('bigquery:'), or let the query read fewer partitions.",
      };
    case 'responseTooLarge':
      return {kind: 'query', mend: 'Its result is too large to be answered: make smaller batches.'};
    case 'resourcesExceeded':
    case 'billingTierLimitExceeded':
      return {
        kind: 'query',
        mend: 'The query needs more than BigQuery gives one: make smaller batches or sort less.',
      };
    case 'stopped':
      return /tim(ed?|e-?) ?out/i.test(message)
        ? {kind: 'query', mend: "Raise the asset's 'timeout', or make smaller batches."}
        : {kind: 'cancelled', mend: 'The job was stopped.'};
    case 'timeout':
      return {kind: 'query', mend: "Raise the asset's 'timeout', or make smaller batches."};
    default:
      return undefined;
  }
}

/** Tables and datasets that are not what they should be. */
function ofTables({reason, message, status}: Refusal, {location, project}: Asked): Told | undefined {
  if (/different locations/i.test(message)) {
    return {
      kind: 'absent',
      mend: `The target says 'location: ${location}': datasets, bucket and jobs must share one. 'gameplan doctor' shows where they are.`,
    };
  }
  if (reason === 'notFound' || status === 404) return absent(message, location, project);
  if (/\bVIEW\b/.test(message) && /not allowed|cannot|can't|currently a/i.test(message)) {
    return {
      kind: 'shape',
      mend: 'A view stands in the place of a table: drop or rename it, or declare the asset as external.',
    };
  }
  if (/Incompatible table partitioning|partitioning spec/i.test(message)) {
    return {
      kind: 'shape',
      mend: "The table is partitioned in another way than the asset: drop or rename it, or declare its 'bigquery: grain' as it is.",
    };
  }
  if (/Provided Schema does not match|Invalid schema update/i.test(message)) {
    return {
      kind: 'shape',
      mend: 'The table has other columns than the asset declares: drop or rename it, or mend the declaration.',
    };
  }
  if (/streaming buffer/i.test(message)) {
    return {
      kind: 'locked',
      mend: 'Rows that were streamed in can be changed only after up to 90 minutes: stop the stream and wait.',
    };
  }
  if (/without a filter over column/i.test(message)) {
    return {
      kind: 'statement',
      mend: "The table asks for 'require_partition_filter': compare that column with dates in the query.",
    };
  }
  return undefined;
}

function absent(message: string, location: string, project: string): Told {
  if (/Project/.test(message)) {
    return {
      kind: 'absent',
      mend: `See that 'project: ${project}' of the target is spelled right and the account may use it.`,
    };
  }
  if (/Dataset/.test(message)) {
    return {
      kind: 'absent',
      mend: `See that the dataset exists and lies in '${location}', which the target says. 'gameplan doctor' shows where it is.`,
    };
  }
  return {
    kind: 'absent',
    mend: `See that it exists and that the target's 'location: ${location}' is where its dataset lies.`,
  };
}

/** Errors that depend on what the rows hold: the same statement succeeds on other rows. */
function isOfRows({message}: Refusal): boolean {
  return /division by zero|bad \w+ value|overflow|out of (bounds|range)|produced more than one|must match at most one|could not (cast|parse|convert)|invalid (date|timestamp|cast)/i.test(
    message,
  );
}

function placeIn(message: string): {readonly line: number; readonly column: number} | undefined {
  const found = /\bat \[(\d+):(\d+)\]/.exec(message);
  return found === null ? undefined : {line: Number(found[1]), column: Number(found[2])};
}

const TAB = 8;

/** Offset into the user's text of a place in the statement, undefined where it lies outside. */
function offsetIn(
  {text, start}: Embedded,
  statement: string,
  {line, column}: {readonly line: number; readonly column: number},
): number | undefined {
  let at = 0;
  for (let passed = 1; passed < line; passed++) {
    const end = statement.indexOf('\n', at);
    if (end < 0) return undefined;
    at = end + 1;
  }
  // Columns count characters from 1; a tab goes on to the next eighth.
  for (let reached = 1; reached < column && at < statement.length; ) {
    const letter = String.fromCodePoint(statement.codePointAt(at) ?? 0);
    reached = letter === '\t' ? Math.floor((reached - 1) / TAB) * TAB + TAB + 1 : reached + 1;
    at += letter.length;
  }
  const begins = Buffer.from(statement, 'utf8').subarray(0, start).toString('utf8').length;
  const offset = at - begins;
  return offset >= 0 && offset <= text.length ? offset : undefined;
}

/** Counted from 1. */
function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
}

function sentence(message: string): string {
  const flat = message.replaceAll(/\s*\n\s*/g, ' ').trim();
  if (flat === '') return 'BigQuery refused without a word.';
  return /[.!?]$/.test(flat) ? flat : `${flat}.`;
}
