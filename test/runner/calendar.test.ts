/** Calendars that are read from an asset: settled first, guarded, and read again when their declaration changes. */
import {afterEach, describe, expect, test} from 'vitest';
import {
  type Asked,
  at,
  type Done,
  ended,
  lines,
  manifest,
  Project,
  rowsFrom,
  scheduledCalendar,
  tally,
} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const LAST = '2022-23';
const THIS = '2023-24';

const SCHEDULE = {
  rows: 'assets/schedule.ts',
  partition_by: 'season',
  columns: {
    season: 'string',
    game_id: 'string',
    game_date: 'date',
    type: 'string',
    status: 'string',
    home: 'string',
    away: 'string',
  },
  key: ['game_id'],
};
const GAMES = {
  sql: 'assets/games.sql',
  due: 'scheduled',
  batch: 'season',
  upstream: {schedule: 'raw.schedule'},
  columns: {game_date: 'date', game_id: 'string', home: 'string'},
  key: ['game_id'],
  covers: {column: 'game_id'},
};
const BOX = {
  rows: 'assets/box.ts',
  columns: {game_date: 'date', game_id: 'string', team: 'string', points: 'int64'},
  key: ['game_id', 'team'],
  covers: {column: 'game_id', rows_per_game: {min: 2}},
  empty: 'allowed',
};
const FORM = {
  sql: 'assets/form.sql',
  upstream: {box: {asset: 'raw.box', window: '2 games per playing team', required: false}},
  columns: {game_date: 'date', team: 'string', points: 'int64', games: 'int64'},
  key: ['game_date', 'team'],
  empty: 'allowed',
};
const ASSETS = {'raw.schedule': SCHEDULE, 'raw.games': GAMES, 'raw.box': BOX, 'mart.form': FORM};

const GAMES_SQL = `SELECT p.game_date, s.game_id, s.home FROM partitions AS p JOIN schedule AS s ON s.game_date = p.game_date
WHERE s.type = 'regular'`;
const FORM_SQL = `SELECT w.key AS game_date, w.team, sum(b.points) AS points, count(*) AS games
FROM box_window AS w JOIN box AS b ON b.game_id = w.game_id AND b.team = w.team GROUP BY ALL`;

let project: Project;
afterEach(() => project.remove());

interface Game {
  readonly season: string;
  readonly game_id: string;
  readonly game_date: string;
  readonly type: string;
  readonly status: string;
  readonly home: string;
  readonly away: string;
}

const game = (id: string, date: string, about: Partial<Game> = {}): Game => ({
  season: date < '2023-07-01' ? LAST : THIS,
  game_id: id,
  game_date: date,
  type: 'regular',
  status: 'final',
  home: 'BOS',
  away: 'LAL',
  ...about,
});
const USUAL = [
  game('a', '2023-04-01'),
  game('b', '2023-04-03', {home: 'MIA'}),
  game('c', '2023-10-24'),
  game('d', '2023-10-24', {home: 'MIA', away: 'NYK'}),
  game('e', '2023-10-26', {away: 'MIA'}),
  game('x', '2023-10-27', {type: 'all_star'}),
];

const calendar = (about: object = {}) =>
  scheduledCalendar({where: "type = 'regular'", seasons: {from: LAST, rolls_over: '07-01'}, ...about});
const declare = (calendars: object = calendar(), assets: object = ASSETS): void =>
  project.write('pipeline.yaml', manifest({calendars, assets}));

function play(games: readonly Game[], boxOf: (game: Game) => number = () => 2): void {
  project.data('schedule', {
    [LAST]: games.filter(({season}) => season === LAST),
    [THIS]: games.filter(({season}) => season === THIS),
    all: games,
  } as never);
  const box: Record<string, unknown[]> = {};
  for (const one of games.filter(({status}) => status === 'final')) {
    box[one.game_date] ??= [];
    const rows = [one.home, one.away].map(team => ({
      game_date: one.game_date,
      game_id: one.game_id,
      team,
      points: 10,
    }));
    box[one.game_date]?.push(...rows.slice(0, boxOf(one)));
  }
  project.data('box', box as never);
}

function open(games: readonly Game[] = USUAL, assets: object = ASSETS): void {
  const files = {
    'assets/schedule.ts': rowsFrom('schedule'),
    'assets/box.ts': rowsFrom('box'),
    'assets/games.sql': GAMES_SQL,
    'assets/form.sql': FORM_SQL,
  };
  project = new Project(files, NOW);
  declare(calendar(), assets);
  play(games);
}

const reschedule = (games: readonly Game[], asked: Asked = {}): Promise<Done> => {
  play(games);
  return project.materialize({select: 'raw.schedule', force: true, ...asked});
};
const dates = async () => {
  const {calendars} = await project.plan();
  return calendars[0]?.dates;
};

test('from nothing, the calendar is settled first and the rest is planned after it', async () => {
  open();
  const done = await project.materialize();
  expect(tally(done)).toEqual({succeeded: 2 + 4 + 4 + 4});
  const replanned = done.events.findIndex(({kind}) => kind === 'replanned');
  const before = done.events
    .slice(0, replanned)
    .flatMap(event => (event.kind === 'partition-ended' ? [event.asset] : []));
  expect(before).toEqual(['raw.schedule', 'raw.schedule']);
  expect(done.events[replanned]).toMatchObject({requested: 14});
  expect(await project.query('SELECT * FROM mart.form ORDER BY ALL')).toEqual([
    ['2023-04-03', 'LAL', 10, 1],
    ['2023-10-26', 'BOS', 10, 1],
    ['2023-10-26', 'MIA', 10, 1],
  ]);
  const again = await project.materialize();
  expect([again.counts.requested, again.warehouseCalls]).toEqual([0, 0]);
});

test('a correction of one game reaches the games of its teams and no others', async () => {
  open();
  await project.materialize();
  project.data('box', {
    '2023-10-24': ['c', 'd'].flatMap(id =>
      (id === 'c' ? ['BOS', 'LAL'] : ['MIA', 'NYK']).map(team => ({
        game_date: '2023-10-24',
        game_id: id,
        team,
        points: id === 'd' ? 30 : 10,
      })),
    ),
  });
  await project.materialize({select: 'raw.box', range: {keys: ['2023-10-24']}, force: true});
  expect(ended(await project.materialize())).toEqual(['mart.form@2023-10-26 succeeded']);
  expect(
    await project.query("SELECT team, points FROM mart.form WHERE game_date = '2023-10-26' ORDER BY ALL"),
  ).toEqual([
    ['BOS', 10],
    ['MIA', 30],
  ]);
});

test('one row where more are expected is never fresh, and what reads it waits', async () => {
  const strict = {...FORM, upstream: {box: {asset: 'raw.box', window: '2 dates'}}, sql: 'assets/strict.sql'};
  open(USUAL, {...ASSETS, 'mart.form': strict});
  project.write(
    'assets/strict.sql',
    `SELECT w.key AS game_date, b.team, sum(b.points) AS points, count(*) AS games
     FROM box_window AS w JOIN box AS b ON b.game_date = w.upstream_key GROUP BY ALL`,
  );
  play(USUAL, ({game_id}) => (game_id === 'd' ? 1 : 2));
  const done = await project.materialize();
  expect(done.outcomes.get('raw.box@2023-10-24')).toBe('succeeded');
  expect(done.outcomes.get('mart.form@2023-10-26')).toBe('skipped');
  expect(lines(await project.plan())).toEqual([
    'raw.box@2023-10-24 partial -: below-coverage',
    'mart.form@2023-10-26 missing wait: never-materialized, upstream-partial',
  ]);
  // The rest comes: nothing but what waited for it is made.
  play(USUAL);
  await project.materialize({select: 'raw.box', range: {keys: ['2023-10-24']}, force: true});
  expect(ended(await project.materialize())).toEqual(['mart.form@2023-10-26 succeeded']);
});

test('half of a window is enough where the edge says so', async () => {
  const patient = {
    ...FORM,
    upstream: {box: {asset: 'raw.box', window: 'season to date', at_least: '50%'}},
    sql: 'assets/strict.sql',
  };
  open(USUAL, {...ASSETS, 'mart.form': patient});
  project.write(
    'assets/strict.sql',
    `SELECT w.key AS game_date, b.team, sum(b.points) AS points, count(*) AS games
     FROM box_window AS w JOIN box AS b ON b.game_date = w.upstream_key GROUP BY ALL`,
  );
  play(USUAL, ({game_id}) => (game_id === 'd' || game_id === 'a' ? 1 : 2));
  const done = await project.materialize();
  // One of two games is half; none of one is not.
  expect(done.outcomes.get('mart.form@2023-10-26')).toBe('succeeded');
  expect(done.outcomes.get('mart.form@2023-04-03')).toBe('skipped');
});

test('rows that hold fewer games than the published ones are refused', async () => {
  open();
  await project.materialize();
  play(USUAL, ({game_id}) => (game_id === 'd' ? 0 : 2));
  const done = await project.materialize({select: 'raw.box', force: true});
  expect(done.outcomes.get('raw.box@2023-10-24')).toBe('quarantined');
  expect(done.errors.get('raw.box@2023-10-24')).toMatch(/hold 1 games where the published ones hold 2/);
  expect(await project.query("SELECT count(*) FROM raw.box WHERE game_date = '2023-10-24'")).toEqual([[4]]);
});

describe('a game that moves', () => {
  test('to a date of its own takes its rows with it', async () => {
    open();
    await project.materialize();
    const moved = USUAL.map(one => (one.game_id === 'd' ? {...one, game_date: '2023-10-25'} : one));
    const done = await reschedule(moved);
    expect(done.outcomes.get('raw.schedule@2023-24')).toBe('succeeded');
    const rest = await project.materialize();
    expect(rest.errors).toEqual(new Map());
    expect(rest.outcomes.get('raw.box@2023-10-24')).toBe('succeeded');
    expect(rest.outcomes.get('raw.box@2023-10-25')).toBe('succeeded');
    expect(await project.query('SELECT game_date, game_id FROM raw.games ORDER BY ALL')).toEqual([
      ['2023-04-01', 'a'],
      ['2023-04-03', 'b'],
      ['2023-10-24', 'c'],
      ['2023-10-25', 'd'],
      ['2023-10-26', 'e'],
    ]);
    expect(await project.query("SELECT game_date FROM raw.box WHERE game_id = 'd'")).toEqual([
      ['2023-10-25'],
      ['2023-10-25'],
    ]);
    expect((await project.materialize()).counts.requested).toBe(0);
  });

  test('away from a date of its own leaves no key there', async () => {
    open();
    await project.materialize();
    const moved = USUAL.map(one => (one.game_id === 'e' ? {...one, game_date: '2023-10-29'} : one));
    await reschedule(moved);
    await project.materialize();
    expect(lines(await project.plan())).toEqual(
      ['raw.games', 'raw.box', 'mart.form'].map(name => `${name}@2023-10-26 orphan -: undeclared`),
    );
  });

  test('and is postponed is no game of the date any more, and no loss', async () => {
    open();
    await project.materialize();
    const done = await reschedule(
      USUAL.map(one => (one.game_id === 'd' ? {...one, status: 'postponed'} : one)),
    );
    expect(done.outcomes.get('raw.schedule@2023-24')).toBe('succeeded');
    const rest = await project.materialize();
    expect(rest.outcomes.get('raw.box@2023-10-24')).toBe('succeeded');
    expect(
      await project.query("SELECT DISTINCT game_id FROM raw.box WHERE game_date = '2023-10-24'"),
    ).toEqual([['c']]);
  });
});

describe('a calendar that would lose known games', () => {
  const fewer = USUAL.filter(({game_id}) => game_id !== 'd');

  test('is quarantined, and the season before is not', async () => {
    open();
    await project.materialize();
    const done = await reschedule(fewer);
    expect(ended(done)).toEqual(['raw.schedule@2022-23 unchanged', 'raw.schedule@2023-24 quarantined']);
    expect(done.errors.get('raw.schedule@2023-24')).toMatch(
      /lose 1 known game: d on 2023-10-24.*--accept-calendar/,
    );
    expect(await project.query("SELECT count(*) FROM raw.schedule WHERE season = '2023-24'")).toEqual([[4]]);
    expect(await dates()).toBe(4);
  });

  test('is let in when it is accepted', async () => {
    open();
    await project.materialize();
    expect(tally(await reschedule(fewer, {acceptCalendar: true}))).toEqual({unchanged: 1, succeeded: 1});
    play(fewer);
    const rest = await project.materialize();
    expect(rest.outcomes.get('raw.games@2023-10-24')).toBe('succeeded');
    expect(rest.outcomes.get('raw.box@2023-10-24')).toBe('succeeded');
    expect((await project.materialize()).counts.requested).toBe(0);
  });
});

describe("a calendar whose 'where' changes", () => {
  test('is read again without making its asset again', async () => {
    open();
    await project.materialize();
    declare(calendar({where: "type IN ('regular', 'all_star')"}));
    const done = await project.materialize();
    expect([...done.outcomes.keys()].some(ref => ref.startsWith('raw.schedule'))).toBe(false);
    expect(await dates()).toBe(5);
    expect(done.outcomes.get('raw.box@2023-10-27')).toBe('succeeded');
  });

  test('is read again whole when one season is made in the same run', async () => {
    open([...USUAL, game('y', '2023-04-05', {type: 'all_star'})]);
    await project.materialize();
    expect(await dates()).toBe(4);
    declare(calendar({where: "type IN ('regular', 'all_star')"}));
    await project.forget('raw.schedule', [THIS]);
    const done = await project.materialize();
    expect(done.outcomes.get('raw.schedule@2023-24')).toBe('succeeded');
    expect(await dates()).toBe(6);
  });
});

describe("a 'where' that the engine refuses", () => {
  const wrong = calendar({where: "tpye = 'regular'"});

  test('fails the asset that gives the calendar, and says why', async () => {
    open();
    declare(wrong);
    const done = await project.materialize();
    expect(ended(done)).toEqual(['raw.schedule@2022-23 failed', 'raw.schedule@2023-24 failed']);
    expect(done.errors.get('raw.schedule@2023-24')).toMatch(/raw\.schedule.*tpye/);
    declare();
    expect(tally(await project.materialize())).toEqual({succeeded: 14});
  });

  test('ends the run where the asset is made already, and the known calendar stays', async () => {
    open();
    await project.materialize();
    declare(wrong);
    await expect(project.materialize()).rejects.toThrow(/raw\.schedule.*tpye/);
    declare();
    expect((await project.materialize()).counts.requested).toBe(0);
  });
});

test('a wrong status is an error of its season alone', async () => {
  open([...USUAL, game('z', '2023-04-06', {status: 'played'})]);
  const done = await project.materialize();
  expect(done.outcomes.get('raw.schedule@2022-23')).toBe('failed');
  expect(done.errors.get('raw.schedule@2022-23')).toMatch(/game 'z' on '2023-04-06': the status is 'played'/);
  expect(done.outcomes.get('raw.schedule@2023-24')).toBe('succeeded');
  expect(await dates()).toBe(2);
});

test("a calendar from an asset of the partition 'all' knows its games and keeps them", async () => {
  const whole = {...SCHEDULE, partition_by: 'all'};
  open(USUAL, {...ASSETS, 'raw.schedule': whole});
  expect(tally(await project.materialize())).toEqual({succeeded: 1 + 4 + 4 + 4});
  expect(await dates()).toBe(4);
  const done = await reschedule(USUAL.slice(1));
  expect(done.errors.get('raw.schedule@all')).toMatch(/lose 1 known game: a on 2023-04-01/);
  expect(await dates()).toBe(4);
  expect((await project.materialize()).counts.requested).toBe(0);
});

test('a second calendar of the same asset is read where the first one has been', async () => {
  open();
  await project.materialize();
  const two = {...calendar(), stars: {...calendar({where: "type = 'all_star'"}).nba}};
  const stars = {...BOX, partition_by: {calendar: 'stars', by: 'game_date', column: 'game_date'}};
  const byDate = {calendar: 'nba', by: 'game_date'};
  const dated = Object.entries(ASSETS).map(([name, asset]) => [name, {partition_by: byDate, ...asset}]);
  const schedule = {...SCHEDULE, partition_by: {calendar: 'nba', by: 'season'}};
  declare(two, {...Object.fromEntries(dated), 'raw.schedule': schedule, 'raw.stars': stars});
  const done = await project.materialize();
  expect(ended(done)).toEqual(['raw.stars@2023-10-27 succeeded']);
});

test('a season that goes on after another began is refused, as windows would read across it', async () => {
  const late = {...game('late', '2023-10-30'), season: LAST};
  open([...USUAL.filter(({season}) => season !== LAST), game('early', '2023-04-06'), late]);
  const done = await project.materialize();
  expect(done.errors.get(`raw.schedule@${LAST}`)).toMatch(
    /game 'late' on 2023-10-30 is called one of season 2022-23, and game '\w+' on 2023-10-24, before it, one of 2023-24\. Correct/,
  );
  expect((await project.plan()).settled).toBe(false);
});

test('a schedule with a game in two rows is refused before it is published, and a mended one is read', async () => {
  const assets = {
    'raw.schedule': {
      rows: 'assets/schedule.ts',
      partition_by: 'season',
      columns: {season: 'string', game_id: 'string', game_date: 'date', status: 'string', team: 'string'},
      key: ['game_id', 'team'],
    },
  };
  const calendars = {
    nba: {
      asset: 'raw.schedule',
      timezone: 'UTC',
      date: 'game_date',
      season: 'season',
      game: 'game_id',
      status: 'status',
      seasons: {from: THIS, rolls_over: '07-01'},
    },
  };
  const rows = (...teams: readonly string[]) => ({
    [THIS]: teams.map(team => ({
      season: THIS,
      game_id: 'g1',
      game_date: '2024-01-01',
      status: 'final',
      team,
    })),
  });
  const files = {
    'pipeline.yaml': manifest({calendars, assets}),
    'assets/schedule.ts': rowsFrom('schedule'),
  };
  project = new Project(files, NOW);
  project.data('schedule', rows('a', 'b'));
  const done = await project.materialize();
  expect(done.errors.get(`raw.schedule@${THIS}`)).toMatch(/'g1' on '2024-01-01': it stands in two rows/);
  project.data('schedule', rows('a'));
  expect(ended(await project.materialize())).toEqual([`raw.schedule@${THIS} succeeded`]);
  expect((await project.plan()).calendars[0]?.dates).toBe(1);
});
