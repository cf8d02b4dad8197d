/**
 * Lines on players on recorded games: the line that is chosen, results against it, streaks, names that nobody has, and
 * the objects that show it. Three weeks of 2025-26, filled once; each number is counted again from the recorded files.
 */
import {readFileSync} from 'node:fs';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type LeagueProcess, startLeagueProcess} from '../../demo/league/league-process.ts';
import {byOutcome, hasRecordedGames, inState, recordedGames, ShippedProject} from './shipped-project.ts';

const END = '2025-11-08';
/** The chance that American odds stand for. */
const chanceOf = (odds: string) =>
  `CASE WHEN ${odds} < 0 THEN -${odds} / (100.0 - ${odds}) ELSE 100.0 / (100 + ${odds}) END`;

if (!hasRecordedGames) process.stderr.write('Recorded lines are not tested: ../shared/data is absent.\n');

describe.skipIf(!hasRecordedGames)('lines on players in three recorded weeks', () => {
  let league: LeagueProcess;
  let project: ShippedProject;

  beforeAll(async () => {
    league = await startLeagueProcess(['--recorded', recordedGames]);
    project = new ShippedProject({target: 'recorded', league: league.url, start: '2025-10-01', end: END});
    const {errors} = await project.materialize();
    expect([...errors]).toEqual([]);
  }, 120_000);
  afterAll(async () => {
    await league?.stop();
    project?.remove();
  });

  test('the line of a player is the most even one of the first book in order', async () => {
    const [found] = await project.ask(`
      WITH quotes AS (
        SELECT game_id, player_name, line, bookmaker,
          list_position(['draftkings', 'fanduel', 'betmgm', 'williamhill_us'], bookmaker) AS place,
          round(abs((${chanceOf('over_odds')}) - (${chanceOf('under_odds')})), 9) AS unevenness
        FROM parquet('player_props_all_markets_2025_26')
        WHERE market = 'player_points' AND game_date <= '${END}' AND game_id IS NOT NULL AND line IS NOT NULL
          AND over_odds IS NOT NULL AND under_odds IS NOT NULL
      ),
      expected AS (
        SELECT game_id, arg_min(row(line, bookmaker), row(coalesce(place, 9), bookmaker, unevenness, line)) AS best
        FROM quotes GROUP BY game_id, player_name
      ),
      counted AS (SELECT game_id, best[1] AS line, best[2] AS bookmaker, count(*) AS n FROM expected GROUP BY ALL),
      chosen AS (
        SELECT game_id, line, bookmaker, count(*) AS n FROM analytics.player_lines WHERE market = 'player_points' GROUP BY ALL
      )
      SELECT (SELECT sum(n)::INT FROM counted), (SELECT sum(n)::INT FROM chosen),
        (SELECT count(*)::INT FROM (FROM counted EXCEPT FROM chosen))`);
    expect(found).toEqual([2092, 2092, 0]);
  });

  test('a result is what the recorded points say of the line, for all who have one and for nobody else', async () => {
    const found = await project.ask(`
      SELECT mine.prop_result, count(*)::INT, count(*) FILTER (
        mine.prop_margin = box.pts - lines.line AND mine.prop_line = lines.line
        AND sign(mine.prop_margin) = CASE mine.prop_result WHEN 'OVER' THEN 1 WHEN 'UNDER' THEN -1 ELSE 0 END)::INT
      FROM analytics.player_game_summary AS mine
      JOIN parquet('player_boxscores') AS box USING (game_id, player_id)
      JOIN analytics.player_lines AS lines ON lines.game_id = mine.game_id AND lines.player_id = mine.player_id
        AND lines.market = 'player_points'
      GROUP BY 1 ORDER BY 1`);
    expect(found).toEqual([
      ['OVER', 994, 994],
      ['UNDER', 1013, 1013],
    ]);
    const [others] = await project.ask(
      'SELECT count(prop_result)::INT, count(prop_line)::INT FROM analytics.player_game_summary',
    );
    expect(others).toEqual([994 + 1013, 994 + 1013]);
  });

  test('a streak is counted back from the newest game until one is on the other side of the line', async () => {
    const rows = await project.ask(`
      SELECT any_value(context.prop_line), any_value(context.prop_streak)::INT, list(box.pts::INT ORDER BY box.game_date DESC)
      FROM analytics.upcoming_player_game_context AS context
      JOIN parquet('player_boxscores') AS box ON box.player_id = context.player_id AND box.season = context.season
        AND box.game_date < context.game_date
      WHERE context.prop_line IS NOT NULL GROUP BY context.game_id, context.player_id`);
    expect(rows.length).toBeGreaterThan(300);
    for (const [line, streak, points] of rows) {
      const sides = (points as number[]).map(each => Math.sign(each - Number(line)));
      const end = sides.findIndex(side => side !== sides[0]);
      expect(streak).toBe((sides[0] ?? 0) * (end === -1 ? sides.length : end));
    }
  });

  interface Shown {
    readonly player_id: number;
    readonly recommendation: string;
    readonly line: number | null;
    readonly bookmaker: string | null;
  }
  const object = (place: string): string => readFileSync(project.file(`store/api/v1/${place}.json`), 'utf8');
  const shown = (place: string): readonly Shown[] => JSON.parse(object(place));

  test('the objects of a date have every player that the ensemble speaks of, with the odds of his line', async () => {
    const predicted = shown(`predictions/${END}`);
    const [said] = await project.ask(
      `SELECT count(*)::INT, count(line)::INT FROM predictions.player_points WHERE system = 'ensemble' AND game_date = '${END}'`,
    );
    expect([predicted.length, predicted.filter(({line}) => line !== null).length]).toEqual(said);
    expect(predicted.filter(({line, bookmaker}) => (line === null) !== (bookmaker === null))).toEqual([]);
    expect(shown(`results/${END}`).map(({player_id}) => player_id)).toEqual(
      predicted.map(({player_id}) => player_id),
    );
    const bets = predicted.filter(({recommendation}) => recommendation !== 'PASS');
    expect(shown(`best-bets/${END}`)).toHaveLength(bets.length);
    expect(shown('players').length).toBe(
      Number(
        (await project.ask('SELECT count(DISTINCT player_id) FROM analytics.player_game_summary'))[0]?.[0],
      ),
    );
  });

  // From here on one of the other names that players have is not known.
  test('who is not found is reported with the name that he has, and nothing is fetched for it', async () => {
    expect(await project.ask('FROM analytics.unmatched_players')).toEqual([]);
    project.replace('assets/shapes/player-name.ts', "  'herb jones': 'herbert jones',\n", '');
    project.reread();
    const before = await league.requests();
    const made = await project.materialize({select: '+analytics.unmatched_players'});
    expect(await league.requests()).toEqual(before);
    const report = await project.ask(`
      SELECT season, source, site, player_name, games::INT, first_game_date::VARCHAR, last_game_date::VARCHAR, nearest
      FROM analytics.unmatched_players`);
    expect(report).toEqual([
      [
        '2025-26',
        'player_props',
        'odds',
        'Herb Jones',
        9,
        '2025-10-22',
        END,
        'Herbert Jones (NOP), Colby Jones (DET), Curtis Jones (DEN)',
      ],
    ]);
    // Only dates with a line on him have other rows.
    const {succeeded, unchanged = []} = byOutcome(made);
    expect(succeeded).toHaveLength(Number(report[0]?.[4]) + 1);
    expect(unchanged.filter(ref => ref.startsWith('raw.player_boxscores@'))).toHaveLength(19);
  });

  test('what was shown before the games stays, though its line is gone', async () => {
    const places = ['2025-11-04', '2025-11-05', '2025-11-07', END].map(date => `predictions/${date}`);
    const before = places.map(object);
    const made = await project.materialize();
    expect([...made.errors]).toEqual([]);
    const stale = inState(await project.plan(), 'stale');
    expect(stale).toEqual(expect.arrayContaining([`exports.predictions@${END}`, `exports.best_bets@${END}`]));
    const isKept = /^(?:predictions\.player_points|exports\.predictions|exports\.best_bets)@/;
    expect(stale.filter(ref => !isKept.test(ref))).toEqual([]);
    expect(places.map(object)).toEqual(before);
  });
});
