/** The page's numbers beside the command line's, for the whole shipped pipeline on the first weeks of a season. */
import {afterAll, beforeAll, expect, test} from 'vitest';
import {type LeagueProcess, startLeagueProcess} from '../../demo/league/league-process.ts';
import {STATES} from '../../planner/state.ts';
import type {OverviewBody} from '../../server/schema/overview.ts';
import type {AxisBody, PipelineBody} from '../../server/schema/pipeline.ts';
import {STRIP} from '../../server/strip-format.ts';
import {PageServer} from '../kit/page-server.ts';
import {ShippedProject} from './shipped-project.ts';

const SEASON = '2023-24';

let league: LeagueProcess;
let project: ShippedProject;
let server: PageServer;

beforeAll(async () => {
  league = await startLeagueProcess(['--simulated', '--seed', '5', '--from', SEASON, '--to', SEASON]);
  project = new ShippedProject({
    target: 'simulated',
    league: league.url,
    start: '2023-10-01',
    end: '2023-11-05',
  });
  await project.materialize({select: 'landing.* raw.*'});
  server = await PageServer.start({
    run: (...args) => project.gameplan(...args),
    interrupt: () => project.interrupt(),
    set onOutput(heard: (text: string) => void) {
      project.onOutput = heard;
    },
  });
});

afterAll(async () => {
  await server?.stop();
  project?.remove();
  await league?.stop();
});

async function cli(...args: readonly string[]): Promise<unknown> {
  return JSON.parse((await project.gameplan(...args, '--json')).out);
}

test('the status of every asset is the same', async () => {
  const status = await server.get('/status');
  expect(status).toEqual(await cli('status'));
  expect(status).toMatchObject({states: {stale: 0}});
});

test('the plan of all that is left is the same, with every partition and reason', async () => {
  const {id, actions} = await server.plan();
  expect(actions.run).toBeGreaterThan(20);
  expect(await server.get(`/plans/${id}/json`)).toEqual(await cli('plan'));
});

test('bytes of strips, counts of the overview and of the status agree', async () => {
  const {bytes} = await server.strips();
  const {assets} = await server.get<PipelineBody>('/pipeline');
  const {axes} = await server.get<{axes: AxisBody[]}>('/axes');
  const overview = await server.get<OverviewBody>('/overview');
  const status = (await cli('status')) as {assets: {asset: string; states: Record<string, number>}[]};
  for (const {asset, states} of status.assets) {
    const own = [...(bytes.get(asset) ?? [])].map(byte => STATES[byte & STRIP.code]);
    const counted = Object.fromEntries(
      STATES.map(state => [state, own.filter(each => each === state).length]),
    );
    expect([asset, counted]).toEqual([asset, states]);
    expect(overview.assets.find(each => each.asset === asset)?.states).toEqual(states);
    const axis = axes.find(each => each.axis === assets.find(one => one.asset === asset)?.axis);
    expect(axis?.keys).toHaveLength(own.length);
  }
});

test('gaps are those of the command line', async () => {
  const {gaps} = (await cli('gaps')) as {gaps: {standing: string}[]};
  const open = gaps.filter(({standing}) => standing === 'open').length;
  const page = await server.get('/gaps');
  expect(page).toMatchObject({open, accepted: gaps.length - open});
  expect(open).toBeGreaterThan(0);
  const report = await server.ask('/gaps/report?select=raw.*');
  expect(await report.text()).toBe((await project.gameplan('gaps', 'report', 'raw.*')).out);
});
