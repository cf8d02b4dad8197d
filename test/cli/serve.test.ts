/** What `gameplan serve` says before it serves anything, and how it ends. */
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {PageServer} from '../kit/page-server.ts';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

test('it says where the page is, and ends well when it is interrupted', async () => {
  const server = await PageServer.start(project);
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const page = await fetch(server.url);
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8']);
  expect(await server.stop()).toBe(0);
});

test('it ends although a page is open', async () => {
  const server = await PageServer.start(project);
  const page = server.listen();
  await page.until(({kind}) => kind === 'hello');
  expect(await server.stop()).toBe(0);
  await page.stop();
});

test('a port that is taken is told, with what to do', async () => {
  const other = createServer();
  await new Promise<void>(done => other.listen(0, '127.0.0.1', done));
  const {port} = other.address() as AddressInfo; // of TCP
  const {code, err} = await project.run('serve', '--port', String(port));
  other.close();
  expect([code, err]).toEqual([
    1,
    `error: 127.0.0.1:${port} is taken by another program; choose another with --port, or --port 0.\n`,
  ]);
});

test.each([
  [['--host', '0.0.0.0'], /^error: --host 0\.0\.0\.0: others can reach that address, .* GAMEPLAN_TOKEN/],
  [
    ['--host', '203.0.113.7', '--token-file', 'token'],
    /^error: --host 203\.0\.113\.7: this machine has no such address/,
  ],
  [['--token-file', 'none'], /--token-file .*none: it cannot be read \(ENOENT\)/],
  [['--token-file', 'short'], /a token has at least 16 characters, and this one has 5/],
  [['--port', '70000'], /It must be a number from 0 to 65535/],
])('serve %j is refused', async (flags, said) => {
  project.write('token', '0123456789abcdef0123');
  project.write('short', 'hello');
  const {code, err} = await project.run('serve', ...flags);
  expect(code).toBe(64);
  expect(err).toMatch(said);
});
