/**
 * The shipped pipeline on BigQuery and Cloud Storage, as servers on this machine keep their rules, beside the same on
 * DuckDB and a folder: the same states and rows. It proves ways and rules, not what a query means in BigQuery: the server
 * runs SQL on DuckDB too. The reference evaluator's table does that (npm run evaluate).
 */
import {afterAll, beforeAll, expect, test} from 'vitest';
import {type LeagueProcess, startLeagueProcess} from '../../demo/league/league-process.ts';
import {type Google, googleTargets, startGoogle} from '../kit/google.ts';
import {contentsOf, differencesIn} from './contents.ts';
import {ShippedProject} from './shipped-project.ts';

const SEASON = '2023-24';
/** A whole season where there is time for it. */
const end = process.env['GAMEPLAN_SEASON'] === undefined ? '2023-11-12' : '2024-06-30';

let league: LeagueProcess;
let google: Google;
const projects: ShippedProject[] = [];

beforeAll(async () => {
  league = await startLeagueProcess(['--simulated', '--seed', '5', '--from', SEASON, '--to', SEASON]);
  google = await startGoogle();
});

afterAll(async () => {
  for (const project of projects) project.remove();
  await google?.close();
  await league?.stop();
});

function openProject(): ShippedProject {
  const project = new ShippedProject({target: 'simulated', league: league.url, start: '2023-10-01', end});
  projects.push(project);
  return project;
}

/** The same target on the other engine. */
function openOnBigquery(): ShippedProject {
  const project = openProject();
  const {warehouse, store} = googleTargets(google, 'nba_').prod;
  const manifest = 'pipeline.yaml';
  project.replace(
    manifest,
    'warehouse: {engine: duckdb, path: .gameplan/simulated/warehouse.duckdb, memory_limit: 384 MiB}',
    `warehouse: ${JSON.stringify(warehouse)}`,
  );
  project.replace(
    manifest,
    'store: {kind: folder, path: .gameplan/simulated/store}',
    `store: ${JSON.stringify(store)}`,
  );
  return project;
}

test('a season of the shipped pipeline comes to the same rows on BigQuery', async () => {
  const here = openProject();
  expect((await here.materialize()).counts).toMatchObject({failed: 0, quarantined: 0, skipped: 0});
  const there = openOnBigquery();
  const {counts, errors} = await there.materialize();
  expect([...errors].slice(0, 5)).toEqual([]);
  expect(counts).toMatchObject({failed: 0, quarantined: 0, skipped: 0});
  expect(differencesIn(await contentsOf(here), await contentsOf(there))).toEqual([]);
  const before = google.bigquery.calls.length;
  expect((await there.materialize()).outcomes.size).toBe(0);
  // What has nothing to do asks nobody.
  expect(google.bigquery.calls.length).toBe(before);
});
