import {describe, expect, test} from 'vitest';
import {cookieOf, HOST, loginForm, ORIGIN, PORT, safeApp, TOKEN} from './safe-app.ts';

describe('by which name the server is called', () => {
  test.each([HOST, `localhost:${PORT}`, `[::1]:${PORT}`, `LOCALHOST:${PORT}`])(
    '%s is this machine',
    async host => {
      expect((await safeApp().ask('/', {headers: {host}})).status).toBe(200);
    },
  );

  test.each([
    'evil.example',
    `evil.example:${PORT}`,
    '127.0.0.1',
    `127.0.0.1:${PORT + 1}`,
    `127.0.0.1.evil.example:${PORT}`,
    `localhost.:${PORT}`,
    `127.0.0.1:${PORT}@evil.example`,
    `2130706433:${PORT}`,
    `0x7f.1:${PORT}`,
    `192.168.1.5:${PORT}`,
    `127.0.0.1:0${PORT}`,
    '',
  ])('a name that was made to point here is refused: %j', async host => {
    const app = safeApp();
    for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS'])
      expect(
        (await app.ask('/api/v1/pipeline', {method, headers: {host, origin: `http://${host}`}})).status,
      ).toBe(421);
    expect(app.reached).toEqual([]);
  });

  test('a server with a name of its own takes that name and no other', async () => {
    const app = safeApp({
      host: '192.168.1.5',
      token: TOKEN,
      allowedHosts: ['plan.example', 'other.example:8443'],
    });
    const authorization = `Bearer ${TOKEN}`;
    const status = async (host: string) => (await app.ask('/', {headers: {host, authorization}})).status;
    for (const host of [`192.168.1.5:${PORT}`, 'plan.example', `plan.example:${PORT}`, 'other.example:8443'])
      expect(await status(host)).toBe(200);
    for (const host of [HOST, 'other.example', 'plan.example:81', `192.168.1.6:${PORT}`])
      expect(await status(host)).toBe(421);
  });

  test('a server on every address takes any address, and no name that nobody declared', async () => {
    const app = safeApp({host: '0.0.0.0', token: TOKEN});
    const authorization = `Bearer ${TOKEN}`;
    const status = async (host: string) => (await app.ask('/', {headers: {host, authorization}})).status;
    for (const host of [HOST, `10.1.2.3:${PORT}`, `[fd00::1]:${PORT}`, `localhost:${PORT}`])
      expect(await status(host)).toBe(200);
    for (const host of [
      `evil.example:${PORT}`,
      `10.1.2.3:${PORT + 1}`,
      '10.1.2.3',
      `1.2.3:${PORT}`,
      `[::g]:${PORT}`,
    ])
      expect(await status(host)).toBe(421);
  });
});

describe('from which page a request comes', () => {
  const post = {method: 'POST'} as const;

  test('this page may post', async () => {
    const app = safeApp();
    expect((await app.ask('/api/v1/heal', post)).status).toBe(200);
    expect(app.reached).toEqual([{}]);
  });

  test.each([
    'http://evil.example',
    'null',
    '',
    `https://${HOST}`,
    `http://127.0.0.1:${PORT + 1}`,
    `http://localhost:${PORT}`,
    'http://127.0.0.1',
    `${ORIGIN}.evil.example`,
    `${ORIGIN}/`,
    ` ${ORIGIN}, http://evil.example`,
    `file://${HOST}`,
  ])('a post with the origin %j is refused', async origin => {
    const app = safeApp();
    const answer = await app.ask('/api/v1/heal', {...post, headers: {origin}});
    expect(answer.status).toBe(403);
    expect(app.reached).toEqual([]);
  });

  test.each(['cross-site', 'same-site', 'none', 'odd'])(
    'a post that a browser calls %s is refused',
    async site => {
      for (const origin of [ORIGIN, undefined]) {
        const app = safeApp();
        expect(
          (await app.ask('/api/v1/heal', {...post, headers: {origin, 'sec-fetch-site': site}})).status,
        ).toBe(403);
        expect(app.reached).toEqual([]);
      }
    },
  );

  test('a post without an origin that a browser calls its own may pass', async () => {
    const headers = {origin: undefined, 'sec-fetch-site': 'same-origin'};
    expect((await safeApp().ask('/api/v1/heal', {...post, headers})).status).toBe(200);
  });

  test('a script of this machine, which names no page, may post where there is no token', async () => {
    expect((await safeApp().ask('/api/v1/heal', {...post, headers: {origin: undefined}})).status).toBe(200);
  });

  test('where there is a token, what names no page must send the token itself: a cookie is not enough', async () => {
    const app = safeApp({token: TOKEN});
    const status = async (headers: Record<string, string>) =>
      (await app.ask('/api/v1/heal', {...post, headers: {origin: undefined, ...headers}})).status;
    expect(await status({cookie: `gameplan-${PORT}=whatever`})).toBe(403);
    expect(await status({authorization: `Bearer ${TOKEN}`})).toBe(200);
  });

  test('another site may open a page, and may not draw on what is answered', async () => {
    const app = safeApp();
    const status = async (path: string, site: string, mode: string, dest: string) =>
      (
        await app.ask(path, {
          headers: {'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest},
        })
      ).status;
    expect(await status('/gaps', 'cross-site', 'navigate', 'document')).toBe(200);
    expect(await status('/gaps', 'cross-site', 'navigate', 'iframe')).toBe(403);
    expect(await status('/api/v1/gaps', 'cross-site', 'navigate', 'document')).toBe(403);
    expect(await status('/api/v1/gaps', 'same-site', 'no-cors', 'script')).toBe(403);
    expect(await status('/api/v1/gaps', 'cross-site', 'cors', 'empty')).toBe(403);
    expect(await status('/api/v1/gaps', 'same-origin', 'cors', 'empty')).toBe(200);
    expect(await status('/api/v1/gaps', 'none', 'navigate', 'document')).toBe(200);
  });

  test('behind a proxy that says https the page is an https page', async () => {
    const app = safeApp({allowedHosts: ['plan.example']});
    const status = async (origin: string) =>
      (
        await app.ask('/api/v1/heal', {
          ...post,
          headers: {host: 'plan.example', origin, 'x-forwarded-proto': 'https'},
        })
      ).status;
    expect(await status('https://plan.example')).toBe(200);
    expect(await status('http://plan.example')).toBe(403);
  });
});

test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'X'])('%s is not answered', async method => {
  const app = safeApp();
  const answer = await app.ask('/api/v1/heal', {
    method,
    headers: {origin: 'http://evil.example', 'access-control-request-method': 'POST'},
  });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
  expect([...answer.headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([]);
});

test('what browsers heed over https or on this machine alone is said only there', async () => {
  const app = safeApp({token: undefined, host: '0.0.0.0'});
  const policy = async (headers: Record<string, string>) =>
    (await app.ask('/', {headers})).headers.get('cross-origin-opener-policy');
  expect(await policy({host: HOST})).toBe('same-origin');
  expect(await policy({host: `localhost:${PORT}`})).toBe('same-origin');
  expect(await policy({host: `10.0.0.1:${PORT}`})).toBeNull();
  expect(await policy({host: `10.0.0.1:${PORT}`, 'x-forwarded-proto': 'https'})).toBe('same-origin');
});

describe('what is posted', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    '',
    'application/json-patch+json',
    undefined,
  ])('is JSON, and not of the type %j', async type => {
    const app = safeApp();
    const headers = {'content-type': type};
    expect((await app.ask('/api/v1/heal', {method: 'POST', headers})).status).toBe(415);
    expect(app.reached).toEqual([]);
  });

  test.each(['application/json', 'Application/JSON; charset=utf-8'])('may be of the type %s', async type => {
    expect(
      (await safeApp().ask('/api/v1/heal', {method: 'POST', headers: {'content-type': type}})).status,
    ).toBe(200);
  });

  test('is no longer than four MiB, whatever it says of its length', async () => {
    const app = safeApp();
    const body = JSON.stringify('x'.repeat(4 * 1024 * 1024));
    for (const headers of [
      {},
      {'content-length': `${body.length}`},
      {'transfer-encoding': 'chunked', 'content-length': '2'},
    ]) {
      const answer = await app.ask('/api/v1/plans', {method: 'POST', headers, body});
      expect([answer.status, await answer.json()]).toEqual([
        413,
        {error: 'A request has at most 4,194,304 bytes.'},
      ]);
    }
    expect(app.reached).toEqual([]);
  });

  test('is nothing in read-only mode but what logs in and out, and what only plans', async () => {
    const app = safeApp({isReadOnly: true, token: TOKEN});
    const answer = await app.ask('/login', loginForm(TOKEN));
    const cookie = cookieOf(answer);
    expect(answer.status).toBe(303);
    expect((await app.ask('/api/v1/pipeline', {headers: {cookie}})).status).toBe(200);
    for (const address of [
      '/api/v1/heal',
      '/api/v1/plans/0123456789abcdef/materialize',
      '/api/v1/plans/',
      '/',
      '/login/x',
    ]) {
      const refused = await app.ask(address, {method: 'POST', headers: {cookie}});
      expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('--read-only')]);
    }
    expect(app.reached).toEqual([]);
    const json = {cookie, 'content-type': 'application/json'};
    expect((await app.ask('/api/v1/plans', {method: 'POST', headers: json, body: '{}'})).status).toBe(200);
    expect((await app.ask('/logout', {method: 'POST', headers: {cookie}})).status).toBe(303);
  });
});
