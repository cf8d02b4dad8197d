/** When a site is left alone: many failures in a row, one that is let through, quotas. */
import {expect, test} from 'vitest';
import {SiteHealth} from '../../runner/site-health.ts';

const START = 1_700_000_000_000;

function failing(times: number): SiteHealth {
  const health = new SiteHealth();
  for (let i = 0; i < times; i++) {
    expect(health.leave(START).kind).toBe('ask');
    health.failed('it answered 503', START);
  }
  return health;
}

test('eight failures in a row, whoever met them, stop all requests for a moment; seven do not', () => {
  expect(failing(7).leave(START)).toEqual({kind: 'ask'});
  expect(failing(8).leave(START + 1)).toEqual({kind: 'wait', until: START + 15_000});
});

test('an answer in between begins the count anew', () => {
  const health = failing(7);
  health.answered();
  health.failed('it answered 503', START);
  expect(health.leave(START)).toEqual({kind: 'ask'});
});

test('after the moment one request is let through, and the others wait for what comes of it', () => {
  const health = failing(8);
  const later = START + 15_000;
  expect(health.leave(later).kind).toBe('ask');
  expect(health.leave(later)).toEqual({kind: 'wait', until: later + 100});
  health.answered();
  expect([health.leave(later).kind, health.leave(later).kind]).toEqual(['ask', 'ask']);
});

test('if that one fails as well the site is closed for five minutes, and nobody waits', () => {
  const health = failing(8);
  const later = START + 15_000;
  health.leave(later);
  health.failed('it answered 503', later);
  expect(health.leave(later + 1)).toEqual({kind: 'closed', because: 'it answered 503'});
  expect(health.leave(later + 299_999).kind).toBe('closed');
  expect(health.leave(later + 300_000).kind).toBe('ask');
});

test('a request that is given up says nothing: another is let through', () => {
  const health = failing(8);
  health.leave(START + 15_000);
  health.abandoned(START + 16_000);
  expect(health.leave(START + 16_000).kind).toBe('ask');
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
  health.failed('it answered 503', START);
  expect(health.leave(START + 999).kind).toBe('closed');
  expect(health.leave(START + 1_000).kind).toBe('ask');
});
