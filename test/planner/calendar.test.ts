import {expect, test} from 'vitest';
import {Toy} from '../kit/toy.ts';
import {CALENDARS} from '../kit/toy-spec.ts';

const GAMES = {
  '2024-01-15': ['BOS-LAL #1', 'NYK-MIA #2'],
  '2024-01-16': ['SEA-DEN #3'],
  '2024-01-18': ['BOS-NYK #4'],
};
const COVERS = {column: 'game_id'};

function covered(): Toy {
  const toy = new Toy({assets: {'raw.box': {covers: COVERS}, 'raw.plain': {}}});
  toy.calendar(GAMES);
  for (const key of Object.keys(GAMES)) for (const asset of ['raw.box', 'raw.plain']) toy.touch(asset, key);
  return toy;
}

test('the dates are those with a game that is played, in order', () => {
  const toy = covered();
  toy.calendar({'2024-01-18': ['BOS-NYK'], '2024-01-15': ['BOS-LAL'], '2024-01-16': ['SEA-DEN postponed']});
  expect(toy.asset('raw.box').keys).toEqual(['2024-01-15', '2024-01-18']);
});

test('dates outside of the pipeline’s start and end do not exist', () => {
  const toy = new Toy({manifest: {start: '2024-01-16', end: '2024-01-17'}, assets: {'raw.box': {}}});
  toy.calendar(GAMES);
  expect(toy.asset('raw.box').keys).toEqual(['2024-01-16']);
});

test('a game that turns final makes nothing stale', () => {
  const toy = new Toy({assets: {'raw.box': {covers: COVERS}}});
  toy.calendar({'2024-01-15': ['BOS-LAL scheduled']});
  toy.touch('raw.box', '2024-01-15');
  toy.calendar({'2024-01-15': ['BOS-LAL final']});
  expect(toy.actions()).toEqual([]);
});

test('the order of a date’s games says nothing', () => {
  const toy = covered();
  toy.calendar({...GAMES, '2024-01-15': [...GAMES['2024-01-15']].reverse()});
  expect(toy.actions()).toEqual([]);
});

test('a date that gains a game makes what uses its entry stale, and nothing else', () => {
  const toy = covered();
  toy.calendar({...GAMES, '2024-01-16': ['SEA-DEN #3', 'LAL-MIA #5']});
  expect(toy.verdict('raw.box', '2024-01-16')).toBe('stale run: calendar-changed');
  expect(toy.actions()).toEqual(['run raw.box@2024-01-16']);
});

test('TypeScript that returns rows sees the games of its date, and is stale when they change', () => {
  const rows = {rows: 'assets/raw/box.ts'};
  const toy = new Toy({assets: {'raw.box': rows, 'raw.plain': {}}});
  toy.calendar(GAMES);
  for (const asset of ['raw.box', 'raw.plain']) toy.touch(asset, '2024-01-16');
  toy.calendar({...GAMES, '2024-01-16': ['SEA-DEN #3', 'LAL-MIA #5']});
  expect(toy.verdict('raw.box', '2024-01-16')).toBe('stale run: calendar-changed');
  expect(toy.verdict('raw.plain', '2024-01-16')).toBe('fresh');
});

test('a game that is postponed to another date changes both dates', () => {
  const toy = covered();
  toy.calendar({
    '2024-01-15': ['BOS-LAL #1'],
    '2024-01-16': ['SEA-DEN #3'],
    '2024-01-18': ['BOS-NYK #4', 'NYK-MIA #2'],
  });
  expect(toy.actions()).toEqual(['run raw.box@2024-01-15', 'run raw.box@2024-01-18']);
});

test('a date that lost its games is an orphan: listed, not touched, and no longer read', () => {
  const toy = new Toy({
    assets: {'raw.box': {}, 'own.table': {upstream: {box: {asset: 'raw.box', window: '5 dates'}}}},
  });
  toy.calendar(GAMES);
  toy.run();
  toy.calendar({'2024-01-15': GAMES['2024-01-15'], '2024-01-18': GAMES['2024-01-18']});
  expect(toy.verdict('raw.box', '2024-01-16')).toBe('orphan: undeclared');
  expect(toy.verdict('own.table', '2024-01-18')).toBe('stale run: window-changed');
  expect(toy.actions()).toEqual(['run own.table@2024-01-18']);
  expect(toy.plan().states.orphan).toBe(2);
});

test('an orphan whose game comes back is what it was', () => {
  const toy = covered();
  toy.calendar({'2024-01-15': GAMES['2024-01-15'], '2024-01-18': GAMES['2024-01-18']});
  toy.calendar(GAMES);
  expect(toy.actions()).toEqual([]);
});

test('a date that was attempted only, and is gone, is forgotten without a word', () => {
  const toy = new Toy({assets: {'raw.box': {}}});
  toy.calendar(GAMES);
  toy.fail('raw.box', '2024-01-16');
  toy.calendar({'2024-01-15': GAMES['2024-01-15']});
  expect(toy.plan().states.orphan).toBe(0);
});

test('a calendar that was never published, or by another declaration, is not settled', () => {
  const toy = new Toy({assets: {'raw.box': {}}});
  expect(toy.plan().settled).toBe(false);
  toy.calendar(GAMES);
  expect(toy.plan().settled).toBe(true);
  const calendars = {nba: {...CALENDARS.nba, where: "status <> 'cancelled'"}};
  toy.change({manifest: {calendars}, assets: {...toy.spec.assets, 'raw.schedule': {partition_by: 'season'}}});
  expect(toy.plan().settled).toBe(false);
});

test('a calendar whose asset has work is not settled, and one that waits for none is', () => {
  const toy = new Toy({assets: {'raw.box': {}}});
  toy.calendar(GAMES);
  toy.forget('raw.schedule', '2023-24');
  expect(toy.plan().settled).toBe(false);
  expect(toy.plan({selection: [{assets: new Set(), states: undefined}]}).settled).toBe(true);
});

test('the plan’s head says what is known of each calendar', () => {
  const toy = covered();
  expect(toy.plan().calendars).toEqual([
    {name: 'nba', dates: 3, from: '2024-01-15', to: '2024-01-18', timezone: 'America/New_York'},
  ]);
});
