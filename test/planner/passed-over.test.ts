import {expect, test} from 'vitest';
import {passedOver} from '../../planner/passed-over.ts';
import type {PartitionRef, Reason} from '../../planner/reason.ts';
import {partition} from '../cli/sample-plan.ts';

const PARKED: Reason = {kind: 'parked', failures: 3, error: 'HTTP 500', nextTryAt: undefined};
const lacks = (upstream: PartitionRef): Reason => ({kind: 'upstream-missing', upstream, count: 1});
const wait = (asset: string, ...reasons: readonly Reason[]) =>
  partition(asset, '2022-04-01', 'missing', {action: 'wait', reasons});

test('what waits for something else than what is parked or protected is not passed over', () => {
  const partitions = [
    partition('landing.a', '2022-04-01', 'missing', {action: 'skip', reasons: [PARKED]}),
    partition('landing.b', '2022-04-01', 'missing', {action: 'run', reasons: []}),
    partition('landing.c', '2022-04-01', 'missing', {
      action: 'skip',
      reasons: [{kind: 'leased', holder: 'B'}],
    }),
    wait('raw.a', {kind: 'never-materialized'}, lacks('landing.a@2022-04-01')),
    wait('raw.b', lacks('landing.a@2022-04-01'), lacks('landing.d@2022-04-01')),
    wait('mart.a', lacks('raw.a@2022-04-01')),
    wait('mart.b', lacks('raw.a@2022-04-01'), {
      kind: 'gate',
      score: 60,
      gate: 70,
      upstream: 'raw.a@2022-04-01',
      count: 1,
    }),
    partition('out.a', '2022-04-01', 'stale', {action: 'skip', reasons: [{kind: 'protected'}]}),
  ];
  expect([...passedOver({partitions})].map(ref => ref.split('@')[0])).toEqual([
    'landing.a',
    'raw.a',
    'mart.a',
    'out.a',
  ]);
});
