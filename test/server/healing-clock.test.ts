import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {PassOutcome} from '../../runner/ledger-pass.ts';
import {beginOwn, endOwn, ownProcess} from '../../runner/liveness.ts';
import {HealingClock} from '../../server/healing-clock.ts';
import {Passes} from '../../server/passes.ts';
import {SELF, Served, until} from './served.ts';

const EVERY_SECOND = '* * * * * *';

let served: Served;
beforeEach(() => {
  served = new Served();
});
afterEach(() => served.remove());

describe('of several servers', () => {
  const clocks: HealingClock[] = [];
  afterEach(async () => {
    for (const clock of clocks.splice(0)) await clock.stop();
  });

  test('one heals at each tick, and the next one goes on when it stops', async () => {
    const project = await served.load();
    const ticks: string[] = [];
    const open = (name: string): HealingClock => {
      const clock = new HealingClock({
        project: async () => project,
        schedule: EVERY_SECOND,
        clock: Date.now,
        onTick: tick => ticks.push(`${name} ${tick}`),
        complain: text => {
          throw new Error(text);
        },
      });
      clock.start();
      clocks.push(clock);
      return clock;
    };
    const [first, second] = [open('first'), open('second')];
    await until(() => ticks.length === 2, 'two ticks');
    expect(ticks.every(tick => tick.startsWith('first'))).toBe(true);
    expect([first.standing(), second.standing()]).toEqual(['holding', 'standing-by']);
    await first.stop();
    await until(() => ticks.length === 4, 'two more');
    expect(ticks.slice(2).every(tick => tick.startsWith('second'))).toBe(true);
    const taken = ticks.map(tick => tick.split(' ')[1]);
    expect(new Set(taken).size).toBe(taken.length);
  });

  describe('that begin one after the other', () => {
    let now: number;
    let ends: number;
    beforeEach(() => {
      now = Date.parse('2024-02-01T12:20:00Z');
      ends = 0;
    });

    /** A pass that begins now, and how it ends: `open`, it never says. */
    const pass = (outcome: PassOutcome | 'open'): void =>
      served.ledger(ledger => {
        const id = `pass-${ends++}`;
        ledger.beginPass({id, trigger: 'schedule', by: undefined, startedAt: now, ...ownProcess()});
        if (outcome !== 'open')
          ledger.endPass(id, {endedAt: now, outcome, counts: undefined, error: undefined});
      });

    /** How often a server that begins now asks for a pass. */
    const looks = async (outcome: PassOutcome | 'open' = 'nothing'): Promise<number> => {
      const project = await served.load();
      let ticks = 0;
      const clock = new HealingClock({
        project: async () => project,
        schedule: undefined,
        clock: () => now,
        onTick: () => {
          ticks++;
          pass(outcome);
        },
        complain: text => {
          throw new Error(text);
        },
      });
      clock.start();
      await until(() => clock.standing() === 'holding', 'it holds the schedule');
      await clock.stop();
      return ticks;
    };

    test('ticks that nobody acted on come to one pass, and one that was acted on is not acted on again', async () => {
      // Nothing is on record yet: the last tick counts as missed.
      expect([await looks(), await looks()]).toEqual([1, 0]);
      now += 9 * 3_600_000;
      expect([await looks('failed'), await looks()]).toEqual([1, 0]);
      now += 3_600_000 - 5 * 60_000 - 1;
      expect(await looks()).toBe(0);
      now += 1;
      expect(await looks()).toBe(1);
      // Once the clock was a year ahead, and was set right: what it noted is no tick to wait for.
      now += 365 * 86_400_000;
      expect(await looks()).toBe(1);
      now -= 365 * 86_400_000;
      expect([await looks(), await looks()]).toEqual([1, 0]);
      now += 3_600_000;
      expect(await looks()).toBe(1);
    });

    test('a pass that was cut short is made up for by the next one, once', async () => {
      expect([await looks('interrupted'), await looks('died'), await looks(), await looks()]).toEqual([
        1, 1, 1, 0,
      ]);
      now += 3_600_000;
      // Its process is no more, and nobody has said so.
      expect([await looks('open'), await looks(), await looks()]).toEqual([1, 1, 0]);
    });

    test('a pass that goes on is not asked for again', async () => {
      beginOwn('pass-0');
      expect([await looks('open'), await looks()]).toEqual([1, 0]);
      endOwn('pass-0');
      expect(await looks()).toBe(1);
    });
  });
});

describe('two servers in processes of their own', () => {
  const all: ChildProcess[] = [];
  const healths: (() => Promise<unknown>)[] = [];
  afterEach(() => {
    for (const child of all.splice(0)) child.kill('SIGKILL');
  });

  async function serve(): Promise<ChildProcess> {
    const [node, ...self] = SELF;
    const args = ['serve', '-C', served.project.root, '--port', '0', '--heal', '--schedule', EVERY_SECOND];
    const child = spawn(node, [...self, ...args], {stdio: ['ignore', 'pipe', 'inherit']});
    all.push(child);
    const [said] = await once(child.stdout, 'data');
    const [url = ''] = /http:\S+/.exec(String(said)) ?? [];
    healths.push(async () => (await fetch(new URL('healthz', url))).json());
    return child;
  }

  const holder = (): number | undefined => served.ledger(ledger => ledger.schedule()?.holder?.pid);
  const ended = (): number =>
    served.ledger(ledger => ledger.passes(99).filter(({end}) => end !== undefined).length);

  test('the one that holds the schedule is killed, and the other takes over; SIGTERM ends that one well', async () => {
    served.project.declare('assets:\n', 'healing: {auto_within: 9999 days}\nassets:\n');
    const first = await serve();
    await until(() => holder() === first.pid, 'the first holds it');
    const second = await serve();
    await until(() => ended() >= 1, 'a pass');
    expect(holder()).toBe(first.pid);
    expect(await Promise.all(healths.map(ask => ask()))).toEqual([
      {status: 'ok', healing: 'holding'},
      {status: 'ok', healing: 'standing-by'},
    ]);
    first.kill('SIGKILL');
    await until(() => holder() === second.pid, 'the second holds it');
    const before = ended();
    await until(() => ended() > before, 'a pass of the second');
    second.kill('SIGTERM');
    expect(await once(second, 'exit')).toEqual([0, null]);
    expect(holder()).toBeUndefined();
    const told = served.ledger(ledger => ledger.passes(99));
    expect(new Set(told.map(({trigger}) => trigger))).toEqual(new Set(['schedule']));
    expect(told.filter(({end}) => end?.outcome === 'healed')).toHaveLength(1);
    expect(told.every(({end}) => end !== undefined)).toBe(true);
  });
});

describe('a pass at work', () => {
  const SLOW = `export const rows = async ({partition}) => {
  await new Promise(done => setTimeout(done, 400));
  return [{game_date: partition.key, player: 'ana', points: 1}];
};
`;
  const NEVER = new AbortController().signal;
  const passes = (): Passes =>
    new Passes({start: served.work.startPass.bind(served.work), tell: () => undefined});
  const outcomes = () => served.ledger(ledger => ledger.passes(9).map(({end}) => end?.outcome));
  const isAtWork = () => served.ledger(ledger => ledger.otherSessions().length > 0);

  beforeEach(() => {
    served.project.declare('assets:\n', 'healing: {auto_within: 9999 days}\nassets:\n');
    served.project.write('assets/points.ts', SLOW);
  });

  test('is asked to end when the server stops: what was begun is made, and nothing more', async () => {
    const own = passes();
    expect(own.ask({trigger: 'schedule', by: undefined})).toBe('started');
    await until(isAtWork, 'a run');
    await own.stop({graceMs: 20_000, now: NEVER});
    expect(outcomes()).toEqual(['interrupted']);
    expect(own.ask({trigger: 'schedule', by: undefined})).toBe('stopping');
  });

  test('is ended at once when that is asked for', async () => {
    served.project.write('assets/points.ts', SLOW.replace('400', '60000'));
    const own = passes();
    own.ask({trigger: 'schedule', by: undefined});
    await until(isAtWork, 'a run');
    const began = performance.now();
    await own.stop({graceMs: 300, now: NEVER});
    expect(performance.now() - began).toBeLessThan(8_000);
    expect(isAtWork() ? 'at work' : outcomes()).toEqual(['interrupted']);
  });
});
