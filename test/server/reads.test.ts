/** What the page is told, beside what the command line says of the same project at the same time. */
import {existsSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {ZodType} from 'zod';
import {ACTIONS, STATES} from '../../planner/state.ts';
import {alerts} from '../../server/schema/alert.ts';
import {assetPage, series} from '../../server/schema/asset.ts';
import {events, type GapsBody, gaps} from '../../server/schema/gap.ts';
import {type HealsBody, heals, overview} from '../../server/schema/overview.ts';
import {cone, partition} from '../../server/schema/partition.ts';
import {axes, type PipelineBody, pipeline} from '../../server/schema/pipeline.ts';
import {plan, planned} from '../../server/schema/plan.ts';
import {attempts, run, runs, timeline} from '../../server/schema/run.ts';
import {STRIP} from '../../server/strip-format.ts';
import {ToyProject} from '../cli/command-line.ts';
import {PageServer} from '../kit/page-server.ts';

let project: ToyProject;
let server: PageServer;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(async () => {
  expect(await server.stop()).toBe(0);
  project.remove();
});

/** As `gameplan … --json` prints it at that time. */
async function cli(now: number, ...args: readonly string[]): Promise<unknown> {
  const {out} = await project.run(...args, '--json', '--now', new Date(now).toISOString());
  return JSON.parse(out);
}

test('every answer is what its schema says, with nothing made, with a failure, and filled', async () => {
  server = await PageServer.start(project);
  await expectAnswers();
  project.write('fail-2024-01-16', '');
  await project.run('materialize');
  await expectAnswers();
  await project.run('materialize', '--failed');
  await expectAnswers();
});

async function expectAnswers(): Promise<void> {
  const all: [string, ZodType][] = [
    ['/pipeline', pipeline],
    ['/axes', axes],
    ['/overview', overview],
    ['/heals', heals],
    ['/assets/stats.running', assetPage],
    ['/assets/stats.running/series', series],
    ['/assets/raw.points/series?from=1&to=2', series],
    ['/partitions/stats.running/2024-01-18', partition],
    ['/partitions/raw.points/2024-01-16', partition],
    ['/partitions/stats.running/2024-01-18/cone', cone],
    ['/runs', runs],
    ['/gaps', gaps],
    ['/gaps?by=cause&select=raw.*', gaps],
    ['/events', events],
    ['/alerts', alerts],
  ];
  const {runs: known} = await server.get<{runs: {id: string}[]}>('/runs');
  for (const {id} of known)
    all.push([`/runs/${id}`, run], [`/runs/${id}/attempts`, attempts], [`/runs/${id}/timeline`, timeline]);
  const {id} = await server.plan();
  all.push([`/plans/${id}`, plan], [`/plans/${id}/partitions?limit=2`, planned]);
  for (const [path, schema] of all)
    expect(schema.safeParse(await server.get(path)), path).toMatchObject({success: true});
}

test('what heals next tells of the last pass, and of the next one where a server heals on a schedule', async () => {
  await project.run('heal', '--by', 'bo');
  server = await PageServer.start(project, '--heal', '--schedule', '0 0 29 2 *');
  const told = () => server.get<HealsBody>('/heals');
  let body = await told();
  while (body.lastPass?.trigger !== 'schedule' || body.lastPass.endedAt === null) {
    await delay(50);
    body = await told();
  }
  expect(body.nextAt).toBe(Date.parse('2024-02-29T05:00:00Z'));
  const {lastPass} = body;
  // The pass of the schedule is the newest: none of its ticks was ever acted on.
  expect(lastPass).toMatchObject({trigger: 'schedule', by: null, text: 'nothing to heal'});
});

test('status and plan are those of the command line, word for word', async () => {
  project.write('fail-2024-01-16', '');
  await project.run('materialize');
  server = await PageServer.start(project);
  const {now} = await server.get<PipelineBody>('/pipeline');
  expect(await server.get('/status')).toEqual(await cli(now, 'status'));
  const {id} = await server.plan({select: 'stats.*'});
  expect(await server.get(`/plans/${id}/json`)).toEqual(await cli(now, 'plan', 'stats.*'));
  const forced = await server.plan({select: 'raw.points', force: true});
  expect(await server.get(`/plans/${forced.id}/json`)).toEqual(
    await cli(now, 'plan', 'raw.points', '--force'),
  );
  const failed = await server.plan({failed: true});
  expect(await server.get(`/plans/${failed.id}/json`)).toEqual(await cli(now, 'plan', '--failed'));
});

test('a strip has a byte a partition: its state, and what happened last', async () => {
  project.write('fail-2024-01-16', '');
  await project.run('materialize');
  server = await PageServer.start(project);
  const {bytes} = await server.strips();
  const told = [...bytes].map(([asset, own]) => [asset, [...own].map(wordOf)]);
  expect(Object.fromEntries(told)).toEqual({
    'raw.points': ['fresh', 'missing failed planned', 'fresh'],
    'stats.totals': ['fresh', 'missing planned', 'fresh'],
    // The season to date gains a day.
    'stats.running': ['fresh', 'fresh', 'fresh planned'],
  });
});

function wordOf(byte: number): string {
  const flags = (['running', 'failed', 'lowQuality', 'planned'] as const).filter(
    flag => (byte & STRIP[flag]) !== 0,
  );
  return [STATES[byte & STRIP.code], ...flags].join(' ');
}

test('the strips of a plan say what it does with each partition', async () => {
  server = await PageServer.start(project);
  const {id, actions} = await server.plan({select: '+stats.totals'});
  const {bytes} = await server.strips(`/plans/${id}/strips`);
  expect(actions).toMatchObject({run: 6});
  expect([...bytes.keys()]).toEqual(['raw.points', 'stats.totals']);
  expect([...(bytes.get('stats.totals') ?? [])].map(byte => ACTIONS[byte - 1])).toEqual([
    'run',
    'run',
    'run',
  ]);
});

test('keys are told as people write them, and all of them as the command line takes them', async () => {
  server = await PageServer.start(project);
  const {sections} = await server.get<GapsBody>('/gaps?select=raw.points');
  expect(sections.flatMap(({groups}) => groups.map(({ranges, partitions}) => [ranges, partitions]))).toEqual([
    ['2024-01-15 … 2024-01-18', 'raw.points@2024-01-15..2024-01-18'],
  ]);
});

describe('an answer is named', () => {
  test('by what it was read from: the same is not sent twice', async () => {
    server = await PageServer.start(project);
    const first = await server.ask('/overview');
    const tag = first.headers.get('etag') ?? '';
    const again = await server.ask('/overview', {headers: {'if-none-match': tag}});
    expect([again.status, await again.text()]).toEqual([304, '']);
    await project.run('materialize');
    const after = await server.ask('/overview', {headers: {'if-none-match': tag}});
    expect(after.status).toBe(200);
    expect(after.headers.get('etag')).not.toBe(tag);
  });

  test('anew where the server was started anew, as another may answer otherwise', async () => {
    server = await PageServer.start(project);
    const tag = (await server.ask('/pipeline')).headers.get('etag') ?? '';
    await server.stop();
    server = await PageServer.start(project, '--read-only');
    const answer = await server.ask('/pipeline', {headers: {'if-none-match': tag}});
    expect([answer.status, await answer.json()]).toMatchObject([200, {isReadOnly: true}]);
  });
});

test('a manifest that is broken is told, and what was last whole is shown on', async () => {
  server = await PageServer.start(project);
  await server.get('/pipeline');
  project.declare('upstream: {points: raw.points}', 'upstream: {points: raw.ponts}');
  const broken = await server.get<PipelineBody>('/pipeline');
  expect(broken.mistakes).toMatchObject([{code: 'unknown-upstream', file: 'pipeline.yaml', line: 27}]);
  expect(broken.assets).toHaveLength(3);
  project.declare('group: raw', 'group: points');
  expect((await server.get<PipelineBody>('/pipeline')).mistakes).toEqual([]);
  expect((await server.get<PipelineBody>('/pipeline')).groups).toContain('points');
});

test('an asset whose file is gone is shown on, without it', async () => {
  server = await PageServer.start(project);
  expect(await server.get('/assets/raw.points')).toMatchObject({source: {file: 'assets/points.ts'}});
  project.move('assets/points.ts', 'assets/other.ts');
  expect(await server.get('/assets/raw.points')).toMatchObject({asset: 'raw.points', source: null});
  expect(await server.get('/pipeline')).toMatchObject({mistakes: [{code: 'missing-file'}]});
});

test('a manifest that never was whole is refused with its mistakes', async () => {
  project.declare('upstream: {points: raw.points}', 'upstream: {points: raw.ponts}');
  server = await PageServer.start(project);
  const answer = await server.ask('/overview');
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({
    error: 'The manifest has mistakes.',
    details: "pipeline.yaml:27:24 No asset is named 'raw.ponts'. Did you mean 'raw.points'?",
  });
});

test.each([
  ['/assets/raw.point', 404, "There is no asset 'raw.point'. Did you mean 'raw.points'?"],
  ['/assets/raw.nothing', 404, "There is no asset 'raw.nothing'; the overview lists them."],
  [
    '/partitions/raw.points/2024-01-17',
    404,
    "raw.points has no partition '2024-01-17': the nearest are 2024-01-16 and 2024-01-18.",
  ],
  ['/runs/none', 404, "There is no run 'none': the list of runs has the ids."],
  ['/plans/0000000000000000', 404, 'This plan is not kept any more: ask for it anew.'],
  ['/gaps?select=raw.ponts', 400, "No asset is named 'raw.ponts'. Did you mean 'raw.points'?"],
  ['/gaps?by=colour', 400, 'by: Invalid option: expected one of "asset"|"season"|"cause"'],
  ['/runs?limit=0', 400, 'limit: Too small: expected number to be >=1'],
  ['/nowhere', 404, 'There is nothing at this address; /api/v1/openapi.json lists what is.'],
])('%s is refused: %d', async (path, status, error) => {
  server = await PageServer.start(project);
  const answer = await server.ask(path);
  expect([answer.status, await answer.json()]).toEqual([status, {error}]);
});

test('every address is documented with what it takes and answers', async () => {
  server = await PageServer.start(project);
  const document = await server.get<{openapi: string; paths: Record<string, object>}>('/openapi.json');
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths).toSorted()).toMatchInlineSnapshot(`
    [
      "/alerts",
      "/assets/{asset}",
      "/assets/{asset}/sample",
      "/assets/{asset}/series",
      "/axes",
      "/events",
      "/forget",
      "/gaps",
      "/gaps/accept",
      "/gaps/reopen",
      "/gaps/report",
      "/heal",
      "/heals",
      "/overview",
      "/partitions/{asset}/{key}",
      "/partitions/{asset}/{key}/cone",
      "/partitions/{asset}/{key}/held",
      "/pipeline",
      "/plans",
      "/plans/{id}",
      "/plans/{id}/json",
      "/plans/{id}/materialize",
      "/plans/{id}/partitions",
      "/plans/{id}/strips",
      "/runs",
      "/runs/{id}",
      "/runs/{id}/attempts",
      "/runs/{id}/cancel",
      "/runs/{id}/timeline",
      "/status",
      "/strips",
    ]
  `);
});

test('reading makes nothing: no ledger, no warehouse, no store', async () => {
  server = await PageServer.start(project);
  for (const path of [
    '/overview',
    '/status',
    '/runs',
    '/gaps',
    '/events',
    '/alerts',
    '/partitions/raw.points/2024-01-15',
  ])
    await server.get(path);
  expect(existsSync(`${project.root}/.gameplan/ledger.sqlite`)).toBe(false);
  expect(existsSync(`${project.root}/.gameplan/warehouse.duckdb`)).toBe(false);
});
