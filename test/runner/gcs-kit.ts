/** A bucket of the test server, and the store in it, as a target opens them. */
import type {ObjectBucket} from '../../runner/gcs-bucket.ts';
import {type BucketOptions, openBucket} from '../../runner/gcs-client.ts';
import {openGcsStore} from '../../runner/gcs-store.ts';
import type {Generation, Store} from '../../runner/store.ts';

/** Small enough that a test sees several chunks. */
export const CHUNK = 262_144;

export function bucketAt(endpoint: string, options: Partial<BucketOptions> = {}): ObjectBucket {
  return openBucket({
    bucket: 'games',
    endpoint,
    credentials: {kind: 'default', impersonate: undefined},
    root: '/',
    chunk: CHUNK,
    resumableOver: 2 * CHUNK,
    patience: {firstBackoff: 1, longestBackoff: 10, attempts: 6},
    ...options,
  });
}

export function storeAt(
  endpoint: string,
  {
    prefix = '',
    now = Date.now,
    ...options
  }: Partial<BucketOptions> & {prefix?: string; now?: () => number} = {},
): Store {
  return openGcsStore(bucketAt(endpoint, options), {prefix, now});
}

export function receiptOf(key: string): Omit<Generation, 'id' | 'objects' | 'version'> {
  const names = {
    asset: 'landing.games',
    key,
    intent: 'i1',
    run: 'r1',
    fingerprint: 'f1',
    digest: '0000000000000001',
  };
  return {...names, expected: null, found: null, absent: [], at: 1_700_000_000_000};
}
