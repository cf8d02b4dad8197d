/**
 * Nights on which a site does not give what is asked for: one that fails whoever asks, again and again, and one that was
 * asked for the wrong kind of season. The end of 2024-25, with its games known and nothing filled.
 */

import {afterEach, beforeAll, describe, expect, test} from 'vitest';
import {emptyElsewhere} from '../../../demo/league/league-process.ts';
import {allReadersOf, type Game} from '../expected-readers.ts';
import {hasRecordedGames, ON_DEMAND, type ShippedProject} from '../shipped-project.ts';
import {lastRun, openNights, planned, refsWhere, said, sayIfSkipped} from './night.ts';

const LANDING = 'landing.nbac_player_boxscores';
const ROWS = 'raw.player_boxscores';
const SUMMARY = 'analytics.player_game_summary';
const MINUTE_MS = 60_000;

sayIfSkipped('Nights of sites');

describe.skipIf(!hasRecordedGames)('the last games of 2024-25', () => {
  const nights = openNights({
    start: '2025-04-10',
    end: '2025-04-20',
    league: ['--from', '2024-25', '--to', '2024-25'],
    fill: async project => {
      // What is tried again within a run is not what is counted here.
      project.replace('pipeline.yaml', 'defaults: {retries: 3,', 'defaults: {retries: 0,');
      await said(project, 'materialize', '+raw.games');
    },
  });
  afterEach(() => nights.league.clearFaults());
  const logs = async (): Promise<number> => (await nights.league.requests())['game-log'] ?? 0;
  /** What needs the players of a date on that date, by the manifest's edges, with the landed answers themselves. */
  const neededOn = (games: readonly Game[], date: string): readonly string[] =>
    [`${LANDING}@${date}`, ...allReadersOf(games, [`${LANDING}@${date}`])]
      .filter(ref => ref.endsWith(`@${date}`))
      .sort();

  describe('a site that fails whoever asks', () => {
    const DATE = '2025-04-11';
    const ASKED = ['materialize', `+${SUMMARY}`, '--dates', DATE] as const;
    let project: ShippedProject;
    const strike = () =>
      nights.league.addFaults(
        {match: {site: 'nba', path: '/stats/leaguegamelog', date: DATE}, kind: 'status', status: 500},
        ...emptyElsewhere(DATE),
      );
    /** Every quarter of an hour, as a cron job would. */
    const pass = async (): Promise<{code: number; out: string; asked: number}> => {
      const before = await logs();
      const {code, out} = await project.gameplan(...ASKED);
      project.now += 15 * MINUTE_MS;
      return {code, out, asked: (await logs()) - before};
    };
    beforeAll(() => {
      project = nights.night();
    });

    test('is asked three times, and no fourth time in the hour after that', async () => {
      await strike();
      const passes = [];
      for (let i = 0; i < 5; i++) passes.push(await pass());
      expect(passes.map(({asked}) => asked)).toEqual([1, 1, 1, 0, 0]);
      expect(passes.map(({code}) => code)).toEqual([1, 1, 1, 1, 1]);
      expect(passes[2]?.out).toMatch(/failed landing\.nbac_player_boxscores \(1\) +2025-04-11/);
      expect(await lastRun(project)).toEqual({
        skipped: [`${LANDING}@${DATE}`, `${ROWS}@${DATE}`, `${SUMMARY}@${DATE}`].sort(),
      });
    });

    test('is told as parked, with its answer and the next try, by plan, explain and heal', async () => {
      const plan = await planned(project, `${LANDING}`, '--dates', DATE);
      expect(plan.partitions.map(({ref, state, action}) => [ref, state, action])).toEqual([
        [`${LANDING}@${DATE}`, 'missing', 'skip'],
      ]);
      const text = (await said(project, 'plan', LANDING, '--dates', DATE)).replaceAll(/\s+/g, ' ');
      expect(text).toMatch(/landing\.nbac_player_boxscores skip 1 2025-04-11/);
      expect(text).toMatch(/answered HTTP 500: .* parked: failed 3 times .* next try in \d+ min/);
      const why = await said(project, 'explain', `${LANDING}@${DATE}`);
      expect(why).toContain('missing, next: skip');
      expect(why.replaceAll(/\s+/g, ' ')).toMatch(/because parked: failed 3 times .* next try in \d+ min/);
      const before = await logs();
      expect(await said(project, 'heal', '--dry-run')).toContain("'gameplan gaps --by cause' says why");
      expect(await logs()).toBe(before);
    });

    test('is asked once in the next hour, and then once in six', async () => {
      await strike();
      const asked = [];
      // Looked at every quarter of an hour, seven hours long.
      for (let i = 0; i < 7 * 4; i++) {
        const before = await logs();
        const {actions} = await planned(project, LANDING, '--dates', DATE);
        if (actions.run > 0) await project.gameplan(...ASKED);
        if ((await logs()) > before) asked.push(i);
        project.now += 15 * MINUTE_MS;
      }
      const [first = 0, second = 0, ...more] = asked;
      expect([more, first <= 2]).toEqual([[], true]);
      expect([24, 25]).toContain(second - first);
    });

    test('that is mended heals by itself at the next try, and at once with --force', async () => {
      const patient = project.copy();
      patient.now += 24 * 60 * MINUTE_MS;
      await said(patient, ...ASKED);
      expect((await lastRun(patient)).succeeded).toEqual(
        expect.arrayContaining([`${LANDING}@${DATE}`, `${ROWS}@${DATE}`, `${SUMMARY}@${DATE}`]),
      );
      patient.remove();
      await said(project, 'materialize', LANDING, '--dates', DATE, '--force');
      await said(project, ...ASKED);
      expect(await project.ask(`SELECT count(DISTINCT game_id)::INT FROM ${SUMMARY}`)).toEqual([[15]]);
      expect((await planned(project, `+${SUMMARY}`, '--dates', DATE)).actions).toMatchObject({
        run: 0,
        skip: 0,
      });
    });
  });

  describe('a season type that the league does not mean', () => {
    /** Two days of playoffs; for the second no other site has anything. */
    const PLAYOFFS = ['2025-04-19', '2025-04-20'];
    const [STOOD_IN, GONE] = ['2025-04-19', '2025-04-20'];
    const CAUSE = "answered 200 with no rows for 4 games, asked for as 'Regular Season'";
    let project: ShippedProject;
    let games: readonly Game[];
    /** What needs the players of the second day, of all that is made here. */
    let needed: readonly string[];

    beforeAll(async () => {
      project = nights.night();
      games = await project.games();
      project.replace('assets/shapes/game.ts', "playoffs: 'Playoffs'", "playoffs: 'Regular Season'");
      await nights.league.addFaults(...emptyElsewhere(GONE));
      await project.gameplan('materialize', `+${SUMMARY}`);
    });

    test('is answered with 200 and no rows, which is a gap and no success', async () => {
      const plan = await planned(project, `+${SUMMARY}`, '--all');
      expect(refsWhere(plan, ({asset, state}) => asset === LANDING && state === 'missing')).toEqual(
        PLAYOFFS.map(date => `${LANDING}@${date}`),
      );
      const missing = refsWhere(plan, ({asset, state}) => state === 'missing' && !ON_DEMAND.includes(asset));
      const selected = new Set(plan.partitions.map(({ref}) => ref));
      needed = neededOn(games, GONE).filter(ref => selected.has(ref));
      expect(missing).toEqual([`${LANDING}@${STOOD_IN}`, ...needed].sort());
      expect(needed).toContain(`${SUMMARY}@${GONE}`);
    });

    test('is named by gaps and explain with what was asked for, down to what needs it', async () => {
      const gaps = await said(project, 'gaps', LANDING);
      expect(gaps).toMatch(/2024-25 +missing 2 +2025-04-19, 2025-04-20/);
      expect(gaps).toContain(`the last attempt failed: ${CAUSE}`);
      const causes = (await said(project, 'gaps', SUMMARY)).replaceAll(/\s+/g, ' ');
      expect(causes).toContain(`waits for ${LANDING}@${GONE}: the last attempt failed: ${CAUSE}`);
      const why = (await said(project, 'explain', `${ROWS}@${GONE}`)).replaceAll(/\s+/g, ' ');
      expect(why).toContain(`nba empty, 0 of 4 games`);
      expect(why).toContain(`${LANDING}@${GONE}: ${CAUSE}`);
      expect(await said(project, 'events', LANDING)).toContain('source-missing');
    });

    test('where another site has the games they stand in, lower, and the gap of the first stays', async () => {
      const sources = `SELECT DISTINCT game_date::VARCHAR, _source FROM ${ROWS} WHERE game_date >= '2025-04-19'`;
      expect(await project.ask(sources)).toEqual([[STOOD_IN, 'bdl']]);
      expect(await said(project, 'gaps', ROWS, '--open')).not.toContain(STOOD_IN);
    });

    test('is filled by one command once the type is right, to the games that were recorded', async () => {
      project.replace('assets/shapes/game.ts', "playoffs: 'Regular Season'", "playoffs: 'Playoffs'");
      project.reread();
      project.now += 60 * MINUTE_MS;
      await said(project, 'materialize', `+${SUMMARY}`);
      expect((await lastRun(project)).succeeded).toEqual(expect.arrayContaining([...needed]));
      const [counts] = await project.ask(`
        SELECT count(*)::INT, (SELECT count(*)::INT FROM parquet('player_boxscores') WHERE game_date >= '2025-04-19' AND game_date <= '2025-04-20')
        FROM ${ROWS} WHERE game_date >= '2025-04-19' AND _source = 'nba'`);
      expect(counts?.[0]).toBe(counts?.[1]);
      expect(counts?.[0]).toBeGreaterThan(100);
    });
  });
});
