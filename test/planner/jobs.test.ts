import {describe, expect, test} from 'vitest';
import {dateOf} from '../../planner/day.ts';
import {jobsOf} from '../../planner/jobs.ts';
import type {PlanRequest} from '../../planner/plan.ts';
import {Toy} from '../kit/toy.ts';
import type {ToyAsset} from '../kit/toy-spec.ts';

const BIGQUERY = {
  warehouse: {engine: 'bigquery', project: 'my-project', location: 'EU'},
  store: {kind: 'gcs', bucket: 'objects'},
};

/** Dates from September 2023 on, each with one game. */
function toyOf(
  assets: Readonly<Record<string, ToyAsset>>,
  dates: number,
  targets: object = {prod: BIGQUERY},
) {
  const toy = new Toy({manifest: {targets}, assets});
  toy.at('2040-06-01T00:00:00Z');
  const keys = Array.from({length: dates}, (_, i) => dateOf(19_600 + i));
  toy.calendar(Object.fromEntries(keys.map(key => [key, ['BOS-LAL']])));
  return {toy, keys};
}

function jobs(
  toy: Toy,
  billed: Readonly<Record<string, {readonly bytesBilled: number; readonly attempts: number}>> = {},
  request: Partial<PlanRequest> = {},
) {
  const found = jobsOf(toy.planned(request), new Map(Object.entries(billed)));
  if (found === undefined) throw new Error('This engine is sent no jobs.');
  return found;
}

const ROWS = {rows: 'assets/rows.ts'};

test('DuckDB is sent no jobs', () => {
  const {toy} = toyOf({'raw.box': ROWS}, 5, {local: {warehouse: {engine: 'duckdb'}}});
  expect(jobsOf(toy.planned(), new Map())).toBeUndefined();
});

test('each batch takes four jobs, rows from code a load among them, and objects none', () => {
  const {toy} = toyOf(
    {
      'landing.box': {files: 'assets/box.ts'},
      'raw.box': {...ROWS, upstream: {box: 'landing.box'}},
      'mart.form': {upstream: {box: {asset: 'raw.box', window: '3 dates'}}},
    },
    2_500,
  );
  const {run, assets, shortfalls} = jobs(toy);
  expect(assets.map(({asset, run: {batches}}) => `${asset} ${batches}`)).toEqual([
    'raw.box 3',
    'mart.form 1',
  ]);
  expect(run).toMatchObject({batches: 4, jobs: 4 * 4, loads: 3, partitionWrites: 5_000});
  expect(shortfalls).toEqual([]);
});

test('what is published already is compared besides', () => {
  const {toy, keys} = toyOf({'mart.form': {batch: 2}}, 6);
  for (const key of keys.slice(0, 2)) toy.touch('mart.form', key);
  expect(jobs(toy).run).toMatchObject({jobs: 2 * 4});
  const again = jobs(toy, {}, {force: true}).assets.find(({asset}) => asset === 'mart.form');
  expect(again?.run).toMatchObject({batches: 3, jobs: 3 * 4 + 1});
});

test('each check that looks elsewhere is a job more', () => {
  const {toy} = toyOf(
    {
      'raw.box': ROWS,
      'mart.form': {
        upstream: {box: 'raw.box'},
        key: ['game_id'],
        checks: [
          {not_null: ['points']},
          {unique: ['game_id', 'points']},
          {unique: ['points']},
          {rows: {min: 1}},
          {rows: {of: 'raw.box', at_least: '90%'}},
          {sum_equals: {column: 'points', of: 'box'}},
          {sql: 'assets/check.sql'},
        ],
      },
    },
    1,
  );
  expect(jobs(toy).assets.find(({asset}) => asset === 'mart.form')?.run.jobs).toBe(4 + 4);
});

test('what is made only if inputs change is counted apart', () => {
  const {toy, keys} = toyOf({'raw.box': ROWS, 'mart.form': {upstream: {box: 'raw.box'}}}, 3);
  for (const key of keys) for (const asset of ['raw.box', 'mart.form']) toy.touch(asset, key);
  toy.forget('raw.box', keys[0] ?? '');
  toy.touch('mart.form', keys[0] ?? '');
  const {run, runIf} = jobs(toy);
  expect(run).toMatchObject({jobs: 4, partitionWrites: 1});
  expect(runIf).toMatchObject({jobs: 5, partitionWrites: 1});
});

test('an export is a query for each object, and a cascade judges its first source besides', () => {
  const {toy} = toyOf(
    {
      'raw.box': ROWS,
      'out.box': {export: {format: 'json', path: 'box/{game_date}.json'}, upstream: {box: 'raw.box'}},
      'mart.box': {sql: undefined, sources: [{name: 'box', upstream: 'raw.box'}]},
    },
    4,
  );
  const byAsset = Object.fromEntries(jobs(toy).assets.map(({asset, run}) => [asset, run.jobs]));
  expect(byAsset).toEqual({'raw.box': 4, 'out.box': 4, 'mart.box': 4 + 3});
});

test('bytes are as many a partition as were billed before, and what was never billed is not guessed', () => {
  const {toy} = toyOf({'raw.box': ROWS, 'mart.form': {upstream: {box: 'raw.box'}}}, 4);
  const found = jobs(toy, {'mart.form': {bytesBilled: 10_000, attempts: 8}});
  expect(found.run.bytes).toBe(4 * 1_250);
  expect(found.unbilled).toBe(4);
});

describe('more than is allowed', () => {
  test('load jobs of a day, with the batch that would fit into one', () => {
    const assets = Object.fromEntries(
      Array.from({length: 5}, (_, i) => [`raw.a${i}`, {...ROWS, batch: i === 4 ? 1 : 1_000}]),
    );
    const {toy} = toyOf({...assets}, 3_000);
    expect(jobs(toy).shortfalls.map(({kind}) => kind)).toEqual(['one-by-one']);
    const many = Object.fromEntries(Array.from({length: 35}, (_, i) => [`raw.a${i}`, {...ROWS, batch: 1}]));
    const {toy: large} = toyOf(many, 3_000);
    const [first, ...others] = jobs(large).shortfalls;
    expect(first).toEqual({
      kind: 'loads-a-day',
      asset: 'raw.a0',
      loads: 105_000,
      allowed: 100_000,
      days: 2,
      batch: 2,
    });
    expect(others).toHaveLength(35);
  });

  test('partitions of a table', () => {
    const {toy} = toyOf({'raw.box': ROWS, 'mart.month': {bigquery: {grain: 'month'}}}, 10_001);
    toy.at('2060-01-01T00:00:00Z');
    expect(jobs(toy).shortfalls).toEqual([
      {kind: 'partitions-of-table', asset: 'raw.box', partitions: 10_001, allowed: 10_000},
    ]);
  });

  test('publications that need not be so many, but for what reads its own key before', () => {
    const {toy} = toyOf(
      {
        'mart.box': {batch: 1},
        'mart.season': {batch: 'season'},
        'mart.chain': {upstream: {before: {asset: 'mart.chain', window: 'previous'}}},
      },
      900,
    );
    expect(jobs(toy).shortfalls).toEqual([
      {kind: 'one-by-one', asset: 'mart.box', batches: 900, batch: 4_000, fewer: 1},
    ]);
  });
});
