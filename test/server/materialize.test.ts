/** Runs that a page starts: exactly what was shown, in a process of their own. */
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {RefusalBody} from '../../server/schema/common.ts';
import type {OverviewBody} from '../../server/schema/overview.ts';
import type {RunBody} from '../../server/schema/run.ts';
import {ToyProject} from '../cli/command-line.ts';
import {PageServer} from '../kit/page-server.ts';

let project: ToyProject;
let server: PageServer;
beforeEach(async () => {
  project = new ToyProject();
  server = await PageServer.start(project);
});
afterEach(async () => {
  await server.stop();
  project.remove();
});

test('what was shown is made, and the record says who asked and why', async () => {
  const {id, actions} = await server.plan({select: '+stats.totals', force: true});
  expect(actions.run).toBe(6);
  const answer = await server.post(`/plans/${id}/materialize`, {
    reason: 'the source was corrected',
    by: 'bo',
  });
  expect(answer.status).toBe(202);
  const {run} = (await answer.json()) as {run: string};
  const ended = await server.ended(run);
  expect(ended).toMatchObject({status: 'succeeded', by: 'bo', why: 'the source was corrected', crash: null});
  expect(ended.counts).toMatchObject({requested: 6, succeeded: 6});
  expect((await server.plan({select: '+stats.totals'})).actions.run).toBe(0);
});

test('a plan that does not hold any more is refused, with what has changed', async () => {
  const {id} = await server.plan();
  await project.run('materialize', 'raw.points');
  const answer = await server.post(`/plans/${id}/materialize`, {});
  const {error, details} = (await answer.json()) as RefusalBody;
  expect(answer.status).toBe(409);
  expect(error).toMatch(/does not hold/);
  expect(details).toMatch(/raw\.points/);
});

test('what failed is planned alone, and fills once its source is well', async () => {
  project.write('fail-2024-01-16', '');
  const failed = await server.materialize();
  expect(failed).toMatchObject({status: 'failed', counts: {failed: 1}});
  expect(failed.failures).toMatchObject([
    {
      outcome: 'failed',
      count: 1,
      cause: expect.stringContaining('HTTP 503'),
      first: ['raw.points@2024-01-16'],
    },
    {outcome: 'skipped', count: 1},
  ]);
  project.write(
    'assets/points.ts',
    "export const rows = ({partition: {key}}) => [{game_date: key, player: 'ana', points: 3}];\n",
  );
  const {actions} = await server.plan({failed: true});
  expect(actions.run).toBe(2);
  expect(await server.materialize({failed: true})).toMatchObject({
    status: 'succeeded',
    counts: {succeeded: 2},
  });
});

test('a process that dies is shown as a crash, with what it said', async () => {
  project.write(
    'assets/points.ts',
    "import {kill, pid} from 'node:process';\nexport const rows = () => { kill(pid, 'SIGKILL'); return []; };\n",
  );
  const {id} = await server.plan();
  const {run} = (await (await server.post(`/plans/${id}/materialize`, {})).json()) as {run: string};
  let found: RunBody = await server.ended(run);
  for (let tries = 0; found.crash === null && tries < 40; tries++) {
    await new Promise(done => setTimeout(done, 50));
    found = await server.get(`/runs/${run}`);
  }
  expect(found).toMatchObject({status: 'dead', crash: expect.stringContaining('SIGKILL')});
});

test('a page that asks only for what is new is told of a process that dies, which writes nothing', async () => {
  project.write(
    'assets/points.ts',
    `import {existsSync} from 'node:fs';
import {kill, pid} from 'node:process';
export const rows = async () => {
  while (!existsSync(${JSON.stringify(path.join(project.root, 'die'))})) await new Promise(done => setTimeout(done, 20));
  kill(pid, 'SIGKILL');
};\n`,
  );
  const {id} = await server.plan();
  const {run} = (await (await server.post(`/plans/${id}/materialize`, {})).json()) as {run: string};
  const page = {body: undefined as RunBody | undefined, tag: ''};
  const look = async (): Promise<RunBody | undefined> => {
    const answer = await server.ask(`/runs/${run}`, {headers: {'if-none-match': page.tag}});
    page.tag = answer.headers.get('etag') ?? '';
    if (answer.status !== 304) page.body = (await answer.json()) as RunBody;
    return page.body;
  };
  expect(await look()).toMatchObject({status: 'running', crash: null});
  project.write('die', '');
  await expect.poll(look, {timeout: 10_000}).toMatchObject({
    status: 'dead',
    crash: expect.stringContaining('SIGKILL'),
  });
  const {atWork} = await server.get<OverviewBody>('/overview');
  expect(atWork).toEqual([]);
});
