/**
 * November 2021: filled out of order, with four dates forgotten, and by a formula that took games with overtime for
 * games of 48 minutes. The season up to the first week of December.
 */
import {beforeAll, describe, expect, test} from 'vitest';
import {
  allReadersOf,
  datesOf,
  expectedOn,
  type Game,
  isProtected,
  readersOfAll,
} from '../expected-readers.ts';
import {hasRecordedGames, ON_DEMAND, type ShippedProject} from '../shipped-project.ts';
import {lastRun, openNights, planned, refOf, refsWhere, said, sayIfSkipped} from './night.ts';

/** 14 games; windows that need 90 % of theirs go on without them. */
const HOLES = ['2021-11-04', '2021-11-09', '2021-11-11', '2021-11-16'];
const LATE = ['--from', '2021-11-17', '--to', '2021-12-06'];

const OFFENSE = 'analytics.team_offense_game_summary';
const FORMULA = 'assets/analytics/team_offense_game_summary.sql';
const PACE = 'safe_divide(counted.possessions * 48, counted.minutes / 5)';
const OLD_PACE = `CASE WHEN counted.minutes < 252 THEN ${PACE} ELSE counted.possessions END`;

/** How many means of a player's season before his day there are, and how many are not those of the recorded games. */
const MEANS = `
  SELECT count(*)::INT, count(*) FILTER (abs(mean - expected) > 1e-9)::INT
  FROM (
    SELECT cache.points_mean_season AS mean, avg(box.pts) AS expected
    FROM precompute.player_daily_cache AS cache
    JOIN parquet('player_boxscores') AS box ON box.player_id = cache.player_id AND box.season = cache.season
      AND box.game_date < cache.game_date
    GROUP BY cache.game_id, cache.player_id, cache.points_mean_season
  )`;

sayIfSkipped('November 2021');

const isOnDemand = (ref: string): boolean => ON_DEMAND.includes(ref.slice(0, ref.indexOf('@')));

describe.skipIf(!hasRecordedGames)('November 2021', () => {
  const found: {holed?: ShippedProject; games: readonly Game[]} = {games: []};
  const runs: {readonly code: number; readonly out: string}[] = [];
  const nights = openNights({
    end: '2021-12-06',
    league: ['--from', '2021-22', '--to', '2021-22'],
    fill: async project => {
      project.replace(FORMULA, PACE, OLD_PACE);
      await said(project, 'materialize', '+raw.games');
      found.games = await project.games();
      const early = datesOf(found.games).filter(date => date < '2021-11-17' && !HOLES.includes(date));
      for (const range of [LATE, ['--dates', early.join(',')], LATE])
        runs.push(await project.gameplan('materialize', ...range));
      found.holed = project.copy();
      runs.push(await project.gameplan('materialize'));
    },
  });

  describe('filled out of order', () => {
    let holed: ShippedProject;
    /** By the calendar and the edges alone. */
    let missing: readonly string[];
    let onHoles: readonly string[];

    beforeAll(async () => {
      holed = found.holed ?? nights.night();
      // The recording has no lines on games and no injuries: that is signed off.
      const accepted = refsWhere(await planned(holed, '--all'), ({state}) => state === 'accepted');
      missing = expectedOn(found.games, HOLES).filter(
        ref => !isOnDemand(ref) && !ref.startsWith('raw.games@') && !accepted.includes(ref),
      );
      onHoles = allReadersOf(found.games, missing);
    });

    test('has nothing that was made before most of what it reads, and says what it waits for', () => {
      const [late] = runs;
      expect(late?.code).toBe(1);
      expect(late?.out).toContain(
        'skipped precompute.player_shot_zone_analysis (19)  2021-11-17 … 2021-12-06\n' +
          '      never materialized; its window of analytics.player_game_summary, which lacks\n' +
          '      analytics.player_game_summary@2021-10-19, holds nothing of what it should, below 90%\n',
      );
    });

    test('is a plan of the forgotten dates and of all that was built on the holes, and of nothing else', async () => {
      const plan = await planned(holed);
      expect(refsWhere(plan, ({action}) => action === 'run')).toEqual(missing);
      expect(refsWhere(plan, ({action, ...each}) => action === 'run-if' && !isOnDemand(refOf(each)))).toEqual(
        onHoles,
      );
      expect(onHoles.length).toBeGreaterThan(7 * 28);
      expect(plan.states).toMatchObject({missing: missing.length, stale: 0, partial: 0, 'not-due': 0});
      const {out} = await holed.gameplan('plan');
      const dates = HOLES.join(', ');
      expect(out).toMatch(new RegExp(`raw\\.player_boxscores +missing 4 +${dates}\n +never materialized\n`));
      expect(out).toContain(
        `      ${dates}  never materialized\n` +
          '      2021-11-05 … 2021-11-08, 2021-11-10, 2021-11-12 … 2021-11-15, 2021-11-17 … 2021-12-06\n' +
          '        reads analytics.player_game_summary@2021-11-04 and 3 more\n',
      );
      expect(out).toContain(`Plan: ${missing.length} to materialize (${missing.length} missing), up to `);
    });

    test('is mended by one command, which touches nothing else', async () => {
      const [wrong, right] = [await holed.ask(MEANS), await nights.night().ask(MEANS)];
      expect(wrong[0]?.[1]).toBeGreaterThan(2_000);
      expect(right).toEqual([[expect.any(Number), 0]]);
      expect(runs.at(-1)?.code).toBe(0);
      const {
        succeeded = [],
        unchanged = [],
        'not-needed': notNeeded = [],
        ...rest
      } = await lastRun(nights.night());
      expect(rest).toEqual({});
      const made = [...succeeded, ...unchanged];
      expect(made.filter(ref => missing.includes(ref)).sort()).toEqual(missing);
      expect([...made, ...notNeeded].filter(ref => !isOnDemand(ref)).sort()).toEqual(
        [...missing, ...onHoles].sort(),
      );
    });

    test('leaves what was said before games as it was said, and the plan says so', async () => {
      const plan = await planned(nights.night());
      const kept = refsWhere(plan, ({action}) => action === 'skip');
      const published = readersOfAll(found.games, [...missing, ...onHoles]).filter(isProtected);
      expect(kept).toEqual(published.filter(ref => !missing.includes(ref)));
      expect(plan.actions).toMatchObject({run: 0, 'run-if': 0, wait: 0});
    });
  });

  describe('by an old formula', () => {
    test('is a table to make again when it is mended, and what reads it where its rows changed', async () => {
      const project = nights.night();
      project.replace(FORMULA, OLD_PACE, PACE);
      const dates = datesOf(found.games);
      const table = dates.map(date => `${OFFENSE}@${date}`);
      const plan = await planned(project);
      const run = plan.partitions.filter(({action}) => action === 'run');
      expect(run.map(refOf).sort()).toEqual(table);
      expect(run.every(({reasons: [first]}) => first?.kind === 'definition-changed')).toBe(true);
      expect(refsWhere(plan, ({action}) => action === 'run-if')).toEqual(allReadersOf(found.games, table));
      expect((await project.gameplan('plan')).out).toMatch(
        /analytics\.team_offense_game_summary +stale 48 +2021-10-19 … 2021-12-06\n +its query changed\n/,
      );

      await project.gameplan('materialize');
      const {succeeded = [], unchanged = []} = await lastRun(project);
      // Dates on which a game had overtime, by the recorded minutes.
      const overtime = await project.ask(`
        SELECT DISTINCT game_date::VARCHAR FROM parquet('team_boxscores')
        WHERE game_type = 'regular' AND minutes >= 252 AND game_date BETWEEN '2021-10-19' AND '2021-12-06' ORDER BY 1`);
      const changed = overtime.map(([date]) => `${OFFENSE}@${String(date)}`);
      expect(changed.length).toBe(15);
      expect(succeeded.filter(ref => ref.startsWith(`${OFFENSE}@`))).toEqual(changed);
      expect(unchanged.filter(ref => ref.startsWith(`${OFFENSE}@`))).toEqual(
        table.filter(ref => !changed.includes(ref)),
      );
      // Below it: whatever reads rows that are new, and nothing else.
      const followed = [...succeeded, ...unchanged].filter(ref => !table.includes(ref)).sort();
      expect(followed).toEqual(readersOfAll(found.games, succeeded).filter(ref => !isProtected(ref)));
      expect(followed).toContain('precompute.ml_feature_store@2021-12-06');
      expect(unchanged).toContain('analytics.player_game_summary@2021-10-20');
    });

    test('is that table alone when the formula only says the same in other words', async () => {
      const project = nights.night();
      project.replace(FORMULA, 'safe_divide(100 * counted.points,', 'safe_divide(counted.points * 100,');
      await project.gameplan('materialize');
      const {succeeded, unchanged, 'not-needed': notNeeded} = await lastRun(project);
      const table = datesOf(found.games).map(date => `${OFFENSE}@${date}`);
      expect([succeeded, unchanged]).toEqual([undefined, table]);
      expect(notNeeded).toEqual(allReadersOf(found.games, table));
    });

    test('is nothing at all when only the words beside it change', async () => {
      const project = nights.night();
      const before = await planned(project);
      project.replace(FORMULA, '-- What each team did', '-- What every team did');
      expect((await planned(project)).partitions).toEqual(before.partitions);
    });
  });
});
