/** The whole server over real connections, as one who means harm would use it. */
import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import net from 'node:net';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {ToyProject} from '../cli/command-line.ts';
import {TOKEN} from './safe-app.ts';
import {SELF} from './served.ts';

interface Running {
  readonly process: ChildProcess;
  readonly url: URL;
}

const project = new ToyProject();
let open: Running;
let guarded: Running;

beforeAll(async () => {
  // Also builds what is not built.
  const [node, ...self] = SELF;
  spawnSync(node, [...self, 'materialize', '-C', project.root]);
  [open, guarded] = await Promise.all([
    serve([], {}),
    serve(['--read-only', '--allow-host', 'plan.example'], {GAMEPLAN_TOKEN: TOKEN}),
  ]);
});
afterAll(async () => {
  for (const {process} of [open, guarded]) {
    process.kill('SIGINT');
    await once(process, 'exit');
  }
  project.remove();
});

async function serve(flags: readonly string[], env: Record<string, string>): Promise<Running> {
  const [node, ...self] = SELF;
  const child = spawn(node, [...self, 'serve', '-C', project.root, '--port', '0', ...flags], {
    env: {...process.env, ...env},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(child.stdout, 'data');
  const [address = ''] = /http:\S+/.exec(String(said)) ?? [];
  return {process: child, url: new URL(address)};
}

/** Sends bytes as they are, and reads until the other end closes or nothing more comes. */
async function raw({url}: Running, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = net.connect(Number(url.port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', chunk => chunks.push(chunk));
  // The server may close while more is sent.
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  socket.setTimeout(700, () => socket.destroy());
  await new Promise(resolve => socket.once('close', resolve));
  return Buffer.concat(chunks).toString('latin1');
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
const head = (line: string, ...headers: readonly string[]) => `${[line, ...headers].join('\r\n')}\r\n\r\n`;
const ask = (address: string, init: RequestInit = {}, {url}: Running = open) =>
  fetch(new URL(address, url), {redirect: 'manual', ...init});
const post = (
  address: string,
  body: unknown = {},
  headers: Record<string, string> = {},
  to: Running = open,
) =>
  ask(
    address,
    {
      method: 'POST',
      headers: {origin: to.url.origin, 'content-type': 'application/json', ...headers},
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
    to,
  );

test('another address without a token is no place to listen', () => {
  const [node, ...self] = SELF;
  const tried = spawnSync(node, [...self, 'serve', '-C', project.root, '--host', '0.0.0.0'], {
    encoding: 'utf8',
  });
  expect([tried.status, tried.stdout]).toEqual([64, '']);
  expect(tried.stderr).toMatch(/^error: --host 0\.0\.0\.0: others can reach that address/);
});

test.each([
  [
    {GAMEPLAN_TOKEN: 'short'},
    [],
    /^error: GAMEPLAN_TOKEN: a token has at least 16 characters, and this one has 5\./,
  ],
  [{}, ['--token-file', 'none.txt'], /^error: --token-file .*none\.txt: it cannot be read \(ENOENT\)\.\n$/],
  [
    {},
    ['--host', 'no.such.host.invalid'],
    /^error: --host no\.such\.host\.invalid: others can reach that address/,
  ],
  [{}, ['--port', '99999'], /It must be a number from 0 to 65535/],
] as const)('it does not start with %j %j', (env, flags, told) => {
  const [node, ...self] = SELF;
  const tried = spawnSync(node, [...self, 'serve', '-C', project.root, ...flags], {
    encoding: 'utf8',
    env: {...process.env, ...env},
  });
  expect([tried.status, tried.stdout]).toEqual([64, '']);
  expect(tried.stderr).toMatch(told);
});

test('a name that was declared is one of the server, and no other', async () => {
  const status = async (host: string) =>
    statusOf(await raw(guarded, head('GET /api/v1/pipeline HTTP/1.1', `Host: ${host}`, 'Connection: close')));
  expect(await status('plan.example')).toBe(401);
  expect(await status(`plan.example:${guarded.url.port}`)).toBe(401);
  expect(await status('plan.example.evil.example')).toBe(421);
});

describe('a request that is none', () => {
  const host = () => `Host: ${open.url.host}`;

  test.each(['TRACE', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'PROPFIND'])(
    '%s is not answered',
    async method => {
      const answer = await raw(
        open,
        head(`${method} /api/v1/pipeline HTTP/1.1`, host(), 'X-Secret: seen', 'Connection: close'),
      );
      expect(statusOf(answer)).toBe(405);
      expect(answer).not.toContain('seen');
      expect(answer.toLowerCase()).not.toContain('access-control');
    },
  );

  test('CONNECT opens no way through', async () => {
    expect(statusOf(await raw(open, head('CONNECT evil.example:443 HTTP/1.1', host())))).not.toBe(200);
  });

  test('without Host, with two, or with another in its address is refused', async () => {
    const status = async (...lines: readonly string[]) =>
      statusOf(await raw(open, head(lines[0] ?? '', ...lines.slice(1), 'Connection: close')));
    expect(await status('GET /api/v1/pipeline HTTP/1.1')).toBe(400);
    expect(await status('GET /api/v1/pipeline HTTP/1.0')).toBeGreaterThanOrEqual(400);
    expect(await status('GET /api/v1/pipeline HTTP/1.1', 'Host: evil.example')).toBe(421);
    expect(
      await status('GET /api/v1/pipeline HTTP/1.1', `Host: evil.example`, host()),
    ).toBeGreaterThanOrEqual(400);
    expect(await status('GET /api/v1/pipeline HTTP/1.1', host())).toBe(200);
    expect(await status('GET http://evil.example/api/v1/pipeline HTTP/1.1', 'Host: evil.example')).toBe(421);
  });

  test('of two lengths at once is refused', async () => {
    const answer = await raw(
      open,
      head(
        'POST /api/v1/heal HTTP/1.1',
        host(),
        `Origin: ${open.url.origin}`,
        'Content-Type: application/json',
        'Content-Length: 2',
        'Transfer-Encoding: chunked',
      ),
      '0\r\n\r\nGET /api/v1/pipeline HTTP/1.1\r\nHost: evil.example\r\n\r\n',
    );
    expect(statusOf(answer)).toBe(400);
  });

  test.each([
    '/../../../../etc/passwd',
    '/static/../../package.json',
    '/static/..%2f..%2f..%2fpackage.json',
    '/static//etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '//etc/passwd',
    '/static/\\..\\..\\package.json',
  ])('for %s leads to no file', async address => {
    const answer = await raw(open, head(`GET ${address} HTTP/1.1`, host(), 'Connection: close'));
    expect(answer).not.toMatch(/root:|"dependencies"/);
  });
});

describe('a body', () => {
  const big = 'x'.repeat(4 * 1024 * 1024 + 1);
  const headers = () => [
    `Host: ${open.url.host}`,
    `Origin: ${open.url.origin}`,
    'Content-Type: application/json',
  ];

  test('that says it is too long is not read', async () => {
    const answer = await raw(
      open,
      head('POST /api/v1/plans HTTP/1.1', ...headers(), 'Content-Length: 9999999999'),
    );
    expect(statusOf(answer)).toBe(413);
  });

  test('that is too long is cut off, and the server goes on', async () => {
    const chunk = Buffer.from(`${(1 << 20).toString(16)}\r\n${'x'.repeat(1 << 20)}\r\n`);
    const chunked = head('POST /api/v1/plans HTTP/1.1', ...headers(), 'Transfer-Encoding: chunked');
    const whole = head('POST /api/v1/plans HTTP/1.1', ...headers(), `Content-Length: ${big.length}`);
    // Who is cut off while he sends may not get the answer any more.
    expect([413, 0]).toContain(statusOf(await raw(open, chunked, ...Array.from({length: 6}, () => chunk))));
    expect([413, 0]).toContain(statusOf(await raw(open, whole, big)));
    expect((await ask('/api/v1/pipeline')).status).toBe(200);
  });

  test.each([
    '',
    '{',
    '[]',
    'null',
    '1',
    '"x"',
    `${'['.repeat(100_000)}`,
    '{"select":{"$gt":""}}',
    '{"select":"raw.*","x":1}',
    '\u0000',
    '{"a":1,"a":2}',
  ])('that is no question is refused: %#', async body => {
    const answer = await post('/api/v1/plans', body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toHaveProperty('error');
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'text/json',
    'application/json+x',
    '',
  ])('of the type %j is refused', async type => {
    expect((await post('/api/v1/plans', {}, {'content-type': type})).status).toBe(415);
  });
});

describe('every address that the API declares', () => {
  const declared = async (): Promise<readonly (readonly [method: string, address: string])[]> => {
    const {paths} = (await (await ask('/api/v1/openapi.json')).json()) as {paths: Record<string, object>};
    const named = {'{id}': 'x', '{asset}': 'raw.points', '{key}': '2024-01-15'};
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => {
        const filled = Object.entries(named).reduce((text, [name, value]) => text.replace(name, value), path);
        return [method, `/api/v1${filled}`] as const;
      }),
    );
  };

  test('posts refuse another site, another type, and read-only; without the token nothing is told', async () => {
    const all = await declared();
    const posts = all.filter(([method]) => method === 'post').map(([, address]) => address);
    expect(posts.length).toBeGreaterThanOrEqual(7);
    expect(all.every(([method]) => method === 'get' || method === 'post')).toBe(true);
    const bearer = {authorization: `Bearer ${TOKEN}`};
    for (const address of posts) {
      expect((await post(address, {}, {origin: 'http://evil.example'})).status).toBe(403);
      expect((await post(address, {}, {'sec-fetch-site': 'same-site'})).status).toBe(403);
      expect((await post(address, {}, {'content-type': 'text/plain'})).status).toBe(415);
      // A plan changes nothing.
      expect((await post(address, {}, bearer, guarded)).status).toBe(address === '/api/v1/plans' ? 201 : 403);
    }
    for (const [method, address] of all) {
      const answer =
        method === 'get' ? await ask(address, {}, guarded) : await post(address, {}, {}, guarded);
      expect([address, answer.status]).toEqual([address, 401]);
    }
    expect((await ask('/api/v1/stream', {}, guarded)).status).toBe(401);
    expect((await ask('/api/v1/openapi.json', {}, guarded)).status).toBe(401);
    expect((await ask('/api/v1/pipeline', {headers: bearer}, guarded)).status).toBe(200);
  });

  test('every answer, also one that refuses, says what a browser may do with it', async () => {
    const answers = await Promise.all([
      ...(await declared()).filter(([method]) => method === 'get').map(([, address]) => ask(address)),
      ask('/'),
      ask('/nowhere'),
      ask('/static/app.js'),
      ask('/static/chunks/none.js'),
      ask('/api/v1/none'),
      ask('/api/none'),
      post('/api/v1/plans', '{'),
      post('/api/v1/plans', {}, {origin: 'http://evil.example'}),
      ask('/login', {}, guarded),
      ask('/', {headers: {accept: 'text/html'}}, guarded),
      ask('/', {}, guarded),
    ]);
    for (const {url, headers} of answers) {
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy, url).toMatch(/^default-src 'none'/);
      expect(policy, url).toContain("frame-ancestors 'none'");
      expect(policy, url).toContain("base-uri 'none'");
      expect(policy, url).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('x-content-type-options'), url).toBe('nosniff');
      expect(headers.get('cross-origin-opener-policy'), url).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy'), url).toBe('same-origin');
      expect(headers.get('referrer-policy'), url).toMatch(/^(no-referrer|same-origin)$/);
      expect(headers.get('cache-control'), url).toMatch(/private|no-store/);
      expect(headers.get('x-powered-by'), url).toBeNull();
      expect(
        [...headers.keys()].filter(name => name.startsWith('access-control')),
        url,
      ).toEqual([]);
    }
  });

  test('no inline script or style stands in the page', async () => {
    const text = await (await ask('/')).text();
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|<style| style=| on\w+=/);
  });
});

test('a stream of events is only for this page', async () => {
  expect((await ask('/api/v1/stream', {headers: {'sec-fetch-site': 'cross-site'}})).status).toBe(403);
  expect(
    (await ask('/api/v1/stream', {headers: {origin: 'http://evil.example', 'sec-fetch-site': 'same-site'}}))
      .status,
  ).toBe(403);
  const stop = new AbortController();
  const answer = await ask('/api/v1/stream', {signal: stop.signal});
  expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  stop.abort();
});

test('the token opens the page, by its form and over a real connection', async () => {
  const form = (token: string) =>
    ask(
      '/login',
      {
        method: 'POST',
        headers: {origin: guarded.url.origin, 'content-type': 'application/x-www-form-urlencoded'},
        body: new URLSearchParams({token, next: '/gaps'}).toString(),
      },
      guarded,
    );
  const answer = await form(TOKEN);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/gaps']);
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  expect((await ask('/api/v1/pipeline', {headers: {cookie}}, guarded)).status).toBe(200);
  expect((await ask('/gaps', {headers: {cookie}}, guarded)).status).toBe(200);
  for (let tries = 0; tries < 5; tries++) expect((await form(`wrong-${tries}`)).status).toBe(401);
  expect((await form(TOKEN)).status).toBe(429);
  expect((await ask('/api/v1/pipeline', {headers: {cookie}}, guarded)).status).toBe(200);
});
