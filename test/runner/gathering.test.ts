/** How many batches a run forms where each costs much: simulated over a chain of assets, without a warehouse. */
import {expect, test} from 'vitest';
import {dateOf} from '../../planner/day.ts';
import {type AssetFrame, keyAt} from '../../planner/frame.ts';
import {Schedule} from '../../runner/schedule.ts';
import {Toy} from '../kit/toy.ts';
import type {ToyAsset} from '../kit/toy-spec.ts';

const DATES = 500;
const BIGQUERY = {
  warehouse: {engine: 'bigquery', project: 'my-project', location: 'EU'},
  store: {kind: 'gcs', bucket: 'objects'},
};
const DUCKDB = {warehouse: {engine: 'duckdb'}};

/** Each reads windows of the one before; the first is loaded in fifties. */
const CHAIN: Readonly<Record<string, ToyAsset>> = {
  'raw.box': {rows: 'assets/box.ts', batch: 50},
  'mart.a': {batch: 1000, upstream: {box: {asset: 'raw.box', window: '10 dates'}}},
  'mart.b': {batch: 1000, upstream: {a: {asset: 'mart.a', window: 'season to date'}, box: 'raw.box'}},
  'mart.c': {batch: 1000, upstream: {b: 'mart.b'}},
  'mart.chain': {upstream: {c: 'mart.c', before: {asset: 'mart.chain', window: 'previous'}}},
};

/** Batches by asset, with so many at work at once, of which the one that began last ends first. */
function batchesOf(target: object, assets: Readonly<Record<string, ToyAsset>>): Record<string, number> {
  const toy = new Toy({manifest: {targets: {prod: target}}, assets});
  const dates = Array.from({length: DATES}, (_, i) => dateOf(19_000 + i));
  toy.at('2024-06-01T00:00:00Z');
  toy.calendar(Object.fromEntries(dates.map(date => [date, ['BOS-LAL']])));
  const {plan, frame, progress} = toy.planned();
  const open = plan.partitions.filter(({action}) => action === 'run' || action === 'run-if');
  const schedule = new Schedule(frame, open, progress, {gates: undefined, order: 'oldest'});
  const counts: Record<string, number> = {};
  const atWork: {readonly asset: AssetFrame; readonly ordinals: readonly number[]}[] = [];
  const ended = new Set<string>();
  for (;;) {
    schedule.settle();
    while (atWork.length < 2) {
      const batch = schedule.take({hasRoom: () => true, load: () => 0, isBusy: atWork.length > 0});
      if (batch === undefined) break;
      const {name} = batch.asset.asset;
      counts[name] = (counts[name] ?? 0) + 1;
      atWork.push({asset: batch.asset, ordinals: batch.jobs.map(({ordinal}) => ordinal)});
    }
    const work = atWork.pop();
    if (work === undefined) break;
    for (const ordinal of work.ordinals) {
      toy.make(work.asset, ordinal, false, () => undefined);
      ended.add(`${work.asset.asset.name}@${keyAt(work.asset, ordinal)}`);
      schedule.end(work.asset, ordinal, true);
    }
  }
  expect(ended.size).toBe(open.length);
  return counts;
}

test('a batch that may still grow waits for what is at work, so that a chain has no more jobs than it must', () => {
  const {'mart.chain': _, ...chain} = CHAIN;
  const counts = batchesOf(BIGQUERY, chain);
  expect(counts).toEqual({'raw.box': DATES / 50, 'mart.a': 1, 'mart.b': 1, 'mart.c': 1});
  const eager = batchesOf(DUCKDB, chain);
  expect(Math.min(...['mart.a', 'mart.b', 'mart.c'].map(name => eager[name] ?? 0))).toBeGreaterThan(5);
});

test('what is made key by key holds nothing up for ever', () => {
  const counts = batchesOf(BIGQUERY, CHAIN);
  expect(counts).toMatchObject({'mart.chain': DATES, 'mart.c': 1});
});

test('an asset without a batch is made in large ones, but for what reads its own key before', () => {
  const counts = batchesOf(BIGQUERY, {
    'raw.box': {rows: 'assets/box.ts'},
    'mart.a': {upstream: {box: 'raw.box'}},
    'mart.chain': {upstream: {a: 'mart.a', before: {asset: 'mart.chain', window: 'previous'}}},
  });
  expect(counts).toEqual({'raw.box': 1, 'mart.a': 1, 'mart.chain': DATES});
});
