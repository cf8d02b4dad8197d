/**
 * A game day of the shipped pipeline on a fast clock, from the morning before to the morning after in steps of a quarter
 * of an hour, each of which runs what heals: sources move, tonight follows until the first game begins, and is graded in
 * the morning. Simulated, so that it needs no data beside the project.
 */
import {afterAll, beforeAll, expect, test} from 'vitest';
import {type LeagueServer, startLeague} from '../../demo/league/server.ts';
import {ShippedProject} from './shipped-project.ts';

const DAY = '2024-11-10';
const QUARTER = 15 * 60_000;
const at = (time: string): number => Date.parse(`2024-11-${time}:00Z`);

let league: LeagueServer;
let project: ShippedProject;

beforeAll(async () => {
  league = await startLeague({mode: 'simulated', seed: 7, seasons: ['2024-25'], now: '2024-11-10T11:00:00Z'});
  project = new ShippedProject({
    target: 'simulated',
    league: league.url,
    start: '2024-10-22',
    end: '2024-11-12',
  });
  project.now = at('10T11:00');
  const {errors} = await project.materialize();
  expect([...errors]).toEqual([]);
}, 120_000);

afterAll(async () => {
  project?.remove();
  await league?.close();
});

/** One pass of healing: what it made of which, and which endpoints were asked how often. */
async function pass(): Promise<{made: Record<string, string>; asked: Record<string, number>}> {
  league.setNow(new Date(project.now).toISOString());
  const before = league.requests();
  const {out, err} = await project.gameplan('heal', '--events');
  expect(err).toBe('');
  const events = out
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line));
  const made: Record<string, string> = {};
  for (const {kind, asset, key, outcome} of events)
    if (kind === 'partition-ended' && outcome !== 'not-needed') made[`${asset}@${key}`] = outcome;
  const asked: Record<string, number> = {};
  for (const [name, count] of Object.entries(league.requests()))
    if (count > (before[name] ?? 0)) asked[name] = count - (before[name] ?? 0);
  return {made, asked};
}

/** The first game begins at half past four in the afternoon, New York. */
const FIRST = at('10T21:30');
const TEN = at('10T15:00');

/** Of the games of the day; a seller's events and offers, and the two of the-odds-api for lines on games and on players. */
const GAMES = 5;
const BETTINGPROS = {'bettingpros-events': 1, 'bettingpros-offers': 2};
const ODDS = {'odds-events': 2, odds: 2 * GAMES};

/** Injuries every quarter of an hour, BettingPros (the-odds-api has no lines on players) every hour, the-odds-api every two. */
function askedAt(now: number): Record<string, number> {
  const sinceTen = now - TEN;
  if (sinceTen < 0 || now >= FIRST) return {};
  const isHour = (hours: number): boolean => sinceTen % (hours * 60 * 60_000) === 0;
  return {'injury-report': 1, ...(isHour(1) ? BETTINGPROS : {}), ...(isHour(2) ? ODDS : {})};
}

/** `asset outcome` by what is made of the day's date: not what a site answers the same, nor raw rows that come out the same. */
const MADE: Readonly<Record<string, readonly string[]>> = {
  '10T15:00': [
    'analytics.player_lines succeeded',
    'analytics.upcoming_player_game_context succeeded',
    'analytics.upcoming_team_game_context succeeded',
    'exports.best_bets succeeded',
    'exports.predictions succeeded',
    'precompute.ml_feature_store succeeded',
    'precompute.player_composite_factors succeeded',
    'precompute.player_daily_cache succeeded',
    'precompute.player_shot_zone_analysis succeeded',
    'precompute.team_defense_zone_analysis succeeded',
    'predictions.player_points succeeded',
    'raw.game_lines succeeded',
    'raw.injury_report succeeded',
    'raw.player_props succeeded',
  ],
  // Who is out is in both contexts; the numbers made of them say the same, and what reads those ends there.
  '10T16:45': [
    'analytics.upcoming_player_game_context succeeded',
    'analytics.upcoming_team_game_context succeeded',
    'precompute.player_composite_factors unchanged',
    'precompute.player_daily_cache unchanged',
    'predictions.player_points unchanged',
    'raw.injury_report succeeded',
  ],
  '10T19:00': [
    'analytics.player_lines succeeded',
    'analytics.upcoming_player_game_context succeeded',
    'analytics.upcoming_team_game_context succeeded',
    'exports.best_bets succeeded',
    'exports.predictions succeeded',
    'precompute.player_composite_factors unchanged',
    'precompute.player_daily_cache unchanged',
    'predictions.player_points succeeded',
    'raw.game_lines succeeded',
    'raw.player_props succeeded',
  ],
};

const SAID = `SELECT player_id::VARCHAR, system, predicted_points, line, recommendation FROM predictions.player_points
  WHERE game_date = DATE '${DAY}' ORDER BY ALL`;

test('a game day is followed until the first game begins, kept through the night, and graded in the morning', async () => {
  const [[game] = []] = await project.ask(
    `SELECT min(game_id) FROM raw.games WHERE game_date = DATE '${DAY}'`,
  );
  league.tell({at: '2024-11-10T16:20:00Z', game: String(game), about: 'injuries'});
  league.tell({at: '2024-11-10T18:31:00Z', game: String(game), about: 'lines'});
  // After the first game has begun nobody asks.
  league.tell({at: '2024-11-10T21:40:00Z', game: String(game), about: 'injuries'});
  league.tell({at: '2024-11-10T21:40:00Z', game: String(game), about: 'lines'});
  let said: unknown;
  for (project.now = at('10T11:15'); project.now < at('11T11:00'); project.now += QUARTER) {
    const {made, asked} = await pass();
    const step = new Date(project.now).toISOString().slice(8, 16);
    // The schedule is read every twelve hours.
    expect([step, asked]).toEqual([step, step === '10T23:00' ? {schedule: 1} : askedAt(project.now)]);
    const dated = Object.entries(made).flatMap(([ref, outcome]) =>
      ref.endsWith(`@${DAY}`) && !ref.startsWith('landing.') && !/^raw\..*unchanged/.test(`${ref} ${outcome}`)
        ? [`${ref.slice(0, ref.indexOf('@'))} ${outcome}`]
        : [],
    );
    expect([step, dated.sort()]).toEqual([step, MADE[step] ?? []]);
    const others = Object.entries(made).filter(
      ([ref]) => !ref.endsWith(`@${DAY}`) && !ref.includes('@2024-25'),
    );
    expect([step, others]).toEqual([step, []]);
    if (project.now === FIRST) said = await project.ask(SAID);
  }
  const {made} = await pass();
  expect(made).toMatchObject({
    [`landing.nbac_player_boxscores@${DAY}`]: 'succeeded',
    [`predictions.accuracy@${DAY}`]: 'succeeded',
    [`predictions.system_daily_performance@${DAY}`]: 'succeeded',
    [`exports.results@${DAY}`]: 'succeeded',
    'exports.system_performance@all': 'succeeded',
  });
  expect(
    Object.keys(made).filter(ref =>
      /^(?:predictions\.player_points|landing\.(?:injury|game|odds))/.test(ref),
    ),
  ).toEqual([]);
  expect(await project.ask(SAID)).toEqual(said);
  expect(said).not.toEqual([]);
}, 400_000);
