import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {crc32c} from '../google/crc32c.ts';
import type {StorageOperation, Trouble} from '../google/storage-fault.ts';
import {type StorageServer, startStorageServer} from '../google/storage-server.ts';
import {bucketAt, CHUNK, receiptOf, storeAt} from './gcs-kit.ts';
import {storeCases, text} from './store-cases.ts';

const BUCKETS = {games: {location: 'us-west2'}};
const path = 'nba-com/games/2024-01-15/';

describe('a bucket', () => {
  let server: StorageServer;
  let prefixes = 0;
  beforeAll(async () => {
    // Small pages, so that every listing that matters has several.
    server = await startStorageServer({buckets: BUCKETS, page: 7});
  });
  afterAll(() => server.close());

  storeCases(now => {
    const prefix = `store-${prefixes++}/`;
    const open = () => storeAt(server.url, {prefix, now});
    return {store: open(), reopen: open};
  });
});

describe('a bucket of its own', () => {
  let server: StorageServer;
  beforeEach(async () => {
    server = await startStorageServer({buckets: BUCKETS});
    return () => server.close();
  });

  const names = (): readonly string[] => server.bucket('games').names();
  const asked = (operation: StorageOperation) => server.requests.filter(each => each.operation === operation);
  const large = Buffer.alloc(5 * CHUNK + 7, 'half-court ');

  const TROUBLES: readonly Trouble[] = [
    {kind: 'status', status: 503, when: 'before'},
    {kind: 'status', status: 503, when: 'after'},
    {kind: 'status', status: 429, when: 'before'},
    {kind: 'reset', when: 'before'},
    {kind: 'reset', when: 'after'},
  ];

  describe.each(TROUBLES)('a fault ($kind $status $when)', trouble => {
    // Small objects are one request each: two objects and the manifest.
    test.each([0, 1, 2])('at write %i loses and doubles nothing', async skip => {
      server.fail({on: 'objects.insert', skip, times: 2, trouble});
      const store = storeAt(server.url);
      const draft = await store.draft(path);
      await draft.put('a.json', text('1'));
      await draft.put('b.json', text('2'));
      const generation = await draft.commit(receiptOf('2024-01-15'));
      expect(await storeAt(server.url).findGeneration(path)).toEqual(generation);
      expect(Buffer.from(await store.read(path, draft.id, 'b.json')).toString()).toBe('2');
      expect(names()).toEqual(
        ['a.json', 'b.json', 'manifest.json'].map(name => `${path}${draft.id}/${name}`),
      );
      for (const name of names()) expect(server.bucket('games').find(name)?.metageneration).toBe(1);
    });

    // A large object is a session and six chunks.
    test.each([0, 1, 3, 5])('at chunk %i of a large object loses and doubles nothing', async skip => {
      server.fail({on: 'uploads.put', skip, trouble});
      await bucketAt(server.url).write('large', large);
      expect(server.bucket('games').find('large')?.bytes.equals(large)).toBe(true);
      // Nothing is sent again before it is known how far it came.
      expect(asked('uploads.status')).toHaveLength(1);
    });

    test('at the start, and at the question how far it came, loses and doubles nothing', async () => {
      server.fail({on: 'uploads.start', trouble});
      server.fail({on: 'uploads.put', skip: 2, trouble: {kind: 'reset', when: 'after'}});
      server.fail({on: 'uploads.status', trouble});
      await bucketAt(server.url).write('large', large);
      expect(server.bucket('games').find('large')?.bytes.equals(large)).toBe(true);
    });

    test('at a replaced object leaves the new one', async () => {
      const store = storeAt(server.url);
      await store.replace('a.json', text('before'));
      server.fail({on: ['objects.insert', 'objects.get'], times: 3, trouble});
      await store.replace('a.json', text('after'));
      expect(Buffer.from((await store.find('a.json')) ?? []).toString()).toBe('after');
    });

    test('at reading, listing and removing is got over', async () => {
      const store = storeAt(server.url);
      const draft = await store.draft(path);
      await draft.put('a.json', text('1'));
      await draft.commit(receiptOf('2024-01-15'));
      for (const on of ['objects.media', 'objects.list', 'objects.delete'] as const)
        server.fail({on, trouble});
      const other = storeAt(server.url);
      expect((await other.list('')).generations).toHaveLength(1);
      await other.drop(path);
      expect(names()).toEqual([]);
    });
  });

  const CHUNK_TROUBLES: readonly Trouble[] = [
    {kind: 'cut', bytes: CHUNK - 1},
    {kind: 'keep', bytes: 0},
  ];
  test.each(CHUNK_TROUBLES)(
    'a chunk of which only a part came ($kind) is sent on from there',
    async trouble => {
      for (const skip of [1, 5]) {
        server.fail({on: 'uploads.put', skip, trouble});
        const name = `large-${skip}`;
        await bucketAt(server.url, {chunk: 2 * CHUNK}).write(name, large);
        expect(server.bucket('games').find(name)?.bytes.equals(large)).toBe(true);
        server.heal();
      }
    },
  );

  test('a connection that breaks often, and brings something each time, is no reason to give up', async () => {
    const long = Buffer.alloc(12 * CHUNK, 'buzzer beater ');
    server.fail({on: 'uploads.put', times: 10, trouble: {kind: 'cut', bytes: CHUNK + 1}});
    await bucketAt(server.url, {chunk: 12 * CHUNK}).write('large', long);
    expect(server.bucket('games').find('large')?.bytes.equals(long)).toBe(true);
  });

  test('bytes that are changed on their way up are refused by their checksum, and sent again', async () => {
    server.fail({on: ['objects.insert', 'uploads.put'], trouble: {kind: 'flip'}});
    const bucket = bucketAt(server.url);
    await bucket.write('small', text('1'));
    server.heal();
    server.fail({on: 'uploads.put', skip: 2, trouble: {kind: 'flip'}});
    await bucket.write('large', large);
    expect(server.bucket('games').find('small')?.bytes.toString()).toBe('1');
    expect(server.bucket('games').find('large')?.bytes.equals(large)).toBe(true);
    server.fail({on: 'uploads.put', trouble: {kind: 'flip'}});
    const pieces = async function* () {
      yield large;
    };
    await expect(bucket.writeStream('streamed', pieces())).rejects.toMatchObject({kind: 'unreachable'});
    expect(names()).toEqual(['large', 'small']);
  });

  test('a session that is gone is begun once more where all bytes are at hand', async () => {
    server.fail({on: 'uploads.put', skip: 2, trouble: {kind: 'status', status: 410, when: 'before'}});
    await bucketAt(server.url).write('large', large);
    expect(server.bucket('games').find('large')?.bytes.equals(large)).toBe(true);
    expect(asked('uploads.start')).toHaveLength(2);
    server.fail({on: 'uploads.put', skip: 2, trouble: {kind: 'status', status: 410, when: 'before'}});
    const pieces = async function* () {
      yield large;
    };
    await expect(bucketAt(server.url).writeStream('streamed', pieces())).rejects.toMatchObject({
      kind: 'unreachable',
      message:
        "The upload of 'gs://games/streamed' was broken off by Cloud Storage (the upload session is gone). Run again; nothing of it is there.",
    });
  });

  test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])('%i bytes are streamed in chunks', async size => {
    const bytes = Buffer.alloc(size, 'assist ');
    const pieces = async function* () {
      for (let at = 0; at < size; at += 100_000) yield bytes.subarray(at, at + 100_000);
    };
    const stored = await bucketAt(server.url).writeStream('streamed', pieces());
    expect(stored).toMatchObject({name: 'streamed', size, crc32c: crc32c(bytes)});
    expect(server.bucket('games').find('streamed')?.bytes.equals(bytes)).toBe(true);
    const sizes = asked('uploads.put').map(each => each.bytes);
    expect(sizes.every(each => each <= CHUNK)).toBe(true);
  });

  test('a stream that fails leaves no object, and its error is its own', async () => {
    const broken = new Error('the source broke');
    const pieces = async function* () {
      yield Buffer.alloc(3 * CHUNK);
      throw broken;
    };
    await expect(bucketAt(server.url).writeStream('streamed', pieces())).rejects.toBe(broken);
    expect(names()).toEqual([]);
  });

  test('a stream that is told to stop stops', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    const pieces = async function* () {
      for (;;) {
        yield Buffer.alloc(CHUNK);
        stop.abort(reason);
      }
    };
    const writing = bucketAt(server.url).writeStream('streamed', pieces(), {signal: stop.signal});
    await expect(writing).rejects.toBe(reason);
    expect(names()).toEqual([]);
  });

  test('a large object goes up in a session, a small one in one request', async () => {
    const store = storeAt(server.url);
    await store.replace('small', text('1'));
    await store.replace('large', large);
    expect(asked('objects.insert').map(({name, query}) => [name, query['ifGenerationMatch']])).toEqual([
      ['small', '0'],
    ]);
    expect(asked('uploads.start').map(({query}) => query['ifGenerationMatch'])).toEqual(['0']);
    expect(asked('uploads.put').map(({bytes}) => bytes)).toEqual([...Array(5).fill(CHUNK), 7]);
  });

  test('every write and every removal names the generation that it is about', async () => {
    const store = storeAt(server.url);
    await store.replace('a', text('1'));
    await store.replace('a', text('2'));
    await store.replace('a', large);
    const draft = await store.draft(path);
    await draft.put('a', text('1'));
    await draft.discard();
    await store.drop('a');
    const writes = ['objects.insert', 'uploads.start', 'objects.delete'] as const;
    const said = writes.flatMap(asked).map(({query}) => query['ifGenerationMatch']);
    expect(said).toHaveLength(6);
    expect(said.every(each => each !== undefined)).toBe(true);
    expect(names()).toEqual([]);
  });

  describe('an object of someone else', () => {
    test('in the place of ours is an error that names it, and stays', async () => {
      const draft = await storeAt(server.url).draft(path);
      server.bucket('games').insert(`${path}${draft.id}/a`, Buffer.from('theirs'), {}, new URLSearchParams());
      await expect(draft.put('a', text('ours'))).rejects.toMatchObject({
        kind: 'taken',
        message: `The object 'gs://games/${path}${draft.id}/a' was written by someone else in the meantime, with other bytes. See who else writes below the target's 'prefix', then run the command again.`,
      });
      await expect(draft.put('large', large)).resolves.toBeUndefined();
      await expect(draft.commit(receiptOf('2024-01-15'))).rejects.toMatchObject({kind: 'taken'});
      expect(server.bucket('games').find(`${path}${draft.id}/a`)?.bytes.toString()).toBe('theirs');
    });

    test('that is large, or is written while ours goes up, is an error, too', async () => {
      const bucket = bucketAt(server.url);
      server.fail({on: 'uploads.put', skip: 3, trouble: {kind: 'slow', ms: 50}});
      const writing = bucket.write('large', large);
      await expect.poll(() => asked('uploads.put').length).toBeGreaterThan(1);
      server.bucket('games').insert('large', Buffer.from('theirs'), {}, new URLSearchParams());
      await expect(writing).rejects.toMatchObject({kind: 'taken'});
      await expect(bucket.write('large', large)).rejects.toMatchObject({kind: 'taken'});
    });

    test('with the very bytes is as good as ours', async () => {
      server.bucket('games').insert('a', Buffer.from('same'), {}, new URLSearchParams());
      const stored = await bucketAt(server.url).write('a', text('same'));
      expect(stored.generation).toBe(String(server.bucket('games').find('a')?.generation));
    });

    test('that is written while ours is replaced comes before or after it, and the last one stays', async () => {
      const store = storeAt(server.url);
      await store.replace('a', text('before'));
      server.fail({on: 'objects.insert', trouble: {kind: 'slow', ms: 200}});
      let calls = 0;
      const replacing = store.replace('a', text('ours'), async () => {
        calls++;
      });
      await expect.poll(() => calls, {interval: 5}).toBe(1);
      server.bucket('games').insert('a', Buffer.from('theirs'), {}, new URLSearchParams());
      await replacing;
      // The second time, too, it is asked whether we still may.
      expect(calls).toBe(2);
      expect(server.bucket('games').find('a')?.bytes.toString()).toBe('ours');
    });
  });

  test('a process that is killed between its objects and its manifest has committed nothing', async () => {
    const script = new URL('./gcs-kill.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [script, server.url, '3'], {stdio: 'inherit'});
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    expect(names()).toHaveLength(3);
    const store = storeAt(server.url);
    expect(await store.findGeneration(path)).toBeUndefined();
    expect(await store.list('')).toEqual({generations: [], objects: [], damaged: []});
    const [left] = await store.leftovers({before: Date.now() + 1, keep: undefined});
    expect(left).toMatchObject({kind: 'staging', bytes: 3});
    await store.remove(left === undefined ? [] : [left]);
    expect(names()).toEqual([]);
  });

  test('a kill between removing a manifest and its objects leaves no half of a generation', async () => {
    const store = storeAt(server.url);
    for (const value of ['1', '2']) {
      const draft = await store.draft(path);
      await draft.put('a', text(value));
      await draft.commit(receiptOf('2024-01-15'));
    }
    const newest = await store.findGeneration(path);
    server.fail({
      on: 'objects.delete',
      skip: 1,
      times: 9,
      trouble: {kind: 'status', status: 500, when: 'before'},
    });
    await expect(store.drop(path)).rejects.toMatchObject({kind: 'unreachable'});
    server.heal();
    expect(await storeAt(server.url).findGeneration(path)).toEqual(newest);
    await store.drop(path);
    expect(names()).toEqual([]);
  });

  test('bytes that are others than those stored are read again, and named where they stay so', async () => {
    const store = storeAt(server.url);
    const draft = await store.draft(path);
    await draft.put('a', text('0123456789'));
    await draft.commit(receiptOf('2024-01-15'));
    const read = async () => Buffer.from(await store.read(path, draft.id, 'a')).toString();
    server.fail({on: 'objects.media', name: '/a', trouble: {kind: 'flip'}});
    expect(await read()).toBe('0123456789');
    server.fail({on: 'objects.media', name: '/a', trouble: {kind: 'truncate', bytes: 4}});
    expect(await read()).toBe('0123456789');
    server.fail({on: 'objects.media', name: '/a', times: 9, trouble: {kind: 'flip'}});
    await expect(read()).rejects.toMatchObject({kind: 'unreachable'});
    server.heal();
    const name = `${path}${draft.id}/a`;
    server.bucket('games').insert(name, Buffer.from('changed'), {}, new URLSearchParams());
    await expect(read()).rejects.toMatchObject({
      kind: 'damaged',
      message: `The object 'gs://games/${name}' does not hold the bytes that were stored. Fetch that partition again.`,
    });
    server.bucket('games').delete(name, new URLSearchParams());
    await expect(read()).rejects.toMatchObject({
      kind: 'damaged',
      message: expect.stringContaining('is gone'),
    });
  });

  test.each(['{"asset":', '{}', ''])(
    'a manifest that holds %j hides no other folder, and no older one stands in',
    async wrong => {
      const store = storeAt(server.url);
      for (const folder of [path, path, 'nba-com/games/2024-01-16/']) {
        const draft = await store.draft(folder);
        await draft.commit(receiptOf(folder));
      }
      const manifest =
        names()
          .filter(name => name.startsWith(path))
          .at(-1) ?? '';
      server.bucket('games').insert(manifest, Buffer.from(wrong), {}, new URLSearchParams());
      const other = storeAt(server.url);
      await expect(other.findGeneration(path)).rejects.toMatchObject({kind: 'damaged'});
      const {generations, damaged} = await other.list('');
      expect(generations.map(each => each.path)).toEqual(['nba-com/games/2024-01-16/']);
      expect(damaged).toMatchObject([{path, error: {kind: 'damaged'}}]);
      expect(await other.leftovers({before: Date.now() + 1, keep: 1})).toEqual([]);
    },
  );

  test('rows that wait to be loaded are no objects of the store, and leftovers once they are old', async () => {
    await bucketAt(server.url).write('nba/.gameplan/loading/x.ndjson', text('{}'));
    await bucketAt(server.url).write('nba/folder/', text(''));
    const store = storeAt(server.url, {prefix: 'nba/'});
    expect((await store.list('')).objects).toEqual([]);
    expect(await store.leftovers({before: Date.now() - 1_000, keep: 1})).toEqual([]);
    const left = await store.leftovers({before: Date.now() + 1, keep: 1});
    expect(left).toEqual([{kind: 'staging', path: '.gameplan/loading/x.ndjson', bytes: 2}]);
    await store.remove(left);
    expect(names()).toEqual(['nba/folder/']);
  });

  test('dates of one folder are looked at by one listing over their range', async () => {
    const store = storeAt(server.url);
    for (const day of ['10', '11', '12', '13', '14'])
      await store.replace(`old/2024-01-${day}/a.json`, text(day));
    server.requests.length = 0;
    const seen = await store.look(['old/2024-01-11/', 'old/2024-01-13/', 'old/2024-01-12/']);
    expect([...seen.keys()]).toEqual(['old/2024-01-11/', 'old/2024-01-13/', 'old/2024-01-12/']);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.query).toMatchObject({
      prefix: 'old/',
      startOffset: 'old/2024-01-11/',
      endOffset: 'old/2024-01-130',
    });
  });

  test('opening a draft and finding nothing ask for one listing each', async () => {
    const store = storeAt(server.url);
    await store.draft(path);
    await store.findGeneration(path);
    expect(server.requests.map(({operation}) => operation)).toEqual(['objects.list', 'objects.list']);
  });

  test('many objects go up at once, and not more than sixteen', async () => {
    const draft = await storeAt(server.url).draft(path);
    server.fail({on: 'objects.insert', times: 60, trouble: {kind: 'slow', ms: 5}});
    await Promise.all(Array.from({length: 60}, (_, i) => draft.put(`${i}`, text('1'))));
    expect(server.most()).toBeGreaterThan(4);
    expect(server.most()).toBeLessThanOrEqual(16);
  });

  test('a name that is too long with its prefix is refused before anything is asked', async () => {
    const store = storeAt(server.url, {prefix: `${'x'.repeat(150)}/`});
    const long = Array.from({length: 5}, () => 'y'.repeat(190)).join('/');
    await expect(store.find(long)).rejects.toMatchObject({kind: 'name'});
    expect(server.requests).toEqual([]);
  });

  test('the bucket tells where it lies', async () => {
    expect(await bucketAt(server.url).location()).toBe('us-west2');
  });

  describe('a refusal names cause and mend', () => {
    const refused = async (doing: Promise<unknown>): Promise<string> =>
      await doing.then(
        () => 'nothing',
        (error: {kind: string; message: string}) => `${error.kind}: ${error.message}`,
      );

    test('of an absent bucket', async () => {
      const store = storeAt(server.url, {bucket: 'gmaes'});
      const wanted = `absent: There is no bucket 'gmaes' at ${server.url}. Mend 'bucket' or 'endpoint' of the target's store, or make it in the warehouse's location: gcloud storage buckets create gs://gmaes --location=LOCATION`;
      expect(await refused(store.replace('a', text('1')))).toBe(wanted);
      expect(await refused(store.find('a'))).toBe(wanted);
      expect(await refused(store.list(''))).toBe(wanted);
      expect(await refused(bucketAt(server.url, {bucket: 'gmaes'}).write('a', large))).toBe(wanted);
      expect(await refused(bucketAt(server.url, {bucket: 'gmaes'}).location())).toBe(wanted);
    });

    test('of a missing permission', async () => {
      const store = storeAt(server.url);
      await store.replace('b', text('1'));
      const mend =
        'Grant the account roles/storage.objectUser: gcloud storage buckets add-iam-policy-binding gs://games --member=MEMBER --role=roles/storage.objectUser';
      const said = (permission: string) =>
        `Caller does not have ${permission} access. Permission '${permission}' denied on resource (or it may not exist)`;
      for (const each of ['create', 'get', 'list', 'delete'])
        server.bucket('games').denied.add(`storage.objects.${each}`);
      const draft = bucketAt(server.url);
      expect(await refused(draft.write('a', text('1')))).toBe(
        `denied: These credentials may not write 'gs://games/a' (${said('storage.objects.create')}). ${mend}`,
      );
      expect(await refused(draft.write('a', large))).toContain(
        "denied: These credentials may not write 'gs://games/a'",
      );
      expect(await refused(store.find('b'))).toBe(
        `denied: These credentials may not read 'gs://games/b' (${said('storage.objects.get')}). ${mend}`,
      );
      expect(await refused(store.list('nba/'))).toBe(
        `denied: These credentials may not list 'gs://games/nba/' (${said('storage.objects.list')}). ${mend}`,
      );
      expect(await refused(draft.remove({name: 'b', generation: '1'}))).toContain('storage.objects.delete');
    });

    test('of credentials that are revoked in the middle of a fetch', async () => {
      const store = storeAt(server.url);
      const draft = await store.draft(path);
      await draft.put('a', text('1'));
      server.revoke();
      expect(await refused(draft.commit(receiptOf('2024-01-15')))).toMatch(
        /^credentials: Google does not accept the credentials for 'gs:\/\/games\/nba-com.*manifest.json' \(Invalid Credentials\): they were revoked, have expired or are of another account\. Renew them with 'gcloud auth application-default login'/,
      );
      expect(names()).toHaveLength(1);
    });

    test('of a service that stays unwell, after all attempts', async () => {
      server.fail({on: 'objects.insert', times: 99, trouble: {kind: 'status', status: 503, when: 'before'}});
      expect(await refused(storeAt(server.url).replace('a', text('1')))).toBe(
        "unreachable: Cloud Storage would not write 'gs://games/a', again and again (503: Backend Error). Wait a while and run again; what was committed stays.",
      );
      expect(asked('objects.insert')).toHaveLength(6);
    });

    test('of a server that is not there', async () => {
      const {url} = server;
      await server.close();
      expect(await refused(storeAt(url).replace('a', text('1')))).toBe(
        `unreachable: Cloud Storage could not be reached at ${url} (ECONNREFUSED). See whether the network is there and the store's 'endpoint' is right, and run again.`,
      );
      expect(await refused(bucketAt(url).write('a', large))).toContain(`could not be reached at ${url}`);
      server = await startStorageServer({buckets: BUCKETS});
    });
  });
});

test('an object at a fixed place may be written as often as Cloud Storage lets it, by waiting', async () => {
  const server = await startStorageServer({buckets: BUCKETS, pace: 100});
  try {
    const store = storeAt(server.url, {patience: {firstBackoff: 20, longestBackoff: 100, attempts: 9}});
    for (const value of ['1', '2', '3']) await store.replace('a', text(value));
    expect(Buffer.from((await store.find('a')) ?? []).toString()).toBe('3');
    expect(server.requests.some(({status}) => status === 429)).toBe(true);
  } finally {
    await server.close();
  }
});
