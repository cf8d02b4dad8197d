/**
 * Nights on which nothing should happen, and one on which nothing had happened for too long: games that are still played,
 * the summer, and 109 dates that nobody filled.
 */
import {beforeAll, describe, expect, test} from 'vitest';
import {allReadersOf, datesOf, type Game, readersOf} from '../expected-readers.ts';
import {hasRecordedGames, type ShippedProject} from '../shipped-project.ts';
import {type Listed, lastRun, openNights, planned, refsWhere, said, sayIfSkipped} from './night.ts';

sayIfSkipped('Quiet nights');

/** Requests since the last look, by endpoint. */
function counting(requests: () => Promise<Readonly<Record<string, number>>>) {
  let before: Readonly<Record<string, number>> = {};
  return async (): Promise<Readonly<Record<string, number>>> => {
    const now = await requests();
    const more = Object.entries(now).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
    before = now;
    return Object.fromEntries(more.filter(([, count]) => count > 0));
  };
}

describe.skipIf(!hasRecordedGames)('the last game of 2024-25, and the summer after it', () => {
  const LAST = '2025-06-22';
  const nights = openNights({
    start: '2025-06-10',
    league: ['--from', '2024-25', '--to', '2025-26', '--now', '2025-06-22T15:00:00Z'],
    now: '2025-06-22T15:00:00Z',
    fill: project => said(project, 'materialize'),
  });
  let project: ShippedProject;
  let games: readonly Game[];
  let asked: ReturnType<typeof counting>;
  beforeAll(async () => {
    project = nights.night();
    games = await project.games();
    asked = counting(() => nights.league.requests());
    await asked();
  });
  const at = async (now: string): Promise<void> => {
    project.now = Date.parse(now);
    await nights.league.setNow(now);
  };
  const isSchedule = ({asset}: Listed): boolean => /schedule$/.test(asset);

  test('the game is being played: what needs it is not due, nothing is asked, and explain says what it waits for', async () => {
    await at('2025-06-23T02:00:00Z');
    const plan = await planned(project, '--all');
    expect(plan.actions).toEqual({run: 0, 'run-if': 0, wait: 0, skip: 0, drop: 0});
    const boxes = ['landing.nbac_player_boxscores', 'landing.nbac_team_boxscores'].map(
      each => `${each}@${LAST}`,
    );
    const onLast = allReadersOf(games, boxes).filter(ref => ref.endsWith(`@${LAST}`));
    const notDue = refsWhere(plan, ({state}) => state === 'not-due');
    expect(onLast.length).toBeGreaterThan(4);
    expect(notDue).toEqual(expect.arrayContaining([...boxes, ...onLast]));
    expect(notDue.every(ref => ref.endsWith(`@${LAST}`))).toBe(true);
    // What is told before a game was told in the morning.
    expect(refsWhere(plan, ({ref}) => ref === `analytics.upcoming_team_game_context@${LAST}`)).toHaveLength(
      1,
    );
    expect(notDue).not.toContain(`analytics.upcoming_team_game_context@${LAST}`);
    expect(await said(project, 'materialize')).toContain('Nothing to do.');
    expect(await said(project, 'heal', '--dry-run')).toContain('Would make 0 partitions.');
    expect(await asked()).toEqual({});
    const why = await said(project, 'explain', `raw.player_boxscores@${LAST}`);
    expect(why).toContain('because 1 game not final yet');
    expect(why).toContain('is made once due');
    expect(await said(project, 'gaps', '--open')).toContain('No open gap');
  });

  test('in the morning the schedule says that it is over, and one command does the rest', async () => {
    await at('2025-06-23T13:00:00Z');
    await said(project, 'materialize');
    const {succeeded = []} = await lastRun(project);
    expect(succeeded).toEqual(
      expect.arrayContaining([
        `landing.nbac_player_boxscores@${LAST}`,
        `analytics.player_game_summary@${LAST}`,
      ]),
    );
    expect(await asked()).toMatchObject({'box-score': 1, 'game-log': 1});
    expect((await planned(project)).states).toMatchObject({missing: 0, stale: 0, partial: 0, 'not-due': 0});
  });

  test('its corrections are asked for over three days, and nothing after the season’s own week', async () => {
    await at('2025-06-26T15:00:00Z');
    await said(project, 'materialize');
    // Of the last two dates.
    expect(await asked()).toMatchObject({'box-score': 2, 'game-log': 2, schedule: 1});
    await at('2025-06-29T15:00:00Z');
    await said(project, 'materialize');
    const last = await asked();
    expect(last).toMatchObject({schedule: 1});
    expect(last).not.toHaveProperty('game-log');
    await at('2025-06-30T22:00:00Z');
    await said(project, 'materialize');
    await asked();
    // The hours in which nothing is healed are over as well.
    await at('2025-07-01T03:45:00Z');
    expect(await said(project, 'plan', '--detailed-exitcode')).toContain('Nothing to do.');
    await said(project, 'materialize');
    expect(await said(project, 'heal')).toContain('Nothing to heal.');
    expect(await asked()).toEqual({});
  });

  test('in August the next season’s schedule is asked for, and nothing else of any season', async () => {
    await at('2025-08-12T14:00:00Z');
    await said(project, 'materialize');
    expect(await asked()).toEqual({schedule: 1});
    await at('2025-08-13T14:00:00Z');
    const plan = await planned(project, '--all');
    expect(refsWhere(plan, ({action}) => action === 'run')).toEqual(['landing.nbac_schedule@2025-26']);
    const schedule = readersOf(games, 'raw.schedule', ['2024-25']).map(ref => ref.slice(0, ref.indexOf('@')));
    expect(schedule).toContain('raw.games');
    const mayFollow = plan.partitions.filter(({action}) => action === 'run-if');
    expect(mayFollow.every(each => isSchedule(each) || schedule.includes(each.asset))).toBe(true);
    expect(plan.states).toMatchObject({missing: 0, stale: 0, partial: 0});
    const standings = plan.partitions.find(({ref}) => ref === 'landing.nbac_standings@2025-26');
    expect([standings?.state, standings?.reasons.map(({kind}) => kind)]).toEqual([
      'not-due',
      ['games-not-final'],
    ]);
    await said(project, 'materialize');
    expect(await lastRun(project)).toMatchObject({unchanged: ['landing.nbac_schedule@2025-26']});
    expect(await asked()).toEqual({schedule: 1});
    expect(await said(project, 'gaps', '--open')).toContain('No open gap');
  });
});

describe.skipIf(!hasRecordedGames)('109 dates that nobody filled', () => {
  const FILLED_TO = '2022-10-20';
  const nights = openNights({
    start: '2022-10-01',
    end: '2023-02-09',
    now: '2023-02-10T15:00:00Z',
    league: ['--from', '2022-23', '--to', '2022-23'],
    fill: async project => {
      await said(project, 'materialize', '+raw.games');
      // The season's own tables wait for most of its dates, so that it ends with 1.
      await project.gameplan('materialize', '--to', FILLED_TO);
    },
  });
  let project: ShippedProject;
  let silent: readonly string[];
  beforeAll(async () => {
    project = nights.night();
    silent = datesOf(await project.games()).filter(date => date > FILLED_TO);
  });
  const RANGE = '2022-10-21 … 2023-02-09';

  test('are told by the first plan, of every table that lacks them, as one range', async () => {
    expect(silent).toHaveLength(109);
    const plan = await planned(project);
    const missing = Map.groupBy(
      plan.partitions.filter(({state, action}) => state === 'missing' && action === 'run'),
      ({asset}) => asset,
    );
    const boxes = allReadersOf(await project.games(), [`landing.nbac_player_boxscores@${silent[0]}`])
      .filter(ref => ref.endsWith(`@${silent[0]}`))
      .map(ref => ref.slice(0, ref.indexOf('@')));
    expect(boxes).toContain('analytics.player_game_summary');
    for (const asset of ['landing.nbac_player_boxscores', ...boxes])
      expect(missing.get(asset)?.map(({key}) => key)).toEqual(silent);
    const text = await said(project, 'plan');
    expect(text).toMatch(
      new RegExp(`landing\\.nbac_player_boxscores +missing 109 +${RANGE}\n +never materialized`),
    );
    expect(text).toMatch(new RegExp(`analytics\\.player_game_summary +missing 109 +${RANGE}`));
  });

  test('are told by the first status, and by the gaps with their games and since when', async () => {
    const status = await said(project, 'status');
    expect(status).toMatch(/landing\.nbac_player_boxscores +3\/112 +109 missing/);
    const games = (await project.games()).filter(({date}) => date > FILLED_TO).length;
    const gaps = await said(project, 'gaps', 'raw.player_boxscores');
    expect(gaps).toMatch(new RegExp(`2022-23 +missing 109 +${RANGE} · ${games} games · 111 d`));
    expect(gaps).toContain(
      'waits for landing.nbac_player_boxscores@2022-10-21 and 108 more: never materialized',
    );
    const listed = JSON.parse(await said(project, 'gaps', 'raw.player_boxscores', '--json'));
    // Midnight in New York after the first of them.
    expect(listed.gaps[0]).toMatchObject({key: '2022-10-21', since: '2022-10-22T04:00:00.000Z', days: 111});
  });
});
