/**
 * Two nights of 2023-02-23, with nine games and 187 players: the old platform held one of them and called the date done,
 * and made the player table before the team table. February up to that date is filled.
 */

import {DuckDBInstance} from '@duckdb/node-api';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {emptyElsewhere} from '../../../demo/league/league-process.ts';
import type {Event} from '../../../runner/event.ts';
import {type CutPlayers, cutPlayersOf} from '../cut-players.ts';
import {isProtected} from '../expected-readers.ts';
import {hasRecordedGames, type ShippedProject} from '../shipped-project.ts';
import {type Listed, lastRun, openNights, planned, refOf, refsWhere, said, sayIfSkipped} from './night.ts';

const DATE = '2023-02-23';
const ROWS = 'raw.player_boxscores';
const PLAYERS = 'analytics.player_game_summary';
const OFFENSE = 'analytics.team_offense_game_summary';
const COUNT = `SELECT count(*)::INT FROM ${ROWS} WHERE game_date = '${DATE}'`;

sayIfSkipped('Nights of one date');

describe.skipIf(!hasRecordedGames)('a date of nine games and 187 players', () => {
  const nights = openNights({
    start: '2023-02-01',
    end: '2023-02-24',
    league: ['--from', '2022-23', '--to', '2022-23'],
    // The season's players wait for most of its dates: that is not what is looked at here.
    fill: project => project.gameplan('materialize', '--to', '2023-02-22'),
  });
  const on = async (project: ShippedProject, asset: string): Promise<Listed | undefined> =>
    (await planned(project, '--all')).partitions.find(each => refOf(each) === `${asset}@${DATE}`);

  describe('of which one player came', () => {
    let proxy: CutPlayers;
    let project: ShippedProject;
    let run: Awaited<ReturnType<ShippedProject['gameplan']>>;

    beforeAll(async () => {
      proxy = await cutPlayersOf(nights.league.url, DATE);
      await nights.league.addFaults(...emptyElsewhere());
      project = nights.night({league: proxy.url});
      run = await project.gameplan('materialize');
    });
    afterAll(async () => {
      proxy?.stop();
      await nights.league.clearFaults();
    });

    test('has failed with its cause, and nothing of it was published', async () => {
      expect([run.code, proxy.rows]).toEqual([1, 187]);
      expect(run.out).toContain(
        `failed ${ROWS} (1)  ${DATE}\n      No source has it: nba: rows of none of the games;`,
      );
      const {failed = [], skipped = []} = await lastRun(project);
      expect(failed).toContain(`${ROWS}@${DATE}`);
      expect(skipped).toEqual(expect.arrayContaining([`${PLAYERS}@${DATE}`]));
      expect(await project.ask(COUNT)).toEqual([[0]]);
    });

    test('is missing in every view, and never among what is fresh', async () => {
      expect(await on(project, ROWS)).toMatchObject({
        state: 'missing',
        action: 'run',
        reasons: [{kind: 'never-materialized'}, {kind: 'last-attempt-failed'}],
      });
      expect(await on(project, 'landing.nbac_player_boxscores')).toMatchObject({
        state: 'partial',
        reasons: [{kind: 'below-coverage', found: 1, expected: 9}],
      });
      const open = refsWhere(await planned(project), ({state}) => state === 'missing' || state === 'partial');
      expect(open).toEqual(expect.arrayContaining([`${PLAYERS}@${DATE}`, `${ROWS}@${DATE}`]));
      const dated = open.filter(ref => /^(?:landing|raw|analytics)\.\S+@\d{4}-\d\d-\d\d$/.test(ref));
      expect(dated.filter(ref => !ref.endsWith(`@${DATE}`))).toEqual([]);
      expect(await said(project, 'status', ROWS)).toMatch(
        /raw\.player_boxscores +17\/18 +\d\d\.\d% +1 missing/,
      );
      const gaps = await project.gameplan('gaps', ROWS);
      expect(gaps.out).toContain(`missing 1     ${DATE} · 9 games`);
    });

    test('is complete when all players come, and what was built without it is made again', async () => {
      proxy.isCutting = false;
      await nights.league.clearFaults();
      project.now += 86_400_000;
      await said(project, 'materialize');
      expect(await project.ask(COUNT)).toEqual([[187]]);
      const {succeeded = []} = await lastRun(project);
      expect(succeeded).toEqual(
        expect.arrayContaining([
          `${ROWS}@${DATE}`,
          `${PLAYERS}@${DATE}`,
          'precompute.ml_feature_store@2023-02-24',
        ]),
      );
      const mended = await planned(project);
      expect(mended.states).toMatchObject({missing: 0, partial: 0});
      // What was said before a game stays as it was said.
      expect(refsWhere(mended, each => each.state === 'stale' && !isProtected(refOf(each)))).toEqual([]);
    });
  });

  test('of which the old table holds one row is partial when it is taken over, and made', async () => {
    const project = nights.night();
    const database = await DuckDBInstance.create(project.file('warehouse.duckdb'));
    const connection = await database.connect();
    await connection.run(
      `INSERT INTO ${ROWS} SELECT * REPLACE (DATE '${DATE}' AS game_date, '0022200886' AS game_id) FROM ${ROWS} LIMIT 1`,
    );
    connection.closeSync();
    database.closeSync();
    const reason = ['--reason', 'the old platform called it done'];
    expect(await said(project, 'adopt', `${ROWS}@${DATE}`, ...reason)).toContain('1 taken over');
    expect(await on(project, ROWS)).toMatchObject({
      state: 'partial',
      action: 'run-if',
      reasons: [{kind: 'below-coverage', found: 0, expected: 9}, {kind: 'upstream-planned'}],
    });
    await said(project, 'materialize');
    expect(await project.ask(COUNT)).toEqual([[187]]);
    expect((await on(project, ROWS))?.state).toBe('fresh');
  });

  test('has no player table before its team table, alone or in a run', async () => {
    const project = nights.night();
    const alone = await project.gameplan('materialize', PLAYERS, '--dates', DATE);
    expect(alone.code).toBe(1);
    expect(alone.out).toContain(`${OFFENSE}@${DATE} is\n      missing`);
    expect(await lastRun(project)).toEqual({skipped: [`${PLAYERS}@${DATE}`]});

    const lines = (await said(project, 'materialize', '--json')).trimEnd().split('\n');
    const events = lines.map(line => JSON.parse(line) as Event);
    const isOf = (event: Event, asset: string) =>
      event.kind === 'batch-started'
        ? event.asset === asset && event.keys.includes(DATE)
        : event.kind === 'partition-ended' && event.asset === asset && event.key === DATE;
    const inOrder = events.filter(each => isOf(each, OFFENSE) || isOf(each, PLAYERS));
    expect(inOrder).toMatchObject([
      {kind: 'batch-started', asset: OFFENSE},
      {kind: 'partition-ended', asset: OFFENSE, outcome: 'succeeded'},
      {kind: 'batch-started', asset: PLAYERS},
      {kind: 'partition-ended', asset: PLAYERS, outcome: 'succeeded'},
    ]);
  });

  test('is not begun where each of two tables wants to be first, and both circles are told hop by hop', async () => {
    const project = nights.night();
    for (const [edge, other] of [
      ['box: raw.team_boxscores', `players: ${PLAYERS}`],
      ['context: analytics.upcoming_player_game_context', 'factors: precompute.player_composite_factors'],
      ['teams: analytics.upcoming_team_game_context', 'cache: precompute.player_daily_cache'],
    ])
      project.replace('pipeline.yaml', `\n      ${edge}\n`, `\n      ${edge}\n      ${other}\n`);
    const {code, out, err} = await project.gameplan('materialize');
    expect([code, out]).toEqual([1, '']);
    const sentences = err
      .split('\n')
      .flatMap(line => /^pipeline\.yaml:\S+ (.*)$/.exec(line.trim())?.[1] ?? []);
    expect(sentences).toEqual([
      `error [cycle] '${OFFENSE}' is upstream of itself: remove one of these edges.`,
      `'${OFFENSE}' needs '${PLAYERS}'`,
      `'${PLAYERS}' needs '${OFFENSE}'`,
      "error [cycle] 'precompute.player_daily_cache' is upstream of itself: remove one of these edges.",
      "'precompute.player_daily_cache' needs 'precompute.player_composite_factors'",
      "'precompute.player_composite_factors' needs 'precompute.player_daily_cache'",
    ]);
  });
});
