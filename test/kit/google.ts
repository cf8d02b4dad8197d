/**
 * BigQuery and a bucket as servers of this process, and the targets that name them: children that are killed leave them
 * as they are. It does not deal with what runs there.
 */
import {type BigqueryServer, startBigqueryServer} from '../google/bigquery-server.ts';
import {type StorageServer, startStorageServer} from '../google/storage-server.ts';

export const PROJECT = 'league';
const LOCATION = 'us-west2';
export const BUCKET = 'objects';

export interface Google {
  readonly bigquery: BigqueryServer;
  readonly storage: StorageServer;
  close(): Promise<void>;
}

export async function startGoogle(): Promise<Google> {
  const storage = await startStorageServer({buckets: {[BUCKET]: {location: LOCATION}}});
  const bigquery = await startBigqueryServer({project: PROJECT, storageUrl: storage.url});
  return {
    bigquery,
    storage,
    close: async () => {
      await bigquery.close();
      await storage.close();
    },
  };
}

/** `targets` of a manifest: all datasets begin with the prefix, and all objects with it and a slash. */
export function googleTargets({bigquery, storage}: Google, prefix: string): object {
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
