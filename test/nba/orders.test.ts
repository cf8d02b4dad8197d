/**
 * Three weeks of the shipped pipeline made all at once, date by date, and asset by asset: the same rows each time.
 * The first two weeks are skipped by what skips them, so both sides of that edge are in it.
 */
import {afterAll, beforeAll, expect, test} from 'vitest';
import {differences, type RowValues} from '../../runner/compare-rows.ts';
import {datesOf} from './expected-readers.ts';
import {type LeagueProcess, startLeagueProcess} from './league-process.ts';
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

/** Every table's rows as they are in the end, and the states of all partitions. */
async function contentsOf(project: ShippedProject) {
  const {pipeline} = await project.read();
  const {states, actions, partitions} = await project.plan({all: true});
  const made = new Set(partitions.flatMap(({asset, state}) => (state === 'fresh' ? [asset] : [])));
  const tables = [...pipeline.assets.values()].filter(({name, key}) => key.length > 0 && made.has(name));
  const rows = new Map<string, {key: readonly string[]; rows: readonly RowValues[]}>();
  for (const {name, key, columns} of tables) {
    const listed = columns.map(({name: column, type}) =>
      type === 'int64'
        ? `${column}::DOUBLE`
        : type === 'date' || type === 'timestamp'
          ? `${column}::VARCHAR`
          : column,
    );
    const found = await project.ask(`SELECT ${listed.join(', ')} FROM ${name}`);
    // numbers, texts and Booleans: every other type was cast
    const values = found.map(
      row => Object.fromEntries(columns.map(({name: column}, i) => [column, row[i] ?? null])) as RowValues,
    );
    rows.set(name, {key, rows: values});
  }
  return {rows, states, actions};
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
  expect(expected.rows.get('precompute.ml_feature_store')?.rows.length).toBeGreaterThan(300);
  expect(Object.values(expected.actions)).toEqual([0, 0, 0, 0, 0]);
  for (const project of [byDate, byAsset]) {
    const {rows, states, actions} = await contentsOf(project);
    expect([states, actions]).toEqual([expected.states, expected.actions]);
    for (const [table, {key, rows: wanted}] of expected.rows) {
      const found = differences(wanted, rows.get(table)?.rows ?? [], {key, tolerance: 1e-9});
      expect([table, ...found.slice(0, 5)]).toEqual([table]);
    }
  }
}, 180_000);
