/**
 * Connects a target to BigQuery: client, jobs, limits, and the bucket through which rows are loaded.
 * It does not deal with what is done there (bigquery.ts).
 */
import {Readable} from 'node:stream';
import {pipeline as stream} from 'node:stream/promises';
import {setTimeout as pause} from 'node:timers/promises';
import type {BigqueryWarehouse, GcsStoreTarget, Pipeline} from '../planner/pipeline.ts';
import {type Loading, openBigquery} from './bigquery.ts';
import {Asker} from './bigquery-asker.ts';
import {BigqueryClient} from './bigquery-client.ts';
import {Jobs} from './bigquery-jobs.ts';
import {Limits} from './bigquery-limits.ts';
import {PACE, type Pace} from './bigquery-pace.ts';
import {googleAuth, isGoogles} from './google-auth.ts';
import {type Warehouse, WarehouseError} from './warehouse.ts';

export interface Connecting {
  /** Absolute folder of the project. */
  readonly root: string;
  readonly pipeline: Pipeline;
  readonly warehouse: BigqueryWarehouse;
  /** Whose it has to be; undefined: whoever's. */
  readonly owner: string | undefined;
  /** Of labels. */
  readonly run: string;
}

/** Jobs at work at once; BigQuery queues more by itself, and each holds memory here. */
const CONCURRENCY = 16;

/** A server on this machine answers at once. */
const NEAR: Pace = {...PACE, firstPoll: 5, longestPoll: 200, firstBackoff: 20, longestBackoff: 500};

/** Throws a `WarehouseError`. */
export async function connectBigquery({
  root,
  pipeline,
  warehouse,
  owner,
  run,
}: Connecting): Promise<Warehouse> {
  const {project, location, datasetPrefix, endpoint, maxBytesBilled, maxBytesBilledPerRun} = warehouse;
  const {store} = pipeline.target;
  if (store.kind !== 'gcs')
    throw new WarehouseError('other', 'BigQuery loads rows through a bucket: give the target a gcs store.');
  const pace = isGoogles(endpoint) ? PACE : NEAR;
  const api = new BigqueryClient({root, project, location, endpoint, credentials: warehouse.credentials});
  const limits = new Limits({
    concurrency: CONCURRENCY,
    now: Date.now,
    sleep: async (ms, signal) => await pause(ms, undefined, {signal}),
  });
  return await openBigquery({
    asker: new Asker(api, pace),
    jobs: new Jobs(api, {
      pipeline: pipeline.name,
      limits,
      pace,
      maximumBytesBilledPerRun: maxBytesBilledPerRun,
    }),
    place: {project, datasetPrefix},
    loading: bucketLoading(root, store),
    pipeline: owner,
    run,
    maximumBytesBilled: maxBytesBilled,
  });
}

/** Objects that wait to be loaded lie beside the store's own, where its listings pass them over. */
function bucketLoading(root: string, {bucket: name, prefix, endpoint, credentials}: GcsStoreTarget): Loading {
  const folder = `${prefix}.gameplan/loading/`;
  const open = async () => {
    const {Storage, IdempotencyStrategy} = await import('@google-cloud/storage');
    const authClient = await googleAuth(credentials, {root, endpoint});
    const storage = new Storage({
      authClient,
      ...(endpoint === undefined ? {} : {apiEndpoint: endpoint}),
      // Every write has a precondition, and may be sent again.
      retryOptions: {idempotencyStrategy: IdempotencyStrategy.RetryAlways},
    });
    return storage.bucket(name);
  };
  let opened: ReturnType<typeof open> | undefined;
  const fileOf = async (object: string) => {
    opened ??= open();
    return (await opened).file(`${folder}${object}`);
  };
  return {
    upload: async (object, pieces, signal) => {
      const file = await fileOf(object);
      const to = file.createWriteStream({resumable: true, preconditionOpts: {ifGenerationMatch: 0}});
      await stream(Readable.from(pieces), to, {signal});
      return `gs://${name}/${folder}${object}`;
    },
    remove: async object => {
      await (await fileOf(object)).delete({ignoreNotFound: true});
    },
  };
}
