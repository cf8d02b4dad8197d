/** What an open page is told while runs go on: in this process, in another, and after its line was cut. */
import {renameSync, rmSync, writeFileSync} from 'node:fs';
import {type AddressInfo, connect} from 'node:net';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {serve} from '@hono/node-server';
import {Hono} from 'hono';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {CODE} from '../../planner/state.ts';
import {Live} from '../../server/live.ts';
import {Reader} from '../../server/reader.ts';
import {STRIP} from '../../server/strip-format.ts';
import {ToyProject} from '../cli/command-line.ts';
import {type Listening, PageServer} from '../kit/page-server.ts';

let project: ToyProject;
let server: PageServer;
const open: Listening[] = [];
beforeEach(async () => {
  project = new ToyProject();
  server = await PageServer.start(project);
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop();
  await server.stop();
  project.remove();
});

function listen(lastId?: string): Listening {
  const listening = server.listen(lastId);
  open.push(listening);
  return listening;
}

test('strips that are brought forward by what is told are those that are asked for anew', async () => {
  const page = listen();
  await page.until(({kind}) => kind === 'hello');
  const {bytes} = await server.strips();
  await page.until(({kind}) => kind === 'ledger' || kind === 'hello');
  await project.run('materialize');
  const after = await server.strips();
  await page.until(message => message.kind === 'ledger' && message.sequence === after.sequence);
  for (const {message} of page.heard) {
    if (message.kind !== 'ledger') continue;
    for (const [asset, pairs] of message.changes)
      for (let at = 0; at < pairs.length; at += 2)
        bytes.get(asset)?.fill(pairs[at + 1] ?? 0, pairs[at], (pairs[at] ?? 0) + 1);
  }
  expect(bytes).toEqual(after.bytes);
  expect([...(bytes.get('stats.running') ?? [])].map(byte => byte & STRIP.code)).toEqual([
    CODE.fresh,
    CODE.fresh,
    CODE.fresh,
  ]);
});

test('a run in another process is told while it goes on, and when it has ended', async () => {
  const page = listen();
  await page.until(({kind}) => kind === 'hello');
  project.write(
    'assets/points.ts',
    `export const rows = async ({partition: {key}}) => {
  await new Promise(done => setTimeout(done, 1500));
  return [{game_date: key, player: 'ana', points: 1}];
};\n`,
  );
  const {id} = await server.plan();
  const {run} = (await (await server.post(`/plans/${id}/materialize`, {})).json()) as {run: string};
  await page.until(each => each.kind === 'progress' && each.run === run && each.counts.requested === 9);
  await page.until(each => each.kind === 'run-ended' && each.run === run);
  const {status, counts, rate} = await server.ended(run);
  expect({status, counts, rate}).toMatchObject({
    status: 'succeeded',
    counts: {requested: 9, succeeded: 9},
    rate: null,
  });
});

test('a page that comes back is sent what it missed', async () => {
  const first = listen();
  await first.until(({kind}) => kind === 'hello');
  await project.run('materialize', 'raw.points');
  const {id} = await first.until(({kind}) => kind === 'ledger');
  await first.stop();
  const other = listen();
  await project.run('materialize', 'stats.totals');
  const missed = await other.until(message => message.kind === 'ledger' && message.sequence === 2);
  const back = listen(id);
  await back.until(message => message.kind === 'ledger' && message.sequence === 2);
  expect(back.heard.map(({message}) => message.kind)).not.toContain('hello');
  expect(back.heard).toContainEqual(missed);
});

test('a page that comes back from too long ago begins anew', async () => {
  const page = listen('zzz-7');
  expect((await page.until(() => true)).message.kind).toBe('hello');
});

test('a change of the manifest is told', async () => {
  const page = listen();
  await page.until(({kind}) => kind === 'hello');
  await server.get('/pipeline');
  await project.run('materialize', 'raw.points');
  await page.until(({kind}) => kind === 'ledger');
  project.declare('group: raw', 'group: points');
  await page.until(({kind}) => kind === 'pipeline');
});

test('a ledger that cannot be read is told once, and once more when it can', async () => {
  await project.run('materialize');
  const page = listen();
  await page.until(({kind}) => kind === 'hello');
  const ledger = path.join(project.root, '.gameplan/ledger.sqlite');
  const told = (): number => page.heard.filter(({message}) => message.kind === 'pipeline').length;
  for (const end of ['-wal', '-shm']) rmSync(`${ledger}${end}`, {force: true});
  renameSync(ledger, `${ledger}.kept`);
  writeFileSync(ledger, 'This is no ledger.'.repeat(100));
  await expect.poll(told, {timeout: 5000}).toBe(1);
  const answer = await server.ask('/overview');
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({
    error: expect.stringMatching(/^The ledger 'ledger\.sqlite' is not a/),
  });
  await delay(1500);
  expect(told()).toBe(1);
  renameSync(`${ledger}.kept`, ledger);
  await expect.poll(told, {timeout: 5000}).toBe(2);
  expect((await server.ask('/overview')).status).toBe(200);
});

/** Over a project that cannot be read. */
function newLive(): Live {
  const reader = new Reader({
    load: async () => ({project: undefined, mistakes: []}),
    clock: Date.now,
    manifest: project.root,
  });
  return new Live({reader, clock: Date.now, isReadOnly: false, hasLogin: false, user: undefined});
}

test('the line of a page that takes nothing is cut, and not only forgotten', async () => {
  const live = newLive();
  const app = new Hono().get('/stream', context => live.stream(context));
  const {promise: listening, resolve} = Promise.withResolvers<AddressInfo>();
  const http = serve({fetch: app.fetch, hostname: '127.0.0.1', port: 0}, resolve);
  const {port} = await listening;
  const page = connect(port, '127.0.0.1').pause();
  page.write('GET /stream HTTP/1.1\r\nHost: here\r\n\r\n');
  await expect.poll(() => live.readers).toBe(1);
  const lines = () => new Promise<number>(done => http.getConnections((_, count) => done(count)));
  // Until what lies between the two ends is full.
  for (let count = 0; count < 100; count++) {
    live.tell({kind: 'run-ended', run: 'r'.repeat(256 * 1024), isCrash: false});
    await delay(1);
  }
  expect(await lines()).toBe(1);
  for (let count = 0; count < 500; count++) live.tell({kind: 'run-ended', run: 'r', isCrash: false});
  await expect.poll(() => live.readers, {timeout: 2000}).toBe(0);
  expect(await lines()).toBe(0);
  page.destroy();
  live.close();
  http.close();
});

test('who asks for the head of the stream alone is no reader', async () => {
  const live = newLive();
  const app = new Hono().get('/stream', context => live.stream(context));
  expect((await app.request('/stream', {method: 'HEAD'})).headers.get('content-type')).toBe(
    'text/event-stream',
  );
  await app.request('/stream');
  await expect.poll(() => live.readers).toBe(1);
  live.close();
  await expect.poll(() => live.readers).toBe(0);
});
