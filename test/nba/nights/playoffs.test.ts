/**
 * The playoffs of 2022: their box scores were there, and nothing was made of them. The old platform spoke of 430 such
 * games in the playoffs of 2022 to 2024; the games on record are 87 + 84 + 82 = 253 of them, 271 with the play-in and 418
 * with rows in five seasons, so that it cannot be told what it counted. Each date is planned by itself: 87 games show it.
 * From March on, so that windows before the playoffs are full.
 */
import {beforeAll, describe, expect, test} from 'vitest';
import {allReadersOf, datesOf, expectedOn, type Game} from '../expected-readers.ts';
import {hasRecordedGames, type ShippedProject} from '../shipped-project.ts';
import {lastRun, openNights, planned, refsWhere, said, sayIfSkipped} from './night.ts';

const PLAYOFFS = ['--from', '2022-04-16'];
const BOXES = ['+raw.player_boxscores', '+raw.team_boxscores'];

sayIfSkipped('Playoffs without anything downstream');

describe.skipIf(!hasRecordedGames)('playoff games with box scores and nothing downstream', () => {
  const nights = openNights({
    start: '2022-03-10',
    end: '2022-06-30',
    league: ['--from', '2021-22', '--to', '2021-22'],
    fill: async project => {
      await said(project, 'materialize', '+raw.games');
      await project.gameplan('materialize', '--to', '2022-04-15');
      await said(project, 'materialize', ...BOXES, ...PLAYOFFS);
    },
  });
  const FROM = '2022-04-16';
  const PLAYED = 'SELECT count(DISTINCT game_id)::INT FROM';
  const GAMES_OF = ['analytics.player_game_summary', 'precompute.ml_feature_store', 'predictions.accuracy'];
  let project: ShippedProject;
  let games: readonly Game[];
  let lacking: readonly string[];

  beforeAll(async () => {
    project = nights.night();
    games = await project.games();
    const dates = datesOf(games).filter(date => date >= FROM);
    const accepted = refsWhere(await planned(project, '--all'), ({state}) => state === 'accepted');
    const boxes = ['player', 'team'].flatMap(of => dates.map(date => `raw.${of}_boxscores@${date}`));
    const isDownstream = (ref: string) => !/^(?:landing|raw)\./.test(ref) && !accepted.includes(ref);
    // Of tables by season or of one partition those that read any of it.
    const undated = allReadersOf(games, boxes).filter(ref => !/@\d{4}-\d\d-\d\d$/.test(ref));
    lacking = [...expectedOn(games, dates).filter(isDownstream), ...undated].sort();
  });

  test('are the plan: every table of their dates, and nothing that is there', async () => {
    expect(games.filter(({date}) => date >= FROM)).toHaveLength(87);
    for (const table of GAMES_OF)
      expect(await project.ask(`${PLAYED} ${table} WHERE game_date >= '${FROM}'`)).toEqual([[0]]);
    const plan = await planned(project);
    expect(refsWhere(plan, ({action}) => action === 'run')).toEqual(lacking);
    expect(plan.actions).toMatchObject({'run-if': 0, wait: 0, skip: 0});
    const {out} = await project.gameplan('plan');
    expect(out).toMatch(/\n {2}analytics\.player_game_summary +missing 45 +2022-04-16 … 2022-06-16\n/);
    expect(out).toMatch(/\n {2}precompute\.ml_feature_store +missing 45 +2022-04-16 … 2022-06-16\n/);
    expect(out).toContain(`Plan: ${lacking.length} to materialize (`);
  });

  test('are filled down to the last table by one command', async () => {
    const asked = await nights.league.requests();
    await said(project, 'materialize');
    const {succeeded = [], unchanged = [], ...rest} = await lastRun(project);
    expect([...succeeded, ...unchanged].sort()).toEqual(lacking);
    expect(rest).toEqual({});
    for (const table of GAMES_OF)
      expect(await project.ask(`${PLAYED} ${table} WHERE game_date >= '${FROM}'`)).toEqual([[87]]);
    // The league is not asked for what is there.
    expect(await nights.league.requests()).toEqual(asked);
    expect(await said(project, 'plan')).toContain('Nothing to do.');
  });
});
