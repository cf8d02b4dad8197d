/** Gaps that are signed off by games: what they do, when they end, and that data which comes voids them. */
import {expect, test} from 'vitest';
import {findVoid} from '../../planner/accepted.ts';
import {findGaps} from '../../planner/gaps.ts';
import {WHOLE_REQUEST} from '../../planner/plan.ts';
import {Toy} from '../kit/toy.ts';

const DAY = '2024-01-15';
const DAY_MS = 86_400_000;
const ASSETS = {
  'landing.box': {files: 'assets/box.ts', covers: {}},
  'raw.box': {rows: 'assets/raw.ts', upstream: {box: 'landing.box'}, covers: {column: 'game_id'}},
  'own.table': {upstream: {box: 'raw.box'}},
};
const signed = (games: readonly string[], more: object = {}) =>
  ['landing.box', 'raw.box'].map(asset => ({
    asset,
    keys: [DAY],
    games,
    reason: 'no rows',
    accepted_by: 'a@b.c',
    accepted_on: '2024-01-20',
    ...more,
  }));

/** A date of three games, made without some of them. */
function toyOf(absent: readonly string[], knownGaps: readonly object[]): Toy {
  const toy = new Toy({assets: ASSETS, knownGaps: knownGaps.map(gap => ({...gap}))});
  toy.calendar({[DAY]: ['BOS-LAL #1', 'NYK-MIA #2', 'SEA-DEN #3']});
  toy.touch('landing.box', DAY, {absent});
  toy.touch('raw.box', DAY, {absent});
  toy.touch('own.table', DAY);
  return toy;
}

const voids = (toy: Toy) =>
  findVoid(toy.frame(), () => true).map(({gap, games}) => `${gap.asset} ${games.join(' ')}`);

test('a date without a game that is signed off is whole, and the rest of it must still be there', () => {
  expect(toyOf(['2'], signed(['2'])).verdict('raw.box', DAY)).toBe('fresh');
  expect(toyOf(['2', '3'], signed(['2'])).explain('raw.box', DAY)).toMatchObject({
    state: 'partial',
    reasons: [{kind: 'below-coverage', found: 1, expected: 2, absent: ['3']}],
  });
  expect(toyOf(['1', '2', '3'], signed(['2'])).verdict('raw.box', DAY)).toMatch(/^partial/);
});

test('to sign games off and to take that back makes nothing stale', () => {
  const toy = toyOf(['2'], []);
  const verdicts = () => Object.keys(ASSETS).map(asset => toy.explain(asset, DAY).state);
  expect(verdicts()).toEqual(['partial', 'partial', 'fresh']);
  toy.change({knownGaps: signed(['2'])});
  expect(verdicts()).toEqual(['fresh', 'fresh', 'fresh']);
  toy.change({knownGaps: []});
  expect(verdicts()).toEqual(['partial', 'partial', 'fresh']);
});

test('on the date of until the games are asked for again, and the partition lacks them', () => {
  const toy = toyOf(['2'], signed(['2'], {until: '2024-02-02'}));
  expect(toy.verdict('raw.box', DAY)).toBe('fresh');
  toy.at('2024-02-02T05:00:00Z');
  expect(toy.verdict('raw.box', DAY)).toMatch(/^partial/);
  expect(findGaps(toy.frame(), WHOLE_REQUEST).map(({standing, expired}) => [standing, expired])).toEqual([
    ['open', '2024-02-02'],
    ['open', '2024-02-02'],
  ]);
});

test('what is signed off of a published fetch is asked for once a day, and data that comes voids it', () => {
  const toy = toyOf(['2'], signed(['2']));
  expect(toy.actions()).toEqual([]);
  toy.now += DAY_MS - 1;
  expect(toy.actions()).toEqual([]);
  toy.now += 1;
  expect(toy.verdict('landing.box', DAY)).toBe('fresh run: refresh');
  toy.touch('landing.box', DAY, {absent: ['2'], at: toy.now});
  expect(toy.actions()).toEqual([]);
  toy.now += DAY_MS;
  expect(voids(toy)).toEqual([]);
  toy.touch('landing.box', DAY, {version: '00000000000000aa', at: toy.now});
  const outcomes = toy.run();
  expect([...outcomes].map(([ref, outcome]) => `${ref} ${outcome}`)).toContain(`raw.box@${DAY} succeeded`);
  expect(voids(toy)).toEqual(['landing.box 2', 'raw.box 2']);
  expect(findGaps(toy.frame(), WHOLE_REQUEST)).toEqual([]);
  expect(toy.actions()).toEqual([]);
});

test('of several games that are signed off those that came are void, and the others hold', () => {
  const toy = toyOf(['3'], signed(['2', '3']));
  expect(voids(toy)).toEqual(['landing.box 2', 'raw.box 2']);
  expect(toy.verdict('raw.box', DAY)).toBe('fresh');
});

test('where all games of a date are signed off it is accepted with what needs it, until one of them comes', () => {
  const toy = new Toy({assets: ASSETS, knownGaps: signed(['1', '2', '3'])});
  toy.calendar({[DAY]: ['BOS-LAL #1', 'NYK-MIA #2', 'SEA-DEN #3']});
  toy.fail('landing.box', DAY);
  const states = () => Object.keys(ASSETS).map(asset => toy.explain(asset, DAY).state);
  expect(states()).toEqual(['accepted', 'accepted', 'accepted']);
  toy.touch('landing.box', DAY, {absent: ['2', '3']});
  expect(states()).toEqual(['fresh', 'accepted', 'accepted']);
  expect(toy.verdict('raw.box', DAY)).toBe('accepted run: accepted-gap');
  toy.touch('raw.box', DAY, {absent: ['2', '3']});
  toy.touch('own.table', DAY);
  expect(states()).toEqual(['fresh', 'fresh', 'fresh']);
});
