/**
 * Whether a bucket of Cloud Storage can be used: it is there, lies beside the datasets, and takes an object, gives it
 * back and lets go of it. It does not deal with what lies in it.
 */
import {randomUUID} from 'node:crypto';
import type {GcsStoreTarget} from '../planner/pipeline.ts';
import type {Examined} from './doctor.ts';
import {type Finding, finding} from './finding.ts';
import {credentialsProblem, googleAuth} from './google-auth.ts';

type Found = Omit<Finding, 'check' | 'of'>;

export async function examineBucket({root, pipeline}: Examined, store: GcsStoreTarget): Promise<Finding> {
  const {warehouse} = pipeline.target;
  const of = `gs://${store.bucket}/${store.prefix}`;
  return await finding('bucket', of, async () => {
    const bucket = await openBucket(root, store);
    try {
      const [{location = ''}] = await bucket.getMetadata();
      const apart = warehouse.engine === 'bigquery' ? apartFrom(location, warehouse.location) : undefined;
      const file = bucket.file(`${store.prefix}.gameplan/doctor-${randomUUID()}`);
      await file.save('probe', {resumable: false, preconditionOpts: {ifGenerationMatch: 0}});
      const [bytes] = await file.download();
      await file.delete();
      if (bytes.toString() !== 'probe') {
        return {
          verdict: 'fail',
          says: 'gives back other bytes than were written',
          mend: 'Look at the endpoint.',
        };
      }
      const says = `lies in ${location}; an object was written, read and deleted`;
      return apart ?? {verdict: 'ok', says};
    } catch (error) {
      return refused(
        error,
        store,
        pipeline.target.warehouse.engine === 'bigquery' ? pipeline.target.warehouse.project : '',
      );
    }
  });
}

async function openBucket(root: string, {bucket, endpoint, credentials}: GcsStoreTarget) {
  const authClient = await googleAuth(credentials, {endpoint, root});
  const {IdempotencyStrategy, Storage} = await import('@google-cloud/storage');
  const storage = new Storage({
    authClient,
    ...(endpoint === undefined ? {} : {apiEndpoint: endpoint}),
    // The one write has a precondition. Who asks a doctor waits for the answer.
    retryOptions: {idempotencyStrategy: IdempotencyStrategy.RetryAlways, maxRetries: 1, maxRetryDelay: 1},
  });
  return storage.bucket(bucket);
}

/**
 * What keeps a load job of a dataset's location from reading a bucket:
 * https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-json#location_considerations
 */
function apartFrom(bucket: string, dataset: string): Found | undefined {
  const [from, to] = [bucket.toUpperCase(), dataset.toUpperCase()];
  // A dataset in the multi-region US loads from everywhere.
  if (from === to || to === 'US' || (to === 'EU' && /^EU(ROPE-|R\d|$)/.test(from))) return undefined;
  const mayHold =
    (from === 'US' && /^US-/.test(to)) || (from === 'EU' && /^EUROPE-/.test(to)) || /^[A-Z]+\d$/.test(from);
  const says = `lies in ${bucket}, and the datasets in ${dataset}`;
  return mayHold
    ? {verdict: 'warn', says, mend: 'Loads may be refused or cost more: a bucket in the same region is safe.'}
    : {verdict: 'fail', says, mend: `Loads are refused: make a bucket in ${dataset}, and copy the objects.`};
}

function refused(error: unknown, {bucket, endpoint}: GcsStoreTarget, project: string): Found {
  const problem = credentialsProblem(error);
  if (problem !== undefined) return {verdict: 'fail', says: problem};
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const said = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  const says = said.replace(/\.$/, '');
  return {verdict: 'fail', says, mend: mendOf(code, bucket, {endpoint, project})};
}

function mendOf(
  code: unknown,
  bucket: string,
  {endpoint, project}: {endpoint: string | undefined; project: string},
): string {
  switch (code) {
    case 401:
      return "Run 'gcloud auth application-default login', or give the target a new key under 'credentials:'.";
    case 403:
      return `Grant the account roles/storage.objectAdmin and roles/storage.legacyBucketReader on gs://${bucket}.`;
    case 404:
      return `Make it: gcloud storage buckets create gs://${bucket} --project ${project}, or mend 'bucket'.`;
    default:
      return `See whether ${endpoint ?? 'storage.googleapis.com'} can be reached.`;
  }
}
