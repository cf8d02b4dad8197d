import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {brotliDecompressSync, gunzipSync} from 'node:zlib';
import fc from 'fast-check';
import {Hono} from 'hono';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {servePage} from '../../server/page.ts';

const SECRET = 'nobody may read this';
const SCRIPT = `export const text = '${'x'.repeat(5000)}';`;
const root = mkdtempSync(path.join(tmpdir(), 'gameplan-web-'));
const web = path.join(root, 'web');
const app = new Hono();

beforeAll(() => {
  mkdirSync(path.join(web, 'chunks'), {recursive: true});
  for (const [name, text] of [
    [
      'index.html',
      '<!doctype html><meta name="csp-nonce" content="{{nonce}}"><script src="/static/app.js"></script>',
    ],
    ['app.js', SCRIPT],
    ['app.css', 'body {}'],
    ['chunks/plan-AB12CD34.js', SCRIPT],
    ['notes.txt', SECRET],
    ['../secret.js', SECRET],
  ] as const)
    writeFileSync(path.join(web, name), text);
  symlinkSync(path.join(root, 'secret.js'), path.join(web, 'link.js'));
  app.use(servePage(web));
  app.get('/api/v1/pipeline', context => context.text('the API'));
});
afterAll(() => rmSync(root, {recursive: true, force: true}));

const get = (address: string, headers: Record<string, string> = {}) => app.request(address, {headers});

test('every page has a nonce of its own, and a policy without inline scripts', async () => {
  const seen = new Set<string>();
  for (const address of [
    '/',
    '/graph',
    '/assets/raw.games',
    '/assets/raw.games/2024-01-15',
    '/plan?select=x',
  ]) {
    const answer = await get(address);
    const policy = answer.headers.get('content-security-policy') ?? '';
    const [, nonce = ''] = /'nonce-([^']+)'/.exec(policy) ?? [];
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(`content="${nonce}"`);
    expect(nonce).toMatch(/^[\w-]{22}$/);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-");
    expect(policy).not.toMatch(/unsafe|\*|http/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    seen.add(nonce);
  }
  expect(seen.size).toBe(5);
});

test('an address that is no page is the page that says so', async () => {
  const answer = await get('/nowhere');
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain('<!doctype html>');
});

test('the API is not the page', async () => {
  expect(await (await get('/api/v1/pipeline')).text()).toBe('the API');
  expect((await get('/api/v1/nothing')).status).toBe(404);
  expect((await app.request('/', {method: 'POST'})).status).toBe(404);
});

test('pieces whose name changes with them are kept, the others are asked for again', async () => {
  const piece = await get('/static/chunks/plan-AB12CD34.js');
  expect(piece.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
  expect(piece.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  const script = await get('/static/app.js');
  expect(script.headers.get('cache-control')).toBe('private, no-cache');
  const tag = script.headers.get('etag') ?? '';
  const again = await get('/static/app.js', {'if-none-match': `"other", ${tag}`});
  expect([again.status, await again.text()]).toEqual([304, '']);
  expect((await get('/static/app.js', {'if-none-match': '"other"'})).status).toBe(200);
});

test('a piece of an older build is not there, rather than a page', async () => {
  const answer = await get('/static/chunks/plan-ZZZZZZZZ.js');
  expect(answer.status).toBe(404);
  expect(await answer.text()).not.toContain('<');
});

test('files travel packed as the browser can read them', async () => {
  const packed = async (accept: string) => {
    const answer = await get('/static/app.js', {'accept-encoding': accept});
    const bytes = Buffer.from(await answer.arrayBuffer());
    return {encoding: answer.headers.get('content-encoding'), tag: answer.headers.get('etag'), bytes};
  };
  const [br, gz, plain] = await Promise.all([
    packed('gzip, br'),
    packed('gzip;q=0.5, br;q=0'),
    packed('zstd'),
  ]);
  expect([br.encoding, gz.encoding, plain.encoding]).toEqual(['br', 'gzip', null]);
  expect(brotliDecompressSync(br.bytes).toString()).toBe(SCRIPT);
  expect(gunzipSync(gz.bytes).toString()).toBe(SCRIPT);
  expect(plain.bytes.toString()).toBe(SCRIPT);
  expect(br.bytes.length).toBeLessThan(plain.bytes.length / 10);
  expect(new Set([br.tag, gz.tag, plain.tag]).size).toBe(3);
});

test.each([
  '/static/../secret.js',
  '/static/%2e%2e/secret.js',
  '/static/..%2fsecret.js',
  '/static/..%5csecret.js',
  '/static/%252e%252e%252fsecret.js',
  '/static/....//secret.js',
  '/static/chunks/../../secret.js',
  '/static//etc/passwd',
  '/static/%2fetc%2fpasswd',
  '/static/app.js%00.css',
  '/static/%00',
  '/static/%',
  '/static/%ff%fe',
  '/static/link.js',
  '/static/notes.txt',
  '/static/__proto__',
  '/static/constructor',
  '/../web/notes.txt',
  '/index.html',
])('%s leads to no file', async address => {
  const text = await (await get(address)).text();
  expect(text).not.toContain(SECRET);
  expect(text).not.toContain('root:');
  expect(text).not.toContain('xxxx');
});

test('no address whatever leads out of the folder', async () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    '%2e',
    '%2f',
    '%5c',
    '%25',
    '/',
    '\\',
    'static',
    'secret.js',
    'notes.txt',
    '%00',
    'web',
    '',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(piece, fc.string({maxLength: 4})), {maxLength: 10}), async pieces => {
      const address = `/static/${pieces.join('').replaceAll(/[#?]/g, '')}`;
      const answer = await app.request(new Request(new URL(`http://127.0.0.1${address}`)));
      expect(await answer.text()).not.toContain(SECRET);
    }),
    {numRuns: 300},
  );
});
