import {describe, expect, test} from 'vitest';
import type {PlanBody, PlanGroupBody} from '../../server/schema/plan.ts';
import {actionsByAsset, filterGroups, madeBy, whyNothing} from '../../web/plan/groups.ts';

function group(part: Partial<PlanGroupBody>): PlanGroupBody {
  return {
    asset: 'raw.games',
    label: 'missing',
    state: 'missing',
    action: 'run',
    count: 1,
    ranges: '2024-01-15',
    first: ['2024-01-15'],
    reasons: [{kind: 'never-materialized', text: 'never materialized'}],
    notes: [],
    ...part,
  };
}

const games = group({count: 3});
const waiting = group({
  asset: 'analytics.players',
  action: 'wait',
  count: 2,
  reasons: [{kind: 'upstream-missing', text: 'waits for raw.games@2024-01-15'}],
});
const stale = group({
  asset: 'analytics.players',
  state: 'stale',
  label: 'stale',
  ranges: '2024-02-01 … 2024-02-09',
});

describe('of the groups', () => {
  const all = {action: null, asset: null, text: ''};

  test('each filter leaves what it is about', () => {
    const groups = [games, waiting, stale];
    expect(filterGroups(groups, all)).toEqual(groups);
    expect(filterGroups(groups, {...all, action: 'wait'})).toEqual([waiting]);
    expect(filterGroups(groups, {...all, asset: 'analytics.players'})).toEqual([waiting, stale]);
    expect(filterGroups(groups, {...all, action: 'run', asset: 'analytics.players'})).toEqual([stale]);
  });

  test('text is looked for in names, ranges and sentences, each word of it', () => {
    expect(filterGroups([games, waiting, stale], {...all, text: 'waits RAW.games'})).toEqual([waiting]);
    expect(filterGroups([games, waiting, stale], {...all, text: '2024-02'})).toEqual([stale]);
    expect(filterGroups([games], {...all, text: 'waits'})).toEqual([]);
  });

  test('an asset has the sum of its groups, and none for what needs nothing', () => {
    const idle = group({asset: 'raw.players', action: null});
    expect([...actionsByAsset([games, waiting, stale, games, idle])]).toEqual([
      ['raw.games', {run: 6, 'run-if': 0, wait: 0, skip: 0, drop: 0}],
      ['analytics.players', {run: 1, 'run-if': 0, wait: 2, skip: 0, drop: 0}],
    ]);
  });
});

describe('a plan', () => {
  const planned = (actions: Partial<PlanBody['actions']>) =>
    ({actions: {run: 0, 'run-if': 0, wait: 0, skip: 0, drop: 0, ...actions}}) as PlanBody; // all that is looked at

  test('makes what runs, what may, and what is dropped', () => {
    expect(madeBy(planned({run: 3, 'run-if': 4, drop: 5, wait: 6, skip: 7}))).toBe(12);
  });

  test('says why nothing can be made', () => {
    expect(whyNothing(planned({run: 1, wait: 2}))).toBeUndefined();
    expect(whyNothing(planned({}))).toContain('up to date');
    expect(whyNothing(planned({wait: 1, skip: 2}))).toBe(
      'Nothing can be made now: 1 partition waits for what is not there, and 2 partitions are held back.',
    );
  });
});
