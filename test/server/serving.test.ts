import {mkdirSync, rmSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {ToyProject} from '../cli/command-line.ts';
import {PageServer} from '../kit/page-server.ts';

let project: ToyProject;
let server: PageServer;
beforeEach(async () => {
  project = new ToyProject();
  server = await PageServer.start(project);
});
afterEach(() => project.remove());

test('what nobody reckoned with is told in the terminal, and of it nothing to the browser', async () => {
  await server.get('/pipeline');
  const code = path.join(project.root, 'assets/points.ts');
  rmSync(code);
  mkdirSync(code);
  const answer = await server.ask('/assets/raw.points');
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({error: 'Internal error: the terminal of the server says which.'});
  expect(await server.stop()).toBe(0);
  const told = await server.complaints();
  expect(told).toMatch(/^Internal error: GET \/api\/v1\/assets\/raw\.points: Error: EISDIR/);
  expect(told).toContain('routes-asset.ts');
});

test('what a request lacks is told to who asked, and not in the terminal', async () => {
  expect((await server.ask('/assets/raw.nothing')).status).toBe(404);
  expect((await server.post('/plans', {select: 7})).status).toBe(400);
  expect((await server.ask('/plans', {method: 'POST', body: '{'})).status).toBe(415);
  expect(await server.stop()).toBe(0);
  expect(await server.complaints()).toBe('');
});
