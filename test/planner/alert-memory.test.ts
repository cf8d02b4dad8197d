import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
  ALERT_KINDS,
  type AlertKind,
  type AlertMemory,
  type Ended,
  FOLD_MS,
  type Found,
  isStanding,
  NO_MEMORY,
  topicId,
} from '../../planner/alert.ts';
import {type Draft, hasToTell, learn, tell} from '../../planner/alert-memory.ts';

const HOUR = 3_600_000;
const START = Date.parse('2024-02-01T12:00:00Z');
const AT_ONCE: readonly AlertKind[] = ['run-failed', 'source-down', 'nothing-ran'];

/** At 09:00 UTC. */
const digestAfter = (time: number): number => {
  const day = 24 * HOUR;
  return Math.floor((time - 9 * HOUR) / day + 1) * day + 9 * HOUR;
};

interface Told {
  readonly at: number;
  readonly draft: Draft;
}

/** A pipeline that is looked at again and again. */
class World {
  now = START;
  memory: AlertMemory = NO_MEMORY;
  isBusy = false;
  readonly told: Told[] = [];

  look(found: readonly Found[], ended: readonly Ended[] = []): Draft | undefined {
    this.memory = learn(this.memory, {found, ended, marks: marksOf(found, this.now)}, this.now);
    return this.tick();
  }

  tick(): Draft | undefined {
    const telling = {now: this.now, atOnce: AT_ONCE, digestAfter, isBusy: this.isBusy};
    const isDue = hasToTell(this.memory, telling);
    const {memory, draft} = tell(this.memory, telling);
    this.memory = memory;
    expect(isDue).toBe(draft !== undefined);
    if (draft !== undefined) this.told.push({at: this.now, draft});
    return draft;
  }

  after(hours: number): this {
    this.now += hours * HOUR;
    return this;
  }
}

const marksOf = (found: readonly Found[], now: number) =>
  new Map(found.flatMap(({once}) => (once === undefined ? [] : [[once, now] as const])));

const gap = (key: string, cause = 'never materialized'): Found => ({
  kind: 'gap-opened',
  cause,
  about: 'raw.box',
  keys: [key],
  since: START,
});
const run = (id: string, keys: readonly string[], cause = 'HTTP 500'): Found => ({
  kind: 'run-failed',
  cause,
  about: 'raw.box',
  keys,
  since: START,
  once: `run ${id}`,
});
const over = (key: string, isHealed = true): Ended => ({kind: 'gap-opened', about: 'raw.box', key, isHealed});
const said = (draft: Draft | undefined) =>
  draft?.topics.map(({kind, lines}) => `${kind} ${lines.flatMap(({keys}) => keys).join(' ')}`);

describe('when it is told', () => {
  test('what is critical at once, and what comes of the same cause within four hours in one message after them', () => {
    const world = new World();
    expect(said(world.look([run('1', ['d1', 'd2'])]))).toEqual(['run-failed d1 d2']);
    expect(world.after(1).look([run('2', ['d2', 'd3'])])).toBeUndefined();
    expect(world.after(1).look([run('3', ['d4'])])).toBeUndefined();
    expect(said(world.after(2).tick())).toEqual(['run-failed d2 d3 d4']);
    expect(world.after(40).look([run('3', ['d4'])])).toBeUndefined();
  });

  test('another cause is told at once all the same', () => {
    const world = new World();
    world.look([run('1', ['d1'])]);
    expect(said(world.after(1).look([run('2', ['d2'], 'no such column')]))).toEqual(['run-failed d2']);
    // Numbers make no other cause.
    expect(world.after(1).look([run('3', ['d3'], 'HTTP 503')])).toBeUndefined();
  });

  test('the rest with the digest, once a day, however often it is looked at', () => {
    const world = new World();
    expect(world.look([gap('d1')])).toBeUndefined();
    expect(world.after(20).look([gap('d1'), gap('d2')])).toBeUndefined();
    expect(said(world.after(1).look([gap('d1'), gap('d2')]))).toEqual(['gap-opened d1 d2']);
    expect(world.after(24).look([gap('d1'), gap('d2')])).toBeUndefined();
    expect(said(world.after(24).look([gap('d1'), gap('d2'), gap('d3')]))).toEqual(['gap-opened d3']);
  });

  test('after days without anybody there is one digest', () => {
    const world = new World();
    world.look([gap('d1')]);
    expect(said(world.after(24 * 9).look([gap('d1')]))).toEqual(['gap-opened d1']);
    expect(world.after(1).look([gap('d1'), gap('d2')])).toBeUndefined();
  });

  test('a storm of causes is a few messages, and what they leave out comes in one', () => {
    const world = new World();
    for (let i = 0; i < 40; i++)
      world.after(0.05).look([run(`${i}`, ['d1'], `cause ${'abc'.repeat(i + 1)}`)]);
    expect(world.told).toHaveLength(6);
    expect(world.after(4).tick()?.topics).toHaveLength(34);
  });

  test('while a large run is under way nothing is told, and at its end all in one message', () => {
    const world = new World();
    world.isBusy = true;
    expect(world.look([run('1', ['d1'])])).toBeUndefined();
    expect(world.after(1).look([gap('d7')])).toBeUndefined();
    world.isBusy = false;
    expect(said(world.after(1).look([gap('d7'), run('2', ['d2'])]))).toEqual(['run-failed d1 d2']);
  });

  test('but four hours at most', () => {
    const world = new World();
    world.isBusy = true;
    world.look([run('1', ['d1'])]);
    expect(world.after(3.9).tick()).toBeUndefined();
    expect(said(world.after(0.2).tick())).toEqual(['run-failed d1']);
  });
});

describe('what ends', () => {
  test('a gap that was told and is there is told as healed, once', () => {
    const world = new World();
    world.look([gap('d1')]);
    world.after(24).look([gap('d1')]);
    expect(said(world.after(24).look([], [over('d1')]))).toEqual(['gap-healed d1']);
    expect(world.after(24).look([], [over('d1')])).toBeUndefined();
  });

  test('what was never told, or lost its meaning, is not', () => {
    const world = new World();
    world.look([gap('d1'), gap('d2')]);
    world.look([gap('d2')], [over('d1')]);
    expect(said(world.after(24).look([gap('d2')]))).toEqual(['gap-opened d2']);
    expect(world.after(24).look([], [over('d2', false)])).toBeUndefined();
  });

  test('what is left of it counts from its own beginning', () => {
    const world = new World();
    const late = {...gap('d2'), since: START + 5 * HOUR};
    world.after(6).look([gap('d1'), late]);
    world.look([late], [over('d1')]);
    expect([...world.memory.lines.values()].map(({since}) => since)).toEqual([late.since]);
    expect(
      world
        .after(24)
        .look([late])
        ?.topics.map(({since}) => since),
    ).toEqual([late.since]);
  });

  test('a gap that is open again before anybody heard that it was healed is no news', () => {
    const world = new World();
    world.look([gap('d1')]);
    world.after(24).look([gap('d1')]);
    world.after(1).look([], [over('d1')]);
    world.after(1).look([gap('d1')]);
    expect(world.after(24).look([gap('d1')])).toBeUndefined();
    expect(said(world.after(24).look([], [over('d1')]))).toEqual(['gap-healed d1']);
  });
});

interface Step {
  readonly hours: number;
  readonly isBusy: boolean;
  /** Conditions that begin or end. */
  readonly turns: readonly {
    readonly kind: AlertKind;
    readonly cause: number;
    readonly about: number;
    readonly key: number;
  }[];
  readonly failures: readonly {readonly cause: number; readonly about: number; readonly key: number}[];
  readonly isHealed: boolean;
}

const small = fc.integer({min: 0, max: 2});
const step: fc.Arbitrary<Step> = fc.record({
  hours: fc.oneof(fc.double({min: 0, max: 1, noNaN: true}), fc.double({min: 0, max: 30, noNaN: true})),
  isBusy: fc.boolean(),
  turns: fc.array(
    fc.record({
      kind: fc.constantFrom(...ALERT_KINDS.filter(isStanding)),
      cause: small,
      about: small,
      key: small,
    }),
    {maxLength: 4},
  ),
  failures: fc.array(fc.record({cause: small, about: small, key: small}), {maxLength: 4}),
  isHealed: fc.boolean(),
});

const CAUSES = ['HTTP 500', 'no such column', 'too late'];
const nameOf = (kind: string, about: string, key: string) => `${kind} ${about} ${key}`;

/** Plays a history and then lets two quiet days pass; returns all that happened. */
function play(steps: readonly Step[]) {
  const world = new World();
  const open = new Map<string, Found>();
  const failed = new Set<string>();
  const healed = new Set<string>();
  const begun = new Map<string, number>();
  let runs = 0;
  for (const {hours, isBusy, turns, failures, isHealed} of steps) {
    world.after(hours).isBusy = isBusy;
    const ended: Ended[] = [];
    for (const {kind, cause, about, key} of turns) {
      const found = {
        kind,
        cause: CAUSES[cause] ?? '',
        about: `raw.a${about}`,
        keys: [`d${key}`],
        since: world.now,
      };
      const name = nameOf(kind, found.about, `d${key}`);
      if (open.delete(name)) {
        ended.push({kind, about: found.about, key: `d${key}`, isHealed});
        if (isHealed) healed.add(name);
      } else {
        open.set(name, found);
        begun.set(name, (begun.get(name) ?? 0) + 1);
        healed.delete(name);
      }
    }
    const news = failures.map(({cause, about, key}) => {
      failed.add(`${topicId({kind: 'run-failed', cause: CAUSES[cause] ?? ''})} raw.a${about} d${key}`);
      return {...run(`${runs++}`, [`d${key}`], CAUSES[cause]), about: `raw.a${about}`};
    });
    world.look([...open.values(), ...news], ended);
  }
  world.isBusy = false;
  for (let i = 0; i < 60; i++) world.after(1).look([...open.values()]);
  return {world, open, failed, healed, begun};
}

describe('of any history', () => {
  const property = (check: (played: ReturnType<typeof play>) => void) =>
    fc.assert(
      fc.property(fc.array(step, {maxLength: 30}), steps => check(play(steps))),
      {numRuns: 150},
    );

  test('a kind and cause is told once in four hours, and six messages come at once at most', () => {
    property(({world: {told}}) => {
      const last = new Map<string, number>();
      for (const {at, draft} of told) {
        for (const topic of draft.topics) {
          const id = topicId(topic);
          expect(at - (last.get(id) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(FOLD_MS);
          last.set(id, at);
        }
        const recent = told.filter(
          each => each.draft.why === 'at-once' && at - each.at >= 0 && at - each.at < FOLD_MS,
        );
        expect(recent.length).toBeLessThanOrEqual(6);
      }
    });
  });

  test('what failed is told, with every partition', () => {
    property(({world: {told}, failed}) => {
      const heard = new Set(
        told.flatMap(({draft}) =>
          draft.topics.flatMap(topic =>
            topic.kind !== 'run-failed'
              ? []
              : topic.lines.flatMap(({about, keys}) => keys.map(key => `${topicId(topic)} ${about} ${key}`)),
          ),
        ),
      );
      expect([...heard].toSorted()).toEqual([...failed].toSorted());
    });
  });

  test('what stands is told once until it ends, and what healed once after that', () => {
    property(({world: {told}, open, healed, begun}) => {
      const heard = new Map<string, number>();
      for (const {draft} of told) {
        for (const {kind, lines} of draft.topics) {
          for (const {about, keys} of lines) {
            for (const key of keys) {
              const name = nameOf(kind, about, key);
              heard.set(name, (heard.get(name) ?? 0) + 1);
            }
          }
        }
      }
      const timesOf = (name: string): number => heard.get(name) ?? 0;
      for (const [name, times] of begun) {
        expect(timesOf(name), name).toBeLessThanOrEqual(times);
        if (times === 1 && open.has(name)) expect(timesOf(name), name).toBe(1);
        const [kind, ...rest] = name.split(' ');
        // Where both stood, one healing is told for both.
        if (kind !== 'gap-opened' || begun.has(['partition-parked', ...rest].join(' '))) continue;
        const healings = timesOf(['gap-healed', ...rest].join(' '));
        expect(healings, name).toBeLessThanOrEqual(timesOf(name));
        if (times === 1 && healed.has(name)) expect(healings, name).toBe(timesOf(name));
      }
    });
  });
});
