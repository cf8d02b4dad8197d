/**
 * Rules of Cloud Storage as questions that any server can be asked over HTTP, for a comparison of servers.
 * The test server's own tests go further (storage-server.test.ts).
 */
import {randomBytes} from 'node:crypto';

export interface StorageRule {
  readonly rule: string;
  /** Asks the server at that address about its bucket `games`. */
  readonly holds: (url: string) => Promise<boolean>;
}

const SIGNED = {authorization: 'Bearer test-token'};

function uploadTo(url: string, query: Readonly<Record<string, string>>): string {
  return `${url}/upload/storage/v1/b/games/o?${new URLSearchParams(query)}`;
}

function insert(url: string, name: string, query: Readonly<Record<string, string>> = {}): Promise<Response> {
  const place = uploadTo(url, {uploadType: 'media', name, ...query});
  return fetch(place, {method: 'POST', headers: SIGNED, body: 'ball'});
}

async function begin(
  url: string,
  name: string,
  query: Readonly<Record<string, string>> = {},
): Promise<string> {
  const place = uploadTo(url, {uploadType: 'resumable', name, ...query});
  const answer = await fetch(place, {
    method: 'POST',
    headers: {...SIGNED, 'content-type': 'application/json'},
    body: '{}',
  });
  return answer.headers.get('location') ?? '';
}

function put(
  session: string,
  bytes: number,
  range: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = new Uint8Array(bytes);
  return fetch(session, {method: 'PUT', headers: {...SIGNED, ...headers, 'content-range': range}, body});
}

const fresh = (): string => randomBytes(6).toString('hex');
const place = (url: string, name: string): string => `${url}/storage/v1/b/games/o/${name}`;

export const RULES: readonly StorageRule[] = [
  {
    rule: 'ifGenerationMatch=0 refuses what is there (412)',
    async holds(url) {
      const name = fresh();
      const first = await insert(url, name, {ifGenerationMatch: '0'});
      return first.ok && (await insert(url, name, {ifGenerationMatch: '0'})).status === 412;
    },
  },
  {
    rule: 'a session is refused at its start where the object is there (412)',
    async holds(url) {
      const name = fresh();
      await insert(url, name);
      const at = uploadTo(url, {uploadType: 'resumable', name, ifGenerationMatch: '0'});
      const answer = await fetch(at, {method: 'POST', headers: SIGNED, body: '{}'});
      return answer.status === 412;
    },
  },
  {
    rule: 'a session is refused at its end where the object came in between (412)',
    async holds(url) {
      const name = fresh();
      const session = await begin(url, name, {ifGenerationMatch: '0'});
      await insert(url, name);
      return (await put(session, 1, 'bytes 0-0/1')).status === 412;
    },
  },
  {
    rule: 'a session tells what came so far (308 with Range)',
    async holds(url) {
      const session = await begin(url, fresh());
      await put(session, 262_144, 'bytes 0-262143/*');
      const answer = await put(session, 0, 'bytes */*');
      return answer.status === 308 && answer.headers.get('range') === 'bytes=0-262143';
    },
  },
  {
    rule: 'an ended session gives its object again',
    async holds(url) {
      const session = await begin(url, fresh());
      await put(session, 1, 'bytes 0-0/1');
      return (await put(session, 0, 'bytes */1')).status === 200;
    },
  },
  {
    rule: 'a chunk that is no multiple of 256 KiB is refused (400)',
    holds: async url => (await put(await begin(url, fresh()), 1_000, 'bytes 0-999/*')).status === 400,
  },
  {
    rule: 'a wrong CRC32C with the last chunk is refused (400)',
    async holds(url) {
      const session = await begin(url, fresh());
      return (await put(session, 1, 'bytes 0-0/1', {'x-goog-hash': 'crc32c=AAAAAA=='})).status === 400;
    },
  },
  {
    rule: 'a removal names its generation (412 of another)',
    async holds(url) {
      const name = fresh();
      await insert(url, name);
      const answer = await fetch(`${place(url, name)}?ifGenerationMatch=1`, {
        method: 'DELETE',
        headers: SIGNED,
      });
      return answer.status === 412;
    },
  },
  {
    rule: 'a second write of an object within a second is refused (429)',
    async holds(url) {
      const name = fresh();
      await insert(url, name);
      return (await insert(url, name)).status === 429;
    },
  },
  {
    rule: 'a request without a token is refused (401)',
    holds: async url => (await fetch(`${url}/storage/v1/b/games`)).status === 401,
  },
  {
    rule: 'an absent bucket is told from an absent object',
    async holds(url) {
      const answer = await fetch(`${url}/storage/v1/b/gmaes/o/a`, {headers: SIGNED});
      return answer.status === 404 && /bucket does not exist/i.test(await answer.text());
    },
  },
  {
    rule: 'a name with a line break is refused (400)',
    holds: async url => (await insert(url, `${fresh()}\nb`)).status === 400,
  },
];
