import {describe, expect, test} from 'vitest';
import {makePlan} from '../../planner/make-plan.ts';
import {type PlanRequest, WHOLE_REQUEST} from '../../planner/plan.ts';
import {parseSelector} from '../../planner/select.ts';
import {whereaboutsText} from '../../planner/whereabouts.ts';
import {type WhyNot, whyNot} from '../../planner/why-not.ts';
import {name, Toy} from '../kit/toy.ts';
import type {ToySpec} from '../kit/toy-spec.ts';

const [DAY1, DAY2, DAY3] = ['2024-01-15', '2024-01-16', '2024-01-20'] as const;
const GAMES = {
  [DAY1]: ['BOS-LAL #1', 'NYK-MIA #2'],
  [DAY2]: ['SEA-DEN #3'],
  '2024-01-18': ['SEA-LAL #5 postponed'],
  [DAY3]: ['BOS-NYK #4'],
};
const CHAIN = {'raw.box': {}, 'own.table': {upstream: {box: 'raw.box'}}};

function toyOf(spec: Partial<ToySpec> = {}): Toy {
  const toy = new Toy({assets: CHAIN, ...spec});
  toy.calendar(GAMES);
  return toy;
}

function made(spec: Partial<ToySpec> = {}): Toy {
  const toy = toyOf(spec);
  toy.run();
  return toy;
}

function why(toy: Toy, ref: string, asked: Partial<PlanRequest> & {select?: string} = {}): WhyNot {
  const {select, ...rest} = asked;
  const selection = select === undefined ? undefined : parseSelector(select, toy.pipeline).selection;
  const request: PlanRequest = {...WHOLE_REQUEST, all: true, selection, ...rest};
  const {pipeline, sources, ledger, now} = toy;
  const input = {pipeline, sources, ledger, now, request};
  const [asset = '', key = ''] = ref.split('@');
  return whyNot(input, makePlan(input), name(asset), key);
}

function rule(...args: Parameters<typeof why>): string {
  return why(...args).rule ?? 'planned';
}

describe('a key that is none', () => {
  const where = (key: string, spec: Partial<ToySpec> = {}): string => {
    const found = why(made(spec), `raw.box@${key}`);
    return found.rule === 'key' ? whereaboutsText(found.whereabouts) : `rule ${found.rule}`;
  };

  test('has neighbours, or lies outside of all', () => {
    expect(where('2024-01-17')).toBe(`the nearest are ${DAY2} and ${DAY3}`);
    expect(where('2025-01-17')).toBe(`they go from ${DAY1} to ${DAY3}`);
    expect(where('2023-24')).toBe(`they go from ${DAY1} to ${DAY3}`);
  });

  test('may be a date whose games were postponed', () => {
    expect(where('2024-01-18')).toBe(
      `its 1 game is postponed or cancelled; the nearest are ${DAY2} and ${DAY3}`,
    );
  });

  test('may lie before the start or after the end', () => {
    const manifest = {start: DAY2, end: '2024-01-18'};
    expect(where(DAY1, {manifest})).toBe(`the pipeline starts on ${DAY2}`);
    expect(where('2024-06-01', {manifest})).toBe('the pipeline ends on 2024-01-18');
  });

  test('may be unknown because no calendar is', () => {
    const toy = new Toy({assets: CHAIN});
    const found = why(toy, `raw.box@${DAY1}`);
    expect(found).toEqual({rule: 'key', whereabouts: {kind: 'none-known'}});
  });
});

describe('what is not asked for', () => {
  test('is another asset, another state, another range or no failure', () => {
    const toy = made();
    expect(why(toy, `raw.box@${DAY1}`, {select: 'own.table'})).toMatchObject({
      rule: 'selection',
      isAssetSelected: false,
    });
    expect(why(toy, `raw.box@${DAY1}`, {select: 'state:missing'})).toMatchObject({
      rule: 'selection',
      isAssetSelected: true,
      state: 'fresh',
    });
    expect(rule(toy, `raw.box@${DAY1}`, {range: {from: DAY2}})).toBe('range');
    expect(rule(toy, `raw.box@${DAY1}`, {only: new Map([['raw.box', new Set([DAY2])]])})).toBe('named');
    // The first rule that keeps it out is told.
    expect(rule(toy, `raw.box@${DAY1}`, {select: 'own.table', range: {from: DAY2}})).toBe('selection');
  });
});

describe('what is asked for', () => {
  test('and planned says so', () => {
    expect(why(toyOf(), `raw.box@${DAY1}`)).toMatchObject({rule: undefined, partition: {action: 'run'}});
  });

  test('is fresh, and nothing that it reads is made', () => {
    expect(why(made(), `own.table@${DAY1}`)).toMatchObject({rule: 'inputs', reads: 1, unselected: undefined});
  });

  test('would follow something that is not asked for', () => {
    const toy = made();
    toy.change({texts: {'raw.box': 'SELECT 2'}});
    expect(why(toy, `own.table@${DAY1}`, {select: 'own.table'})).toMatchObject({
      rule: 'inputs',
      unselected: `raw.box@${DAY1}`,
    });
  });

  test('is exempt, not due or signed off', () => {
    const exempt = made({assets: {'raw.box': {start: DAY2}, 'own.table': CHAIN['own.table']}});
    expect(why(exempt, `own.table@${DAY1}`)).toMatchObject({
      rule: 'state',
      partition: {state: 'exempt', reasons: [{kind: 'upstream-exempt'}]},
    });
    const due = toyOf();
    due.calendar({...GAMES, '2024-02-01': ['BOS-LAL #9 scheduled']});
    expect(why(due, 'raw.box@2024-02-01')).toMatchObject({rule: 'state', partition: {state: 'not-due'}});
    const gap = {
      asset: 'raw.box',
      keys: [DAY2],
      reason: 'lost',
      accepted_by: 'a@b.c',
      accepted_on: '2024-01-20',
    };
    expect(why(toyOf({knownGaps: [gap]}), `raw.box@${DAY2}`)).toMatchObject({
      rule: 'state',
      partition: {state: 'accepted'},
    });
  });

  test('waits, is parked, or is protected', () => {
    const toy = toyOf();
    expect(rule(toy, `own.table@${DAY1}`, {select: 'own.table'})).toBe('waits');
    for (let i = 0; i < 3; i++) toy.fail('raw.box', DAY1);
    expect(why(toy, `raw.box@${DAY1}`)).toMatchObject({rule: 'state', partition: {action: 'skip'}});
    const kept = made({assets: {'raw.box': {}, 'own.table': {...CHAIN['own.table'], protect: true}}});
    expect(rule(kept, `own.table@${DAY1}`)).toBe('inputs');
    kept.change({texts: {'raw.box': 'SELECT 2'}});
    expect(why(kept, `own.table@${DAY1}`)).toMatchObject({rule: 'flags', flag: '--allow-protected'});
  });

  test('is left by --missing-only or beyond --limit', () => {
    const toy = made();
    toy.change({texts: {'raw.box': 'SELECT 2'}});
    expect(why(toy, `raw.box@${DAY1}`, {missingOnly: true})).toMatchObject({
      rule: 'flags',
      flag: '--missing-only',
    });
    expect(why(toy, `raw.box@${DAY2}`, {limit: 1})).toMatchObject({rule: 'limit', limit: 1});
    expect(rule(toy, `raw.box@${DAY1}`, {limit: 1})).toBe('planned');
  });

  test('is fetched, and only its code changed', () => {
    const files = {files: 'assets/box.ts', path: 'box/{game_date}/'};
    const toy = made({assets: {'raw.box': files}});
    toy.change({texts: {'raw.box': 'export const files = 2'}});
    expect(why(toy, `raw.box@${DAY1}`)).toMatchObject({rule: 'state', partition: {state: 'stale'}});
  });

  test('is an orphan', () => {
    const toy = made();
    toy.calendar({[DAY1]: GAMES[DAY1], [DAY2]: GAMES[DAY2]});
    expect(why(toy, `raw.box@${DAY3}`)).toMatchObject({rule: 'state', partition: {state: 'orphan'}});
    expect(rule(toy, `raw.box@${DAY3}`, {prune: true})).toBe('planned');
  });
});
