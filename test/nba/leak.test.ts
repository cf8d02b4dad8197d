/**
 * Nothing that is said before a game knows of the game: contexts, features and predictions of a day come out the same,
 * to the last digit, when the day and all after it went otherwise, or have not been played. Some weeks of a simulated
 * season, filled once and copied; a leak that is planted in a copy is found.
 */
import type {Json} from '@duckdb/node-api';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {type LeagueProcess, startLeagueProcess} from '../../demo/league/league-process.ts';
import {datesOf} from './expected-readers.ts';
import {isKnownBefore, shuffleFrom, unhappenFrom} from './happened.ts';
import {ShippedProject} from './shipped-project.ts';

const SEASON = '2024-25';
/** The first days are skipped until 11-05; the last date of these is `end`. */
const END = '2024-11-10';
const SUMMARIES: readonly string[] = ['team_offense', 'team_defense', 'player'].map(
  name => `analytics.${name}_game_summary`,
);

type Rows = ReadonlyMap<string, readonly (readonly Json[])[]>;

let league: LeagueProcess;
let filled: ShippedProject;
const projects: ShippedProject[] = [];
/** Tables of queries that are due before the games of their day. */
let said: readonly string[];
let day: string;
let before: Rows;

beforeAll(async () => {
  league = await startLeagueProcess(['--simulated', '--seed', '7', '--from', SEASON, '--to', SEASON]);
  filled = new ShippedProject({target: 'simulated', league: league.url, start: '2024-10-01', end: END});
  projects.push(filled);
  const {counts, errors} = await filled.materialize();
  expect([...errors]).toEqual([]);
  expect(counts).toMatchObject({failed: 0, quarantined: 0, skipped: 0});
  const {pipeline} = await filled.read();
  said = [...pipeline.assets.values()].flatMap(asset =>
    asset.making.kind === 'sql' && isKnownBefore(asset) ? [asset.name] : [],
  );
  day = datesOf(await filled.games()).at(-3) ?? '';
  const project = copy();
  await sayAgain(project);
  before = await rowsOf(project, `= '${day}'`);
}, 300_000);

afterAll(async () => {
  for (const project of projects) project.remove();
  await league?.stop();
});

function copy(): ShippedProject {
  const project = filled.copy();
  projects.push(project);
  return project;
}

/** Makes what is said of the day anew, in the batches of the days after it where `to` is one of them. */
async function sayAgain(project: ShippedProject, to = END): Promise<void> {
  for (const asset of said) {
    const forgotten = await project.gameplan(
      'forget',
      `${asset}@${day}..${to}`,
      '--allow-protected',
      '--reason',
      'a test',
    );
    expect([forgotten.code, forgotten.err]).toEqual([0, '']);
  }
  const made = await project.materialize({select: said.join(' '), range: {from: day, to}});
  expect([...made.errors]).toEqual([]);
  expect(new Set(made.outcomes.values())).toEqual(new Set(['succeeded']));
}

/** Makes what happened anew of raw rows that were edited. */
async function happenAgain(project: ShippedProject): Promise<void> {
  const range = {from: day, to: END};
  const {errors} = await project.materialize({
    select: ['raw.games', ...SUMMARIES].join(' '),
    range,
    force: true,
  });
  expect([...errors]).toEqual([]);
}

async function rowsOf(project: ShippedProject, dates: string, assets = said): Promise<Rows> {
  const {pipeline} = await project.read();
  const found = new Map<string, readonly (readonly Json[])[]>();
  for (const {name, columns} of pipeline.assets.values()) {
    if (!assets.includes(name)) continue;
    const names = columns.map(column => column.name).join(', ');
    found.set(name, await project.ask(`SELECT ${names} FROM ${name} WHERE game_date ${dates} ORDER BY ALL`));
  }
  return found;
}

/** Names of the tables whose rows differ. */
function differing(found: Rows, wanted: Rows): readonly string[] {
  return [...wanted.keys()].filter(
    asset => JSON.stringify(found.get(asset)) !== JSON.stringify(wanted.get(asset)),
  );
}

test('contexts, features and predictions of the day are what is looked at, and all have rows', () => {
  expect(said).toEqual(
    expect.arrayContaining([
      'analytics.upcoming_team_game_context',
      'analytics.upcoming_player_game_context',
      'precompute.team_defense_zone_analysis',
      'precompute.player_shot_zone_analysis',
      'precompute.player_daily_cache',
      'precompute.player_composite_factors',
      'precompute.ml_feature_store',
      'predictions.player_points',
    ]),
  );
  expect([...before].filter(([, rows]) => rows.length === 0)).toEqual([]);
});

test('they are the same when the games of the day and of all later days went otherwise', async () => {
  const project = copy();
  const results = await rowsOf(project, `= '${day}'`, SUMMARIES);
  const later = `> '${day}'`;
  const tomorrow = await rowsOf(project, later);
  await shuffleFrom(project, day);
  await happenAgain(project);
  await sayAgain(project);
  // What happened is another, and the features of later days know of it; those of the day do not.
  expect(differing(await rowsOf(project, `= '${day}'`, SUMMARIES), results)).toEqual(SUMMARIES);
  expect(differing(await rowsOf(project, later), tomorrow)).toEqual(said);
  expect(differing(await rowsOf(project, `= '${day}'`), before)).toEqual([]);
});

test('they are the same in the morning of the day, when none of its games is played', async () => {
  const project = copy();
  await sayAgain(project, day);
  const alone = await rowsOf(project, `= '${day}'`);
  await unhappenFrom(project, day);
  await project.materialize({select: 'raw.games', range: {from: day, to: END}, force: true});
  const scores = `SELECT count(home_score)::INT, count(*) > 0 FROM raw.games WHERE game_date >= '${day}'`;
  expect(await project.ask(scores)).toEqual([[0, true]]);
  await sayAgain(project, day);
  expect(differing(await rowsOf(project, `= '${day}'`), alone)).toEqual([]);
});

test('a leak in a query is found: of the day itself, of a score in the schedule, of a later day of the batch', async () => {
  const project = copy();
  const zones = 'assets/precompute/player_shot_zone_analysis';
  project.replace(
    'pipeline.yaml',
    '      games: {asset: analytics.player_game_summary, window: season to date, at_least: 90%}',
    '      games: {asset: analytics.player_game_summary, window: season to date, through: today, at_least: 90%}',
  );
  project.replace(
    `${zones}.sql`,
    'shares.next_game_date >= games_window.key',
    'shares.next_game_date > games_window.key',
  );
  project.replace(
    'assets/analytics/upcoming_team_game_context.sql',
    'COALESCE(IF(latest.win, latest.run_length, -latest.run_length), 0) AS streak',
    '(SELECT MAX(games.home_score) - 100 FROM games WHERE games.game_id = own.game_id) AS streak',
  );
  project.replace(
    'assets/precompute/player_daily_cache.sql',
    'AVG(points) OVER so_far AS points_mean_season',
    'AVG(points) OVER (PARTITION BY season, player_id) AS points_mean_season',
  );
  project.reread();
  await sayAgain(project);
  const honest = await rowsOf(project, `= '${day}'`);
  await shuffleFrom(project, day);
  await happenAgain(project);
  await sayAgain(project);
  expect(differing(await rowsOf(project, `= '${day}'`), honest)).toEqual(
    expect.arrayContaining([
      'analytics.upcoming_team_game_context',
      'precompute.player_shot_zone_analysis',
      'precompute.player_daily_cache',
    ]),
  );
});
