import {describe, expect, test} from 'vitest';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {followPlan} from '../../planner/follow-plan.ts';
import type {PlanRequest} from '../../planner/plan.ts';
import {type Done, planChanges} from '../../planner/plan-changes.ts';
import {type PlanFile, planFileOf, type Question} from '../../planner/plan-file.ts';
import {looksLikePlan, parsePlanFile, planLines} from '../../planner/plan-text.ts';
import {name, Toy} from '../kit/toy.ts';
import type {ToyAsset} from '../kit/toy-spec.ts';

const [DAY1, DAY2, DAY3] = ['2024-01-15', '2024-01-16', '2024-01-20'] as const;
const GAMES = {[DAY1]: ['BOS-LAL #1', 'NYK-MIA #2'], [DAY2]: ['SEA-DEN #3'], [DAY3]: ['BOS-NYK #4']};
const CHAIN = {
  'raw.box': {},
  'own.table': {upstream: {box: 'raw.box'}},
  'own.form': {upstream: {table: {asset: 'own.table', window: '1 date'}}},
  'own.other': {upstream: {box: 'raw.box'}},
};
const NONE: Done = new Map();
const QUESTION: Question = {
  selectors: [],
  range: {},
  force: false,
  missingOnly: false,
  limit: undefined,
  prune: false,
  allowProtected: false,
  ignoreGate: false,
  acceptCalendar: false,
};

function toyOf(assets: Readonly<Record<string, ToyAsset>> = CHAIN): Toy {
  const toy = new Toy({assets});
  toy.calendar(GAMES);
  return toy;
}

function made(assets: Readonly<Record<string, ToyAsset>> = CHAIN): Toy {
  const toy = toyOf(assets);
  toy.run();
  return toy;
}

function written(toy: Toy, request: Partial<PlanRequest> = {}): PlanFile {
  const {plan, frame} = toy.planned(request);
  return planFileOf(plan, frame, QUESTION);
}

function changes(toy: Toy, file: PlanFile, done: Done = NONE): readonly string[] {
  return planChanges(file, toy, done).map(change => {
    const ref = 'key' in change ? `${change.asset}@${change.key}` : change.asset;
    return change.kind === 'changed'
      ? `${ref} ${change.was.state} -> ${change.is.state}`
      : `${ref} ${change.kind}`;
  });
}

/** The version that a partition has now. */
function done(toy: Toy, ...refs: readonly `${string}@${string}`[]): Done {
  return new Map(
    refs.map(ref => {
      const [asset = '', key = ''] = ref.split('@');
      return [ref, versionOf(toy, asset, key)];
    }),
  );
}

function versionOf(toy: Toy, asset: string, key: string): string | undefined {
  const frame = toy.asset(asset);
  const ordinal = frame.ordinalOf.get(key) ?? -1;
  const half = (column: Uint32Array) => (column[ordinal] ?? 0).toString(16).padStart(8, '0');
  return frame.published[ordinal] === 1 ? half(frame.version.hi) + half(frame.version.lo) : undefined;
}

/** Makes one partition as a run would, and returns what it left. */
function make(toy: Toy, ref: `${string}@${string}`): Done {
  const [asset = '', key = ''] = ref.split('@');
  toy.touch(asset, key);
  return done(toy, ref);
}

describe('what a plan file holds', () => {
  test('what is to be done, what it stands on, and what that reads', () => {
    const file = written(toyOf(), {range: {keys: [DAY2]}});
    expect(
      file.partitions.map(({asset, key, action, state}) => `${action} ${state} ${asset}@${key}`),
    ).toEqual([
      `run missing raw.box@${DAY2}`,
      `run missing own.table@${DAY2}`,
      `wait missing own.form@${DAY2}`,
      `run missing own.other@${DAY2}`,
    ]);
    expect(file.partitions.every(({digest, version}) => digest?.length === 16 && version === undefined)).toBe(
      true,
    );
    expect(file.inputs).toEqual({
      'raw.box': {[DAY2]: {state: 'missing'}},
      'own.table': {[DAY1]: {state: 'missing'}},
    });
    expect(Object.keys(file.fingerprints)).toEqual(['raw.box', 'own.table', 'own.form', 'own.other']);
  });

  test('it comes back from its text as it was, and the text is the same every time', () => {
    const file = written(toyOf());
    const text = [...planLines(file)].join('');
    expect(parsePlanFile({path: 'p.json', text}).plan).toEqual(JSON.parse(JSON.stringify(file)));
    expect([...planLines(written(toyOf()))].join('')).toBe(text);
    expect(looksLikePlan(text)).toBe(true);
    // A program that lays JSON out anew has changed nothing.
    expect(parsePlanFile({path: 'p.json', text: JSON.stringify(JSON.parse(text))}).diagnostics).toEqual([]);
  });

  test('an empty plan is a plan', () => {
    const text = [...planLines(written(made()))].join('');
    expect(parsePlanFile({path: 'p.json', text}).plan?.partitions).toEqual([]);
  });
});

describe('a file that cannot be read', () => {
  const text = [...planLines(written(toyOf()))].join('');
  const told = (changed: string) =>
    formatDiagnostics(parsePlanFile({path: 'p.json', text: changed}).diagnostics);

  test('cut short, it says where it ends', () => {
    const cut = text.slice(0, text.indexOf('"partitions"'));
    const lines = cut.trimEnd().split('\n').length;
    expect(told(cut)).toMatch(
      new RegExp(`^p.json:${lines}:\\d+ error \\[damaged-plan\\] The plan (ends|is no)`),
    );
    expect(told(cut)).toContain("Write it again with 'gameplan plan --out p.json'.");
    for (let length = 40; length < text.length - 2; length += 97)
      expect(told(text.slice(0, length))).toContain('[damaged-plan]');
  });

  test('changed by hand, it is refused, whatever was changed', () => {
    for (const [from, to] of [
      ['"run"', '"skip"'],
      [DAY1, DAY2],
      ['"force":false', '"force":true'],
      ['"partitions": [', '"partitions": [],"more": ['],
    ] as const)
      expect(told(text.replace(from, to))).toMatch(
        /^p.json:4:2 error \[damaged-plan\] The plan is not what was/,
      );
    expect(told('{"format": "gameplan plan", "version": 1}')).toContain('[damaged-plan]');
  });

  test('one of a newer gameplan says so', () => {
    expect(told(text.replace('"version": 1', '"version": 2'))).toMatch(
      /^p.json:3:2 error \[newer-plan\] The plan was written by a newer gameplan \(version 2; this one knows 1\)/,
    );
  });

  test('one of another program is none', () => {
    for (const other of ['', 'name: toy\n', '{}', '[]', 'null', '{"format": "terraform"}'])
      expect(told(other)).toContain("[foreign-plan] 'p.json' is no plan");
  });
});

describe('a plan holds', () => {
  test('as long as nothing of it changes, whatever else does', () => {
    const toy = made();
    toy.change({texts: {'own.table': 'SELECT 2'}});
    const file = written(toy, {selection: [{assets: new Set([name('own.table')]), states: undefined}]});
    expect(changes(toy, file)).toEqual([]);
    toy.touch('own.other', DAY1, {version: '00000000000000aa'});
    toy.change({texts: {'own.table': 'SELECT 2', 'own.other': 'SELECT 3', 'own.form': 'SELECT 4'}});
    toy.at('2024-02-03T18:00:00Z');
    expect(changes(toy, file)).toEqual([]);
  });

  test('not when an input, a definition or a listed partition is another one', () => {
    const file = (toy: Toy) => written(toy, {range: {keys: [DAY2]}});
    const stale = () => {
      const toy = made();
      toy.change({texts: {'own.table': 'SELECT 2'}});
      return toy;
    };
    const read = stale();
    const before = file(read);
    read.touch('raw.box', DAY2, {version: '00000000000000aa'});
    expect(changes(read, before)).toEqual([`raw.box@${DAY2} fresh -> fresh`]);
    const lost = stale();
    const whole = file(lost);
    lost.forget('raw.box', DAY2);
    expect(changes(lost, whole)).toEqual([`raw.box@${DAY2} fresh -> missing`]);
    const defined = stale();
    const old = file(defined);
    defined.change({texts: {'own.table': 'SELECT 3'}});
    expect(changes(defined, old)).toEqual(['own.table redefined']);
    const own = stale();
    const listed = file(own);
    own.touch('own.table', DAY2);
    expect(changes(own, listed)).toEqual([`own.table@${DAY2} stale -> fresh`]);
  });

  test('not when an input turned stale, or a key or an asset is no longer declared', () => {
    const toy = made();
    toy.change({texts: {'own.form': 'SELECT 2'}});
    const file = written(toy);
    toy.touch('raw.box', DAY1, {version: '00000000000000aa'});
    expect(changes(toy, file)).toEqual([`own.table@${DAY1} fresh -> stale`]);
    const moved = toyOf();
    const all = written(moved);
    moved.calendar({[DAY1]: GAMES[DAY1], [DAY2]: GAMES[DAY2]});
    expect(changes(moved, all)).toContain(`raw.box@${DAY3} undeclared`);
    const fewer = toyOf();
    const more = written(fewer);
    fewer.change({assets: {'raw.box': {}, 'own.table': CHAIN['own.table'], 'own.other': CHAIN['own.other']}});
    expect(changes(fewer, more)).toEqual(['own.form asset-undeclared']);
  });

  test('not when the calendar gives a partition other inputs or games', () => {
    const toy = made({'raw.box': {}, 'own.form': {upstream: {box: {asset: 'raw.box', window: '5 days'}}}});
    toy.change({texts: {'own.form': 'SELECT 2'}});
    const file = written(toy, {range: {keys: [DAY3]}});
    expect(changes(toy, file)).toEqual([]);
    toy.calendar({...GAMES, '2024-01-18': ['BOS-MIA #9']});
    toy.touch('raw.box', '2024-01-18');
    expect(changes(toy, file)).toEqual([`own.form@${DAY3} reads-otherwise`]);
  });
});

describe('what the plan itself has done', () => {
  test('is no change, and the rest is left', () => {
    const toy = toyOf();
    const file = written(toy);
    const first = make(toy, `raw.box@${DAY1}`);
    const second = make(toy, `own.table@${DAY1}`);
    const both: Done = new Map([...first, ...second]);
    expect(changes(toy, file, both)).toEqual([]);
    const {plan, progress} = followPlan(file, toy, both);
    expect(plan.actions).toEqual({run: 10, 'run-if': 0, wait: 0, skip: 0, drop: 0});
    expect([...(progress.get(name('raw.box')) ?? [])]).toEqual([0, 1, 1]);
    expect(plan.partitions.some(({asset, key}) => asset === 'raw.box' && key === DAY1)).toBe(false);
    // Made by someone else the same is a change.
    expect(changes(toy, file)).toEqual([
      `raw.box@${DAY1} missing -> fresh`,
      `own.table@${DAY1} missing -> fresh`,
    ]);
  });

  test('is a change once another run has made it again', () => {
    const toy = toyOf();
    const file = written(toy);
    const first = make(toy, `raw.box@${DAY1}`);
    toy.touch('raw.box', DAY1, {version: '00000000000000aa'});
    expect(changes(toy, file, first)).toEqual([`raw.box@${DAY1} fresh -> fresh`]);
    toy.forget('raw.box', DAY1);
    expect(changes(toy, file, first)).toEqual([`raw.box@${DAY1} fresh -> missing`]);
  });

  test('hides no change of what it has not done', () => {
    const toy = made();
    toy.change({texts: {'own.table': 'SELECT 2'}});
    const file = written(toy);
    const first = make(toy, `own.table@${DAY1}`);
    expect(changes(toy, file, first)).toEqual([]);
    toy.touch('raw.box', DAY2, {version: '00000000000000aa'});
    expect(changes(toy, file, first)).toEqual([`raw.box@${DAY2} fresh -> fresh`]);
  });

  test('what was only to be made if its input changed is followed as planned', () => {
    const toy = made();
    toy.change({texts: {'raw.box': 'SELECT 2'}});
    const file = written(toy, {range: {keys: [DAY1, DAY2]}});
    expect(file.actions['run-if']).toBe(5);
    const first = make(toy, `raw.box@${DAY1}`);
    const {plan} = followPlan(file, toy, first);
    expect(plan.partitions.map(({asset, key, action}) => `${action} ${asset}@${key}`)).toEqual(
      file.partitions.slice(1).map(({asset, key, action}) => `${action} ${asset}@${key}`),
    );
  });

  test('a calendar that the plan made may bring and take keys', () => {
    const toy = toyOf();
    toy.forget('raw.schedule', '2023-24');
    const file = written(toy);
    expect(file.settled).toBe(false);
    toy.calendar({[DAY1]: GAMES[DAY1], [DAY2]: GAMES[DAY2], '2024-01-22': ['BOS-MIA #9']});
    const first = done(toy, 'raw.schedule@2023-24');
    expect(changes(toy, file, first)).toEqual([]);
    const {plan} = followPlan(file, toy, first);
    expect(plan.settled).toBe(true);
    expect(new Set(plan.partitions.map(({key}) => key))).toEqual(new Set([DAY1, DAY2]));
  });
});
