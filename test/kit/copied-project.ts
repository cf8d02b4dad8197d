/**
 * A project with every kind of asset and two targets: a calendar of a table, fetches, a cascade that lacks games, windows
 * of every sort, an asset that reads its own previous key, exports.
 */
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {manifest, Project, rowsFrom, SCHEDULE, scheduledCalendar} from './project.ts';

export const DATES = ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-05'];
const [FIRST = '', , THIRD = ''] = DATES;
const gamesOn = (date: string): readonly string[] => [`${date}-a`, `${date}-b`];

/** What is fetched is what `data/NAME.json` says of the date; a text there is an error. */
const fetching = (name: string): string => `import {readFileSync} from 'node:fs';
import type {Files} from 'gameplan';
export const files: Files = async ({partition, put}) => {
  const all = JSON.parse(readFileSync(new URL('../data/${name}.json', import.meta.url), 'utf8'));
  const found = all[partition.key];
  if (typeof found === 'string') throw new Error(found);
  await put('games.json', JSON.stringify({rows: found}));
  await put('raw.bin', new Uint8Array([0, 255, 10, 13]));
  return {games: [...new Set(found.map(row => row.game_id))]};
};
`;
const LANDED = `import {existsSync} from 'node:fs';
import {type Rows, z} from 'gameplan';
const Shape = z.object({rows: z.array(z.object({game_id: z.string(), player: z.string(), points: z.number()}))});
export const rows: Rows = async ({partition, source, inputs}) => {
  if (existsSync(new URL('../data/broken', import.meta.url))) throw new Error('made again');
  const found = [];
  for await (const object of inputs[source].objects())
    if (object.name === 'games.json')
      for (const row of object.json(Shape).rows) found.push({...row, game_date: partition.key});
  return found;
};
`;

const ASSETS = {
  'raw.schedule': SCHEDULE,
  'landing.nba': {files: 'assets/nba.ts', path: 'nba/{game_date}/', retries: 0},
  'landing.bdl': {files: 'assets/bdl.ts', path: 'bdl/{game_date}/', retries: 0},
  'raw.box': {
    rows: 'assets/box.ts',
    sources: [
      {name: 'nba', upstream: 'landing.nba'},
      {name: 'bdl', upstream: 'landing.bdl', quality: 85},
    ],
    take: 'fill',
    on_missing: 'gap',
    columns: {game_date: 'date', game_id: 'string', player: 'string', points: 'int64', _source: 'string'},
    key: ['game_id', 'player'],
    covers: {column: 'game_id'},
    checks: [{range: {column: 'points', max: 39}, severity: 'warn', penalty: 5}],
  },
  'mart.summary': {
    sql: 'assets/summary.sql',
    upstream: {box: {asset: 'raw.box', window: '2 dates', through: 'today', required: false}},
    columns: {game_date: 'date', player: 'string', points: 'float64'},
    key: ['game_date', 'player'],
  },
  'mart.rating': {
    sql: 'assets/rating.sql',
    batch: 1,
    upstream: {summary: 'mart.summary', before: {asset: 'mart.rating', window: 'previous'}},
    columns: {game_date: 'date', rating: 'float64'},
    key: ['game_date'],
  },
  'mart.total': {
    sql: 'assets/total.sql',
    partition_by: 'all',
    upstream: {summary: {asset: 'mart.summary', window: 'all', at_least: '50%'}},
    columns: {player: 'string', points: 'float64'},
    key: ['player'],
  },
  'exports.rating': {
    sql: 'assets/export.sql',
    export: {format: 'csv', path: 'v1/{game_date}.csv'},
    upstream: {rating: 'mart.rating'},
  },
};

export const TARGETS = {
  local: {
    warehouse: {engine: 'duckdb', path: 'local/w.duckdb', memory_limit: '256MB'},
    store: {kind: 'folder', path: 'local/store'},
    ledger: 'local/ledger.sqlite',
  },
  prod: {
    warehouse: {engine: 'duckdb', path: 'prod/w.duckdb', memory_limit: '256MB'},
    store: {kind: 'folder', path: 'prod/store'},
    ledger: 'prod/ledger.sqlite',
  },
};

const rowsOf = (date: string, points: number, games = gamesOn(date)) =>
  games.flatMap(game_id => ['p1', 'p2'].map(player => ({game_id, player, points})));

export function copiedProject(now: number, about: object = {}): Project {
  const project = new Project(
    {
      'pipeline.yaml': manifest({
        targets: TARGETS,
        calendars: scheduledCalendar({timezone: 'UTC'}),
        assets: ASSETS,
        ...about,
      }),
      'assets/schedule.ts': rowsFrom('schedule'),
      'assets/nba.ts': fetching('nba'),
      'assets/bdl.ts': fetching('bdl'),
      'assets/box.ts': LANDED,
      'assets/summary.sql': `SELECT p.game_date, b.player, avg(b.points) / 3 AS points
FROM partitions AS p JOIN box_window AS w ON w.key = p.game_date
JOIN box AS b ON b.game_date = w.upstream_key GROUP BY ALL`,
      'assets/rating.sql': `SELECT p.game_date, 1500 + (SELECT sum(points) FROM summary AS s WHERE s.game_date = p.game_date)
  + coalesce((SELECT sum(rating - 1500) FROM before_window AS w JOIN before AS b
      ON b.game_date = w.upstream_key WHERE w.key = p.game_date), 0) AS rating
FROM partitions AS p`,
      'assets/total.sql': 'SELECT player, sum(points) AS points FROM summary GROUP BY player',
      'assets/export.sql': 'SELECT * FROM rating',
    },
    now,
  );
  answer(project, 10);
  return project;
}

/** What its code finds when it is run: `points` for each player of the first date, and as many more each date. */
export function answer(project: Project, points: number): void {
  const schedule = DATES.flatMap(game_date =>
    gamesOn(game_date).map((game_id, i) => ({
      season: '2023-24',
      game_id,
      game_date,
      home: `H${i}`,
      away: `A${i}`,
      status: 'final',
    })),
  );
  project.data('schedule', {'2023-24': schedule});
  // The second date takes a game of the lower source; of the third neither has one of the games.
  const held = (date: string, few: readonly number[]) =>
    gamesOn(date).slice(0, few.includes(DATES.indexOf(date)) ? 1 : 2);
  const nba = DATES.map((date, i) => [date, rowsOf(date, points * (i + 1), held(date, [1, 2]))]);
  project.data('nba', Object.fromEntries(nba));
  const bdl = DATES.map(date => [date, rowsOf(date, 15, held(date, [2]))]);
  project.data('bdl', Object.fromEntries(bdl));
  rmSync(join(project.root, 'data/broken'), {force: true});
}

/** From now on nothing can be fetched or made by code. */
export function breakCode(project: Project): void {
  for (const name of ['schedule', 'nba', 'bdl'])
    project.data(name, Object.fromEntries([...DATES, '2023-24'].map(key => [key, 'fetched again'])));
  project.write('data/broken', '');
}

export {FIRST, THIRD};
