/** Who is at work on what: sessions, leases, and what a run may write that was taken for dead. */
import {readFileSync} from 'node:fs';
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Ledger} from '../../runner/ledger.ts';
import {openLedger} from '../../runner/ledger-open.ts';
import type {LedgerPlace} from '../../runner/ledger-place.ts';
import type {PartitionOutcome} from '../../runner/ledger-row.ts';
import {SessionLost} from '../../runner/ledger-session.ts';
import {beginOwn, endOwn, ownProcess, Watch} from '../../runner/liveness.ts';
import {describeLedgers} from '../kit/ledgers.ts';

const open: Ledger[] = [];
const runs = ['one', 'two'];
let now = 1_700_000_000_000;

beforeEach(() => {
  for (const run of runs) beginOwn(run);
});
afterEach(() => {
  for (const run of runs) endOwn(run);
  for (const ledger of open.splice(0)) ledger.close();
});

function failed(key: string): PartitionOutcome {
  const at = {startedAt: now, endedAt: now, durationMs: 0, reasons: []};
  const fingerprint = {hash: 'f'.repeat(64), parts: {}};
  const inputs = {fingerprint, digest: '0'.repeat(16), triedDigest: '0'.repeat(16), readAt: 0, entry: null};
  return {asset: 'raw.games', key, ...at, ...inputs, outcome: 'failed', error: 'down'};
}

const claim = (ledger: Ledger, keys: readonly string[], since = 0) =>
  ledger.claim({asset: 'raw.games', keys, upstream: ['raw.teams'], since});

function intentOf(run: string, keys: readonly string[]) {
  return {id: `${run}-1`, run, asset: 'raw.games', keys, kind: 'rows', payload: {}} as const;
}

describeLedgers(newPlace => {
  let place: LedgerPlace;
  beforeEach(() => {
    place = newPlace();
  });

  function ledgerOf(run: string): Ledger {
    const ledger = openLedger({place, now: () => now});
    open.push(ledger);
    ledger.beginSession({run, ...ownProcess(), command: `gameplan ${run}`, startedAt: now});
    return ledger;
  }

  test('two runs share out what is asked for, and each learns who holds the rest', () => {
    const one = ledgerOf('one');
    const two = ledgerOf('two');
    expect(claim(one, ['a', 'b']).held).toEqual(new Map());
    expect(claim(two, ['b', 'c']).held).toEqual(new Map([['b', 'one']]));
    expect(claim(one, ['a', 'b', 'c']).held).toEqual(new Map([['c', 'two']]));
  });

  test('what has ended is given back, and so is all when the session ends', () => {
    const one = ledgerOf('one');
    const two = ledgerOf('two');
    claim(one, ['a', 'b']);
    one.recordOutcomes({run: 'one', outcomes: [failed('a')]});
    expect(claim(two, ['a', 'b'])).toMatchObject({isBehind: true});
    const {sequence, news} = two.newsSince(0);
    expect(news.map(({key, row}) => [key, row.error])).toEqual([['a', 'down']]);
    expect(claim(two, ['a', 'b'], sequence).held).toEqual(new Map([['b', 'one']]));
    one.endSession();
    expect(claim(two, ['b'], sequence).held).toEqual(new Map());
  });

  test('a claim hangs on news of what is claimed and of what that reads, and on no other', () => {
    const one = ledgerOf('one');
    const two = ledgerOf('two');
    const record = (asset: string, key: string): void => {
      one.claim({asset, keys: [key], upstream: [], since: one.sequence()});
      one.recordOutcomes({run: 'one', outcomes: [{...failed(key), asset}]});
    };
    record('raw.games', 'a');
    record('raw.players', 'b');
    expect(claim(two, ['b'])).toMatchObject({isBehind: false, isUpToDate: false, held: new Map()});
    expect(claim(two, ['a', 'b'])).toMatchObject({isBehind: true});
    const since = two.sequence();
    expect(claim(two, ['a', 'b'], since)).toMatchObject({isBehind: false, isUpToDate: true});
    record('raw.teams', 'c');
    expect(claim(two, ['b'], since)).toMatchObject({isBehind: true});
  });

  test('what a run has recorded itself is no news to it', () => {
    const one = ledgerOf('one');
    claim(one, ['a']);
    one.recordOutcomes({run: 'one', outcomes: [failed('a')]});
    expect(one.newsSince(0).news).toEqual([]);
    expect(claim(one, ['a']).isBehind).toBe(false);
  });

  test('a run that was taken for dead writes nothing more', () => {
    const one = ledgerOf('one');
    const two = ledgerOf('two');
    claim(one, ['a']);
    const [session] = two.otherSessions();
    expect(session?.run).toBe('one');
    expect(session !== undefined && two.burySession(session)).toBe(true);
    expect(claim(two, ['a']).held).toEqual(new Map());
    expect(one.beat({isWaiting: false})).toBeUndefined();
    expect(() => one.writeIntents([intentOf('one', ['a'])])).toThrow(SessionLost);
    expect(() => one.recordOutcomes({run: 'one', outcomes: [failed('a')]})).toThrow(SessionLost);
    expect(() => claim(one, ['b'])).toThrow(SessionLost);
    expect(() => one.whileAlive(() => expect.fail('too late'))).toThrow('Run one showed no sign of life');
    expect(two.attempts({asset: 'raw.games', key: 'a'}, 10)).toEqual([]);
  });

  test('a run that shows a sign of life is not taken for dead any more', () => {
    const one = ledgerOf('one');
    const two = ledgerOf('two');
    const [session] = two.otherSessions();
    one.beat({isWaiting: false});
    expect(session !== undefined && two.burySession(session)).toBe(false);
    let isWritten = false;
    one.whileAlive(() => {
      isWritten = true;
    });
    expect(isWritten).toBe(true);
  });

  test('an intent is refused for partitions that the run has not claimed', () => {
    const one = ledgerOf('one');
    claim(one, ['a']);
    expect(() => one.writeIntents([intentOf('one', ['a', 'b'])])).toThrow(SessionLost);
    one.writeIntents([intentOf('one', ['a'])]);
  });

  test('what was published under an intent is told even by a run that was taken for dead, unless another did', () => {
    const one = ledgerOf('one');
    const two = ledgerOf('two');
    claim(one, ['a', 'b']);
    one.writeIntents([intentOf('one', ['a'])]);
    for (const session of two.otherSessions()) two.burySession(session);
    expect(two.openIntents().map(({id}) => id)).toEqual(['one-1']);
    one.recordOutcomes({run: 'one', outcomes: [failed('a')], intents: ['one-1']});
    expect(two.openIntents()).toEqual([]);
    expect(() => one.recordOutcomes({run: 'one', outcomes: [failed('a')], intents: ['one-1']})).toThrow(
      SessionLost,
    );
    expect(two.attempts({asset: 'raw.games', key: 'a'}, 10)).toHaveLength(1);
  });

  test('the intents of a run that is at work are its own affair', () => {
    const one = ledgerOf('one');
    const two = ledgerOf('two');
    claim(one, ['a']);
    one.writeIntents([intentOf('one', ['a'])]);
    expect(two.openIntents()).toEqual([]);
    one.endSession();
    expect(two.openIntents()).toHaveLength(1);
  });

  test('a session hears that it is asked to end, and that another waits', () => {
    const one = ledgerOf('one');
    const two = ledgerOf('two');
    expect(one.beat({isWaiting: false})).toEqual({asked: 0, isAwaited: false, runs: 2});
    two.beat({isWaiting: true});
    expect(two.askToEnd('one')).toBe(1);
    expect(one.beat({isWaiting: false})).toEqual({asked: 1, isAwaited: true, runs: 2});
    expect([two.askToEnd('one'), two.askToEnd('one')]).toEqual([2, 2]);
    expect(one.beat({isWaiting: false})?.asked).toBe(2);
    expect(two.askToEnd('nobody')).toBeUndefined();
  });

  test('who asked a run to end, and when, is on record with the run', () => {
    const one = ledgerOf('one');
    const two = ledgerOf('two');
    one.startRun({id: 'one', pipeline: 'p', target: 't', command: 'gameplan one', startedAt: now});
    two.askToEnd('one', 'ada');
    two.askToEnd('one');
    expect(two.findRun('one')?.asked).toEqual([
      {at: now, times: 1, by: 'ada'},
      {at: now, times: 2, by: undefined},
    ]);
  });
});

test('a process of this machine that is gone is dead at once; one that lives, when its heart stands still', () => {
  const session = {run: 'x', ...ownProcess(), command: '', startedAt: now, beat: 1, beatAt: now};
  let monotonic = 0;
  const watch = new Watch({deadMs: 60_000}, {clock: () => now, monotonic: () => monotonic});
  expect(watch.isDead({...session, pid: 2 ** 22 + 1})).toBe(true);
  // The number was given to another process since.
  expect(watch.isDead({...session, pid: process.ppid})).toBe(true);
  // Of this very process: it knows what it has ended itself.
  expect(watch.isDead(session)).toBe(true);
  beginOwn('x');
  expect(watch.isDead(session)).toBe(false);
  endOwn('x');
  const parent = {...session, pid: process.ppid, born: bornOfParent()};
  expect(watch.isDead(parent)).toBe(false);
  monotonic = 59_000;
  expect(watch.isDead(parent)).toBe(false);
  expect(watch.isDead({...parent, beat: 2})).toBe(false);
  monotonic = 118_000;
  expect(watch.isDead({...parent, beat: 2})).toBe(false);
  // No clock that someone sets has a say in it.
  now += 3_600_000;
  expect(watch.isDead({...parent, beat: 2})).toBe(false);
  monotonic = 120_000;
  expect(watch.isDead({...parent, beat: 2})).toBe(true);
});

test('of another machine the heartbeat tells', () => {
  const watch = new Watch({deadMs: 60_000}, {clock: () => now});
  const session = {run: 'x', ...ownProcess(), host: 'another', command: '', startedAt: now, beat: 1};
  expect(watch.isDead({...session, beatAt: now - 59_000})).toBe(false);
  expect(watch.isDead({...session, beatAt: now - 61_000})).toBe(true);
});

/** Field 22 of its stat. */
function bornOfParent(): string {
  const text = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
