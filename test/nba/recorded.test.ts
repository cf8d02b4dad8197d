/**
 * The shipped pipeline on the recorded games of five seasons, filled once: what it must get right on real data.
 * The last tests correct some answers, so they change what the others read.
 */
import {existsSync, renameSync} from 'node:fs';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type LeagueProcess, startLeagueProcess} from '../../demo/league/league-process.ts';
import type {Plan} from '../../planner/plan.ts';
import {
  allReadersOf,
  datesOf,
  type Game,
  isBootstrap,
  isProtected,
  readersOf,
  readersOfAll,
} from './expected-readers.ts';
import {
  byOutcome,
  hasRecordedGames,
  inState,
  ON_DEMAND,
  recordedGames,
  ShippedProject,
  statesByAsset,
} from './shipped-project.ts';

/** Dates of the regular season and the playoffs with their first and last, play-in dates, Cup final, all dates. */
const CALENDAR = [
  [
    '2021-22',
    165,
    '2021-10-19',
    '2022-04-10',
    ['2022-04-12', '2022-04-13', '2022-04-15'],
    45,
    '2022-06-16',
    null,
    213,
  ],
  [
    '2022-23',
    164,
    '2022-10-18',
    '2023-04-09',
    ['2023-04-11', '2023-04-12', '2023-04-14'],
    45,
    '2023-06-12',
    null,
    212,
  ],
  [
    '2023-24',
    160,
    '2023-10-24',
    '2024-04-14',
    ['2024-04-16', '2024-04-17', '2024-04-19'],
    44,
    '2024-06-17',
    '2023-12-09',
    208,
  ],
  [
    '2024-25',
    163,
    '2024-10-22',
    '2025-04-13',
    ['2025-04-15', '2025-04-16', '2025-04-18'],
    47,
    '2025-06-22',
    '2024-12-17',
    214,
  ],
  [
    '2025-26',
    164,
    '2025-10-21',
    '2026-04-12',
    ['2026-04-14', '2026-04-15', '2026-04-17'],
    44,
    '2026-06-13',
    '2025-12-16',
    212,
  ],
] as const;

const SEASONS = CALENDAR.map(([season]) => season);
const CUP_FINALS = CALENDAR.flatMap(row => row[7] ?? []);
const PLAY_IN = CALENDAR.flatMap(row => row[4]);
const LAST_FINALS = ['2026-06-05', '2026-06-08', '2026-06-10', '2026-06-13'];
const WITHOUT_PLAYERS = [...PLAY_IN, ...CUP_FINALS, ...LAST_FINALS].sort();
const WITHOUT_TEAMS = ['2025-12-16', '2026-04-14', '2026-04-15', '2026-04-17', ...LAST_FINALS];
const WITH_PLAYS = ['2024-11-12', '2025-01-06', '2025-01-15'];

// The reporter counts skipped tests without their titles.
if (!hasRecordedGames) process.stderr.write('Recorded seasons are not tested: ../shared/data is absent.\n');

describe.skipIf(!hasRecordedGames)('five recorded seasons', () => {
  let league: LeagueProcess;
  let project: ShippedProject;
  let games: readonly Game[];
  let filled: Awaited<ReturnType<ShippedProject['materialize']>>;
  let plan: Plan;

  beforeAll(async () => {
    league = await startLeagueProcess(['--recorded', recordedGames, '--early']);
    project = new ShippedProject({target: 'recorded', league: league.url, end: '2026-06-30'});
    filled = await project.materialize();
    games = await project.games();
    plan = await project.plan({all: true});
  }, 400_000);

  afterAll(async () => {
    await league?.stop();
    project?.remove();
  });

  test('the calendar has the dates of every season, and no other', async () => {
    const found = await project.ask(`
      SELECT season,
        count(DISTINCT game_date) FILTER (game_type = 'regular')::INT,
        min(game_date) FILTER (game_type = 'regular')::VARCHAR,
        max(game_date) FILTER (game_type = 'regular')::VARCHAR,
        list_sort(list(DISTINCT game_date::VARCHAR) FILTER (game_type = 'play_in')),
        count(DISTINCT game_date) FILTER (game_type = 'playoffs')::INT,
        max(game_date) FILTER (game_type = 'playoffs')::VARCHAR,
        max(game_date) FILTER (game_type = 'cup_final')::VARCHAR,
        count(DISTINCT game_date)::INT
      FROM raw.games GROUP BY season ORDER BY season`);
    expect(found).toEqual(CALENDAR);
    expect(plan.calendars).toMatchObject([{dates: 1059, from: '2021-10-19', to: '2026-06-13'}]);
    expect(plan.partitions.some(({key}) => key === '2021-11-25')).toBe(false);
    expect(
      await project.ask(
        'SELECT max(n)::INT, min(n)::INT FROM (SELECT count(*) AS n FROM raw.games GROUP BY game_date)',
      ),
    ).toEqual([[15, 1]]);
  });

  test('every season has 1,230 regular games, 82 a team', async () => {
    const found = await project.ask(`
      WITH sides AS (
        SELECT season, game_id, unnest([home_team_id, away_team_id]) AS team FROM raw.games WHERE game_type = 'regular'
      ), played AS (SELECT season, team, count(*) AS n FROM sides GROUP BY ALL)
      SELECT season, sum(n)::INT // 2, count(*)::INT, min(n)::INT, max(n)::INT FROM played GROUP BY season ORDER BY season`);
    expect(found).toEqual(SEASONS.map(season => [season, 1230, 30, 82, 82]));
  });

  test('the first days of seasons drop as many dates as were counted by hand', () => {
    const four = datesOf(games).filter(date => date < '2025-07-01');
    const dropped = [7, 14, 21, 30].map(days => four.filter(date => isBootstrap(games, date, days)).length);
    expect(dropped).toEqual([28, 56, 82, 117]);
  });

  test('points of a team are the sum of its players, wherever both are recorded', async () => {
    const [counts] = await project.ask(`
      SELECT count(*)::INT, count(*) FILTER (team.points <> players.points)::INT
      FROM raw.team_boxscores AS team
      JOIN (SELECT game_id, team, sum(points) AS points FROM raw.player_boxscores GROUP BY ALL) AS players
        USING (game_id, team)`);
    // Two a game: five seasons of 1,230 games, and the playoffs that have both.
    const playoffs = 87 + 84 + 82 + 84 + 81;
    expect(counts).toEqual([2 * (5 * 1230 + playoffs), 0]);
  });

  test('every recorded row arrived, with the same points', async () => {
    const found = await project.ask(`
      SELECT count(*)::INT, count(mine.game_id)::INT, count(*) FILTER (mine.points IS DISTINCT FROM theirs.pts)::INT
      FROM parquet('player_boxscores') AS theirs
      FULL JOIN raw.player_boxscores AS mine USING (game_id, player_id)
      WHERE theirs.season >= '2021-22' OR theirs.season IS NULL`);
    expect(found).toEqual([[140_241, 140_241, 0]]);
  });

  test('wins from games are the final standings, for every team and season', async () => {
    const found = await project.ask(`
      WITH won AS (
        SELECT season, CASE WHEN home_score > away_score THEN home_team_id ELSE away_team_id END AS team_id,
          count(*) AS wins
        FROM raw.games WHERE game_type = 'regular' GROUP BY ALL
      )
      SELECT count(*)::INT, count(*) FILTER (won.wins = final.wins)::INT,
        count(*) FILTER (landed.wins = final.wins AND landed.losses = final.losses)::INT
      FROM parquet('standings_final') AS final
      LEFT JOIN won ON won.season = final.season AND won.team_id = final.team_id
      LEFT JOIN raw.standings AS landed ON landed.season = final.season AND landed.team_id = final.team_id
      WHERE final.season >= '2021-22'`);
    expect(found).toEqual([[150, 150, 150]]);
  });

  test('usage of a team adds up to 100, weighted by minutes', async () => {
    // Who came in for seconds has no minutes, so no usage: his share is what some sums lack.
    const [found] = await project.ask(`
      WITH team AS (
        SELECT game_id, team, 5 * sum(usage_rate * minutes) / sum(minutes) AS usage
        FROM analytics.player_game_summary WHERE usage_rate IS NOT NULL GROUP BY ALL
      )
      SELECT count(*)::INT, avg(usage), min(usage), max(usage), count(*) FILTER (usage > 99.99)::INT FROM team`);
    const [count, mean, least, most, whole] = (found ?? []).map(Number);
    expect(count).toBe(4 * 2460);
    expect(mean).toBeCloseTo(100, 1);
    expect(least).toBeGreaterThan(97);
    expect(most).toBeLessThan(100.001);
    expect(whole).toBeGreaterThan(0.97 * 4 * 2460);
  });

  test('nothing failed, nothing is missing, and a second plan is empty', async () => {
    const {requested, succeeded, ['not-needed']: notNeeded} = filled.counts;
    expect(filled.counts).toMatchObject({unchanged: 0, failed: 0, quarantined: 0, skipped: 0, cancelled: 0});
    expect(requested).toBe(succeeded + notNeeded);
    expect(plan.states).toMatchObject({
      fresh: succeeded,
      missing: 0,
      stale: 0,
      partial: 0,
      'not-due': 0,
      orphan: 0,
    });
    expect(Object.values(plan.actions)).toEqual([0, 0, 0, 0, 0]);
    const said = await project.gameplan('plan', '--detailed-exitcode');
    expect([said.code, said.err]).toEqual([0, '']);
    expect(said.out).toContain('Nothing to do.');
  });

  test('materialize with nothing to do does not open the warehouse', async () => {
    const file = project.file('warehouse.duckdb');
    renameSync(file, `${file}.away`);
    try {
      const said = await project.gameplan('materialize');
      expect([said.code, said.err]).toEqual([0, '']);
      expect(existsSync(file)).toBe(false);
    } finally {
      renameSync(`${file}.away`, file);
    }
  });

  test('the status adds up to every partition that is declared', async () => {
    const {code, out} = await project.gameplan('status', '--json');
    const status = JSON.parse(out);
    expect(code).toBe(0);
    const total = (states: object): number => Object.values(states).reduce((sum, count) => sum + count, 0);
    const [dated, seasonal, whole] = [34, 9, 2];
    expect(status.assets).toHaveLength(dated + seasonal + whole);
    expect(total(status.states)).toBe(dated * 1059 + seasonal * 5 + whole);
    const ofAssets = status.assets.map(({states}: {states: object}) => total(states));
    expect(ofAssets.reduce((sum: number, count: number) => sum + count, 0)).toBe(total(status.states));
    for (const {states, seasons} of status.assets) {
      expect(
        Object.values<object>(seasons)
          .map(total)
          .reduce((sum, count) => sum + count, 0),
      ).toBe(total(states));
    }
    expect(status.states).toEqual(plan.states);
  });

  test('dates without recorded rows are accepted, with what needs them on the same day; windows go on', () => {
    const states = statesByAsset(plan);
    const without = {players: {fresh: 1037, accepted: 22}, teams: {fresh: 1051, accepted: 8}};
    // The regular seasons of 2024-25 and, until December, of 2025-26.
    const props = {exempt: 633, fresh: 163 + 46, accepted: 217};
    const dated = {fresh: 1059};
    const afterBootstrap = {fresh: 989, exempt: 70};
    const nothing = {accepted: 1059};
    const graded = {fresh: 967, accepted: 22, exempt: 70};
    expect(Object.fromEntries(states)).toEqual({
      'landing.nbac_schedule': {fresh: 5},
      'landing.nbac_standings': {fresh: 5},
      'landing.nbac_player_list': {fresh: 5},
      'landing.espn_schedule': {exempt: 5},
      'landing.bdl_player_boxscores': {exempt: 1059},
      'landing.espn_scoreboard': {exempt: 1059},
      'landing.espn_boxscores': {exempt: 1059},
      'landing.odds_player_props': props,
      'landing.game_lines': nothing,
      'landing.injury_report': nothing,
      'raw.game_lines': nothing,
      'raw.injury_report': nothing,
      'landing.bettingpros_player_props': {exempt: 1059},
      'landing.nbac_player_boxscores': without.players,
      'landing.nbac_team_boxscores': without.teams,
      'landing.nbac_play_by_play': {exempt: 633, accepted: 423, fresh: 3},
      'raw.schedule': {fresh: 5},
      'raw.games': dated,
      'raw.player_boxscores': without.players,
      'raw.team_boxscores': without.teams,
      'raw.play_by_play': {exempt: 633, accepted: 423, fresh: 3},
      'raw.player_props': props,
      'raw.player_list': {fresh: 5},
      'raw.standings': {fresh: 5},
      'raw.players': {fresh: 5},
      'analytics.player_lines': props,
      'analytics.team_offense_game_summary': without.teams,
      'analytics.team_defense_game_summary': without.players,
      'analytics.player_game_summary': without.players,
      'analytics.upcoming_team_game_context': dated,
      'analytics.upcoming_player_game_context': afterBootstrap,
      'analytics.unmatched_players': {fresh: 5},
      'precompute.team_defense_zone_analysis': afterBootstrap,
      'precompute.player_shot_zone_analysis': afterBootstrap,
      'precompute.player_daily_cache': afterBootstrap,
      'precompute.player_composite_factors': afterBootstrap,
      'precompute.ml_feature_store': afterBootstrap,
      'predictions.player_points': afterBootstrap,
      'exports.predictions': afterBootstrap,
      'exports.best_bets': afterBootstrap,
      'predictions.accuracy': graded,
      'predictions.system_daily_performance': graded,
      'exports.results': graded,
      'exports.system_performance': {fresh: 1},
      'exports.players': {fresh: 1},
    });
    const accepted = (asset: string) =>
      plan.partitions.flatMap(each => (each.asset === asset && each.state === 'accepted' ? [each.key] : []));
    expect(accepted('raw.player_boxscores')).toEqual(WITHOUT_PLAYERS);
    expect(accepted('raw.team_boxscores')).toEqual(WITHOUT_TEAMS);
    const reasons = plan.partitions
      .filter(({state, asset}) => state === 'accepted' && !/play_by_play|props|lines|injury/.test(asset))
      .map(({asset, reasons: [first]}) => `${asset}: ${first?.kind}`);
    expect([...new Set(reasons)]).toEqual([
      'landing.nbac_player_boxscores: accepted-gap',
      'landing.nbac_team_boxscores: accepted-gap',
      'raw.player_boxscores: accepted-gap',
      'raw.team_boxscores: accepted-gap',
      'analytics.team_offense_game_summary: upstream-accepted',
      'analytics.team_defense_game_summary: upstream-accepted',
      'analytics.player_game_summary: upstream-accepted',
      'predictions.accuracy: upstream-accepted',
      'predictions.system_daily_performance: upstream-accepted',
      'exports.results: upstream-accepted',
    ]);
  });

  test('the accepted gaps name exactly the games of their dates', async () => {
    const {pipeline} = await project.read();
    for (const [asset, dates] of [
      ['raw.player_boxscores', WITHOUT_PLAYERS],
      ['landing.nbac_player_boxscores', WITHOUT_PLAYERS],
      ['raw.team_boxscores', WITHOUT_TEAMS],
      ['landing.nbac_team_boxscores', WITHOUT_TEAMS],
    ] as const) {
      const named = pipeline.knownGaps.filter(gap => gap.asset === asset).flatMap(gap => gap.games);
      const played = await project.ask(
        `SELECT game_id FROM raw.games WHERE game_date::VARCHAR IN ('${dates.join("', '")}') ORDER BY game_id`,
      );
      expect([...named].sort()).toEqual(played.flat());
    }
  });

  test('play-by-play has the three recorded games and zones for them alone', async () => {
    const found = await project.ask(`
      SELECT game_id, count(*) > 400, (SELECT count(DISTINCT team)::INT FROM analytics.team_offense_game_summary AS offense
        WHERE offense.game_id = plays.game_id AND paint_attempts + mid_attempts + three_attempts = field_goals_attempted)
      FROM raw.play_by_play AS plays GROUP BY game_id ORDER BY game_id`);
    expect(found).toEqual([
      ['0022400001', true, 2],
      ['0022400500', true, 2],
      ['0022400561', true, 2],
    ]);
    const zoned = await project.ask(
      'SELECT DISTINCT game_date::VARCHAR FROM analytics.player_game_summary WHERE paint_attempts IS NOT NULL ORDER BY 1',
    );
    expect(zoned.flat()).toEqual(WITH_PLAYS);
  });

  test('usage is null in playoffs and in all of 2025-26, and known elsewhere for who has minutes', async () => {
    const found = await project.ask(`
      SELECT season = '2025-26' OR substr(game_id, 3, 1) = '4' AS is_unknown,
        count(usage_rate)::INT, count(*) FILTER (usage_rate IS NULL AND minutes > 0)::INT
      FROM analytics.player_game_summary GROUP BY 1 ORDER BY 1`);
    expect(found).toEqual([
      [false, 104_262, 0],
      [true, 0, 35_420],
    ]);
  });

  test('efficiency is null exactly where attempts are unknown or none, and never 0 in their place', async () => {
    const [found] = await project.ask(`
      SELECT count(*)::INT,
        count(*) FILTER ((efg_pct IS NULL) <> (theirs.fga IS NULL OR theirs.fga = 0))::INT,
        count(*) FILTER ((ts_pct IS NULL) <> (theirs.fga IS NULL OR theirs.fga + theirs.fta = 0))::INT,
        count(*) FILTER (efg_pct = 0 AND theirs.fgm > 0)::INT,
        count(*) FILTER (field_goals_attempted IS DISTINCT FROM theirs.fga)::INT,
        count(*) FILTER (theirs.fga IS NULL)::INT
      FROM analytics.player_game_summary AS mine JOIN parquet('player_boxscores') AS theirs USING (game_id, player_id)`);
    expect(found).toEqual([140_241, 0, 0, 0, 0, 31_518]);
  });

  test('ratings and pace of teams are null in all of 2025-26, and known before', async () => {
    const found = await project.ask(`
      SELECT season = '2025-26', count(*)::INT, count(offensive_rating)::INT, count(pace)::INT, count(possessions)::INT,
        count(ts_pct)::INT, count(overtime_periods)::INT
      FROM analytics.team_offense_game_summary GROUP BY 1 ORDER BY 1`);
    const known = 2 * (4 * 1230 + 87 + 84 + 82 + 84 + 4 * 6 + 2);
    const unknown = 2 * (1230 + 81);
    expect(found).toEqual([
      [false, known, known, known, known, known, known],
      [true, unknown, 0, 0, 0, 0, 0],
    ]);
    const [defense] = await project.ask(
      "SELECT count(*)::INT, count(defensive_rating)::INT FROM analytics.team_defense_game_summary WHERE season = '2025-26'",
    );
    expect(defense).toEqual([unknown, 0]);
  });

  test('what is unknown stays null in what is computed of it', async () => {
    const found = await project.ask(`
      SELECT count(*) > 20000, count(team_pace_10)::INT, count(team_offensive_rating_10)::INT, count(usage_mean_10)::INT,
        count(opponent_defensive_rating_10)::INT, count(pace_adjustment)::INT, count(zone_mismatch)::INT,
        count(points_mean_10) = count(*)
      FROM precompute.ml_feature_store WHERE season = '2025-26'`);
    expect(found).toEqual([[true, 0, 0, 0, 0, 0, 0, true]]);
  });

  test('form and head to head of every player are those of the recorded games before the day', async () => {
    // Every row of a player has what he had done up to it; each row of the cache takes the last one before its day.
    const [form] = await project.ask(`
      WITH played AS (
        SELECT player_id, season, game_date, avg(pts) OVER so_far AS mean, count(*) OVER so_far AS games,
          avg(pts) OVER (PARTITION BY player_id, season ORDER BY game_date ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS mean_10
        FROM parquet('player_boxscores')
        WINDOW so_far AS (PARTITION BY player_id, season ORDER BY game_date ROWS UNBOUNDED PRECEDING)
      )
      SELECT count(*) = (SELECT count(*) FROM precompute.player_daily_cache), count(*) > 200000,
        count(*) FILTER (cache.games_played = played.games AND cache.days_of_rest = cache.game_date - played.game_date - 1
          AND abs(cache.points_mean_season - played.mean) < 1e-9 AND abs(cache.points_mean_10 - played.mean_10) < 1e-9) = count(*)
      FROM precompute.player_daily_cache AS cache
      ASOF JOIN played ON played.player_id = cache.player_id AND played.season = cache.season
        AND played.game_date < cache.game_date`);
    expect(form).toEqual([true, true, true]);
    const [opponents] = await project.ask(`
      WITH own AS (
        SELECT mine.game_id, mine.player_id, any_value(opponent_points_mean) AS mean, avg(box.pts) AS expected_mean,
          any_value(opponent_games) AS games, count(box.pts) AS expected_games
        FROM precompute.ml_feature_store AS mine
        LEFT JOIN parquet('player_boxscores') AS box
          ON box.player_id = mine.player_id AND box.opponent = mine.opponent AND box.season >= '2021-22'
          AND box.game_date < mine.game_date AND box.game_date >= mine.game_date - 365
        GROUP BY ALL
      )
      SELECT count(*) FILTER (expected_games > 0) > 100000, count(*) FILTER (coalesce(games, 0) = expected_games
        AND (mean IS NULL) = (expected_mean IS NULL) AND coalesce(abs(mean - expected_mean), 0) < 1e-9) = count(*)
      FROM own`);
    expect(opponents).toEqual([true, true]);
  });

  test('rest, load and record of every team are those of the recorded games before the day', async () => {
    const [found] = await project.ask(`
      WITH sides AS (
        SELECT game_date, season, game_type, home_team AS team, home_score > away_score AS win FROM parquet('games')
        UNION ALL SELECT game_date, season, game_type, away_team, away_score > home_score FROM parquet('games')
      ), own AS (
        SELECT mine.game_id, mine.team, any_value(days_of_rest) AS rest,
          any_value(mine.game_date) - max(before.game_date) - 1 AS expected_rest,
          any_value(games_in_7_days) AS in_7, count(*) FILTER (before.game_date >= mine.game_date - 7) AS expected_in_7,
          any_value(games_in_14_days) AS in_14, count(*) FILTER (before.game_date >= mine.game_date - 14) AS expected_in_14,
          any_value(wins) AS won, count(*) FILTER (before.win AND before.game_type = 'regular') AS expected_won,
          any_value(losses) AS lost, count(*) FILTER (NOT before.win AND before.game_type = 'regular') AS expected_lost,
          any_value(mine.game_type) AS type
        FROM analytics.upcoming_team_game_context AS mine
        JOIN sides AS before ON before.team = mine.team AND before.season = mine.season
          AND before.game_date < mine.game_date AND before.game_type IN ('regular', 'play_in', 'playoffs', 'cup_final')
        GROUP BY ALL
      )
      SELECT count(*) > 12500, count(*) FILTER (rest = expected_rest AND in_7 = expected_in_7 AND in_14 = expected_in_14
        AND (type IN ('playoffs', 'play_in') OR (won = expected_won AND lost = expected_lost))) = count(*)
      FROM own`);
    expect(found).toEqual([true, true]);
  });

  // From here on the league corrects four box scores of November 2025.
  const CORRECTED = ['2025-11-07', '2025-11-10'];
  const on = (asset: string) => CORRECTED.map(date => `${asset}@${date}`);
  const readersOfCorrected = (): readonly string[] => {
    const changed = [...on('raw.player_boxscores'), ...on('analytics.player_game_summary')];
    return readersOfAll(games, changed).filter(ref => !changed.includes(ref));
  };

  test('asked again after a late correction, the league has new answers for two dates of forty', async () => {
    await league.setEarly(false);
    expect((await project.plan()).actions).toMatchObject({run: 0, 'run-if': 0});
    const range = {from: '2025-10-21', to: '2025-11-30'};
    const made = await project.materialize({
      select: 'landing.nbac_player_boxscores',
      range,
      force: true,
    });
    const found = byOutcome(made);
    expect(Object.keys(found).sort()).toEqual(['succeeded', 'unchanged']);
    expect(found['succeeded']).toEqual(on('landing.nbac_player_boxscores'));
    expect(found['unchanged']).toHaveLength(
      datesOf(games).filter(date => date >= range.from && date <= range.to).length - 2,
    );
  });

  test('only the rows of those dates are stale then, and what may follow is what reads them', async () => {
    const after = await project.plan();
    expect(inState(after, 'stale')).toEqual(on('raw.player_boxscores'));
    const follow = after.partitions
      .filter(({action, asset}) => action === 'run-if' && !ON_DEMAND.includes(asset))
      .map(({asset, key}) => `${asset}@${key}`);
    expect(follow.sort()).toEqual(allReadersOf(games, on('raw.player_boxscores')));
    expect((await project.gameplan('plan', '--detailed-exitcode')).code).toBe(2);
  });

  test('new rows make stale what reads them on the same day, and nothing else', async () => {
    const made = await project.materialize({select: 'raw.player_boxscores'});
    expect(byOutcome(made)).toEqual({succeeded: on('raw.player_boxscores')});
    expect(inState(await project.plan(), 'stale')).toEqual(
      readersOf(games, 'raw.player_boxscores', CORRECTED),
    );
  });

  test('a new summary makes stale what reads it through a window, and nothing else', async () => {
    const made = await project.materialize({select: 'analytics.player_game_summary'});
    expect(byOutcome(made)).toEqual({succeeded: on('analytics.player_game_summary')});
    const readers = readersOfCorrected();
    expect(readers.length).toBeGreaterThan(4 * 180);
    expect(inState(await project.plan(), 'stale')).toEqual(readers);
  });

  test('after the rest is made everything is fresh but what was said before, and the corrected values are there', async () => {
    const readers = readersOfCorrected();
    const kept = readers.filter(isProtected);
    const made = await project.materialize();
    const found = byOutcome(made);
    // Rebounds and assists enter no window, so what is made anew comes out as it was, and its own readers are spared.
    expect((found['succeeded'] ?? []).filter(ref => /^(?:analytics\.upcoming|precompute)/.test(ref))).toEqual(
      [],
    );
    expect([...(found['unchanged'] ?? []), ...(found['succeeded'] ?? [])].sort()).toEqual(
      readers.filter(ref => !isProtected(ref)),
    );
    expect(found['skipped']).toEqual(kept);
    const after = await project.plan({all: true});
    const fresh = plan.states.fresh - kept.length;
    expect(after.states).toEqual({...plan.states, fresh, stale: kept.length});
    expect(after.actions).toEqual({...plan.actions, skip: kept.length});
    const rows = await project.ask(`
      SELECT player_name, rebounds::INT, assists::INT FROM analytics.player_game_summary
      WHERE (game_id, player_name) IN
        (('0022500032', 'Alperen Sengun'), ('0022500032', 'Tari Eason'),
         ('0022500198', 'Marcus Smart'), ('0022500198', 'Rui Hachimura'))
      ORDER BY player_name`);
    expect(rows).toEqual([
      ['Alperen Sengun', 8, 8],
      ['Marcus Smart', 4, 5],
      ['Rui Hachimura', 3, 2],
      ['Tari Eason', 3, 2],
    ]);
  });
});
