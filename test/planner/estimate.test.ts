import {describe, expect, test} from 'vitest';
import {estimatePlan, secondsOf} from '../../planner/estimate.ts';
import type {Concurrency} from '../../planner/pipeline.ts';
import type {PlanRequest} from '../../planner/plan.ts';
import {Toy} from '../kit/toy.ts';
import type {ToyAsset} from '../kit/toy-spec.ts';

const DATES = Array.from({length: 20}, (_, i) => `2024-01-${String(i + 1).padStart(2, '0')}`);
const AT_ONCE: Concurrency = {fetches: 32, batches: 2};

function toyOf(assets: Readonly<Record<string, ToyAsset>>): Toy {
  const toy = new Toy({assets});
  toy.calendar(Object.fromEntries(DATES.map(date => [date, ['BOS-LAL']])));
  return toy;
}

/** Makes dates as one batch of so many milliseconds, with so many rows each. */
function makeBatch(toy: Toy, asset: string, dates: readonly string[], {ms = 0, rows = 10, at = 0}): void {
  for (const date of dates) toy.touch(asset, date, {rows, durationMs: ms / dates.length, at: toy.now + at});
}

function estimate(toy: Toy, request: Partial<PlanRequest> = {}) {
  return estimatePlan(toy.planned(request), AT_ONCE);
}

test('of what was never made nothing is known', () => {
  const toy = toyOf({'own.table': {}});
  expect(estimate(toy)).toMatchObject({known: 0, unknown: 20, run: {batches: 0, fetches: 0}});
});

test('one batch a partition takes as long as it did', () => {
  const toy = toyOf({'own.table': {batch: 1}});
  for (const [i, date] of DATES.slice(0, 15).entries()) makeBatch(toy, 'own.table', [date], {ms: 40, at: i});
  const found = estimate(toy);
  expect(found).toMatchObject({known: 5, unknown: 0});
  expect(found.run.batches).toBeCloseTo(5 * 40);
  expect(secondsOf(found.run, AT_ONCE)).toBeCloseTo(0.1);
});

test('a large batch tells what a row takes, a small one what every batch does', () => {
  const toy = toyOf({'own.table': {batch: 100}});
  // 20 ms a batch and 2 ms a row.
  makeBatch(toy, 'own.table', DATES.slice(0, 10), {ms: 220, rows: 10, at: 1});
  makeBatch(toy, 'own.table', DATES.slice(10, 11), {ms: 40, rows: 10, at: 2});
  expect(estimate(toy).run.batches).toBeCloseTo(20 + 9 * 10 * 2);
  expect(estimate(toy, {force: true, range: {keys: [DATES[0] ?? '']}}).run.batches).toBeCloseTo(40);
});

test('a season at a time is one batch', () => {
  const toy = toyOf({'own.table': {batch: 'season'}});
  makeBatch(toy, 'own.table', DATES.slice(0, 4), {ms: 80, rows: 0, at: 1});
  expect(estimate(toy).run.batches).toBeCloseTo(80);
});

test('what is made only if inputs change is counted apart', () => {
  const toy = toyOf({'raw.box': {}, 'own.table': {upstream: {box: 'raw.box'}}});
  for (const [i, date] of DATES.entries()) {
    makeBatch(toy, 'raw.box', [date], {ms: 30, at: i});
    makeBatch(toy, 'own.table', [date], {ms: 70, at: i});
  }
  toy.forget('raw.box', '2024-01-02');
  toy.touch('own.table', '2024-01-02', {durationMs: 70});
  const found = estimate(toy);
  expect(found.run.batches).toBeCloseTo(30);
  expect(found.runIf.batches).toBeCloseTo(70);
});

describe('fetches', () => {
  test('are divided by how many are at work at once', () => {
    const toy = toyOf({'raw.box': {files: 'assets/box.ts'}});
    for (const [i, date] of DATES.slice(0, 12).entries()) makeBatch(toy, 'raw.box', [date], {ms: 400, at: i});
    const found = estimate(toy);
    expect(found.run).toEqual({batches: 0, fetches: (8 * 400) / 32});
  });
});

test('a fit that would make a batch cost less than nothing goes through the origin', () => {
  const toy = toyOf({'own.table': {batch: 100}});
  makeBatch(toy, 'own.table', DATES.slice(0, 10), {ms: 1_000, rows: 10, at: 1});
  makeBatch(toy, 'own.table', DATES.slice(10, 11), {ms: 1, rows: 10, at: 2});
  expect(estimate(toy).run.batches).toBeCloseTo((1_001 / 110) * 90);
});
