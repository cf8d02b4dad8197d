/**
 * Three weeks of the shipped pipeline made all at once, date by date, and asset by asset: the same rows each time.
 * The first two weeks are skipped by what skips them, so both sides of that edge are in it.
 */
import {afterAll, beforeAll, expect, test} from 'vitest';
import {type LeagueProcess, startLeagueProcess} from '../../demo/league/league-process.ts';
import {contentsOf, differencesIn} from './contents.ts';
import {datesOf} from './expected-readers.ts';
import {ShippedProject} from './shipped-project.ts';

const SEASON = '2023-24';

let league: LeagueProcess;
const projects: ShippedProject[] = [];

beforeAll(async () => {
  league = await startLeagueProcess(['--simulated', '--seed', '5', '--from', SEASON, '--to', SEASON]);
});

afterAll(async () => {
  for (const project of projects) project.remove();
  await league?.stop();
});

function openProject(): ShippedProject {
  const spans = {target: 'simulated', league: league.url, start: '2023-10-01', end: '2023-11-12'} as const;
  const project = new ShippedProject(spans);
  projects.push(project);
  return project;
}

test('all at once, date by date, and asset by asset come to the same rows', async () => {
  const atOnce = openProject();
  expect((await atOnce.materialize()).counts).toMatchObject({failed: 0, quarantined: 0, skipped: 0});
  const dates = datesOf(await atOnce.games());
  expect(dates.length).toBeGreaterThanOrEqual(18);

  const byDate = openProject();
  await byDate.materialize({select: '+raw.schedule landing.nbac_standings'});
  for (const date of dates) await byDate.materialize({range: {from: date, to: date}});

  const byAsset = openProject();
  const {pipeline} = await byAsset.read();
  // No date is known before the schedule is.
  await byAsset.materialize({select: '+raw.schedule'});
  for (const name of pipeline.assets.keys()) await byAsset.materialize({select: name});

  const expected = await contentsOf(atOnce);
  expect(expected.tables.get('precompute.ml_feature_store')?.rows.length).toBeGreaterThan(300);
  expect(Object.values(expected.actions)).toEqual([0, 0, 0, 0, 0]);
  for (const project of [byDate, byAsset])
    expect(differencesIn(expected, await contentsOf(project))).toEqual([]);
}, 180_000);
