/**
 * The shipped pipeline on one season played from a seed, filled once until the end of the year: what must come out right
 * on real games, where nothing is left unrecorded. `GAMEPLAN_SEASON=1` fills all of it. Needs no data beside the project.
 * The last tests correct some answers.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type LeagueProcess, startLeagueProcess} from '../../demo/league/league-process.ts';
import type {AssetName} from '../../planner/pipeline.ts';
import type {Plan} from '../../planner/plan.ts';
import {testBatches} from '../../runner/batch-test.ts';
import {allReadersOf, datesOf, type Game, isProtected, readersOfAll} from './expected-readers.ts';
import {byOutcome, inState, ON_DEMAND, ShippedProject, statesByAsset, workedOn} from './shipped-project.ts';

const SEASON = '2024-25';
const START = '2024-10-01';
const WHOLE = '2025-06-30';
const isWhole = process.env['GAMEPLAN_SEASON'] !== undefined;

let league: LeagueProcess;
beforeAll(async () => {
  league = await startLeagueProcess(['--simulated', '--seed', '7', '--from', SEASON, '--to', SEASON]);
});
afterAll(() => league?.stop());

describe('the games of a simulated season', () => {
  let project: ShippedProject;

  beforeAll(async () => {
    project = new ShippedProject({target: 'simulated', league: league.url, start: START, end: WHOLE});
    const {errors} = await project.materialize({select: '+raw.games +raw.standings'});
    expect([...errors]).toEqual([]);
  });

  afterAll(() => project?.remove());

  test('are 1,230 of the regular season, 82 a team, the play-in, the playoffs and one Cup final', async () => {
    const types = await project.ask(
      'SELECT game_type, count(*)::INT, count(DISTINCT game_date)::INT FROM raw.games GROUP BY 1 ORDER BY 1',
    );
    const byType = Object.fromEntries(types.map(([type, ...counts]) => [String(type), counts]));
    expect(byType).toMatchObject({regular: [1230, 163], play_in: [6, 3], cup_final: [1, 1]});
    const played = Number(byType['playoffs']?.[0]);
    expect(played).toBeGreaterThanOrEqual(15 * 4);
    expect(played).toBeLessThanOrEqual(15 * 7);
    const perTeam = await project.ask(`
      WITH sides AS (SELECT unnest([home_team, away_team]) AS team FROM raw.games WHERE game_type = 'regular')
      SELECT DISTINCT n::INT FROM (SELECT count(*) AS n FROM sides GROUP BY team)`);
    expect(perTeam).toEqual([[82]]);
    const {calendars} = await project.plan();
    expect(calendars).toMatchObject([{dates: datesOf(await project.games()).length, from: '2024-10-22'}]);
  });

  test('wins from games are the standings', async () => {
    const found = await project.ask(`
      WITH won AS (
        SELECT CASE WHEN home_score > away_score THEN home_team_id ELSE away_team_id END AS team_id, count(*) AS wins
        FROM raw.games WHERE game_type = 'regular' GROUP BY ALL
      )
      SELECT count(*)::INT, count(*) FILTER (won.wins = standings.wins AND standings.wins + standings.losses = 82)::INT
      FROM raw.standings AS standings JOIN won USING (team_id)`);
    expect(found).toEqual([[30, 30]]);
  });
});

describe('a simulated season', () => {
  let project: ShippedProject;
  let games: readonly Game[];
  let plan: Plan;

  beforeAll(async () => {
    const end = isWhole ? WHOLE : '2024-12-31';
    project = new ShippedProject({target: 'simulated', league: league.url, start: START, end});
    const {counts, errors} = await project.materialize();
    expect([...errors]).toEqual([]);
    expect(counts.succeeded + counts['not-needed']).toBe(counts.requested);
    games = await project.games();
    plan = await project.plan({all: true});
  }, 400_000);

  afterAll(() => project?.remove());

  test('every date is fresh but the first days, and a second plan is empty', async () => {
    const dates = datesOf(games).length;
    const skipped = datesOf(games).filter(date => date < '2024-11-05').length;
    for (const [asset, states] of statesByAsset(plan)) {
      if (asset === 'landing.bettingpros_player_props') {
        // Asked for the dates on which the-odds-api has no lines.
        expect((states.fresh ?? 0) + (states.exempt ?? 0)).toBe(dates);
        expect((states.fresh ?? 0) / dates).toBeCloseTo(0.6, 1);
        continue;
      }
      if (ON_DEMAND.includes(asset)) {
        expect([asset, states]).toEqual([asset, {exempt: asset === 'landing.espn_schedule' ? 1 : dates}]);
        continue;
      }
      const once = [
        'exports.players',
        'exports.system_performance',
        'landing.nbac_schedule',
        'landing.nbac_standings',
        'landing.nbac_player_list',
        'raw.schedule',
        'raw.standings',
        'raw.players',
        'raw.player_list',
        'analytics.unmatched_players',
      ];
      const isSkipping =
        /^(?:precompute|predictions)\./.test(asset) ||
        /^exports\.(?:predictions|best_bets|results)$/.test(asset) ||
        asset === 'analytics.upcoming_player_game_context';
      const expected = isSkipping ? {fresh: dates - skipped, exempt: skipped} : {fresh: dates};
      expect([asset, states]).toEqual([asset, once.includes(asset) ? {fresh: 1} : expected]);
    }
    const said = await project.gameplan('plan', '--detailed-exitcode');
    expect([said.code, said.err]).toEqual([0, '']);
  });

  test('points of a team are the sum of its players and its score in the schedule, in every game', async () => {
    const [found] = await project.ask(`
      SELECT count(*)::INT, count(*) FILTER (team.points = players.points AND team.points =
        CASE WHEN team.is_home THEN games.home_score ELSE games.away_score END)::INT
      FROM raw.games AS games JOIN raw.team_boxscores AS team USING (game_id)
      JOIN (SELECT game_id, team, sum(points) AS points FROM raw.player_boxscores GROUP BY ALL) AS players
        ON players.game_id = team.game_id AND players.team = team.team`);
    expect(found).toEqual([2 * games.length, 2 * games.length]);
  });

  test('usage of a team adds up to 100, weighted by minutes', async () => {
    const [found] = await project.ask(`
      WITH team AS (
        SELECT game_id, team, 5 * sum(usage_rate * minutes) / sum(minutes) AS usage
        FROM analytics.player_game_summary GROUP BY ALL
      )
      SELECT count(*)::INT, avg(usage), min(usage), max(usage) FROM team`);
    const [count, mean, least, most] = (found ?? []).map(Number);
    expect(count).toBe(2 * games.length);
    expect(mean).toBeCloseTo(100, 0);
    expect(least).toBeGreaterThan(97);
    expect(most).toBeLessThan(103);
  });

  test('zones of the play-by-play add up to the box scores, for every player and team', async () => {
    for (const [table, prefix] of [
      ['analytics.player_game_summary', ''],
      ['analytics.team_offense_game_summary', ''],
      ['analytics.team_defense_game_summary', '_allowed'],
    ]) {
      const [found] = await project.ask(`
        SELECT count(*) > 0, count(*) FILTER (
          three_attempts${prefix} = threes_attempted${prefix} AND three_makes${prefix} = threes_made${prefix}
          AND paint_attempts${prefix} + mid_attempts${prefix} + three_attempts${prefix} = field_goals_attempted${prefix}
          AND paint_makes${prefix} + mid_makes${prefix} + three_makes${prefix} = field_goals_made${prefix}
        ) = count(*) FROM ${table}`);
      expect([table, found]).toEqual([table, [true, true]]);
    }
  });

  test('form, rest and record come from games before the day alone', async () => {
    // The record that a team brings into its last regular game, and its result there, are those of all its games.
    const [found] = await project.ask(`
      WITH last AS (
        SELECT team, wins, losses, game_id FROM analytics.upcoming_team_game_context
        WHERE game_type = 'regular' QUALIFY row_number() OVER (PARTITION BY team ORDER BY game_date DESC) = 1
      ), sides AS (
        SELECT home_team AS team, home_score > away_score AS win FROM raw.games WHERE game_type = 'regular'
        UNION ALL SELECT away_team, away_score > home_score FROM raw.games WHERE game_type = 'regular'
      ), played AS (SELECT team, count(*) AS n, count(*) FILTER (win) AS won FROM sides GROUP BY team)
      SELECT count(*)::INT,
        count(*) FILTER (last.wins + offense.win::INT = played.won AND last.wins + last.losses = played.n - 1)::INT
      FROM last
      JOIN analytics.team_offense_game_summary AS offense ON offense.game_id = last.game_id AND offense.team = last.team
      JOIN played ON played.team = last.team`);
    expect(found).toEqual([30, 30]);
  });

  test('nobody whom the morning calls out plays, and every team that has told knows how many those are', async () => {
    const [found] = await project.ask(`
      SELECT count(*) > 500, count(box.player_id)::INT, count(*) FILTER (injuries.player_id IS NULL)::INT
      FROM raw.injury_report AS injuries
      LEFT JOIN raw.player_boxscores AS box ON box.game_id = injuries.game_id AND box.player_id = injuries.player_id
      WHERE injuries.status = 'Out'`);
    expect(found).toEqual([true, 0, 0]);
    const [told] = await project.ask(`
      SELECT count(*)::INT, count(players_out)::INT, max(players_out)::INT > 2, min(players_out)::INT
      FROM analytics.upcoming_team_game_context`);
    const [silent] = await project.ask(
      `SELECT count(*)::INT FROM raw.injury_report WHERE status = 'Not Yet Submitted'`,
    );
    expect(told).toEqual([2 * games.length, 2 * games.length - Number(silent?.[0]), true, 0]);
    const [stars] = await project.ask(`
      SELECT max(stars_out)::INT BETWEEN 1 AND 5, max(stars_out) <= max(opponent_stars_out), min(stars_out)::INT
      FROM analytics.upcoming_player_game_context`);
    expect(stars).toEqual([true, true, 0]);
  });

  test('the spread of one side is the other turned round, and knows something of the margin', async () => {
    const [found] = await project.ask(`
      SELECT count(*)::INT, count(*) FILTER (home.spread = -away.spread AND home.total = away.total)::INT,
        corr(home.spread, offense.margin) < -0.2, abs(avg(home.total - offense.points - offense.opponent_points)) < 5
      FROM analytics.upcoming_team_game_context AS home
      JOIN analytics.upcoming_team_game_context AS away ON away.game_id = home.game_id AND NOT away.is_home
      JOIN analytics.team_offense_game_summary AS offense ON offense.game_id = home.game_id AND offense.team = home.team
      WHERE home.is_home`);
    expect(found).toEqual([games.length, games.length, true, true]);
  });

  test('the fixtures of the shipped queries pass', async () => {
    const {code, out} = await project.gameplan('test', '--json');
    const {passed, failed, tests} = JSON.parse(out);
    expect([
      failed,
      tests.filter(({differences}: {differences: string[]}) => differences.length > 0),
    ]).toEqual([0, []]);
    expect(code).toBe(0);
    expect(passed).toBeGreaterThanOrEqual(12);
  });

  test('partitions made together come out as they do alone, in every table of a query', async () => {
    await project.use(async target => {
      const {frame} = project.planned(target);
      const about = {
        frame,
        sources: target.sources,
        warehouse: await target.warehouse(),
        range: isWhole ? {} : {from: '2024-12-10'},
        samples: 3,
      };
      const names = [...target.pipeline.assets.values()].flatMap(({name, making}) =>
        making.kind === 'sql' ? [name] : [],
      );
      expect(names.length).toBeGreaterThanOrEqual(14);
      const batched: AssetName[] = [];
      for (const name of names) {
        const result = await testBatches(about, name);
        expect([name, ...result.differences]).toEqual([name]);
        if (result.together > result.alone) batched.push(name);
      }
      // A season has one partition of these.
      const alone = ['raw.players', 'analytics.unmatched_players'];
      expect(batched).toEqual(names.filter(name => !alone.includes(name)));
    });
  });

  test('a range keeps the comparison of batches to its dates', async () => {
    const range = ['--from', '2024-11-01', '--to', '2024-11-09'];
    const {code, out} = await project.gameplan('test', 'raw.games', '--batches', '--json', ...range);
    const dates = datesOf(games).filter(date => date >= '2024-11-01' && date <= '2024-11-09').length;
    expect([code, JSON.parse(out).tests]).toMatchObject([
      0,
      [{detail: `${dates} partitions together, 3 of them alone`}],
    ]);
  });

  // From here on the league corrects the box scores of one date.
  const CORRECTED = '2024-12-06';

  test('a corrected date ripples to what reads it, and no further', async () => {
    await league.addFaults({match: {date: CORRECTED}, kind: 'corrected'});
    const range = {from: '2024-12-01', to: '2024-12-11'};
    const landed = ['landing.nbac_player_boxscores', 'landing.nbac_team_boxscores'];
    const asked = await project.materialize({select: landed.join(' '), range, force: true});
    const answered = byOutcome(asked);
    expect(answered['succeeded']).toEqual(landed.map(asset => `${asset}@${CORRECTED}`));
    expect(answered['unchanged']).toHaveLength(asked.outcomes.size - 2);
    const boxes = ['raw.player_boxscores', 'raw.team_boxscores'];
    expect(inState(await project.plan(), 'stale')).toEqual(boxes.map(asset => `${asset}@${CORRECTED}`));

    const summaries = ['team_offense', 'team_defense', 'player'].map(
      name => `analytics.${name}_game_summary`,
    );
    const made = await project.materialize();
    const found = byOutcome(made);
    const on = (assets: readonly string[]) => assets.map(asset => `${asset}@${CORRECTED}`).sort();
    const {succeeded = [], unchanged = []} = found;
    expect(succeeded).toEqual(expect.arrayContaining(on([...boxes, ...summaries])));
    // A rebound and an assist enter no window: read again, and as before. What was said before a game stays.
    expect(
      succeeded.filter(ref => /^p(?:recompute|redictions)\./.test(ref) && !ref.endsWith(CORRECTED)),
    ).toEqual([]);
    const readers = readersOfAll(games, succeeded);
    const kept = readers.filter(isProtected);
    const spared = readers.filter(ref => !isProtected(ref) && !succeeded.includes(ref));
    expect(unchanged).toEqual(spared);
    expect(workedOn(made)).toEqual([...on(boxes), ...allReadersOf(games, on(boxes))].sort());
    expect(Object.keys(found).sort()).toEqual(['not-needed', 'succeeded', 'unchanged']);

    const after = await project.plan({all: true});
    const fresh = plan.states.fresh - kept.length;
    expect(after.states).toEqual({...plan.states, fresh, stale: kept.length});
    expect(after.actions).toEqual({...plan.actions, skip: kept.length});
  });

  test('the corrected rows have one rebound and one assist more in each game of the date', async () => {
    await league.clearFaults();
    const sums = `SELECT sum(rebounds)::INT, sum(assists)::INT FROM raw.player_boxscores WHERE game_date = '${CORRECTED}'`;
    const [corrected] = await project.ask(sums);
    const range = {keys: [CORRECTED]};
    await project.materialize({select: 'landing.nbac_player_boxscores', range, force: true});
    await project.materialize({select: 'raw.player_boxscores'});
    const [before] = await project.ask(sums);
    const played = games.filter(({date}) => date === CORRECTED).length;
    expect((corrected ?? []).map((sum, i) => Number(sum) - Number(before?.[i]))).toEqual([played, played]);
  });
});
