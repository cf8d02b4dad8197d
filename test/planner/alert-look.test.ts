import {describe, expect, test} from 'vitest';
import {type AlertMemory, type Look, NO_MEMORY} from '../../planner/alert.ts';
import {lookAt, type Recorded} from '../../planner/alert-look.ts';
import {learn, tell} from '../../planner/alert-memory.ts';
import type {SourceTry} from '../../planner/alert-sources.ts';
import {chooseHealing} from '../../planner/healing.ts';
import {planFrame} from '../../planner/make-plan.ts';
import {WHOLE_REQUEST} from '../../planner/plan.ts';
import {Toy} from '../kit/toy.ts';
import type {ToySpec} from '../kit/toy-spec.ts';

const [OLD, NEW] = ['2023-11-10', '2024-01-16'] as const;
const CHAIN = {
  'landing.box': {files: 'assets/box.ts', site: 'stats'},
  'raw.box': {rows: 'assets/raw.ts', upstream: {box: 'landing.box'}},
};
const HOUR = 3_600_000;

function toyOf(more: Partial<ToySpec> = {}): Toy {
  const sites = {stats: {url: 'https://stats.example.com'}};
  const toy = new Toy({assets: CHAIN, ...more, manifest: {sites, ...more.manifest}});
  toy.calendar({[OLD]: ['BOS-LAL #1'], [NEW]: ['SEA-DEN #3']});
  return toy;
}

const NOTHING: Recorded = {runs: [], tries: [], fallen: [], lastEvent: 0, activity: undefined};

function look(toy: Toy, recorded: Partial<Recorded> = {}, memory: AlertMemory = NO_MEMORY): Look {
  const whole = toy.planned();
  const {pipeline, sources, ledger, now} = toy;
  const choice = chooseHealing(whole, request =>
    planFrame(whole.frame, {pipeline, sources, ledger, now, request: {...WHOLE_REQUEST, ...request}}),
  );
  const silence = 26 * HOUR;
  return lookAt({frame: whole.frame, choice, recorded: {...NOTHING, ...recorded}, memory, silence, now});
}

const found = ({found}: Look) =>
  found.map(({kind, about, keys, cause}) => `${kind} ${about}@${keys.join(',')}: ${cause}`);
const ended = ({ended}: Look) =>
  ended.map(({kind, about, key, isHealed}) => `${kind} ${about}@${key} ${isHealed ? 'healed' : 'over'}`);

/** What is remembered after it was told. */
function told(toy: Toy, seen: Look): AlertMemory {
  const about = {now: toy.now, atOnce: [], digestAfter: () => toy.now, isBusy: false};
  return tell(learn(NO_MEMORY, seen, toy.now), about).memory;
}

describe('gaps', () => {
  test('those that healing leaves because they are old are told, recent ones are not', () => {
    expect(found(look(toyOf()))).toEqual([
      `gap-opened landing.box@${OLD}: never materialized`,
      `gap-opened raw.box@${OLD}: never materialized`,
    ]);
  });

  test('one that is published is healed, one that is signed off or not declared any more is over', () => {
    const toy = toyOf();
    const memory = told(toy, look(toy));
    expect(ended(look(toy, {}, memory))).toEqual([]);
    toy.touch('landing.box', OLD);
    toy.touch('raw.box', OLD);
    expect(ended(look(toy, {}, memory))).toEqual([
      `gap-opened landing.box@${OLD} healed`,
      `gap-opened raw.box@${OLD} healed`,
    ]);
    const other = toyOf();
    other.change({assets: {'landing.box': CHAIN['landing.box']}});
    expect(ended(look(other, {}, memory))).toEqual([`gap-opened raw.box@${OLD} over`]);
  });

  test('a hole that no source shows any more is told at once, however recent', () => {
    const toy = toyOf({assets: {'landing.box': {...CHAIN['landing.box'], live_for: '2 days'}}});
    expect(found(look(toy)).at(-1)).toBe(
      `gap-opened landing.box@${NEW}: too late: its source shows only the present`,
    );
  });
});

describe('what is parked', () => {
  const park = (toy: Toy) => {
    for (let i = 0; i < 3; i++) toy.fail('landing.box', NEW, {error: 'HTTP 500', at: toy.now - 60_000});
  };

  test('is told with its cause', () => {
    const toy = toyOf();
    park(toy);
    expect(found(look(toy))).toContain(`partition-parked landing.box@${NEW}: HTTP 500`);
  });

  test('stands until the partition is there: to be tried again is no end', () => {
    const toy = toyOf();
    park(toy);
    const memory = told(toy, look(toy));
    toy.now += 2 * HOUR;
    expect(found(look(toy)).filter(text => text.startsWith('partition-parked'))).toEqual([]);
    expect(ended(look(toy, {}, memory))).toEqual([]);
    toy.touch('landing.box', NEW);
    expect(ended(look(toy, {}, memory))).toEqual([`partition-parked landing.box@${NEW} healed`]);
  });
});

describe('runs', () => {
  const run = {
    id: 'r1',
    startedAt: 1,
    endedAt: 2 as number | undefined,
    requested: 9,
    skipped: 1,
    cancelled: 0,
  };
  const failures = [
    {asset: 'raw.box', key: OLD, error: 'HTTP 500 for 1'},
    {asset: 'raw.box', key: NEW, error: 'HTTP 502 for 2'},
    {asset: 'landing.box', key: NEW, error: 'no such column'},
  ];

  test('are told by cause and asset, each once', () => {
    const seen = look(toyOf(), {runs: [{...run, failures}]});
    expect(found(seen).slice(2)).toEqual([
      `run-failed raw.box@${OLD},${NEW}: HTTP 500 for 1`,
      `run-failed landing.box@${NEW}: no such column`,
    ]);
    const memory = learn(NO_MEMORY, seen, 1);
    const again = learn({...memory, lines: new Map()}, seen, 2);
    expect([...again.lines.values()].filter(({kind}) => kind === 'run-failed')).toEqual([]);
  });

  test('and quality that fell likewise, by the log', () => {
    const fallen = [{event: 7, asset: 'raw.box', key: NEW, detail: 'its score fell from 100 to 85', at: 1}];
    const seen = look(toyOf(), {fallen, lastEvent: 9});
    expect(found(seen)).toContain(`quality-fell raw.box@${NEW}: its score fell from 100 to 85`);
    const memory = learn(NO_MEMORY, seen, 1);
    const again = learn({...memory, lines: new Map()}, seen, 2);
    expect([...again.lines.values()].filter(({kind}) => kind === 'quality-fell')).toEqual([]);
    expect(learn(memory, look(toyOf()), 3).marks.get('events')).toBe(9);
  });

  test('a run that was killed, and one that a fault ended, are told as a whole; one that only waited is not', () => {
    const kinds = (more: object) => found(look(toyOf(), {runs: [{...run, failures: [], ...more}]})).slice(2);
    expect(kinds({endedAt: undefined})).toEqual(['run-failed run@r1: it was killed before it could end']);
    expect(kinds({cancelled: 3})[0]).toMatch(/^run-failed run@r1: a fault ended it early/);
    expect(kinds({})).toEqual([]);
  });

  test('more causes than anybody reads are one', () => {
    const many = Array.from({length: 300}, (_, i) => ({
      asset: 'raw.box',
      key: OLD,
      error: `no column ${String.fromCharCode(97 + (i % 26))}${'x'.repeat(i)}`,
    }));
    const seen = found(look(toyOf(), {runs: [{...run, failures: many}]})).slice(2);
    expect(seen).toHaveLength(41);
    expect(seen.at(-1)).toMatch(/: other causes$/);
  });
});

describe('sources', () => {
  const tries = (toy: Toy, ...answers: readonly boolean[]): readonly SourceTry[] =>
    answers.map((isAnswer, i) => ({
      source: 'site stats',
      isAnswer,
      detail: isAnswer ? undefined : 'HTTP 503',
      at: toy.now - i * 60_000,
    }));
  const sources = (seen: Look) => found(seen).filter(text => text.startsWith('source-down'));
  const no = (count: number) => Array.from({length: count}, () => false);
  const yes = (count: number) => Array.from({length: count}, () => true);

  test('one that hardly answers is down, by its share of the last tries', () => {
    const toy = toyOf();
    expect(sources(look(toy, {tries: tries(toy, ...no(6), ...yes(1))}))).toEqual([
      'source-down site stats@down: 1 of its last 7 tries were answered; the last: HTTP 503',
    ]);
    for (const answers of [no(4), [...no(6), ...yes(4)], [...no(3), ...yes(40)]])
      expect(sources(look(toy, {tries: tries(toy, ...answers)}))).toEqual([]);
  });

  test('it is up again once it answers, and no news is no end', () => {
    const toy = toyOf();
    const memory = told(toy, look(toy, {tries: tries(toy, ...no(8))}));
    expect(ended(look(toy, {}, memory))).toEqual([]);
    expect(ended(look(toy, {tries: tries(toy, ...yes(1), ...no(8))}, memory))).toEqual([]);
    expect(ended(look(toy, {tries: tries(toy, ...yes(3), ...no(8))}, memory))).toEqual([
      'source-down site stats@down healed',
    ]);
  });
});

describe('silence', () => {
  /** Hours ago: when each began, or when it began and until when it was at work. */
  const silent = (toy: Toy, ...hours: readonly (number | readonly [number, number])[]) => {
    const at = (each: number) => toy.now - each * HOUR;
    const activity = hours.map(each =>
      typeof each === 'number' ? {from: at(each), to: at(each)} : {from: at(each[0]), to: at(each[1])},
    );
    return found(look(toy, {activity})).filter(text => text.startsWith('nothing-ran'));
  };

  test('that lasts is told, and one that ended just now, but none of long ago', () => {
    const toy = toyOf();
    expect(silent(toy, 1, 2, 3)).toEqual([]);
    expect(silent(toy, 30)[0]).toMatch(
      /neither a pass of healing that could do its work nor a run for 30 h, since 2024-01-31T12:00/,
    );
    expect(silent(toy, 0, 72)[0]).toMatch(/nothing ran for 3 d, since 2024-01-29T18:00/);
    expect(silent(toy, 0, 20, 40, 300)).toEqual([]);
    expect(silent(toy, -9999, 1), 'a clock that was ahead').toEqual([]);
    expect(silent(toy, -9999, 30)).toHaveLength(1);
  });

  test('is none while a long run is at work, nor when it ends, nor within it', () => {
    const toy = toyOf();
    expect(silent(toy, [70, 0])).toEqual([]);
    expect(silent(toy, [70, 1], 0)).toEqual([]);
    expect(silent(toy, [70, 1], 60)).toEqual([]);
    expect(silent(toy, [70, 40])[0]).toMatch(/that could do its work nor a run for 40 h/);
  });

  test('is nothing where nobody ever healed', () => {
    const toy = toyOf();
    expect(found(look(toy)).filter(text => text.startsWith('nothing-ran'))).toEqual([]);
  });
});
