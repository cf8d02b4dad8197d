/**
 * BigQuery and a bucket as servers, of this process or of processes of their own, and the targets that name them. Children
 * that are killed leave them as they are. It does not deal with what runs there.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {parseManifest} from '../../planner/manifest.ts';
import {connectBigquery} from '../../runner/bigquery-open.ts';
import type {Warehouse} from '../../runner/warehouse.ts';
import {type BigqueryServer, startBigqueryServer} from '../google/bigquery-server.ts';
import {type StorageServer, type StorageServerOptions, startStorageServer} from '../google/storage-server.ts';

export const PROJECT = 'league';
const LOCATION = 'us-west2';
export const BUCKET = 'objects';

/** Where both answer. */
export interface GoogleAt {
  readonly bigquery: {readonly url: string};
  readonly storage: {readonly url: string};
}

export interface Google extends GoogleAt {
  readonly bigquery: BigqueryServer;
  readonly storage: StorageServer;
  close(): Promise<void>;
}

interface GoogleOptions {
  readonly project: string;
  readonly buckets: StorageServerOptions['buckets'];
}

const USUAL: GoogleOptions = {project: PROJECT, buckets: {[BUCKET]: {location: LOCATION}}};

export async function startGoogle({project, buckets} = USUAL): Promise<Google> {
  const storage = await startStorageServer({buckets});
  const bigquery = await startBigqueryServer({project, storageUrl: storage.url});
  return {
    bigquery,
    storage,
    close: async () => {
      await bigquery.close();
      await storage.close();
    },
  };
}

/** So that they take nothing of what is measured in this process or in its children. */
export async function startGoogleProcesses(): Promise<GoogleAt & {close(): Promise<void>}> {
  const {project, buckets} = USUAL;
  const storage = await startProcess('storage-process.ts', {buckets});
  const bigquery = await startProcess('bigquery-process.ts', {project, storageUrl: storage.url});
  return {
    bigquery,
    storage,
    close: async () => {
      await bigquery.close();
      await storage.close();
    },
  };
}

async function startProcess(
  script: string,
  options: object,
): Promise<{readonly url: string; close(): Promise<void>}> {
  const file = join(import.meta.dirname, '..', 'google', script);
  const child = spawn(process.execPath, [file, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [url] = await once(createInterface({input: child.stdout}), 'line');
  return {
    url: String(url),
    close: async () => {
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    },
  };
}

/** `targets` of a manifest: all datasets begin with the prefix, and all objects with it and a slash. */
export function googleTargets(
  {bigquery, storage}: GoogleAt,
  prefix: string,
): {readonly prod: {readonly warehouse: object; readonly store: object}} {
  return {
    prod: {
      warehouse: {
        engine: 'bigquery',
        project: PROJECT,
        location: LOCATION,
        dataset_prefix: prefix,
        endpoint: bigquery.url,
      },
      store: {kind: 'gcs', bucket: BUCKET, prefix: `${prefix}/`, endpoint: storage.url},
    },
  };
}

/** The warehouse of `googleTargets`, without a project around it. */
export async function connectGoogle(google: GoogleAt, prefix: string): Promise<Warehouse> {
  return await connectTargets(googleTargets(google, prefix));
}

/** The warehouse of the only one of `targets`, without a project around it. */
export async function connectTargets(targets: object): Promise<Warehouse> {
  // Nothing is asked of the asset: a manifest has to have one.
  const asset = {rows: 'rows.ts', partition_by: 'all', columns: {n: 'int64'}, key: ['n']};
  const text = JSON.stringify({name: 'test', targets, assets: {'raw.rows': asset}});
  const file = {path: 'pipeline.yaml', text};
  const {pipeline, diagnostics} = parseManifest({file, target: undefined, env: {}});
  if (pipeline === undefined) throw new Error(diagnostics.map(({message}) => message).join('\n'));
  const {warehouse} = pipeline.target;
  if (warehouse.engine !== 'bigquery') throw new Error('Internal error: another engine');
  return await connectBigquery({root: '/', pipeline, warehouse, owner: undefined, run: 'run-1'});
}
