/** What becomes of a pipeline while its calendar and its declarations change around what is published. */
import {describe, expect, test} from 'vitest';
import type {KeyFilter} from '../../planner/range.ts';
import {Toy} from '../kit/toy.ts';
import type {ToyAsset, ToyGames} from '../kit/toy-spec.ts';

const [DAY1, DAY2, DAY3] = ['2024-01-15', '2024-01-16', '2024-01-20'] as const;
const GAMES: ToyGames = {
  [DAY1]: ['BOS-LAL #1', 'NYK-MIA #2'],
  [DAY2]: ['SEA-DEN #3'],
  [DAY3]: ['BOS-NYK #4'],
};
const BOX = {covers: {column: 'game_id'}};
const FORM = {upstream: {box: {asset: 'raw.box', window: 'season to date', through: 'today'}}};
const SEASON = {partition_by: 'season', upstream: {box: 'raw.box'}};

function made(assets: Readonly<Record<string, ToyAsset>>, games: ToyGames = GAMES): Toy {
  const toy = new Toy({assets});
  toy.calendar(games);
  toy.run();
  return toy;
}

const verdicts = (toy: Toy, asset: string) => [DAY1, DAY2, DAY3].map(day => toy.verdict(asset, day));

describe('games', () => {
  test('that move to another date make the old date stale, the new one missing, and their season stale', () => {
    const toy = made({'raw.box': BOX, 'own.season': SEASON});
    toy.calendar({...GAMES, [DAY1]: ['BOS-LAL #1'], '2024-01-18': ['NYK-MIA #2']});
    expect(toy.verdict('raw.box', DAY1)).toBe('stale run: calendar-changed');
    expect(toy.verdict('raw.box', '2024-01-18')).toBe('missing run: never-materialized');
    expect(toy.verdict('raw.box', DAY2)).toBe('fresh');
    expect(toy.verdict('own.season', '2023-24')).toBe('fresh run-if: upstream-planned');
    toy.run();
    expect(toy.actions()).toEqual([]);
  });

  test('that leave a date empty make an orphan, and stale what read it; the orphan is read no more', () => {
    const toy = made({'raw.box': BOX, 'own.form': FORM, 'own.season': SEASON});
    toy.calendar({[DAY1]: GAMES[DAY1] ?? [], [DAY2]: ['SEA-DEN #3', 'BOS-NYK #4']});
    expect(toy.verdict('raw.box', DAY3)).toBe('orphan: undeclared');
    expect(toy.verdict('own.season', '2023-24')).toBe('stale run: window-changed');
    expect(toy.verdict('own.form', DAY1)).toBe('fresh');
  });

  test('that get another id, or swap theirs, make stale what is shown their ids in a window by games', () => {
    const form = {upstream: {box: {asset: 'raw.box', window: '2 games per team'}}};
    const toy = made({'raw.box': {}, 'own.form': form});
    const gameOn = (day: string, id: string) => ({[day]: [`BOS-LAL #${id}`, ...(GAMES[day] ?? []).slice(1)]});
    toy.calendar({...GAMES, ...gameOn(DAY1, '9')});
    expect(verdicts(toy, 'raw.box')).toEqual(['fresh', 'fresh', 'fresh']);
    expect(verdicts(toy, 'own.form').slice(1)).toEqual(Array(2).fill('stale run: window-changed'));

    const twice = {...GAMES, ...gameOn(DAY1, '1'), ...gameOn(DAY2, '3')};
    const swapped = made({'raw.box': {}, 'own.form': form}, twice);
    swapped.calendar({...GAMES, ...gameOn(DAY1, '3'), ...gameOn(DAY2, '1')});
    expect(swapped.verdict('own.form', DAY3)).toBe('stale run: window-changed');
  });

  test('that are postponed leave their date, and come back with the date that they get', () => {
    const toy = made({'raw.box': BOX});
    toy.calendar({...GAMES, [DAY2]: ['SEA-DEN #3 postponed']});
    expect(toy.verdict('raw.box', DAY2)).toBe('orphan: undeclared');
    toy.calendar({...GAMES, [DAY2]: ['SEA-DEN #3 postponed'], '2024-01-18': ['SEA-DEN #3 scheduled']});
    toy.at('2024-01-18T12:00:00Z');
    expect(toy.verdict('raw.box', '2024-01-18')).toBe('not-due: games-not-final');
  });

  test('that never become final are taken as played after 36 hours, with a note, and stay fresh when they do', () => {
    const toy = new Toy({assets: {'raw.box': {}}});
    const open = {[DAY1]: ['BOS-LAL #1 scheduled 2024-01-16T00:30Z']};
    toy.calendar(open);
    toy.at('2024-01-17T12:29:00Z');
    expect(toy.verdict('raw.box', DAY1)).toBe('not-due: games-not-final');
    toy.at('2024-01-17T12:30:00Z');
    expect(toy.explain('raw.box', DAY1)).toMatchObject({
      state: 'missing',
      action: 'run',
      notes: [{kind: 'schedule-not-final'}],
    });
    toy.run();
    toy.calendar({[DAY1]: ['BOS-LAL #1 final 2024-01-16T00:30Z']});
    expect(toy.verdict('raw.box', DAY1)).toBe('fresh');
  });

  test('of a season that grows make the season again day by day, and no date twice', () => {
    const toy = new Toy({assets: {'raw.box': BOX, 'own.form': FORM, 'own.season': SEASON}});
    const days = [DAY1, DAY2, DAY3];
    for (const [index, day] of days.entries()) {
      const games = Object.fromEntries(
        days.map((each, i) => [each, [`BOS-LAL #${i} ${i > index ? 'scheduled' : 'final'}`]]),
      );
      toy.at(`${day}T23:59:00Z`);
      toy.calendar(games);
      expect([...toy.run().keys()]).toEqual([`raw.box@${day}`, `own.form@${day}`, 'own.season@2023-24']);
    }
    expect(toy.actions()).toEqual([]);
  });
});

describe('declarations', () => {
  test('skip_first: exempt days become missing without it, and published ones exempt with it', () => {
    const toy = made({'raw.box': {skip_first: '2 days'}, 'own.form': FORM});
    expect(verdicts(toy, 'raw.box')).toEqual(['exempt: bootstrap', 'exempt: bootstrap', 'fresh']);
    toy.change({assets: {'raw.box': {}, 'own.form': FORM}});
    expect(verdicts(toy, 'raw.box').slice(0, 2)).toEqual([
      'missing run: never-materialized',
      'missing run: never-materialized',
    ]);
    toy.run();
    toy.change({assets: {'raw.box': {skip_first: '1 day'}, 'own.form': FORM}});
    expect(verdicts(toy, 'raw.box')).toEqual(['exempt: bootstrap', 'fresh', 'fresh']);
    expect(verdicts(toy, 'own.form')).toEqual(Array(3).fill('stale run: window-changed'));
  });

  test('start: what lies before a later one is exempt and read no more, what an earlier one adds is missing', () => {
    const toy = made({'raw.box': {start: DAY2}, 'own.form': FORM});
    toy.change({assets: {'raw.box': {start: DAY3}, 'own.form': FORM}});
    expect(verdicts(toy, 'raw.box')).toEqual(['exempt: before-start', 'exempt: before-start', 'fresh']);
    expect(toy.verdict('own.form', DAY3)).toBe('stale run: window-changed');
    toy.run();
    toy.change({assets: {'raw.box': {}, 'own.form': FORM}});
    // The day that was exempt for a while is what it was: its rows and its record stayed.
    expect(verdicts(toy, 'raw.box')).toEqual(['missing run: never-materialized', 'fresh', 'fresh']);
    expect(toy.verdict('own.form', DAY3)).toMatch(/^stale wait|^stale run/);
  });

  test('the pipeline’s start: keys before a later one are orphans, and are what they were when it moves back', () => {
    const toy = made({'raw.box': {}, 'own.form': FORM});
    toy.change({manifest: {start: DAY2}});
    expect(toy.verdict('raw.box', DAY1)).toBe('orphan: undeclared');
    expect(toy.verdict('own.form', DAY2)).toBe('stale run: window-changed');
    toy.run();
    toy.change({manifest: {}});
    expect(toy.verdict('raw.box', DAY1)).toBe('fresh');
    expect(toy.verdict('own.form', DAY2)).toMatch(/^stale run/);
  });

  test('edges: one that is added or narrowed makes its asset stale, and no other', () => {
    const toy = made({'raw.box': {}, 'raw.other': {}, 'own.form': FORM, 'own.season': SEASON});
    const narrowed = {upstream: {box: {asset: 'raw.box', window: '1 date', through: 'today'}}};
    const assets = {'raw.box': {}, 'raw.other': {}, 'own.season': SEASON};
    toy.change({assets: {...assets, 'own.form': narrowed}});
    expect(toy.verdict('own.form', DAY1)).toBe('stale run: definition-changed');
    expect(toy.verdict('own.season', '2023-24')).toBe('fresh');
    toy.change({assets: {...assets, 'own.form': {upstream: {...FORM.upstream, other: 'raw.other'}}}});
    expect(toy.verdict('own.form', DAY1)).toMatch(/^stale run: definition-changed/);
    toy.change({assets: {...assets, 'own.form': FORM}});
    expect(toy.actions()).toEqual([]);
  });

  test('protect: what reads a stale protected partition is built on it, and says so', () => {
    const toy = made({'raw.box': {protect: true}, 'own.form': FORM});
    toy.change({
      assets: {'raw.box': {protect: true}, 'own.form': FORM},
      texts: {'raw.box': 'SELECT 2', 'own.form': 'SELECT 3'},
    });
    expect(toy.verdict('raw.box', DAY1)).toBe('stale skip: definition-changed, protected');
    expect(toy.explain('own.form', DAY1)).toMatchObject({
      action: 'run',
      notes: [{kind: 'built-on-stale', upstream: `raw.box@${DAY1}`}],
    });
  });
});

describe('grains round outward', () => {
  const assets = {
    'raw.box': {},
    'own.season': SEASON,
    'own.all': {partition_by: 'all', upstream: {season: {asset: 'own.season', window: 'all'}}},
  };

  test('a changed or forgotten day makes the season that read it stale, and all that read the season', () => {
    const toy = made(assets);
    toy.touch('raw.box', DAY1, {version: 'ffffffffffffffff'});
    expect(toy.verdict('own.season', '2023-24')).toBe('stale run: upstream-changed');
    expect(toy.verdict('own.all', 'all')).toBe('fresh run-if: upstream-planned');
    toy.run();
    toy.forget('raw.box', DAY2);
    expect(toy.verdict('own.season', '2023-24')).toMatch(/^stale (wait|run): upstream-lost/);
    toy.run();
    expect(toy.actions()).toEqual([]);
  });

  test('a season that is gone is dropped by its own name, and by no date', () => {
    const toy = made(assets);
    toy.change({manifest: {start: '2024-07-01'}});
    toy.at('2024-12-01T00:00:00Z');
    const dropped = (range: KeyFilter) =>
      toy.actions({range, prune: true}).filter(action => action.startsWith('drop own.season'));
    expect(dropped({})).toEqual(['drop own.season@2023-24']);
    expect(dropped({seasons: ['2023-24']})).toEqual(['drop own.season@2023-24']);
    expect(dropped({keys: ['2023-24']})).toEqual(['drop own.season@2023-24']);
    expect(dropped({keys: [DAY1]})).toEqual([]);
    expect(dropped({from: DAY1, to: DAY3})).toEqual([]);
    expect(dropped({from: '2024-10-01'})).toEqual([]);
  });

  test('a day that is asked for asks for its season and for all, also by force', () => {
    const toy = made(assets);
    toy.touch('raw.box', DAY1, {version: 'ffffffffffffffff'});
    expect(toy.actions({range: {keys: [DAY1]}})).toEqual(['run own.season@2023-24', 'run-if own.all@all']);
    expect(toy.actions({range: {from: DAY2, to: DAY2}, force: true})).toEqual([
      'run raw.schedule@2023-24',
      `run raw.box@${DAY2}`,
      'run own.season@2023-24',
      'run own.all@all',
    ]);
  });
});
