import {describe, expect, test} from 'vitest';
import {frameOf} from '../../planner/frame.ts';
import {judge, PROGRESS} from '../../planner/satisfy.ts';
import {contradictions} from '../kit/contradictions.ts';
import {Oracle} from '../kit/oracle.ts';
import {name, ordinalIn, Toy} from '../kit/toy.ts';
import type {ToyAsset, ToySpec} from '../kit/toy-spec.ts';

const [DAY1, DAY2, DAY3] = ['2024-01-15', '2024-01-16', '2024-01-20'] as const;
const GAMES = {[DAY1]: ['BOS-LAL #1', 'NYK-MIA #2'], [DAY2]: ['SEA-DEN #3'], [DAY3]: ['BOS-NYK #4']};
const COVERS = {column: 'game_id'};
/** Only what reads `raw.box` is asked for, so that `raw.box` stays as it is. */
const OWN = {selection: [{assets: new Set([name('own.table')]), states: undefined}]};

function reading(edge: ToyAsset, box: ToyAsset = {}, more: Partial<ToySpec> = {}): Toy {
  const toy = new Toy({
    assets: {'raw.box': box, 'own.table': {upstream: {box: {asset: 'raw.box', ...edge}}}},
    ...more,
  });
  toy.calendar(GAMES);
  return toy;
}

function gap(keys: readonly string[]) {
  return {asset: 'raw.box', keys, reason: 'lost', accepted_by: 'a@b.c', accepted_on: '2024-01-20'};
}

const soft = {required: false};
const RUNS = 'missing run: never-materialized';

describe('a required edge to the same key', () => {
  test('is satisfied by a fresh partition', () => {
    const toy = reading({});
    toy.touch('raw.box', DAY1);
    expect(toy.verdict('own.table', DAY1, OWN)).toBe(RUNS);
  });

  test('waits for one that is missing', () => {
    const toy = reading({});
    expect(toy.explain('own.table', DAY1, OWN)).toMatchObject({
      state: 'missing',
      action: 'wait',
      reasons: [
        {kind: 'never-materialized'},
        {kind: 'upstream-missing', upstream: `raw.box@${DAY1}`, count: 1},
      ],
    });
  });

  test('waits for one that is partial, and runs above its at_least', () => {
    const strict = reading({}, {covers: COVERS});
    strict.touch('raw.box', DAY1, {absent: ['2']});
    expect(strict.explain('own.table', DAY1, OWN)).toMatchObject({
      action: 'wait',
      reasons: [
        {kind: 'never-materialized'},
        {
          kind: 'upstream-partial',
          upstream: `raw.box@${DAY1}`,
          parts: 1,
          held: 1,
          expected: 2,
          atLeast: 1,
          count: 1,
        },
      ],
    });
    const enough = reading({at_least: '50%'}, {covers: COVERS});
    enough.touch('raw.box', DAY1, {absent: ['2']});
    expect(enough.verdict('own.table', DAY1, OWN)).toBe(RUNS);
    const short = reading({at_least: '51%'}, {covers: COVERS});
    short.touch('raw.box', DAY1, {absent: ['2']});
    expect(short.verdict('own.table', DAY1, OWN)).toBe('missing wait: never-materialized, upstream-partial');
  });

  test('is satisfied by one that its own lower bound calls fresh', () => {
    const toy = reading({}, {covers: {...COVERS, at_least: '50%'}});
    toy.touch('raw.box', DAY1, {absent: ['2']});
    expect(toy.verdict('own.table', DAY1, OWN)).toBe(RUNS);
  });

  test('runs on a stale one that is left out of this run, and says so', () => {
    const toy = reading({});
    toy.touch('raw.box', DAY1);
    toy.change({texts: {'raw.box': 'SELECT 2'}});
    expect(toy.explain('own.table', DAY1, OWN)).toMatchObject({
      action: 'run',
      notes: [{kind: 'built-on-stale', upstream: `raw.box@${DAY1}`, count: 1}],
    });
    expect(toy.explain('own.table', DAY1).notes).toEqual([]);
  });

  test('waits for a stale one that holds fewer games than its date has now, and so says the oracle', () => {
    const toy = reading({}, {covers: COVERS});
    const oracle = new Oracle(toy);
    oracle.note('raw.box', DAY2, 'a');
    toy.touch('raw.box', DAY2, {version: 'a'.padStart(16, '0')});
    toy.calendar({...GAMES, [DAY2]: ['SEA-DEN #3', 'BOS-MIA #5']});
    expect(toy.explain('own.table', DAY2, OWN)).toMatchObject({
      action: 'wait',
      reasons: [
        {kind: 'never-materialized'},
        {kind: 'upstream-partial', upstream: `raw.box@${DAY2}`, held: 1, expected: 2},
      ],
    });
    expect(contradictions({toy, oracle}, OWN)).toEqual([]);
  });

  test('runs on a stale one that is parked, and says so', () => {
    const toy = reading({});
    toy.touch('raw.box', DAY1);
    toy.change({texts: {'raw.box': 'SELECT 2'}});
    for (let i = 0; i < 3; i++) toy.fail('raw.box', DAY1);
    expect(toy.explain('raw.box', DAY1).action).toBe('skip');
    expect(toy.explain('own.table', DAY1).action).toBe('run');
    expect(toy.explain('own.table', DAY1).notes).toMatchObject([{kind: 'built-on-stale'}]);
  });

  test('waits for one that is parked and was never there', () => {
    const toy = reading({});
    for (let i = 0; i < 3; i++) toy.fail('raw.box', DAY1);
    expect(toy.verdict('own.table', DAY1)).toBe('missing wait: never-materialized, upstream-missing');
  });

  test('waits for the end of one that is planned', () => {
    expect(reading({}).verdict('own.table', DAY1)).toBe(RUNS);
  });
});

describe('in a run', () => {
  const outcomes = (edge: ToyAsset): unknown => {
    const toy = reading(edge);
    const found = toy.run({range: {keys: [DAY1]}}, {fails: ref => ref.startsWith('raw.box')});
    return Object.fromEntries(found);
  };

  test('what failed satisfies no required edge', () => {
    expect(outcomes({})).toEqual({[`raw.box@${DAY1}`]: 'failed', [`own.table@${DAY1}`]: 'skipped'});
  });

  test('what failed is left out of a soft edge', () => {
    expect(outcomes(soft)).toEqual({[`raw.box@${DAY1}`]: 'failed', [`own.table@${DAY1}`]: 'succeeded'});
  });

  test('what failed is named, also where it was published before', () => {
    const toy = reading({});
    toy.touch('raw.box', DAY1);
    const {frame, progress} = toy.planned();
    const own = frameOf(frame, name('own.table'));
    progress.get(name('raw.box'))?.fill(PROGRESS.failed);
    const [verdict] = judge(own, [ordinalIn(own, DAY1)], progress, undefined);
    expect(verdict?.waits).toEqual([{kind: 'upstream-failed', upstream: `raw.box@${DAY1}`, count: 1}]);
  });

  test('what failed is named where a share of it would be enough', () => {
    const {frame, progress} = reading({at_least: '1%'}).planned();
    const own = frameOf(frame, name('own.table'));
    progress.get(name('raw.box'))?.fill(PROGRESS.failed);
    const [verdict] = judge(own, [ordinalIn(own, DAY1)], progress, undefined);
    expect(verdict?.waits).toEqual([{kind: 'upstream-failed', upstream: `raw.box@${DAY1}`, count: 1}]);
  });

  test('a skip satisfies nothing', () => {
    const toy = new Toy({
      assets: {
        'raw.box': {},
        'own.middle': {upstream: {box: 'raw.box'}},
        'own.table': {upstream: {middle: 'own.middle'}},
      },
    });
    toy.calendar(GAMES);
    const found = toy.run({range: {keys: [DAY1]}}, {fails: ref => ref.startsWith('raw.box')});
    expect([...found.values()]).toEqual(['failed', 'skipped', 'skipped']);
  });

  test('a failure on one date blocks only what reads that date', () => {
    const toy = reading({window: '1 date'});
    const found = toy.run({}, {fails: ref => ref === `raw.box@${DAY1}`});
    expect(found.get(`own.table@${DAY1}`)).toBe('succeeded');
    expect(found.get(`own.table@${DAY2}`)).toBe('skipped');
    expect(found.get(`own.table@${DAY3}`)).toBe('succeeded');
  });

  test('a signed-off gap that is tried and does not fill is left out as before', () => {
    const toy = new Toy({
      assets: {
        'raw.box': {},
        'own.table': {upstream: {box: 'raw.box'}},
        'own.window': {upstream: {table: {asset: 'own.table', window: '5 dates'}}},
      },
      knownGaps: [{...gap([DAY2]), asset: 'own.table'}],
    });
    toy.calendar(GAMES);
    const found = toy.run({}, {fails: ref => ref === `own.table@${DAY2}`});
    expect(found.get(`own.table@${DAY2}`)).toBe('failed');
    expect(found.get(`own.window@${DAY3}`)).toBe('succeeded');
  });
});

describe('a soft edge', () => {
  test('leaves out what is missing or partial', () => {
    expect(reading(soft).verdict('own.table', DAY1, OWN)).toBe(RUNS);
    const partial = reading(soft, {covers: COVERS});
    partial.touch('raw.box', DAY1, {absent: ['1', '2']});
    expect(partial.verdict('own.table', DAY1, OWN)).toBe(RUNS);
  });

  test('leaves out what is exempt or accepted, which passes nothing down', () => {
    expect(reading(soft, {start: DAY2}).verdict('own.table', DAY1, OWN)).toBe(RUNS);
    expect(reading(soft, {}, {knownGaps: [gap([DAY1])]}).verdict('own.table', DAY1, OWN)).toBe(RUNS);
  });

  test('is noted where what it reads is stale', () => {
    const toy = reading(soft);
    toy.touch('raw.box', DAY1);
    toy.change({texts: {'raw.box': 'SELECT 2'}});
    expect(toy.explain('own.table', DAY1, OWN).notes).toMatchObject([{kind: 'built-on-stale'}]);
  });
});

describe('a window', () => {
  test('without at_least needs all of it', () => {
    const toy = reading({window: '5 dates'});
    toy.touch('raw.box', DAY1);
    expect(toy.explain('own.table', DAY3, OWN).reasons[1]).toEqual({
      kind: 'upstream-missing',
      upstream: `raw.box@${DAY2}`,
      count: 1,
    });
  });

  test('with at_least counts partitions where there is no coverage', () => {
    const half = reading({window: '5 dates', at_least: '50%'});
    half.touch('raw.box', DAY1);
    expect(half.verdict('own.table', DAY3, OWN)).toBe(RUNS);
    const more = reading({window: '5 dates', at_least: '51%'});
    more.touch('raw.box', DAY1);
    expect(more.explain('own.table', DAY3, OWN).reasons[1]).toEqual({
      kind: 'upstream-partial',
      upstream: `raw.box@${DAY2}`,
      parts: 2,
      count: 1,
      held: 1,
      expected: 2,
      atLeast: 0.51,
    });
  });

  test('with at_least counts games where there is coverage', () => {
    const toy = reading({window: '5 dates', at_least: '66%'}, {covers: COVERS});
    toy.touch('raw.box', DAY1);
    expect(toy.verdict('own.table', DAY3, OWN)).toBe(RUNS);
    toy.touch('raw.box', DAY1, {absent: ['2']});
    expect(toy.explain('own.table', DAY3, OWN).reasons[1]).toMatchObject({held: 1, expected: 3});
  });

  test('leaves exempt and accepted ones out of both sides', () => {
    const exempt = reading({window: '5 dates', at_least: '100%'}, {start: DAY2});
    exempt.touch('raw.box', DAY2);
    expect(exempt.verdict('own.table', DAY3, OWN)).toBe(RUNS);
    const accepted = reading({window: '5 dates'}, {}, {knownGaps: [gap([DAY1])]});
    accepted.touch('raw.box', DAY2);
    expect(accepted.verdict('own.table', DAY3, OWN)).toBe(RUNS);
  });

  test('leaves accepted games out of both sides', () => {
    const gaps = [{...gap([DAY1]), games: ['2']}];
    const toy = reading({window: '5 dates', at_least: '100%'}, {covers: COVERS}, {knownGaps: gaps});
    toy.touch('raw.box', DAY1, {absent: ['2']});
    toy.touch('raw.box', DAY2);
    expect(toy.verdict('own.table', DAY3, OWN)).toBe(RUNS);
  });

  test('that expects nothing is satisfied', () => {
    expect(reading({window: '5 dates'}).verdict('own.table', DAY1, OWN)).toBe(RUNS);
    expect(reading({window: '5 dates', at_least: '90%'}).verdict('own.table', DAY1, OWN)).toBe(RUNS);
  });

  test('of games names a stale date once, however many teams it is read for', () => {
    const toy = reading({window: '2 games per team'});
    for (const key of [DAY1, DAY2]) toy.touch('raw.box', key);
    toy.change({texts: {'raw.box': 'SELECT 2'}});
    expect(toy.explain('own.table', DAY3, OWN).notes).toEqual([
      {kind: 'built-on-stale', upstream: `raw.box@${DAY1}`, count: 2},
    ]);
  });
});

describe('a season and all', () => {
  test('leave out keys that are not due, and wait for those that are missing', () => {
    const toy = new Toy({
      assets: {
        'raw.box': {due: {days_after: 10, at: '00:00'}},
        'own.season': {partition_by: 'season', upstream: {box: 'raw.box'}},
        'own.all': {partition_by: 'all', upstream: {box: {asset: 'raw.box', window: 'all'}}},
      },
    });
    toy.at('2024-01-29T00:00:00Z');
    toy.calendar(GAMES);
    const asked = {selection: [{assets: new Set([name('own.season'), name('own.all')]), states: undefined}]};
    toy.touch('raw.box', DAY1);
    expect(toy.explain('own.season', '2023-24', asked).action).toBe('wait');
    toy.touch('raw.box', DAY2);
    expect(toy.explain('own.season', '2023-24', asked).action).toBe('run');
    expect(toy.explain('own.all', 'all', asked).action).toBe('run');
  });
});

describe('previous', () => {
  const before = {window: 'previous'};

  test('passes over an accepted gap and names it, and any other hole waits', () => {
    const toy = reading(before, {}, {knownGaps: [gap([DAY2])]});
    toy.touch('raw.box', DAY1);
    expect(toy.explain('own.table', DAY3, OWN)).toMatchObject({
      action: 'run',
      notes: [{kind: 'previous-passed-over', upstream: `raw.box@${DAY2}`}],
    });
    toy.change({knownGaps: []});
    expect(toy.explain('own.table', DAY3, OWN)).toMatchObject({action: 'wait', notes: []});
  });

  test('of its own asset is made one key after another', () => {
    const toy = new Toy({
      assets: {'own.table': {upstream: {before: {asset: 'own.table', window: 'previous'}}}},
    });
    toy.calendar(GAMES);
    expect(toy.actions()).toEqual([DAY1, DAY2, DAY3].map(key => `run own.table@${key}`));
    expect([...toy.run({}, {fails: ref => ref.endsWith(DAY2)}).values()]).toEqual([
      'succeeded',
      'failed',
      'skipped',
    ]);
    expect(toy.actions({range: {keys: [DAY3]}})).toEqual([`wait own.table@${DAY3}`]);
  });
});
