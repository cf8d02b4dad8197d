import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {beforeEach, describe, expect, test} from 'vitest';
import {localPath} from '../../server/login.ts';
import {assertAddress, readToken, UnsafeAddress} from '../../server/safety.ts';
import {Token} from '../../server/token.ts';
import {TryLimit} from '../../server/try-limit.ts';
import {cookieOf, loginForm, PORT, type SafeApp, safeApp, TOKEN} from './safe-app.ts';

let app: SafeApp;
beforeEach(() => {
  app = safeApp({token: TOKEN});
});
const cookieName = `gameplan-${PORT}`;
const logIn = async () => cookieOf(await app.ask('/login', loginForm(TOKEN)));
const statusWith = async (headers: Record<string, string>, address = '/api/v1/pipeline') =>
  (await app.ask(address, {headers})).status;

describe('where the server may listen', () => {
  test.each(['127.0.0.1', '127.8.8.8', '::1', '[::1]', 'localhost'])('%s needs no token', host => {
    expect(() => assertAddress(host, undefined)).not.toThrow();
  });

  test.each([
    '0.0.0.0',
    '::',
    '192.168.1.5',
    'plan.example',
    '::ffff:192.168.1.5',
    '128.0.0.1',
    'localhost.example',
    '',
  ])('%s does, and it is said how to give one', host => {
    expect(() => assertAddress(host, undefined)).toThrow(UnsafeAddress);
    expect(() => assertAddress(host, undefined)).toThrow(
      /GAMEPLAN_TOKEN or in a file \(--token-file PATH\), or leave --host out/,
    );
    expect(() => assertAddress(host, TOKEN)).not.toThrow();
  });

  test('a token that can be guessed, or that no header can carry, is refused', () => {
    const given = (token: string | undefined) => () =>
      readToken({env: {GAMEPLAN_TOKEN: token}, file: undefined});
    expect(given(undefined)()).toBeUndefined();
    expect(given(` ${TOKEN}\n`)()).toBe(TOKEN);
    expect(given('short')).toThrow('GAMEPLAN_TOKEN: a token has at least 16 characters, and this one has 5.');
    expect(given('')).toThrow(UnsafeAddress);
    expect(given('sixteen letters and spaces')).toThrow('without spaces');
    expect(given('sixteen-lettérs-and-more')).toThrow(UnsafeAddress);
    expect(() => readToken({env: {}, file: '/no/such/file'})).toThrow(
      '--token-file /no/such/file: it cannot be read (ENOENT).',
    );
  });
});

describe('without logging in', () => {
  test('a page leads to the login page and back, the API says 401, nothing is reached', async () => {
    const page = await app.ask('/gaps?select=raw.*', {headers: {accept: 'text/html'}});
    expect([page.status, page.headers.get('location')]).toEqual([
      303,
      `/login?next=${encodeURIComponent('/gaps?select=raw.*')}`,
    ]);
    for (const address of ['/api/v1/pipeline', '/api/v1/stream', '/api/v1/openapi.json', '/assets/app.js']) {
      const answer = await app.ask(address);
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
    expect((await app.ask('/api/v1/heal', {method: 'POST'})).status).toBe(401);
    expect(app.reached).toEqual([]);
  });

  test.each([
    '/login/',
    '//login',
    '/Login',
    '/login/../api/v1/x',
    '/login%2f..%2fapi',
    '/logout',
    '/login.css/../x',
  ])('%s opens nothing', async address => {
    expect(await (await app.ask(address)).text()).not.toMatch(/^got /);
  });
});

describe('the login page', () => {
  test('works without scripts, is in no frame, and is kept nowhere', async () => {
    const answer = await app.ask('/login?next=/gaps');
    const text = await answer.text();
    expect(text).toContain('<form method="post" action="/login">');
    expect(text).toContain('name="next" value="/gaps"');
    expect(text).not.toMatch(/<script|<style| style=| on\w+=/);
    expect(answer.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    // A form under `no-referrer` has the origin `null`, which is refused.
    expect(answer.headers.get('referrer-policy')).toBe('same-origin');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const css = await app.ask('/login.css');
    expect([css.status, css.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
  });

  test('what stands in its address stays text', async () => {
    const text = await (
      await app.ask(`/login?next=${encodeURIComponent('/"><script>alert(1)</script>')}`)
    ).text();
    expect(text).not.toContain('<script>');
  });

  test('gives a cookie that says nothing of the token, and leads on', async () => {
    const answer = await app.ask('/login', loginForm(TOKEN, '/gaps?x=1'));
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/gaps?x=1']);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(new RegExp(`^${cookieName}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`));
    expect(cookie).not.toContain(TOKEN);
    expect(await statusWith({cookie: cookieOf(answer)})).toBe(200);
    expect(cookieOf(await app.ask('/login', loginForm(TOKEN)))).not.toBe(cookieOf(answer));
  });

  test('behind https the cookie is Secure, of this host alone', async () => {
    const form = loginForm(TOKEN);
    const headers = {...form.headers, 'x-forwarded-proto': 'https', origin: `https://127.0.0.1:${PORT}`};
    const answer = await app.ask('/login', {...form, headers});
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-gameplan=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  test.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '\\\\evil.example',
    'javascript:alert(1)',
    '/.//evil.example',
    '/..//evil.example',
    ' /x',
    '',
    '/%0d%0aSet-Cookie:x=1\r\n',
  ])('leads to no other site: %j', async next => {
    const answer = await app.ask('/login', loginForm(TOKEN, next));
    expect(answer.headers.get('location')).toBe('/');
  });

  test('leads to no other site, whatever is asked', () => {
    const part = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '@',
      ':',
      'http',
      'evil.example',
      '%2f',
      '\t',
      '?',
      '#',
      'gaps',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string({maxLength: 3})), {maxLength: 8}), parts => {
        const found = localPath(parts.join(''));
        expect(URL.parse(found, 'http://127.0.0.1:4400/login')?.host).toBe('127.0.0.1:4400');
        expect(found).toMatch(/^\/(?!\/|\\)[^\s\\]*$/);
      }),
      {numRuns: 2000},
    );
  });

  test('cannot be posted by another site, in another type, or without end', async () => {
    const form = loginForm(TOKEN);
    const status = async (change: Record<string, string | undefined>, body = form.body ?? '') =>
      (await app.ask('/login', {...form, body, headers: {...form.headers, ...change}})).status;
    expect(await status({origin: 'http://evil.example'})).toBe(403);
    expect(await status({origin: 'null'})).toBe(403);
    expect(await status({origin: undefined})).toBe(403);
    expect(await status({'content-type': 'application/json'})).toBe(415);
    expect(await status({'content-type': 'text/plain'})).toBe(415);
    expect(await status({}, `token=${'x'.repeat(9000)}`)).toBe(413);
    expect(await status({})).toBe(303);
  });

  test('is none where there is no token', async () => {
    const open = safeApp();
    expect((await open.ask('/login')).headers.get('location')).toBe('/');
    expect((await open.ask('/login', loginForm('x'))).headers.get('set-cookie')).toBeNull();
  });
});

describe('the session', () => {
  test('ends by logging out, everywhere', async () => {
    const cookie = await logIn();
    const out = await app.ask('/logout', {method: 'POST', headers: {cookie}});
    expect([out.status, out.headers.get('location')]).toEqual([303, '/login']);
    expect(out.headers.get('set-cookie')).toMatch(new RegExp(`^${cookieName}=; Max-Age=0; Path=/`));
    expect(await statusWith({cookie})).toBe(401);
  });

  test('is not ended by another site', async () => {
    const cookie = await logIn();
    expect(
      (await app.ask('/logout', {method: 'POST', headers: {cookie, origin: 'http://evil.example'}})).status,
    ).toBe(403);
    expect(
      (
        await app.ask('/logout', {
          headers: {cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors'},
        })
      ).status,
    ).toBe(403);
    await app.ask('/logout', {headers: {cookie}});
    expect(await statusWith({cookie})).toBe(200);
  });

  test('ends after twelve hours', async () => {
    const cookie = await logIn();
    app.clock += 12 * 3_600_000 - 1;
    expect(await statusWith({cookie})).toBe(200);
    app.clock += 1;
    expect(await statusWith({cookie})).toBe(401);
  });

  test('of another server, or made up, is none; nor is the token itself one', async () => {
    const cookie = await logIn();
    const value = cookie.split('=')[1] ?? '';
    for (const other of [
      `${cookieName}=${TOKEN}`,
      `${cookieName}=`,
      `gameplan=${value}`,
      `${cookieName}x=${value}`,
      `${cookieName}=${value}x`,
      `__Host-gameplan=${value}x`,
    ])
      expect(await statusWith({cookie: other})).toBe(401);
    const another = safeApp({token: TOKEN});
    expect((await another.ask('/api/v1/pipeline', {headers: {cookie}})).status).toBe(401);
  });

  test('five hundred at most are remembered', async () => {
    const first = await logIn();
    for (let count = 0; count < 500; count++) await logIn();
    expect(await statusWith({cookie: first})).toBe(401);
  });
});

describe('the token', () => {
  test.each([TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.toUpperCase(), `X${TOKEN.slice(1)}`, '', `${TOKEN} x`])(
    'is not %j',
    async near => {
      expect(await statusWith({authorization: `Bearer ${near}`})).toBe(401);
      expect((await app.ask('/login', loginForm(near))).headers.get('set-cookie')).toBeNull();
    },
  );

  test.each([`Basic ${btoa(`x:${TOKEN}`)}`, TOKEN, `Token ${TOKEN}`, `Bearer: ${TOKEN}`])(
    'is not taken from %j',
    async authorization => {
      expect(await statusWith({authorization})).toBe(401);
    },
  );

  test('is not taken from an address', async () => {
    expect(await statusWith({}, `/api/v1/pipeline?token=${TOKEN}&access_token=${TOKEN}`)).toBe(401);
    expect((await app.ask(`/login?token=${TOKEN}`)).headers.get('set-cookie')).toBeNull();
  });

  test('is compared by its hash, in one time for all, in one place', () => {
    const token = new Token(TOKEN);
    fc.assert(fc.property(fc.string({maxLength: 40}), text => token.matches(text) === (text === TOKEN)));
    expect(token.matches(TOKEN)).toBe(true);
    const folder = path.join(import.meta.dirname, '..', '..', 'server');
    const files = readdirSync(folder).filter(name => name.endsWith('.ts'));
    const comparing = files.filter(name =>
      /[tT]oken\)? (?:===|!==) (?!undefined)\S/.test(readFileSync(path.join(folder, name), 'utf8')),
    );
    expect(comparing).toEqual([]);
    expect(readFileSync(path.join(folder, 'token.ts'), 'utf8')).toContain('timingSafeEqual(this.#hash');
  });
});

describe('guessing', () => {
  const guess = async () => await app.ask('/login', loginForm('wrong-wrong-wrong-wrong'));

  test('is slowed down after five tries, also for the right token, and for scripts', async () => {
    for (let tries = 0; tries < 5; tries++) expect((await guess()).status).toBe(401);
    const late = await guess();
    expect([late.status, late.headers.get('retry-after')]).toEqual([429, '30']);
    expect((await app.ask('/login', loginForm(TOKEN))).status).toBe(429);
    expect(await statusWith({authorization: `Bearer ${TOKEN}`})).toBe(429);
    app.clock += 30_000;
    expect((await app.ask('/login', loginForm(TOKEN))).status).toBe(303);
  });

  test('a script that guesses is slowed down in the same way, and who has logged in is not', async () => {
    const cookie = await logIn();
    for (let tries = 0; tries < 5; tries++)
      expect(await statusWith({authorization: 'Bearer wrong'})).toBe(401);
    expect(await statusWith({authorization: 'Bearer wrong'})).toBe(429);
    expect((await guess()).status).toBe(429);
    expect(await statusWith({cookie})).toBe(200);
  });

  test('a right token does not count as a try', async () => {
    for (let count = 0; count < 100; count++)
      expect(await statusWith({authorization: `Bearer ${TOKEN}`})).toBe(200);
  });

  test('of one address leaves others alone, until all together try too often', () => {
    let now = 1_000_000;
    const limit = new TryLimit(() => now);
    for (let tries = 0; tries < 5; tries++) limit.failed('10.0.0.1');
    expect([limit.waitMs('10.0.0.1'), limit.waitMs('10.0.0.2')]).toEqual([30_000, 0]);
    for (let address = 0; address < 45; address++) limit.failed(`10.0.1.${address}`);
    expect(limit.waitMs('10.9.9.9')).toBe(2_000);
    now += 2_000;
    expect(limit.waitMs('10.9.9.9')).toBe(0);
  });

  test('never locks anybody out for longer than it says, whatever the clock does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({address: fc.constantFrom('a', 'b'), by: fc.integer({min: -1e9, max: 1e9})}), {
          maxLength: 60,
        }),
        tries => {
          let now = 1e12;
          const limit = new TryLimit(() => now);
          for (const {address, by} of tries) {
            now += by;
            limit.failed(address);
            now -= 5e8;
            expect(limit.waitMs(address)).toBeGreaterThanOrEqual(0);
            expect(limit.waitMs(address)).toBeLessThanOrEqual(30_000);
          }
        },
      ),
    );
  });
});
