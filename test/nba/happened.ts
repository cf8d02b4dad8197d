/**
 * Changes what happened from a date on, in the warehouse of a filled project behind gameplan's back: for tests of what
 * may not know of it. It does not make anything again; tables that are made of these rows are the tests' own affair.
 */
import {DuckDBInstance} from '@duckdb/node-api';
import type {Asset, Pipeline} from '../../planner/pipeline.ts';
import type {ShippedProject} from './shipped-project.ts';

interface Moved {
  /** What changes hands. */
  readonly columns: readonly string[];
  /** Among the rows that have the same in this one. */
  readonly within: string;
}

const RESULTS: Readonly<Record<string, Moved>> = {
  // Everybody has had another's game, most of them for another team.
  'raw.player_boxscores': {columns: ['player_id', 'player_name'], within: 'game_date'},
  // Who won has lost, by the same score: points stay the sum of the players', whose jerseys are changed too.
  'raw.team_boxscores': {
    columns: [
      'minutes',
      'points',
      'rebounds',
      'offensive_rebounds',
      'defensive_rebounds',
      'assists',
      'steals',
      'blocks',
      'turnovers',
      'fouls',
      'field_goals_made',
      'field_goals_attempted',
      'threes_made',
      'threes_attempted',
      'free_throws_made',
      'free_throws_attempted',
      'plus_minus',
    ],
    within: 'game_id',
  },
  'raw.play_by_play': {
    columns: ['player_id', 'team', 'shot_value', 'shot_made', 'shot_distance'],
    within: 'game_date',
  },
  'raw.schedule': {columns: ['home_score', 'away_score'], within: 'game_date'},
  'raw.standings': {columns: ['wins', 'losses', 'win_ratio'], within: 'season'},
  'raw.players': {columns: ['last_team', 'games'], within: 'season'},
};

/** Whether it is known before the games of its date: due on the day itself, by the clock. */
export function isKnownBefore({due}: Asset): boolean {
  return due.kind === 'clock' && due.days <= 0;
}

/** Results of `date` and of later dates change hands, and so does what became known on later mornings. */
export async function shuffleFrom(project: ShippedProject, date: string): Promise<void> {
  const {pipeline} = await project.read();
  const shuffles = rawTables(pipeline).flatMap(asset => {
    const isDated = asset.columns.some(({name}) => name === 'game_date');
    const {columns, within} = RESULTS[asset.name] ?? {
      // A list of a season's players knows of no game.
      columns: isDated ? valuesOf(asset) : [],
      within: 'game_date',
    };
    if (columns.length === 0) return [];
    const rows = isDated ? `game_date ${isKnownBefore(asset) ? '>' : '>='} DATE '${date}'` : 'TRUE';
    return shuffle({table: asset.name, key: asset.key, moved: columns, within, rows});
  });
  const jerseys = `UPDATE raw.player_boxscores AS own
    SET team = other.team, team_id = other.team_id, opponent = own.team, is_home = NOT own.is_home
    FROM raw.team_boxscores AS other
    WHERE other.game_id = own.game_id AND other.team = own.opponent AND own.game_date >= DATE '${date}'`;
  await edit(project, [...shuffles, jerseys]);
}

/** As in the morning of `date`: its games are scheduled, nothing has happened since, and nobody has lines on later games. */
export async function unhappenFrom(project: ShippedProject, date: string): Promise<void> {
  const {pipeline} = await project.read();
  const tables = [...pipeline.assets.values()].filter(
    asset => asset.columns.some(({name}) => name === 'game_date') && asset.name !== 'raw.schedule',
  );
  await edit(project, [
    `UPDATE raw.schedule SET home_score = NULL, away_score = NULL, game_status = 'scheduled'
     WHERE game_date >= DATE '${date}'`,
    // Of raw.games nothing of a day but its schedule is there, made again of the row above.
    ...tables.map(
      asset =>
        `DELETE FROM ${asset.name} WHERE game_date ${isKnownBefore(asset) && asset.name.startsWith('raw.') ? '>' : '>='} DATE '${date}'`,
    ),
  ]);
}

function rawTables(pipeline: Pipeline): readonly Asset[] {
  return [...pipeline.assets.values()].filter(
    ({name, columns}) => name.startsWith('raw.') && name !== 'raw.games' && columns.length > 0,
  );
}

/** All that is no part of the key and does not say which partition it is. */
function valuesOf({columns, key}: Asset): readonly string[] {
  const names = columns.map(({name}) => name);
  return names.filter(name => !key.includes(name) && !['game_date', 'season', '_source'].includes(name));
}

interface Shuffle {
  readonly table: string;
  readonly key: readonly string[];
  readonly moved: readonly string[];
  readonly within: string;
  readonly rows: string;
}

/** Each row gets what the next one has, in an order that has nothing to do with games and teams. */
function shuffle({table, key, moved, within, rows}: Shuffle): readonly string[] {
  return [
    `CREATE OR REPLACE TEMP TABLE numbered AS
     SELECT *, row_number() OVER (PARTITION BY ${within} ORDER BY hash(${key.join(', ')})) AS nth,
       count(*) OVER (PARTITION BY ${within}) AS n
     FROM ${table} WHERE ${rows}`,
    `UPDATE ${table} AS own SET ${moved.map(name => `${name} = other.${name}`).join(', ')}
     FROM numbered AS mine JOIN numbered AS other
       ON other.${within} = mine.${within} AND other.nth = mine.nth % mine.n + 1
     WHERE ${key.map(name => `own.${name} = mine.${name}`).join(' AND ')}`,
  ];
}

async function edit(project: ShippedProject, statements: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(project.file('warehouse.duckdb'), {memory_limit: '512MB'});
  try {
    const connection = await instance.connect();
    for (const statement of statements) await connection.run(statement);
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
}
