/**
 * Nights on which a day came after what was made without it, and one on which what was known was corrected: a season's
 * total, predictions that were said already, four player-games of November 2025. Two and a half weeks of that month.
 */

import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {emptyElsewhere} from '../../../demo/league/league-process.ts';
import {allReadersOf, type Game, isProtected, readersOf, readersOfAll} from '../expected-readers.ts';
import {hasRecordedGames, ON_DEMAND, type ShippedProject} from '../shipped-project.ts';
import {type Listed, lastRun, openNights, planned, refsWhere, said, sayIfSkipped} from './night.ts';

const FROM = '2025-11-05';
const TO = '2025-11-21';
/** Seven games of 135: windows that need 90 % of theirs go on without them. */
const EMPTY_DAY = '2025-11-09';
const ROWS = 'raw.player_boxscores';
const LANDING = 'landing.nbac_player_boxscores';
const PLAYERS = 'raw.players@2025-26';
const SAID = 'predictions.player_points';

sayIfSkipped('November 2025');

/** Players of the season, and those whose games are the recorded ones up to `TO`. */
const COUNTED = `
  SELECT count(*)::INT, count(*) FILTER (mine.games = theirs.games)::INT
  FROM raw.players AS mine
  JOIN (
    SELECT player_id, count(*) AS games FROM parquet('player_boxscores')
    WHERE game_date BETWEEN '${FROM}' AND '${TO}' GROUP BY player_id
  ) AS theirs USING (player_id)`;

describe.skipIf(!hasRecordedGames)('November 2025', () => {
  const found: {holed?: ShippedProject; games: readonly Game[]} = {games: []};
  const nights = openNights({
    start: FROM,
    end: TO,
    now: '2025-11-30T15:00:00Z',
    league: ['--early', '--from', '2025-26', '--to', '2025-26'],
    fill: async (project, league) => {
      const log = {site: 'nba', path: '/stats/leaguegamelog', date: EMPTY_DAY} as const;
      await league.addFaults({match: log, kind: 'empty'}, ...emptyElsewhere(EMPTY_DAY));
      await project.gameplan('materialize');
      await league.clearFaults();
      found.games = await project.games();
      found.holed = project.copy();
      project.now += 3_600_000;
      await said(project, 'materialize');
      await said(project, 'materialize', '--allow-protected');
    },
  });
  afterAll(() => found.holed?.remove());
  const isAsked = ({asset}: Listed): boolean => !ON_DEMAND.includes(asset);

  describe('a season’s total made while a day was empty', () => {
    let project: ShippedProject;
    beforeAll(() => {
      project = found.holed ?? nights.night();
      project.now += 3_600_000;
    });

    test('lacks the day, and the day is told as a gap', async () => {
      const [counts] = await project.ask(COUNTED);
      expect(Number(counts?.[1])).toBeLessThan(Number(counts?.[0]) - 100);
      const gaps = await said(project, 'gaps', ROWS, '--open');
      expect(gaps).toMatch(new RegExp(`2025-26 +missing 1 +${EMPTY_DAY} · 7 games`));
    });

    test('is stale as soon as the day is there, with what else read the season, and nothing that was made', async () => {
      await said(project, 'materialize', `${LANDING} ${ROWS}`);
      const plan = await planned(project);
      const read = readersOf(found.games, ROWS, [EMPTY_DAY]);
      expect(read).toContain(PLAYERS);
      expect(refsWhere(plan, ({state}) => state === 'stale')).toEqual(
        read.filter(ref => !ref.endsWith(`@${EMPTY_DAY}`)),
      );
      expect(await said(project, 'plan', 'raw.players')).toMatch(
        new RegExp(`raw\\.players +stale 1 +2025-26\\n +${ROWS}@${EMPTY_DAY} arrived`),
      );
    });

    test('is made again by the next run, and counts every recorded game', async () => {
      await said(project, 'materialize', 'raw.players');
      expect(await lastRun(project)).toEqual({succeeded: [PLAYERS]});
      const [counts] = await project.ask(COUNTED);
      expect(counts?.[1]).toBe(counts?.[0]);
      expect(counts?.[0]).toBeGreaterThan(400);
    });
  });

  describe('predictions that were published before the day came', () => {
    let project: ShippedProject;
    let before: unknown;
    /** What was said of all that has changed since. */
    let published: readonly string[];
    const predictions = () =>
      project.ask(
        `SELECT game_id, player_id, system, predicted_points, confidence FROM ${SAID} ORDER BY ALL`,
      );
    beforeAll(async () => {
      project = found.holed ?? nights.night();
      before = await predictions();
      await said(project, 'materialize');
      const {succeeded = []} = await lastRun(project);
      published = readersOfAll(found.games, succeeded).filter(isProtected);
    });

    test('stay as they were, and the plan says that they are protected and what has changed', async () => {
      expect(published).toEqual(expect.arrayContaining([`${SAID}@${TO}`]));
      expect(await predictions()).toEqual(before);
      const plan = await planned(project);
      expect(refsWhere(plan, ({action}) => action === 'skip')).toEqual(published);
      expect(plan.actions).toMatchObject({run: 0, 'run-if': 0, wait: 0});
      const text = (await said(project, 'plan', SAID)).replaceAll(/\s+/g, ' ');
      expect(text).toContain(`analytics.player_game_summary@${EMPTY_DAY} arrived`);
      expect(text).toContain('protected: only --allow-protected touches what was made');
      const why = (await said(project, 'explain', published[0] ?? '')).replaceAll(/\s+/g, ' ');
      expect(why).toContain('stale, next: skip');
      expect(why).toContain('only --allow-protected touches what was made');
    });

    test('are touched by no --force, and made anew with --allow-protected', async () => {
      await project.gameplan('materialize', SAID, '--force');
      expect(await predictions()).toEqual(before);
      project.now += 60_000;
      await said(project, 'materialize', '--allow-protected', '--reason', 'a day was missing');
      const {succeeded = [], unchanged = []} = await lastRun(project);
      expect([...succeeded, ...unchanged].sort()).toEqual(expect.arrayContaining([...published]));
      expect(await predictions()).not.toEqual(before);
      expect((await planned(project)).actions).toEqual({run: 0, 'run-if': 0, wait: 0, skip: 0, drop: 0});
    });
  });

  describe('four player-games corrected a week later', () => {
    let project: ShippedProject;
    /** Of the corrected ones. */
    let dates: readonly string[];
    let landed: readonly string[];
    let rows: readonly string[];
    let cone: readonly string[];
    let changed: readonly string[];
    beforeAll(async () => {
      project = nights.night();
      project.now += 60_000;
      const corrected = await project.ask(`
        SELECT DISTINCT final.game_date::VARCHAR FROM parquet('player_boxscores_early_snapshot_2025_11') AS early
        JOIN parquet('player_boxscores') AS final USING (game_id, player_id)
        WHERE early.reb <> final.reb OR early.ast <> final.ast ORDER BY 1`);
      dates = corrected.map(([date]) => String(date));
      landed = dates.map(date => `${LANDING}@${date}`);
      rows = dates.map(date => `${ROWS}@${date}`);
      cone = allReadersOf(found.games, rows);
      await nights.league.setEarly(false);
    });
    afterAll(() => nights.league.setEarly(true));

    test('are not known until somebody asks; asked again, two dates of eight have another answer', async () => {
      expect(dates).toHaveLength(2);
      expect(await said(project, 'plan')).toContain('Nothing to do.');
      const told = await said(
        project,
        'materialize',
        LANDING,
        '--force',
        '--from',
        '2025-11-06',
        '--to',
        '2025-11-13',
      );
      expect(told).toContain('Not asked for, and stale if what is forced changes');
      const {succeeded, unchanged = [], ...rest} = await lastRun(project);
      expect([succeeded, unchanged.length, rest]).toEqual([landed, 6, {}]);
    });

    test('make their two dates stale, and the plan names exactly what reads them', async () => {
      const plan = await planned(project);
      expect(refsWhere(plan, ({state}) => state === 'stale')).toEqual(rows);
      expect(refsWhere(plan, ({action}) => action === 'run')).toEqual(rows);
      expect(refsWhere(plan, each => each.action === 'run-if' && isAsked(each))).toEqual(cone);
      const text = await said(project, 'plan');
      expect(text).toMatch(
        new RegExp(`${ROWS} +stale 2 +${dates.join(', ')}\\n +${LANDING}@${dates[0]} and 1 more changed`),
      );
    });

    test('are made again with what reads them and nothing else, until nothing changes any more', async () => {
      await said(project, 'materialize');
      const {succeeded = [], unchanged = [], 'not-needed': spared = [], ...rest} = await lastRun(project);
      expect(rest).toEqual({});
      const touched = [...succeeded, ...unchanged, ...spared];
      const asked = touched.filter(ref => !ON_DEMAND.some(asset => ref.startsWith(`${asset}@`)));
      expect(asked.sort()).toEqual([...rows, ...cone].sort());
      expect(succeeded).toEqual(expect.arrayContaining([...rows]));
      // Rebounds and assists enter no form and no feature: what follows comes out as it was, but for what lists them.
      const summaries = dates.map(date => `analytics.player_game_summary@${date}`);
      expect(succeeded.filter(ref => !rows.includes(ref) && !ref.startsWith('exports.'))).toEqual(summaries);
      changed = succeeded;
      const values = await project.ask(`
        SELECT player_name, rebounds::INT, assists::INT FROM analytics.player_game_summary
        WHERE (game_id, player_name) IN
          (('0022500032', 'Alperen Sengun'), ('0022500032', 'Tari Eason'),
           ('0022500198', 'Marcus Smart'), ('0022500198', 'Rui Hachimura'))
        ORDER BY player_name`);
      expect(values).toEqual([
        ['Alperen Sengun', 8, 8],
        ['Marcus Smart', 4, 5],
        ['Rui Hachimura', 3, 2],
        ['Tari Eason', 3, 2],
      ]);
    });

    test('leave nothing but what was said before them, which is protected', async () => {
      const plan = await planned(project);
      const open = refsWhere(plan, ({action}) => action !== undefined);
      expect(open).toEqual(readersOfAll(found.games, changed).filter(isProtected));
      expect(refsWhere(plan, ({action}) => action === 'skip')).toEqual(open);
      expect(open).toContain(`${SAID}@${TO}`);
    });
  });
});
