import {describe, expect, test} from 'vitest';
import type {Reason} from '../../planner/reason.ts';
import {name, Toy} from '../kit/toy.ts';
import type {ToyAsset, ToySpec} from '../kit/toy-spec.ts';

const [DAY1, DAY2, DAY3] = ['2024-01-15', '2024-01-16', '2024-01-20'] as const;
const GAMES = {[DAY1]: ['BOS-LAL #1', 'NYK-MIA #2'], [DAY2]: ['SEA-DEN #3'], [DAY3]: ['BOS-NYK #4']};
const CHAIN = {
  'raw.box': {},
  'own.table': {upstream: {box: 'raw.box'}},
  'own.form': {upstream: {table: {asset: 'own.table', window: '1 date'}}},
};

function toyOf(assets: Readonly<Record<string, ToyAsset>>, more: Partial<ToySpec> = {}): Toy {
  const toy = new Toy({assets, ...more});
  toy.calendar(GAMES);
  return toy;
}

function made(assets: Readonly<Record<string, ToyAsset>>): Toy {
  const toy = toyOf(assets);
  toy.run();
  return toy;
}

function gap(asset: string, more: Readonly<Record<string, unknown>> = {}) {
  return {asset, keys: [DAY2], reason: 'lost', accepted_by: 'a@b.c', accepted_on: '2024-01-20', ...more};
}

test('a plan lists what is to be done in topological order, then by key, and counts it', () => {
  const plan = toyOf({'own.table': {upstream: {box: 'raw.box'}}, 'raw.box': {start: DAY2}}).plan();
  expect(plan.partitions.map(({asset, key, action}) => `${action ?? '-'} ${asset}@${key}`)).toEqual([
    `- raw.box@${DAY1}`,
    `run raw.box@${DAY2}`,
    `run raw.box@${DAY3}`,
    `- own.table@${DAY1}`,
    `run own.table@${DAY2}`,
    `run own.table@${DAY3}`,
  ]);
  expect(plan.actions).toEqual({run: 4, 'run-if': 0, wait: 0, skip: 0, drop: 0});
  expect(plan.states).toMatchObject({missing: 4, exempt: 2, fresh: 1});
});

test('a plan is a function of its arguments', () => {
  const toy = made(CHAIN);
  toy.forget('raw.box', DAY2);
  expect(JSON.stringify(toy.plan())).toBe(JSON.stringify(toy.plan()));
});

test('a fresh project has an empty plan, and shows all where all is asked for', () => {
  const toy = made(CHAIN);
  expect(toy.plan().partitions).toEqual([]);
  expect(toy.plan({all: true}).partitions.length).toBe(10);
});

test('where partitions are named only those are looked at, within the selection and the range', () => {
  const toy = toyOf(CHAIN);
  const only = new Map([
    ['raw.box', new Set([DAY1, DAY3])],
    ['own.table', new Set([DAY1])],
  ]);
  expect(toy.actions({only})).toEqual([
    `run raw.box@${DAY1}`,
    `run raw.box@${DAY3}`,
    `run own.table@${DAY1}`,
  ]);
  expect(toy.actions({only, range: {to: DAY2}})).toEqual([`run raw.box@${DAY1}`, `run own.table@${DAY1}`]);
  const tableAlone = [{assets: new Set([name('own.table')]), states: undefined}];
  expect(toy.actions({only, selection: tableAlone})).toEqual([`wait own.table@${DAY1}`]);
  expect(toy.plan({only, all: true}).partitions.length).toBe(3);
});

test('an orphan is dropped among named partitions only where it is named', () => {
  const toy = toyOf(CHAIN);
  toy.touch('raw.box', DAY1);
  toy.calendar({[DAY2]: ['SEA-DEN #3']});
  const named = (key: string) => ({prune: true, only: new Map([['raw.box', new Set([key])]])});
  expect(toy.actions(named(DAY1))).toEqual([`drop raw.box@${DAY1}`]);
  expect(toy.actions(named(DAY2))).toEqual([`run raw.box@${DAY2}`]);
});

describe('run-if', () => {
  test('is what is downstream of a run, through any number of assets', () => {
    const toy = made(CHAIN);
    toy.change({texts: {'raw.box': 'SELECT 2'}});
    expect(toy.actions({range: {to: DAY2}})).toEqual([
      `run raw.box@${DAY1}`,
      `run raw.box@${DAY2}`,
      `run-if own.table@${DAY1}`,
      `run-if own.table@${DAY2}`,
      `run-if own.form@${DAY2}`,
    ]);
    expect(toy.explain('own.form', DAY2).reasons).toEqual([
      {kind: 'upstream-planned', upstream: `own.table@${DAY1}`, count: 1},
    ]);
  });

  test('ends as not needed where its inputs come out the same', () => {
    const toy = made(CHAIN);
    const found = toy.run({force: true, selection: undefined, range: {keys: [DAY1]}});
    expect([...found.values()]).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
    const boxAlone = [{assets: new Set([name('raw.box')]), states: undefined}];
    expect([...toy.run({force: true, selection: boxAlone}).values()]).toEqual(Array(3).fill('unchanged'));
    expect(toy.actions()).toEqual([]);
  });

  test('follows no edge that does not track', () => {
    const toy = made({
      'raw.box': {},
      'own.table': {upstream: {box: {asset: 'raw.box', tracks: false}}},
    });
    toy.forget('raw.box', DAY1);
    expect(toy.actions()).toEqual([`run raw.box@${DAY1}`]);
  });

  test('counts a date once that a window reads for several teams', () => {
    const toy = made({
      'raw.box': {},
      'own.table': {upstream: {box: {asset: 'raw.box', window: '2 games per team'}}},
    });
    toy.change({texts: {'raw.box': 'SELECT 2'}});
    expect(toy.explain('own.table', DAY3).reasons).toEqual([
      {kind: 'upstream-planned', upstream: `raw.box@${DAY1}`, count: 2},
    ]);
  });
});

describe('parked', () => {
  test('is a partition that failed three times on the same inputs', () => {
    const toy = toyOf({'raw.box': {}});
    for (let failures = 1; failures <= 3; failures++) {
      expect(toy.explain('raw.box', DAY1).action).toBe('run');
      toy.fail('raw.box', DAY1, {error: 'no rows'});
    }
    expect(toy.explain('raw.box', DAY1)).toMatchObject({
      action: 'skip',
      reasons: [
        {kind: 'never-materialized'},
        {kind: 'last-attempt-failed', error: 'no rows'},
        {kind: 'parked', failures: 3, error: 'no rows', nextTryAt: undefined},
      ],
    });
    toy.now += 365 * 86_400_000;
    expect(toy.explain('raw.box', DAY1).action).toBe('skip');
  });

  test('is not what has other inputs or another definition since', () => {
    const toy = toyOf({'raw.box': {}, 'own.table': {upstream: {box: 'raw.box'}}});
    toy.touch('raw.box', DAY1);
    for (let i = 0; i < 3; i++) toy.fail('own.table', DAY1);
    expect(toy.explain('own.table', DAY1).action).toBe('skip');
    toy.touch('raw.box', DAY1, {version: '00000000000000aa'});
    expect(toy.explain('own.table', DAY1).action).toBe('run');
    for (let i = 0; i < 3; i++) toy.fail('own.table', DAY1);
    expect(toy.explain('own.table', DAY1).action).toBe('skip');
    toy.change({texts: {'own.table': 'SELECT 2'}});
    expect(toy.explain('own.table', DAY1).action).toBe('run');
  });

  test('is tried with force', () => {
    const toy = toyOf({'raw.box': {}});
    for (let i = 0; i < 3; i++) toy.fail('raw.box', DAY1);
    expect(toy.explain('raw.box', DAY1, {force: true}).action).toBe('run');
  });

  test('of a fetch is tried again after an hour, six hours, then daily', () => {
    const toy = toyOf({'raw.box': {files: 'assets/box.ts'}});
    for (let i = 0; i < 3; i++) toy.fail('raw.box', DAY1);
    for (const hours of [1, 6, 24, 24]) {
      const nextTryAt = toy.now + hours * 3_600_000;
      expect(toy.explain('raw.box', DAY1).reasons.at(-1)).toMatchObject({kind: 'parked', nextTryAt});
      toy.now = nextTryAt - 1;
      expect(toy.explain('raw.box', DAY1).action).toBe('skip');
      toy.now = nextTryAt;
      expect(toy.explain('raw.box', DAY1).action).toBe('run');
      toy.fail('raw.box', DAY1);
    }
  });
});

describe('what is asked for', () => {
  test('forcing makes nothing from an input on the same key that is signed off', () => {
    const assets = {...CHAIN, 'own.form': {upstream: {table: 'own.table'}}};
    const toy = toyOf(assets, {knownGaps: [gap('raw.box')]});
    const forced = {force: true, range: {keys: [DAY2]}} as const;
    const rest = {selection: [{assets: new Set([name('own.table'), name('own.form')]), states: undefined}]};
    expect(toy.actions({...forced, ...rest})).toEqual([]);
    expect(toy.actions(forced)).toEqual([
      'run raw.schedule@2023-24',
      `run raw.box@${DAY2}`,
      `run own.table@${DAY2}`,
      `run own.form@${DAY2}`,
    ]);
  });

  test('what was made from an input that is lost and signed off waits for it', () => {
    const toy = made({'raw.box': {}, 'own.table': {upstream: {box: {asset: 'raw.box', at_least: '50%'}}}});
    toy.forget('raw.box', DAY2);
    toy.change({knownGaps: [gap('raw.box')]});
    expect(toy.verdict('raw.box', DAY2)).toBe('accepted: accepted-gap');
    expect(toy.verdict('own.table', DAY2)).toBe('stale wait: upstream-lost, upstream-partial');
  });

  test('what is protected is made once, and again only where that is allowed', () => {
    const toy = toyOf({'raw.box': {}, 'own.table': {upstream: {box: 'raw.box'}, protect: true}});
    expect(toy.actions({range: {to: DAY1}})).toEqual([`run raw.box@${DAY1}`, `run own.table@${DAY1}`]);
    for (const asset of ['raw.box', 'own.table']) toy.touch(asset, DAY1);
    expect(toy.actions({range: {to: DAY1}})).toEqual([]);
    toy.touch('raw.box', DAY1, {version: '00000000000000aa'});
    expect(toy.verdict('own.table', DAY1)).toBe('stale skip: upstream-changed, protected');
    expect(toy.actions({range: {to: DAY1}, force: true})).toEqual([
      'run raw.schedule@2023-24',
      `run raw.box@${DAY1}`,
      `skip own.table@${DAY1}`,
    ]);
    expect(toy.verdict('own.table', DAY1, {allowProtected: true})).toBe('stale run: upstream-changed');
  });

  test('what is protected and was never made is tried again where an input is made, though it is parked', () => {
    const toy = toyOf({'raw.box': {}, 'own.table': {upstream: {box: 'raw.box'}, protect: true}});
    toy.touch('raw.box', DAY1);
    for (let time = 0; time < 3; time++) toy.fail('own.table', DAY1);
    expect(toy.actions({range: {to: DAY1}})).toEqual([`skip own.table@${DAY1}`]);
    toy.forget('raw.box', DAY1);
    for (let time = 0; time < 3; time++) toy.fail('own.table', DAY1);
    expect(toy.verdict('own.table', DAY1)).toContain('missing run-if');
  });

  test('orphans are dropped only where that is asked for', () => {
    const toy = made(CHAIN);
    toy.calendar({[DAY1]: ['BOS-LAL'], [DAY2]: ['BOS-LAL']});
    expect(toy.actions()).toEqual([]);
    expect(toy.actions({prune: true})).toEqual([
      `drop raw.box@${DAY3}`,
      `drop own.table@${DAY3}`,
      `drop own.form@${DAY3}`,
    ]);
    toy.change({assets: {...CHAIN, 'raw.box': {protect: true}}});
    expect(toy.plan({prune: true}).actions).toMatchObject({drop: 2, skip: 1});
    expect(toy.verdict('raw.box', DAY3, {prune: true})).toBe('orphan skip: undeclared, protected');
  });

  test('missing only leaves stale ones', () => {
    const toy = made(CHAIN);
    toy.change({texts: {'own.table': 'SELECT 2'}});
    toy.forget('raw.box', DAY3);
    expect(toy.actions({missingOnly: true})).toEqual([`run raw.box@${DAY3}`]);
  });

  test('a limit lets so many run, in order, and what needs the others waits', () => {
    const toy = toyOf(CHAIN);
    expect(toy.actions({limit: 4, range: {to: DAY2}})).toEqual([
      `run raw.box@${DAY1}`,
      `run raw.box@${DAY2}`,
      `run own.table@${DAY1}`,
      `run own.table@${DAY2}`,
    ]);
    expect(toy.actions({limit: 2, range: {keys: [DAY2]}})).toEqual([
      `run raw.box@${DAY2}`,
      `run own.table@${DAY2}`,
      `wait own.form@${DAY2}`,
    ]);
    expect(toy.actions({limit: 0, range: {keys: [DAY1]}})).toEqual([`wait own.table@${DAY1}`]);
  });

  test('force runs what is fresh, and not what is exempt or not due', () => {
    const toy = made({'raw.box': {start: DAY2, due: {days_after: 14, at: '10:00'}}});
    expect(toy.actions({force: true, range: {from: DAY1}})).toEqual([
      'run raw.schedule@2023-24',
      `run raw.box@${DAY2}`,
    ]);
    expect(toy.explain('raw.box', DAY2, {force: true}).reasons).toEqual([{kind: 'forced'}]);
  });

  test('states select partitions as they stand', () => {
    const toy = made(CHAIN);
    toy.change({texts: {'own.table': 'SELECT 2'}});
    toy.forget('raw.box', DAY3);
    const stale = [{assets: new Set(toy.pipeline.assets.keys()), states: new Set(['stale'] as const)}];
    expect(new Set(toy.plan({selection: stale}).partitions.map(({asset}) => asset))).toEqual(
      new Set(['own.table']),
    );
  });
});

describe('fetched objects', () => {
  test('are not remade by a changed line of code, which is listed all the same', () => {
    const toy = made({'raw.box': {files: 'assets/box.ts'}});
    toy.change({texts: {'raw.box': 'other code'}});
    expect(toy.verdict('raw.box', DAY1)).toBe('stale: definition-changed');
    expect(toy.explain('raw.box', DAY1, {force: true}).action).toBe('run');
  });

  test('are remade when their calendar entry changed', () => {
    const toy = made({'raw.box': {files: 'assets/box.ts'}});
    toy.change({texts: {'raw.box': 'other code'}});
    toy.calendar({...GAMES, [DAY1]: ['BOS-LAL #1']});
    expect(toy.verdict('raw.box', DAY1)).toBe('stale run: definition-changed, calendar-changed');
  });

  test('that lack games are tried again a day later', () => {
    const toy = toyOf({'raw.box': {files: 'assets/box.ts', covers: {at_least: '100%'}}});
    toy.touch('raw.box', DAY1, {absent: ['2']});
    expect(toy.verdict('raw.box', DAY1)).toBe('partial: below-coverage');
    toy.now += 86_400_000;
    expect(toy.verdict('raw.box', DAY1)).toBe('partial run: below-coverage');
  });
});

describe('an accepted gap', () => {
  const assets = {'raw.box': {}, 'own.table': {upstream: {box: 'raw.box'}}};

  test('has no action, and one that was never tried follows what it needs', () => {
    const toy = toyOf(assets, {knownGaps: [gap('own.table')]});
    expect(toy.verdict('own.table', DAY2)).toBe('accepted run-if: accepted-gap, upstream-planned');
    const box = toyOf(assets, {knownGaps: [gap('raw.box')]});
    expect(box.verdict('raw.box', DAY2)).toBe('accepted: accepted-gap');
    expect(box.verdict('own.table', DAY2)).toBe('accepted: upstream-accepted');
  });

  test('follows what it needs also over an edge that does not track', () => {
    const loose = {...assets, 'own.table': {upstream: {box: {asset: 'raw.box', tracks: false}}}};
    const toy = toyOf(loose, {knownGaps: [gap('own.table')]});
    expect(toy.verdict('own.table', DAY2)).toBe('accepted run-if: accepted-gap, upstream-planned');
    toy.run();
    expect(toy.actions()).toEqual([]);
  });

  test('is tried again with force, and when an input changes', () => {
    const toy = toyOf(assets, {knownGaps: [gap('own.table')]});
    toy.touch('raw.box', DAY2);
    toy.fail('own.table', DAY2);
    expect(toy.verdict('own.table', DAY2)).toBe('accepted: accepted-gap, last-attempt-failed');
    expect(toy.explain('own.table', DAY2, {force: true}).action).toBe('run');
    toy.touch('raw.box', DAY2, {version: '00000000000000aa'});
    expect(toy.explain('own.table', DAY2).action).toBe('run');
  });

  test('is tried again when its window changes, and waits for nothing', () => {
    const windowed = {...assets, 'own.table': {upstream: {box: {asset: 'raw.box', window: '5 dates'}}}};
    const toy = toyOf(windowed, {knownGaps: [gap('own.table')]});
    toy.touch('raw.box', DAY1);
    toy.fail('own.table', DAY2);
    expect(toy.explain('own.table', DAY2).action).toBe(undefined);
    toy.touch('raw.box', DAY1, {version: '00000000000000aa'});
    expect(toy.explain('own.table', DAY2).action).toBe('run');
    toy.forget('raw.box', DAY1);
    const own = [{assets: new Set([name('own.table')]), states: undefined}];
    expect(toy.explain('own.table', DAY2, {selection: own}).action).toBe(undefined);
  });

  test('of a fetch is tried again once a day, if it was ever tried', () => {
    const toy = toyOf({'raw.box': {files: 'assets/box.ts'}}, {knownGaps: [gap('raw.box')]});
    expect(toy.explain('raw.box', DAY2).action).toBe(undefined);
    toy.fail('raw.box', DAY2);
    toy.now += 86_400_000 - 1;
    expect(toy.explain('raw.box', DAY2).action).toBe(undefined);
    toy.now += 1;
    expect(toy.explain('raw.box', DAY2).action).toBe('run');
  });

  test('is void when data came', () => {
    const toy = toyOf(assets, {knownGaps: [gap('raw.box')]});
    toy.touch('raw.box', DAY2);
    expect(toy.verdict('own.table', DAY2)).toBe('missing run: never-materialized');
  });
});

test('every reason that a plan can give is given by some plan', () => {
  const seen = new Set<Reason['kind']>();
  const look = (toy: Toy, request = {}): void => {
    for (const {reasons} of toy.plan(request).partitions) for (const {kind} of reasons) seen.add(kind);
  };
  const toy = toyOf({
    'raw.box': {covers: {column: 'game_id'}},
    'raw.late': {start: DAY2, end: DAY2},
    'raw.first': {skip_first: '1 day'},
    'raw.tonight': {due: {days_after: 300, at: '10:00'}},
    'raw.fetch': {files: 'assets/fetch.ts', refresh: {every: '1h', until: '90d'}},
    'raw.season': {partition_by: 'season'},
    'own.late': {upstream: {late: 'raw.late'}},
    'own.tonight': {upstream: {tonight: 'raw.tonight'}},
    'own.table': {upstream: {box: 'raw.box'}},
    'own.window': {upstream: {box: {asset: 'raw.box', window: '5 dates'}}},
  });
  toy.change({
    knownGaps: [gap('raw.first')],
    assets: {...toy.spec.assets, 'own.first': {upstream: {first: 'raw.first'}}},
  });
  toy.calendar({...GAMES, '2024-02-01': ['BOS-LAL']});
  look(toy);
  look(toy, {force: true, selection: [{assets: new Set([name('own.table')]), states: undefined}]});
  toy.touch('raw.box', DAY1, {absent: ['1']});
  toy.touch('raw.box', DAY2);
  for (const key of [DAY1, DAY2, DAY3]) toy.touch('raw.fetch', key);
  toy.touch('own.window', DAY3);
  toy.touch('own.window', DAY2);
  for (let i = 0; i < 3; i++) toy.fail('own.table', DAY2);
  toy.fail('raw.late', DAY2, {quarantined: true});
  toy.now += 7_200_000;
  look(toy, {selection: [{assets: new Set([name('own.table')]), states: undefined}]});
  look(toy);
  toy.touch('raw.box', DAY2, {version: '00000000000000aa'});
  toy.forget('raw.box', DAY1);
  look(toy);
  toy.touch('raw.box', DAY3);
  toy.touch('own.table', DAY3);
  toy.calendar({[DAY1]: GAMES[DAY1], [DAY3]: ['BOS-NYK #9']});
  look(toy);
  toy.touch('raw.box', DAY1);
  look(toy);
  toy.change({
    texts: {'own.window': 'SELECT 2'},
    assets: {
      ...toy.spec.assets,
      'own.window': {
        ...toy.spec.assets['own.window'],
        columns: {game_date: 'date', game_id: 'string'},
      },
    },
  });
  look(toy);
  toy.touch('own.window', DAY3);
  toy.change({assets: {...toy.spec.assets, 'raw.box': {...toy.spec.assets['raw.box'], start: DAY3}}});
  toy.at('2024-08-01T00:00:00Z');
  look(toy);
  // `upstream-failed` is a run's alone, and nothing gives `calendar-unsettled`.
  expect([...seen].sort()).toEqual(
    [
      'accepted-gap',
      'after-end',
      'before-start',
      'below-coverage',
      'bootstrap',
      'calendar-changed',
      'definition-changed',
      'forced',
      'forgotten',
      'games-not-final',
      'last-attempt-failed',
      'last-attempt-quarantined',
      'never-materialized',
      'no-known-games',
      'not-yet',
      'parked',
      'refresh',
      'schema-changed',
      'undeclared',
      'upstream-accepted',
      'upstream-arrived',
      'upstream-changed',
      'upstream-exempt',
      'upstream-lost',
      'upstream-missing',
      'upstream-not-due',
      'upstream-partial',
      'upstream-planned',
      'window-changed',
    ].sort(),
  );
});
