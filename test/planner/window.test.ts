import {describe, expect, test} from 'vitest';
import {markRead} from '../../planner/marks.ts';
import {ordinalsRead} from '../../planner/window.ts';
import {gamesRead, keysRead} from '../kit/reads.ts';
import {Toy} from '../kit/toy.ts';

const GAMES = {
  '2024-01-01': ['BOS-LAL'],
  '2024-01-02': ['NYK-MIA'],
  '2024-01-03': ['BOS-NYK', 'LAL-MIA'],
  '2024-01-05': ['BOS-MIA'],
  '2024-02-15': ['LAL-NYK'],
  // The All-Star break.
  '2024-02-22': ['BOS-LAL'],
  '2024-10-22': ['BOS-NYK'],
  '2024-10-24': ['SEA-BOS'],
};
const FIRST_SEASON = Object.keys(GAMES).slice(0, 6);

/** `own.table` reads `raw.box` over an edge with these words. */
function windowed(window: string, modifiers: Readonly<Record<string, unknown>> = {}, games = GAMES): Toy {
  const toy = new Toy({
    assets: {
      'raw.box': {},
      'own.table': {upstream: {games: {asset: 'raw.box', window, ...modifiers}}},
    },
  });
  toy.at('2024-11-01T12:00:00Z');
  toy.calendar(games);
  return toy;
}

const today = {through: 'today'};
const across = {crosses_seasons: true};

describe('days', () => {
  test('are calendar days that end before the key', () => {
    expect(keysRead(windowed('3 days'), 'own.table', '2024-01-05')).toEqual(['2024-01-02', '2024-01-03']);
  });

  test('end with the key where they go through today, and are no more days for it', () => {
    expect(keysRead(windowed('3 days', today), 'own.table', '2024-01-05')).toEqual([
      '2024-01-03',
      '2024-01-05',
    ]);
  });

  test('are empty on the day after a break that is longer than they are', () => {
    expect(keysRead(windowed('6 days'), 'own.table', '2024-02-22')).toEqual([]);
    expect(keysRead(windowed('7 days'), 'own.table', '2024-02-22')).toEqual(['2024-02-15']);
  });

  test('stay within the season', () => {
    expect(keysRead(windowed('300 days'), 'own.table', '2024-10-22')).toEqual([]);
    expect(keysRead(windowed('300 days', today), 'own.table', '2024-10-22')).toEqual(['2024-10-22']);
  });

  test('reach into the season before where they cross seasons', () => {
    expect(keysRead(windowed('250 days', across), 'own.table', '2024-10-22')).toEqual([
      '2024-02-15',
      '2024-02-22',
    ]);
    expect(keysRead(windowed('250 days', {...across, ...today}), 'own.table', '2024-10-24')).toEqual([
      '2024-02-22',
      '2024-10-22',
      '2024-10-24',
    ]);
  });

  test('one day before the first key holds nothing', () => {
    expect(keysRead(windowed('1 day'), 'own.table', '2024-01-01')).toEqual([]);
    expect(keysRead(windowed('1 day', today), 'own.table', '2024-01-01')).toEqual(['2024-01-01']);
  });
});

describe('dates', () => {
  test('are the last keys of the calendar before the key, over any break', () => {
    expect(keysRead(windowed('2 dates'), 'own.table', '2024-02-22')).toEqual(['2024-01-05', '2024-02-15']);
  });

  test('count the key among them where they go through today', () => {
    expect(keysRead(windowed('2 dates', today), 'own.table', '2024-02-22')).toEqual([
      '2024-02-15',
      '2024-02-22',
    ]);
  });

  test('are fewer at the start of a season', () => {
    const toy = windowed('3 dates');
    expect(keysRead(toy, 'own.table', '2024-01-01')).toEqual([]);
    expect(keysRead(toy, 'own.table', '2024-01-02')).toEqual(['2024-01-01']);
    expect(keysRead(toy, 'own.table', '2024-10-24')).toEqual(['2024-10-22']);
  });

  test('are as many as asked for where they cross seasons', () => {
    expect(keysRead(windowed('3 dates', across), 'own.table', '2024-10-22')).toEqual([
      '2024-01-05',
      '2024-02-15',
      '2024-02-22',
    ]);
    expect(keysRead(windowed('3 dates', {...across, ...today}), 'own.table', '2024-10-24')).toEqual([
      '2024-02-22',
      '2024-10-22',
      '2024-10-24',
    ]);
  });

  test('end at the first key of all', () => {
    expect(keysRead(windowed('50 dates', across), 'own.table', '2024-01-02')).toEqual(['2024-01-01']);
  });
});

describe('games of every team', () => {
  test('are each team’s own last games, whoever plays on the key', () => {
    expect(gamesRead(windowed('2 games per team'), 'own.table', '2024-02-22')).toEqual({
      BOS: ['2024-01-03', '2024-01-05'],
      LAL: ['2024-01-03', '2024-02-15'],
      MIA: ['2024-01-03', '2024-01-05'],
      NYK: ['2024-01-03', '2024-02-15'],
    });
  });

  test('include those of the key where they go through today', () => {
    expect(gamesRead(windowed('2 games per team', today), 'own.table', '2024-02-22')).toMatchObject({
      BOS: ['2024-01-05', '2024-02-22'],
      NYK: ['2024-01-03', '2024-02-15'],
    });
  });

  test('leave out teams without a game before the key', () => {
    expect(gamesRead(windowed('2 games per team'), 'own.table', '2024-01-02')).toEqual({
      BOS: ['2024-01-01'],
      LAL: ['2024-01-01'],
    });
  });

  test('stay within the season', () => {
    expect(gamesRead(windowed('2 games per team'), 'own.table', '2024-10-24')).toEqual({
      BOS: ['2024-10-22'],
      NYK: ['2024-10-22'],
    });
  });

  test('reach into the season before where they cross, for the teams that play in this one', () => {
    expect(gamesRead(windowed('2 games per team', across), 'own.table', '2024-10-24')).toEqual({
      BOS: ['2024-02-22', '2024-10-22'],
      NYK: ['2024-02-15', '2024-10-22'],
    });
  });

  test('read each date once as a partition, however many of its games they hold', () => {
    expect(keysRead(windowed('1 game per team'), 'own.table', '2024-01-05')).toEqual(['2024-01-03']);
  });
});

describe('games of the playing teams', () => {
  test('are those of the teams on the key alone', () => {
    expect(gamesRead(windowed('2 games per playing team'), 'own.table', '2024-02-22')).toEqual({
      BOS: ['2024-01-03', '2024-01-05'],
      LAL: ['2024-01-03', '2024-02-15'],
    });
  });

  test('include the key’s own game through today', () => {
    expect(gamesRead(windowed('1 game per playing team', today), 'own.table', '2024-02-22')).toEqual({
      BOS: ['2024-02-22'],
      LAL: ['2024-02-22'],
    });
  });

  test('are none for a team that has not played this season', () => {
    expect(gamesRead(windowed('5 games per playing team'), 'own.table', '2024-10-24')).toEqual({
      BOS: ['2024-10-22'],
    });
  });

  test('cross seasons for those that have', () => {
    expect(
      gamesRead(windowed('2 games per playing team', {...across, ...today}), 'own.table', '2024-10-22'),
    ).toEqual({BOS: ['2024-02-22', '2024-10-22'], NYK: ['2024-02-15', '2024-10-22']});
  });

  test('leave out games that were postponed', () => {
    const games = {...GAMES, '2024-01-05': ['BOS-MIA postponed', 'LAL-NYK']};
    expect(gamesRead(windowed('1 game per playing team', {}, games), 'own.table', '2024-02-22')).toEqual({
      BOS: ['2024-01-03'],
      LAL: ['2024-02-15'],
    });
  });
});

describe('season to date', () => {
  test('is every key of the season before the key', () => {
    expect(keysRead(windowed('season to date'), 'own.table', '2024-02-22')).toEqual(FIRST_SEASON.slice(0, 5));
  });

  test('is empty on opening day, and that day alone through today', () => {
    expect(keysRead(windowed('season to date'), 'own.table', '2024-10-22')).toEqual([]);
    expect(keysRead(windowed('season to date', today), 'own.table', '2024-10-22')).toEqual(['2024-10-22']);
  });
});

describe('previous', () => {
  test('is the key before, over any break', () => {
    expect(keysRead(windowed('previous'), 'own.table', '2024-02-22')).toEqual(['2024-02-15']);
  });

  test('is nothing on the first key of a season', () => {
    expect(keysRead(windowed('previous'), 'own.table', '2024-10-22')).toEqual([]);
  });

  test('is the last key of the season before where it crosses', () => {
    expect(keysRead(windowed('previous', across), 'own.table', '2024-10-22')).toEqual(['2024-02-22']);
    expect(keysRead(windowed('previous', across), 'own.table', '2024-01-01')).toEqual([]);
  });

  test('passes over keys that are exempt', () => {
    const toy = new Toy({
      assets: {
        'raw.box': {start: '2024-01-02', skip_first: '2 days'},
        'own.table': {
          upstream: {games: {asset: 'raw.box', window: 'previous', crosses_seasons: true, required: false}},
        },
      },
    });
    toy.at('2024-11-01T12:00:00Z');
    toy.calendar(GAMES);
    expect(keysRead(toy, 'own.table', '2024-01-03')).toEqual([]);
    expect(keysRead(toy, 'own.table', '2024-10-24')).toEqual(['2024-02-22']);
  });

  test('passes over an accepted gap, and stops at any other hole', () => {
    const toy = windowed('previous');
    const gap = {asset: 'raw.box', keys: ['2024-01-05'], reason: 'no rows', accepted_by: 'a@b.c'};
    toy.change({knownGaps: [{...gap, accepted_on: '2024-06-01'}]});
    expect(keysRead(toy, 'own.table', '2024-02-15')).toEqual(['2024-01-03']);
    toy.change({knownGaps: []});
    expect(keysRead(toy, 'own.table', '2024-02-15')).toEqual(['2024-01-05']);
  });
});

describe('all', () => {
  test('is every key before the key, of every season', () => {
    expect(keysRead(windowed('all'), 'own.table', '2024-10-22')).toEqual(FIRST_SEASON);
    expect(keysRead(windowed('all', today), 'own.table', '2024-10-22')).toEqual([
      ...FIRST_SEASON,
      '2024-10-22',
    ]);
    expect(keysRead(windowed('all'), 'own.table', '2024-01-01')).toEqual([]);
  });

  test('is all there is in a season asset and in one without partitions', () => {
    const toy = new Toy({
      assets: {
        'raw.box': {},
        'own.season': {partition_by: 'season', upstream: {games: {asset: 'raw.box', window: 'all'}}},
        'own.all': {partition_by: 'all', upstream: {games: {asset: 'raw.box', window: 'all'}}},
      },
    });
    toy.at('2024-11-01T12:00:00Z');
    toy.calendar(GAMES);
    expect(keysRead(toy, 'own.season', '2023-24')).toEqual(Object.keys(GAMES));
    expect(keysRead(toy, 'own.all', 'all')).toEqual(Object.keys(GAMES));
  });
});

describe('between grains', () => {
  const toy = new Toy({
    assets: {
      'raw.box': {},
      'raw.standings': {partition_by: 'season'},
      'raw.players': {partition_by: 'all'},
      'own.table': {upstream: {box: 'raw.box', standings: 'raw.standings', players: 'raw.players'}},
      'own.season': {
        partition_by: 'season',
        upstream: {
          games: 'raw.box',
          own: 'raw.standings',
          players: 'raw.players',
          before: {asset: 'raw.standings', window: 'previous', crosses_seasons: true},
        },
      },
      'own.seasons_before': {upstream: {standings: {asset: 'raw.standings', window: 'all'}}},
      'own.all': {partition_by: 'all', upstream: {players: 'raw.players'}},
    },
  });
  toy.at('2024-11-01T12:00:00Z');
  toy.calendar(GAMES);

  test('the same key is the default within one grain', () => {
    expect(keysRead(toy, 'own.table', '2024-01-03', 'box')).toEqual(['2024-01-03']);
    expect(keysRead(toy, 'own.season', '2023-24', 'own')).toEqual(['2023-24']);
    expect(keysRead(toy, 'own.all', 'all', 'players')).toEqual(['all']);
  });

  test('a date reads the season that holds it', () => {
    expect(keysRead(toy, 'own.table', '2024-02-22', 'standings')).toEqual(['2023-24']);
    expect(keysRead(toy, 'own.table', '2024-10-22', 'standings')).toEqual(['2024-25']);
  });

  test('a season reads its dates', () => {
    expect(keysRead(toy, 'own.season', '2023-24')).toEqual(FIRST_SEASON);
    expect(keysRead(toy, 'own.season', '2024-25')).toEqual(['2024-10-22', '2024-10-24']);
  });

  test('a season reads the one before only where it crosses seasons', () => {
    expect(keysRead(toy, 'own.season', '2024-25', 'before')).toEqual(['2023-24']);
    expect(keysRead(toy, 'own.season', '2023-24', 'before')).toEqual([]);
  });

  test('everything reads the one partition of an asset without any', () => {
    expect(keysRead(toy, 'own.table', '2024-01-03', 'players')).toEqual(['all']);
    expect(keysRead(toy, 'own.season', '2024-25', 'players')).toEqual(['all']);
  });

  test('all seasons of a date are those before its own', () => {
    expect(keysRead(toy, 'own.seasons_before', '2024-10-22', 'standings')).toEqual(['2023-24']);
    expect(keysRead(toy, 'own.seasons_before', '2024-01-03', 'standings')).toEqual([]);
  });
});

test.for([
  '1 date',
  '2 dates',
  '30 days',
  'season to date',
  'all',
  '2 games per team',
  '2 games per playing team',
])('what some keys read together over "%s" is what each of them reads', window => {
  const [edge] = windowed(window).asset('own.table').edges;
  if (edge === undefined) throw new Error('no edge');
  const {reads, upstream} = edge;
  const count = upstream.keys.length;
  const differing = Array.from({length: 2 ** count}, (_, choice) => choice).filter(choice => {
    const marks = Uint8Array.from({length: count}, (_, i) => (choice >> i) & 1);
    const each = [...marks].flatMap((mark, i) => (mark === 1 ? ordinalsRead(reads, i) : []));
    const read = new Uint8Array(count);
    markRead(reads, marks, read);
    const all = [...read].flatMap((mark, i) => (mark === 1 ? [i] : []));
    return all.join() !== [...new Set(each)].sort((a, b) => a - b).join();
  });
  expect(differing).toEqual([]);
});
