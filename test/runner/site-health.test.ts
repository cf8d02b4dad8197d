/** When a site is left alone: many failures in a row, those that are let through one by one, quotas. */
import {expect, test} from 'vitest';
import {SiteHealth} from '../../runner/site-health.ts';

const START = 1_700_000_000_000;
const LATER = START + 15_000;
const DOWN = 'it answered 503';
const PROBE = {kind: 'ask', isProbe: true};

function failing(times: number): SiteHealth {
  const health = new SiteHealth();
  for (let i = 0; i < times; i++) {
    expect(health.leave(START)).toEqual({kind: 'ask', isProbe: false});
    health.failed(DOWN, {isProbe: false, now: START});
  }
  return health;
}

/** So many requests that are let through, each after the other, fail. */
function probe(health: SiteHealth, times: number, now = LATER): void {
  for (let i = 0; i < times; i++) {
    expect(health.leave(now)).toEqual(PROBE);
    health.failed(DOWN, {isProbe: true, now});
  }
}

test('eight failures in a row, whoever met them, stop all requests for a moment; seven do not', () => {
  expect(failing(7).leave(START).kind).toBe('ask');
  expect(failing(8).leave(START + 1)).toEqual({kind: 'wait', until: LATER});
});

test('an answer in between begins the count anew', () => {
  const health = failing(7);
  health.answered();
  health.failed(DOWN, {isProbe: false, now: START});
  expect(health.leave(START).kind).toBe('ask');
});

test('after the moment one request is let through, and the others wait for what comes of it', () => {
  const health = failing(8);
  expect(health.leave(LATER)).toEqual(PROBE);
  expect(health.leave(LATER)).toEqual({kind: 'wait', until: LATER + 100});
  health.answered();
  expect(health.leave(LATER)).toEqual({kind: 'ask', isProbe: false});
});

test('a row of requests that it cannot answer does not close a site that answers the next', () => {
  const health = failing(8);
  probe(health, 19);
  expect(health.leave(LATER)).toEqual(PROBE);
  health.answered();
  expect(health.leave(LATER)).toEqual({kind: 'ask', isProbe: false});
});

test('if twenty fail the site is closed for five minutes, and nobody waits', () => {
  const health = failing(8);
  probe(health, 20);
  expect(health.leave(LATER + 1)).toEqual({kind: 'closed', because: DOWN});
  expect(health.leave(LATER + 299_999).kind).toBe('closed');
  expect(health.leave(LATER + 300_000)).toEqual(PROBE);
});

test('where they take their time a few are enough', () => {
  const health = failing(8);
  probe(health, 2);
  probe(health, 1, LATER + 60_000);
  expect(health.leave(LATER + 60_001).kind).toBe('closed');
});

test('what was asked before says nothing new while others are let through', () => {
  const health = failing(8);
  expect(health.leave(LATER)).toEqual(PROBE);
  for (let i = 0; i < 50; i++) health.failed(DOWN, {isProbe: false, now: LATER});
  health.abandoned(false);
  expect(health.leave(LATER).kind).toBe('wait');
  health.answered();
  expect(health.leave(LATER).kind).toBe('ask');
});

test('a request that is given up says nothing: another is let through', () => {
  const health = failing(8);
  health.leave(LATER);
  health.abandoned(true);
  expect(health.leave(LATER + 1_000)).toEqual(PROBE);
});

test('a quota that is used up for long is not given back by one that is used up for less', () => {
  const health = new SiteHealth();
  health.close('the month is used up', Number.POSITIVE_INFINITY);
  health.close('the minute is used up', START + 1_000);
  expect(health.leave(START + 2_000)).toEqual({kind: 'closed', because: 'the month is used up'});
});

test('a quota that is used up closes the site until it says', () => {
  const health = new SiteHealth();
  health.close('the quota is used up', START + 1_000);
  expect(health.leave(START)).toEqual({kind: 'closed', because: 'the quota is used up'});
  // What was on its way before changes nothing.
  health.answered();
  health.failed(DOWN, {isProbe: false, now: START});
  expect(health.leave(START + 999).kind).toBe('closed');
  expect(health.leave(START + 1_000)).toEqual(PROBE);
});
