/**
 * The store's table of cases on a bucket of Google's own (or of an emulator), for who has one:
 * `GAMEPLAN_LIVE_BUCKET=NAME npm run test:live`, with application default credentials. All objects lie below a prefix of
 * their own, and are removed at the end.
 */
import {randomBytes} from 'node:crypto';
import {afterAll, describe} from 'vitest';
import {type BucketOptions, openBucket} from '../../runner/gcs-client.ts';
import {openGcsStore} from '../../runner/gcs-store.ts';
import {storeCases} from '../runner/store-cases.ts';

const bucket = process.env['GAMEPLAN_LIVE_BUCKET'] ?? '';

describe.skipIf(bucket === '')('the bucket that GAMEPLAN_LIVE_BUCKET names', () => {
  const options: BucketOptions = {
    bucket,
    endpoint: process.env['GAMEPLAN_LIVE_ENDPOINT'],
    credentials: {kind: 'default', impersonate: undefined},
    root: process.cwd(),
    chunk: 262_144,
    resumableOver: 524_288,
  };
  const folder = `gameplan-test/${randomBytes(6).toString('hex')}/`;
  let prefixes = 0;

  afterAll(async () => {
    const all = openBucket(options);
    for await (const {objects} of all.list({prefix: folder}))
      await Promise.all(objects.map(object => all.remove(object)));
  });

  storeCases(now => {
    const prefix = `${folder}${prefixes++}/`;
    const open = () => openGcsStore(openBucket(options), {prefix, now});
    return {store: open(), reopen: open};
  });
});
