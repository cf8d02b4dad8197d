import {expect, test} from 'vitest';
import type {KeyFilter} from '../../planner/range.ts';
import {Toy} from '../kit/toy.ts';

const GAMES = {
  '2024-01-15': ['BOS-LAL'],
  '2024-01-16': ['BOS-LAL'],
  '2024-01-20': ['BOS-LAL'],
  '2024-10-22': ['BOS-LAL'],
};

function keysIn(range: KeyFilter): readonly string[] {
  const toy = new Toy({
    assets: {'raw.box': {}, 'own.season': {partition_by: 'season'}, 'own.all': {partition_by: 'all'}},
  });
  toy.at('2024-12-01T00:00:00Z');
  toy.calendar(GAMES);
  return toy
    .plan({range, all: true})
    .partitions.filter(({asset}) => asset !== 'raw.schedule')
    .map(({key}) => key);
}
const DATES = Object.keys(GAMES);

test('nothing asked for is everything', () => {
  expect(keysIn({})).toEqual([...DATES, '2023-24', '2024-25', 'all']);
});

test('from and to are both meant, and round outward to seasons and all', () => {
  expect(keysIn({from: '2024-01-16', to: '2024-01-20'})).toEqual([
    '2024-01-16',
    '2024-01-20',
    '2023-24',
    'all',
  ]);
  expect(keysIn({from: '2024-07-01'})).toEqual(['2024-10-22', '2024-25', 'all']);
  expect(keysIn({to: '2024-06-30'})).toEqual([...DATES.slice(0, 3), '2023-24', 'all']);
});

test('a season is its dates, itself and all', () => {
  expect(keysIn({seasons: ['2024-25']})).toEqual(['2024-10-22', '2024-25', 'all']);
});

test('a date asks for its season and for all', () => {
  expect(keysIn({keys: ['2024-01-16']})).toEqual(['2024-01-16', '2023-24', 'all']);
});

test('a season’s key asks for that season, not for its dates nor its neighbour', () => {
  expect(keysIn({keys: ['2024-25']})).toEqual(['2024-25', 'all']);
});

test('what is given holds together', () => {
  expect(keysIn({from: '2024-01-16', seasons: ['2023-24'], keys: ['2024-01-15', '2024-01-20']})).toEqual([
    '2024-01-20',
    '2023-24',
    'all',
  ]);
});

test.for<readonly [what: string, range: KeyFilter, isListed: boolean]>([
  ['nothing asked for', {}, true],
  ['its own key', {keys: ['2024-01-16']}, true],
  ['another key', {keys: ['2024-01-15']}, false],
  ['from after it', {from: '2024-01-17'}, false],
  ['to before it', {to: '2024-01-15'}, false],
  ['a range around it', {from: '2024-01-16', to: '2024-01-16'}, true],
  ['its season', {seasons: ['2023-24']}, true],
  ['another season', {seasons: ['2024-25']}, false],
])('an orphan is listed by the range as it would be if it were declared: %s', ([, range, isListed]) => {
  const toy = new Toy({assets: {'raw.box': {}}});
  toy.at('2024-12-01T00:00:00Z');
  toy.calendar(GAMES);
  toy.touch('raw.box', '2024-01-16');
  toy.calendar({'2024-01-15': ['BOS-LAL'], '2024-10-22': ['BOS-LAL']});
  const orphans = toy.plan({range}).partitions.filter(({state}) => state === 'orphan');
  expect(orphans.length).toBe(isListed ? 1 : 0);
});
