/**
 * Connects a target to BigQuery: client, jobs, limits, and the bucket through which rows are loaded.
 * It does not deal with what is done there (bigquery.ts).
 */
import {setTimeout as pause} from 'node:timers/promises';
import type {BigqueryWarehouse, GcsStoreTarget, Pipeline} from '../planner/pipeline.ts';
import {openBigquery} from './bigquery.ts';
import {Asker} from './bigquery-asker.ts';
import {BigqueryClient} from './bigquery-client.ts';
import {Jobs} from './bigquery-jobs.ts';
import {Limits, STATEMENTS} from './bigquery-limits.ts';
import {PACE, type Pace} from './bigquery-pace.ts';
import type {Loading} from './bigquery-stagings.ts';
import {openBucket} from './gcs-client.ts';
import {isGoogles} from './google-auth.ts';
import type {Trace} from './trace.ts';
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
  readonly trace?: Trace;
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
  trace,
}: Connecting): Promise<Warehouse> {
  const {project, location, datasetPrefix, endpoint, maxBytesBilled, maxBytesBilledPerRun} = warehouse;
  const {store} = pipeline.target;
  if (store.kind !== 'gcs')
    throw new WarehouseError('other', 'BigQuery loads rows through a bucket: give the target a gcs store.');
  const pace = isGoogles(endpoint) ? PACE : NEAR;
  const api = new BigqueryClient({
    root,
    project,
    location,
    endpoint,
    credentials: warehouse.credentials,
    // The client's own repetitions wait seconds; ours (bigquery-asker.ts) go on where they end.
    ...(isGoogles(endpoint) ? {} : {retry: {maxRetries: 1, maxRetryDelay: 0.1}}),
  });
  const limits = new Limits({
    concurrency: CONCURRENCY,
    // A server of one's own has no rates to be kept.
    statements: isGoogles(endpoint) ? STATEMENTS : undefined,
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
      ...(trace === undefined ? {} : {trace}),
    }),
    place: {project, datasetPrefix},
    loading: bucketLoading(root, store),
    pipeline: owner,
    run,
    maximumBytesBilled: maxBytesBilled,
  });
}

/** Objects that wait to be loaded lie beside the store's own, where its listings pass them over. */
function bucketLoading(root: string, store: GcsStoreTarget): Loading {
  const folder = `${store.prefix}.gameplan/loading/`;
  const bucket = openBucket({...store, root});
  return {
    upload: async (object, pieces, signal) => {
      const {name} = await bucket.writeStream(`${folder}${object}`, pieces, {signal});
      return `gs://${bucket.name}/${name}`;
    },
    remove: async object => {
      const found = await bucket.stat(`${folder}${object}`);
      if (found !== undefined) await bucket.remove(found);
    },
  };
}
