/**
 * Cloud Storage's refusals as the store's errors: a kind, and a sentence with cause and mend.
 * It does not deal with trying again (gcs-client.ts).
 */
import {type Refusal, refusalOf} from './bigquery-reason.ts';
import {credentialsProblem, isGoogles} from './google-auth.ts';
import {StoreError} from './store.ts';

/** What was asked, for the message. */
export interface AskedOfBucket {
  readonly bucket: string;
  /** The object, or the prefix of a listing; empty of the bucket itself. */
  readonly name: string;
  readonly action: 'read' | 'write' | 'list' | 'remove' | 'look at';
  readonly endpoint: string;
}

/** An answer other than the one wanted, of a request that was not made by the client's own methods. */
export class AnswerError extends Error {
  readonly code: number;
  readonly errors: readonly unknown[];

  constructor(code: number, body: string) {
    const {message, errors} = said(body);
    super(message ?? `HTTP ${code}`);
    this.code = code;
    this.errors = errors;
  }
}

/** The session of an upload is of no use any more: all has to be sent again. */
export class SessionGone extends Error {
  constructor(because = 'the upload session is gone') {
    super(because);
    this.name = 'SessionGone';
  }
}

/** What Cloud Storage said, also where the client leaves its answer unread in the message, as it does of downloads. */
export function refusalOfBucket(error: unknown): Refusal {
  const refusal = refusalOf(error);
  const {message, errors} = said(refusal.message);
  if (message === undefined || refusal.status === undefined) return refusal;
  return refusalOf(Object.assign(new Error(message), {code: refusal.status, errors}));
}

/** Whether it is the bucket that is absent, and not one object in it. */
export function isBucketAbsent({status, message}: Refusal, action: AskedOfBucket['action']): boolean {
  if (status !== 404) return false;
  return action === 'write' || action === 'list' || /bucket does not exist/i.test(message);
}

/** The error to throw for a request that failed. */
export function bucketError(error: unknown, asked: AskedOfBucket): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof SessionGone) {
    return new StoreError(
      'unreachable',
      `The upload of 'gs://${asked.bucket}/${asked.name}' was broken off by Cloud Storage (${error.message}). Run again; nothing of it is there.`,
      {cause: error},
    );
  }
  const problem = credentialsProblem(error);
  if (problem !== undefined) return new StoreError('credentials', problem, {cause: error});
  const refusal = refusalOfBucket(error);
  const {kind, text} = toldOf(refusal, asked);
  return new StoreError(kind, text, {cause: error});
}

/** Whether bytes came that are not those of the checksum that was sent with them. */
export function isGarbled({status, message}: Refusal): boolean {
  return status === 400 && /doesn't match calculated/i.test(message);
}

/** An object that someone else wrote in the meantime. */
export function takenError({bucket, name}: AskedOfBucket): StoreError {
  return new StoreError(
    'taken',
    `The object 'gs://${bucket}/${name}' was written by someone else in the meantime, with other bytes. See who else writes below the target's 'prefix', then run the command again.`,
  );
}

function toldOf(
  refusal: Refusal,
  asked: AskedOfBucket,
): {readonly kind: StoreError['kind']; readonly text: string} {
  const {bucket, name, action, endpoint} = asked;
  const {status, network} = refusal;
  const place = name === '' ? `gs://${bucket}` : `gs://${bucket}/${name}`;
  const message = refusal.message.trim().replace(/\.$/, '');
  if (network !== undefined) {
    return {
      kind: 'unreachable',
      text: `Cloud Storage could not be reached at ${endpoint} (${network}). See whether the network is there and the store's 'endpoint' is right, and run again.`,
    };
  }
  if (isBucketAbsent(refusal, action)) {
    const where = isGoogles(endpoint) ? '' : ` at ${endpoint}`;
    return {
      kind: 'absent',
      text: `There is no bucket '${bucket}'${where}. Mend 'bucket'${where === '' ? '' : " or 'endpoint'"} of the target's store, or make it in the warehouse's location: gcloud storage buckets create gs://${bucket} --location=LOCATION`,
    };
  }
  switch (status) {
    case 401:
      return {
        kind: 'credentials',
        text: `Google does not accept the credentials for '${place}' (${message}): they were revoked, have expired or are of another account. Renew them with 'gcloud auth application-default login' or a new key of the service account, and run again; what was committed stays.`,
      };
    case 403:
      return {
        kind: 'denied',
        text: `These credentials may not ${action} '${place}' (${message}). Grant the account roles/storage.objectUser: gcloud storage buckets add-iam-policy-binding gs://${bucket} --member=MEMBER --role=roles/storage.objectUser`,
      };
    case 408:
    case 429:
      break;
    default:
      if (status === undefined || status < 500)
        return {kind: 'other', text: `Cloud Storage would not ${action} '${place}': ${message}.`};
  }
  return {
    kind: 'unreachable',
    text: `Cloud Storage would not ${action} '${place}', again and again (${status}: ${message}). Wait a while and run again; what was committed stays.`,
  };
}

/** The error in a JSON answer. */
function said(body: string): {readonly message: string | undefined; readonly errors: readonly unknown[]} {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return {message: undefined, errors: []};
  }
  const error: unknown =
    typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'error') : undefined;
  if (typeof error !== 'object' || error === null) return {message: undefined, errors: []};
  const message: unknown = Reflect.get(error, 'message');
  const errors: unknown = Reflect.get(error, 'errors');
  return {
    message: typeof message === 'string' ? message : undefined,
    errors: Array.isArray(errors) ? errors : [],
  };
}
