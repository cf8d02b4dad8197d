import {expect, test} from 'vitest';
import type {TimelineBody} from '../../server/schema/run.ts';
import {attemptAt, barOf, firstWithin, lanesOf} from '../../web/run/timeline-rows.ts';

/** Outcomes: 0 succeeded, 1 failed. */
const timeline: TimelineBody = {
  assets: ['late', 'early', 'idle'],
  outcomes: ['succeeded', 'failed'],
  asset: [0, 1, 1, 0],
  outcome: [0, 0, 1, 0],
  startedAt: [500, 300, 100, 400],
  endedAt: [600, 350, 320, 450],
};
const isBad = (attempt: number) => timeline.outcome[attempt] === 1;

test('lanes come in the order in which their first attempt began, and none is empty', () => {
  const lanes = lanesOf(timeline);
  expect(lanes.map(({asset}) => asset)).toEqual(['early', 'late']);
  expect(lanes.map(({attempts}) => [...attempts])).toEqual([
    [2, 1],
    [3, 0],
  ]);
});

test('a bar lies where its time does, and a failure is never narrower than two pixels', () => {
  const seen = {from: 0, to: 1_000_000};
  expect(barOf(100_000, 300_000, seen, 1000, false)).toEqual({x: 100, width: 200});
  expect(barOf(100_000, 100_001, seen, 1000, false)?.width).toBeCloseTo(1);
  expect(barOf(100_000, 100_001, seen, 1000, true)?.width).toBeCloseTo(2);
});

test('a bar out of sight is none, and one that reaches out is cut', () => {
  const seen = {from: 1000, to: 2000};
  expect(barOf(0, 900, seen, 100, false)).toBeUndefined();
  expect(barOf(2100, 2200, seen, 100, false)).toBeUndefined();
  const bar = barOf(0, 1_000_000, seen, 100, false);
  expect(bar?.x).toBe(-1);
  expect(bar?.width).toBe(102);
});

test('under a point lies the attempt of that time, a failed one before others', () => {
  const [early] = lanesOf(timeline);
  if (early === undefined) throw new Error('no lane');
  expect(attemptAt(early, timeline, 310, 0, isBad)).toBe(2);
  expect(attemptAt(early, timeline, 340, 0, isBad)).toBe(1);
  expect(attemptAt(early, timeline, 360, 0, isBad)).toBeUndefined();
  expect(attemptAt(early, timeline, 360, 20, isBad)).toBe(1);
});

test('what ended before a time is passed over, and nothing that lasts into it', () => {
  const [early] = lanesOf(timeline);
  if (early === undefined) throw new Error('no lane');
  expect(early.longest).toBe(220);
  expect(firstWithin(early, timeline.startedAt, 0)).toBe(0);
  expect(firstWithin(early, timeline.startedAt, 320)).toBe(0);
  expect(firstWithin(early, timeline.startedAt, 321)).toBe(1);
  expect(firstWithin(early, timeline.startedAt, 10_000)).toBe(2);
});
