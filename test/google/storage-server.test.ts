/**
 * The rules of Cloud Storage that the test server keeps, each asked for by the real client where the client can ask, and
 * each beside the page that says it. They are not checked against Google's own servers here (`test:live` is for that).
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {type ApiError, type Bucket, IdempotencyStrategy, Storage} from '@google-cloud/storage';
import {afterEach, describe, expect, test} from 'vitest';
import {crc32c} from './crc32c.ts';
import {RULES} from './storage-rules.ts';
import {type StorageServer, type StorageServerOptions, startStorageServer} from './storage-server.ts';

let server: StorageServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: Partial<StorageServerOptions> = {}): Promise<StorageServer> {
  server = await startStorageServer({buckets: {games: {location: 'us-west2'}}, ...options});
  return server;
}

function client(url: string, {retries = 0} = {}): Bucket {
  const storage = new Storage({
    apiEndpoint: url,
    projectId: 'p',
    retryOptions: {
      autoRetry: retries > 0,
      maxRetries: retries,
      retryDelayMultiplier: 1,
      // Its least.
      maxRetryDelay: 1,
      idempotencyStrategy: IdempotencyStrategy.RetryAlways,
    },
  });
  return storage.bucket('games');
}

async function opened(options: Partial<StorageServerOptions> = {}): Promise<Bucket> {
  return client((await start(options)).url);
}

const absent = {preconditionOpts: {ifGenerationMatch: 0}};
const simple = {resumable: false, ...absent};

async function codeOf(doing: Promise<unknown>): Promise<unknown> {
  return await doing.then(
    () => undefined,
    (error: ApiError) => error.code,
  );
}

test('its CRC32C is that of RFC 3720', () => {
  expect(Buffer.from(crc32c(Buffer.from('123456789')), 'base64').toString('hex')).toBe('e3069283');
  expect(crc32c(Buffer.alloc(32))).toBe(Buffer.from('8a9136aa', 'hex').toString('base64'));
});

describe('uploads and reads', () => {
  // https://cloud.google.com/storage/docs/uploads-downloads: single-request and resumable uploads.
  test.each([
    {how: 'multipart', options: simple},
    {how: 'resumable', options: {resumable: true, ...absent}},
    {how: 'resumable in chunks', options: {resumable: true, chunkSize: 262_144, ...absent}},
  ])('bytes put in by a $how upload come out the same', async ({options}) => {
    const bucket = await opened();
    const bytes = Buffer.alloc(600_000, 'basketball');
    await bucket.file('a/b c.json').save(bytes, {contentType: 'application/json', ...options});
    const [found] = await bucket.file('a/b c.json').download();
    expect(found.equals(bytes)).toBe(true);
    const [metadata] = await bucket.file('a/b c.json').getMetadata();
    expect(metadata).toMatchObject({
      size: '600000',
      crc32c: crc32c(bytes),
      contentType: 'application/json',
      metageneration: '1',
    });
  });

  test('a media upload takes its name from the address', async () => {
    const {url} = await start();
    const place = `${url}/upload/storage/v1/b/games/o?uploadType=media&name=a%2Fb.json`;
    const answer = await fetch(place, {method: 'POST', body: '{"a":1}'});
    expect(await answer.json()).toMatchObject({name: 'a/b.json', size: '7'});
    for (const way of ['/storage/v1', '/download/storage/v1']) {
      const read = await fetch(`${url}${way}/b/games/o/a%2Fb.json?alt=media`);
      expect(await read.text()).toBe('{"a":1}');
    }
  });

  // https://cloud.google.com/storage/docs/json_api/v1/objects/get: "Range" asks for a part.
  test('a range of bytes is read', async () => {
    const bucket = await opened();
    await bucket.file('a').save('0123456789', simple);
    const [middle] = await bucket.file('a').download({start: 2, end: 4});
    expect(middle.toString()).toBe('234');
  });

  test('an upload without a byte is an object', async () => {
    const bucket = await opened();
    await bucket.file('a').save('', simple);
    await bucket.file('b').save('', {resumable: true, ...absent});
    for (const name of ['a', 'b']) expect((await bucket.file(name).download())[0].byteLength).toBe(0);
  });

  // https://cloud.google.com/storage/docs/data-validation: a hash given with the upload that does not match refuses it.
  test('a wrong checksum given with the upload refuses it', async () => {
    const bucket = await opened();
    for (const metadata of [{crc32c: 'AAAAAA=='}, {md5Hash: 'AAAAAAAAAAAAAAAAAAAAAA=='}]) {
      for (const resumable of [false, true]) {
        const doing = bucket.file('a').save('1', {resumable, metadata, ...absent});
        expect(await codeOf(doing)).toBe(400);
      }
    }
    expect(await bucket.file('a').exists()).toEqual([false]);
  });

  // https://cloud.google.com/storage/docs/data-validation: x-goog-hash of a download lets the client check it.
  test('other bytes than those stored are noticed by the client', async () => {
    const {url} = await start();
    const bucket = client(url);
    await bucket.file('a').save('0123456789', simple);
    server?.fail({on: 'objects.media', trouble: {kind: 'flip'}});
    expect(await codeOf(bucket.file('a').download())).toBe('CONTENT_DOWNLOAD_MISMATCH');
  });

  // https://cloud.google.com/storage/docs/objects#naming
  test.each(['', 'a\nb', '..', 'x'.repeat(1025)])('an object named %j is refused', async name => {
    const {url} = await start();
    const place = `${url}/upload/storage/v1/b/games/o?uploadType=media&name=${encodeURIComponent(name)}`;
    expect((await fetch(place, {method: 'POST', body: '1'})).status).toBe(400);
  });
});

describe('generations and preconditions', () => {
  // https://cloud.google.com/storage/docs/metadata#generation-number
  test('an overwrite is another generation, and changed metadata another metageneration', async () => {
    const bucket = await opened();
    const file = bucket.file('a');
    await file.save('1', simple);
    const first = await file.getMetadata();
    await file.setMetadata({metadata: {season: '2023-24'}});
    const second = await file.getMetadata();
    expect(second[0]).toMatchObject({
      generation: first[0].generation,
      metageneration: '2',
      metadata: {season: '2023-24'},
    });
    await file.save('2', {resumable: false});
    const [third] = await file.getMetadata();
    expect(Number(third.generation)).toBeGreaterThan(Number(second[0].generation));
    expect(third.metageneration).toBe('1');
  });

  // https://cloud.google.com/storage/docs/request-preconditions: "If the value doesn't match, the request fails with a
  // 412 Precondition Failed response"; 0 stands for no live object.
  test('ifGenerationMatch 0 creates only what is absent', async () => {
    const bucket = await opened();
    for (const resumable of [false, true]) {
      await bucket.file(`a${resumable}`).save('1', {resumable, ...absent});
      expect(await codeOf(bucket.file(`a${resumable}`).save('2', {resumable, ...absent}))).toBe(412);
      expect((await bucket.file(`a${resumable}`).download())[0].toString()).toBe('1');
    }
  });

  test('ifGenerationMatch of an older generation overwrites and deletes nothing', async () => {
    const bucket = await opened();
    const file = bucket.file('a');
    await file.save('1', simple);
    const generation = Number((await file.getMetadata())[0].generation);
    await file.save('2', {resumable: false, preconditionOpts: {ifGenerationMatch: generation}});
    const old = {ifGenerationMatch: generation};
    expect(await codeOf(file.save('3', {resumable: false, preconditionOpts: old}))).toBe(412);
    expect(await codeOf(file.delete(old))).toBe(412);
    expect((await file.download())[0].toString()).toBe('2');
  });

  test('ifMetagenerationMatch guards metadata', async () => {
    const bucket = await opened();
    const file = bucket.file('a');
    await file.save('1', simple);
    const doing = file.setMetadata({metadata: {a: 'b'}}, {ifMetagenerationMatch: 2});
    expect(await codeOf(doing)).toBe(412);
  });

  test('ifGenerationNotMatch of what is there answers 304', async () => {
    const {url} = await start();
    const bucket = client(url);
    await bucket.file('a').save('1', simple);
    const {generation} = (await bucket.file('a').getMetadata())[0];
    const answer = await fetch(`${url}/storage/v1/b/games/o/a?ifGenerationNotMatch=${generation}`);
    expect(answer.status).toBe(304);
  });

  test('a generation that is gone is not found', async () => {
    const bucket = await opened();
    await bucket.file('a').save('1', simple);
    const {generation} = (await bucket.file('a').getMetadata())[0];
    await bucket.file('a').save('2', {resumable: false});
    const old = bucket.file('a', {generation: Number(generation)});
    expect(await codeOf(old.download())).toBe(404);
  });
});

describe('resumable uploads', () => {
  const size = 4 * 262_144;
  const bytes = Buffer.alloc(size, 'shot clock ');

  async function session(url: string, query = '', metadata: object = {}): Promise<string> {
    const answer = await fetch(`${url}/upload/storage/v1/b/games/o?uploadType=resumable&name=a${query}`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify(metadata),
    });
    return answer.headers.get('location') ?? '';
  }

  function put(uri: string, part: Uint8Array, range: string): Promise<Response> {
    // A copy: a view of a larger buffer is no BodyInit for the types.
    return fetch(uri, {method: 'PUT', headers: {'content-range': range}, body: new Uint8Array(part)});
  }

  // https://cloud.google.com/storage/docs/performing-resumable-uploads#status-check
  test('a session tells what came, and the object appears with the last byte', async () => {
    const {url} = await start();
    const uri = await session(url);
    const none = await put(uri, Buffer.alloc(0), 'bytes */*');
    expect([none.status, none.headers.get('range')]).toEqual([308, null]);
    const some = await put(uri, bytes.subarray(0, 262_144), `bytes 0-262143/${size}`);
    expect([some.status, some.headers.get('range')]).toEqual([308, 'bytes=0-262143']);
    expect(server?.bucket('games').names()).toEqual([]);
    const last = await put(uri, bytes.subarray(262_144), `bytes 262144-${size - 1}/${size}`);
    expect(await last.json()).toMatchObject({size: String(size), crc32c: crc32c(bytes)});
    const again = await put(uri, Buffer.alloc(0), `bytes */${size}`);
    expect(again.status).toBe(200);
    expect(server?.bucket('games').names()).toEqual(['a']);
  });

  // Same page, "Multiple chunk upload": chunk sizes are multiples of 256 KiB, but for the last.
  test('a chunk of another size than a multiple of 256 KiB is refused', async () => {
    const {url} = await start();
    const uri = await session(url);
    expect((await put(uri, bytes.subarray(0, 1_000), 'bytes 0-999/*')).status).toBe(400);
  });

  test('bytes that came already are passed over, and a gap is refused', async () => {
    const {url} = await start();
    const uri = await session(url);
    await put(uri, bytes.subarray(0, 524_288), 'bytes 0-524287/*');
    expect((await put(uri, bytes.subarray(786_432), `bytes 786432-${size - 1}/${size}`)).status).toBe(400);
    expect((await put(uri, bytes.subarray(262_144), `bytes 262144-${size - 1}/${size}`)).status).toBe(200);
    expect(server?.bucket('games').find('a')?.bytes.equals(bytes)).toBe(true);
  });

  // https://cloud.google.com/storage/docs/performing-resumable-uploads#cancel-upload: 499.
  test('a cancelled session is gone', async () => {
    const {url} = await start();
    const uri = await session(url);
    expect((await fetch(uri, {method: 'DELETE'})).status).toBe(499);
    expect((await put(uri, Buffer.alloc(0), 'bytes */*')).status).toBe(404);
  });

  test('the precondition holds at the end, too', async () => {
    const {url} = await start();
    const uri = await session(url, '&ifGenerationMatch=0');
    await client(url).file('a').save('of someone else', simple);
    expect((await put(uri, bytes, `bytes 0-${size - 1}/${size}`)).status).toBe(412);
    expect(server?.bucket('games').find('a')?.bytes.toString()).toBe('of someone else');
  });

  // https://cloud.google.com/storage/docs/data-validation: X-Goog-Hash with the last chunk.
  test('the checksum sent with the last chunk is checked', async () => {
    const {url} = await start();
    const uri = await session(url);
    const headers = {'content-range': 'bytes 0-0/1', 'x-goog-hash': 'crc32c=AAAAAA=='};
    expect((await fetch(uri, {method: 'PUT', headers, body: '1'})).status).toBe(400);
    expect(server?.bucket('games').names()).toEqual([]);
  });

  const troubles = [
    {what: 'breaks in the middle of a chunk', trouble: {kind: 'cut', bytes: 400_000}, came: 262_144},
    {what: 'keeps less of a chunk than was sent', trouble: {kind: 'keep', bytes: 262_144}, came: 262_144},
    {what: 'answers 503 to a chunk', trouble: {kind: 'status', status: 503, when: 'before'}, came: 0},
    {what: 'loses its answer', trouble: {kind: 'reset', when: 'after'}, came: 524_288},
  ] as const;

  // Same page: "you should not assume that the server received all bytes sent in any given request".
  test.each(troubles)('a session goes on after the server $what', async ({trouble, came}) => {
    const {url} = await start();
    const uri = await session(url);
    server?.fail({on: 'uploads.put', trouble});
    await put(uri, bytes.subarray(0, 524_288), `bytes 0-524287/${size}`).catch(() => undefined);
    const status = await put(uri, Buffer.alloc(0), 'bytes */*');
    expect(status.headers.get('range')).toBe(came === 0 ? null : `bytes=0-${came - 1}`);
    await put(uri, bytes.subarray(came), `bytes ${came}-${size - 1}/${size}`);
    expect(server?.bucket('games').find('a')?.bytes.equals(bytes)).toBe(true);
  });

  test.each(troubles)('the client goes on after the server $what', async ({trouble}) => {
    const {url} = await start();
    server?.fail({on: 'uploads.put', trouble});
    const options = {resumable: true, chunkSize: 524_288, ...absent};
    await client(url, {retries: 3}).file('a').save(bytes, options);
    expect(server?.bucket('games').find('a')?.bytes.equals(bytes)).toBe(true);
  });

  test('the answer to the last chunk, where it was lost, is asked for again', async () => {
    const {url} = await start();
    const uri = await session(url);
    server?.fail({on: 'uploads.put', trouble: {kind: 'reset', when: 'after'}});
    await expect(put(uri, bytes, `bytes 0-${size - 1}/${size}`)).rejects.toThrow();
    const status = await put(uri, Buffer.alloc(0), 'bytes */*');
    expect(await status.json()).toMatchObject({name: 'a', crc32c: crc32c(bytes)});
  });
});

describe('listings', () => {
  const names = ['games/2024-01-14/a', 'games/2024-01-15/a', 'games/2024-01-15/b', 'games/2024-01-16/a', 'z'];

  async function filled(options: Partial<StorageServerOptions> = {}): Promise<Bucket> {
    const bucket = await opened(options);
    for (const name of names) await bucket.file(name).save('1', simple);
    return bucket;
  }

  async function listed(bucket: Bucket, query: object): Promise<string[]> {
    const [files] = await bucket.getFiles(query);
    return files.map(({name}) => name);
  }

  // https://cloud.google.com/storage/docs/json_api/v1/objects/list: "objects whose names begin with this prefix";
  // startOffset inclusive, endOffset exclusive.
  test('prefix, startOffset and endOffset choose names', async () => {
    const bucket = await filled();
    expect(await listed(bucket, {prefix: 'games/2024-01-15/'})).toEqual([names[1], names[2]]);
    const days = {startOffset: 'games/2024-01-15/', endOffset: 'games/2024-01-16/'};
    expect(await listed(bucket, days)).toEqual([names[1], names[2]]);
    expect(await listed(bucket, {startOffset: names[3], endOffset: 'z'})).toEqual([names[3]]);
  });

  test('a delimiter gives folders, each once', async () => {
    const bucket = await filled();
    const asked = {prefix: 'games/', delimiter: '/', autoPaginate: false};
    const [files, , answer] = await bucket.getFiles(asked);
    expect(files).toEqual([]);
    expect(answer).toMatchObject({
      prefixes: ['games/2024-01-14/', 'games/2024-01-15/', 'games/2024-01-16/'],
    });
  });

  // Same page: a page holds at most 1,000 entries, whatever maxResults says.
  test('pages follow each other without a name lost or doubled', async () => {
    const bucket = await filled({page: 2});
    expect(await listed(bucket, {})).toEqual(names);
    expect(server?.requests.filter(({operation}) => operation === 'objects.list')).toHaveLength(3);
    const folders: string[] = [];
    let query: object | null = {prefix: 'games/', delimiter: '/', maxResults: 1, autoPaginate: false};
    while (query !== null) {
      const [, next, answer]: [unknown, object | null, unknown] = await bucket.getFiles(query);
      folders.push(...((answer as {prefixes?: string[]}).prefixes ?? []));
      query = next ?? null;
    }
    expect(folders).toEqual(['games/2024-01-14/', 'games/2024-01-15/', 'games/2024-01-16/']);
  });

  // https://cloud.google.com/storage/docs/json_api#partial-response
  test('only the fields asked for are answered', async () => {
    const bucket = await filled({page: 2});
    const asked = {fields: 'items(name,size),nextPageToken', autoPaginate: false};
    const [, , answer] = await bucket.getFiles(asked);
    expect(answer).toEqual({
      items: [
        {name: names[0], size: '1'},
        {name: names[1], size: '1'},
      ],
      nextPageToken: expect.any(String),
    });
  });

  // https://cloud.google.com/storage/docs/consistency: "Object listing" is strongly consistent, also after a delete.
  test('a listing shows what was just written and deleted', async () => {
    const bucket = await filled();
    await bucket.file('y').save('1', simple);
    await bucket.file('z').delete();
    expect(await listed(bucket, {startOffset: 'y'})).toEqual(['y']);
  });

  test('names are in the order of their UTF-8 bytes', async () => {
    const bucket = await opened();
    for (const name of ['\u{1f3c0}', '\uff5e', 'B', 'a']) await bucket.file(name).save('1', simple);
    expect(await listed(bucket, {})).toEqual(['B', 'a', '\uff5e', '\u{1f3c0}']);
  });
});

describe('refusals', () => {
  // https://cloud.google.com/storage/docs/json_api/v1/status-codes
  test('an absent object and an absent bucket are not found', async () => {
    const bucket = await opened();
    expect(await codeOf(bucket.file('a').download())).toBe(404);
    expect(await codeOf(bucket.file('a').getMetadata())).toBe(404);
    expect(await codeOf(bucket.file('a').delete())).toBe(404);
    const other = bucket.storage.bucket('other');
    await expect(other.getFiles()).rejects.toMatchObject({
      code: 404,
      message: 'The specified bucket does not exist.',
    });
    expect(await codeOf(other.file('a').save('1', simple))).toBe(404);
    expect(await codeOf(other.file('a').save('1', absent))).toBe(404);
  });

  test('a missing permission is a 403 that names it', async () => {
    const bucket = await opened();
    await bucket.file('a').save('1', simple);
    for (const permission of ['create', 'get', 'list', 'delete'])
      server?.bucket('games').denied.add(`storage.objects.${permission}`);
    const doings = [
      () => bucket.file('b').save('1', simple),
      () => bucket.file('b').save('1', absent),
      () => bucket.file('a').download(),
      () => bucket.getFiles(),
      () => bucket.file('a').delete(),
    ];
    for (const doing of doings) expect(await codeOf(doing())).toBe(403);
    const wanted = ['storage.objects.create', 'storage.buckets.get'];
    expect((await bucket.iam.testPermissions(wanted))[0]).toEqual({
      'storage.objects.create': false,
      'storage.buckets.get': true,
    });
  });

  // https://cloud.google.com/storage/docs/access-control/iam-json: an insert over an object needs storage.objects.delete.
  test('an overwrite needs the permission to delete', async () => {
    const bucket = await opened();
    server?.bucket('games').denied.add('storage.objects.delete');
    await bucket.file('a').save('1', simple);
    expect(await codeOf(bucket.file('a').save('2', {resumable: false}))).toBe(403);
  });

  test('revoked credentials are a 401, also for what was allowed before', async () => {
    const bucket = await opened();
    await bucket.file('a').save('1', simple);
    server?.revoke();
    expect(await codeOf(bucket.file('a').download())).toBe(401);
    expect(await codeOf(bucket.file('b').save('1', absent))).toBe(401);
  });

  test('another token than the one accepted is a 401', async () => {
    const {url} = await start({token: 'right'});
    const ask = (headers: Record<string, string>) => fetch(`${url}/storage/v1/b/games`, {headers});
    expect((await ask({})).status).toBe(401);
    expect((await ask({authorization: 'Bearer wrong'})).status).toBe(401);
    expect((await ask({authorization: 'Bearer right'})).status).toBe(200);
  });

  // https://cloud.google.com/storage/quotas#objects: "Maximum rate of writes to the same object name: One write per
  // second".
  test('a second write of one object within a second is a 429', async () => {
    let now = 1_700_000_000_000;
    const bucket = await opened({pace: 1_000, now: () => now});
    await bucket.file('a').save('1', simple);
    await bucket.file('b').save('1', simple);
    expect(await codeOf(bucket.file('a').save('2', {resumable: false}))).toBe(429);
    now += 1_000;
    await bucket.file('a').save('2', {resumable: false});
  });
});

// https://cloud.google.com/storage/docs/json_api/v1/buckets: "location"
test('a bucket tells where it lies', async () => {
  const bucket = await opened();
  expect((await bucket.getMetadata())[0]).toMatchObject({name: 'games', location: 'US-WEST2'});
});

describe('faults', () => {
  const troubles = [
    {kind: 'status', status: 503, when: 'before'},
    {kind: 'status', status: 503, when: 'after'},
    {kind: 'reset', when: 'before'},
    {kind: 'reset', when: 'after'},
  ] as const;

  test.each(troubles)('$kind $when the write is seen by the client', async trouble => {
    const {url} = await start();
    server?.fail({on: 'objects.insert', trouble});
    const bucket = client(url);
    await expect(bucket.file('a').save('1', simple)).rejects.toThrow();
    expect(server?.bucket('games').names()).toEqual(trouble.when === 'after' ? ['a'] : []);
    await bucket.file('b').save('1', simple);
  });

  test('an object, a number of right answers and a number of faults are chosen', async () => {
    const {url} = await start();
    const bucket = client(url);
    await bucket.file('a').save('1', simple);
    const trouble = {kind: 'status', status: 500, when: 'before'} as const;
    server?.fail({on: ['objects.media', 'objects.get'], name: 'a', skip: 1, times: 2, trouble});
    const codes: unknown[] = [];
    for (let time = 0; time < 4; time++) codes.push(await codeOf(bucket.file('a').download()));
    expect(codes).toEqual([undefined, 500, 500, undefined]);
    expect(server?.requests.filter(({status}) => status === 500)).toHaveLength(2);
    server?.fail({on: 'objects.media', trouble});
    server?.heal();
    expect(await codeOf(bucket.file('a').download())).toBeUndefined();
  });

  test('a body that is cut off is an error', async () => {
    const {url} = await start();
    const bucket = client(url);
    await bucket.file('a').save('0123456789', simple);
    server?.fail({on: 'objects.media', trouble: {kind: 'truncate', bytes: 4}});
    await expect(bucket.file('a').download()).rejects.toThrow();
  });

  test('a slow answer is slow', async () => {
    const {url} = await start();
    server?.fail({on: 'buckets.get', trouble: {kind: 'slow', ms: 60}});
    const before = performance.now();
    await client(url).getMetadata();
    expect(performance.now() - before).toBeGreaterThan(50);
  });
});

test.each(RULES)('beside others: $rule', async ({holds}) => {
  const {url} = await start({pace: 1_000, token: 'test-token'});
  expect(await holds(url)).toBe(true);
});

test('it runs as a process of its own', async () => {
  const options = JSON.stringify({buckets: {games: {location: 'us-west2'}}});
  const child = spawn(process.execPath, ['test/google/storage-process.ts', options], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  const bucket = client(String((await lines.next()).value));
  await bucket.file('a').save('1', simple);
  child.stdin.write(`${JSON.stringify({on: 'objects.media', trouble: {kind: 'reset', when: 'before'}})}\n`);
  expect((await lines.next()).value).toBe('failing');
  await expect(bucket.file('a').download()).rejects.toThrow();
  child.stdin.end();
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});
