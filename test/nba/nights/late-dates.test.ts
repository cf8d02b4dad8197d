/**
 * 78 dates of team box scores arrive a week late. Until then the totals of the players stand in for them, without
 * minutes, and all else is made of those; nobody knew afterwards what of it to make again. From Christmas 2021 to April
 * 2022, down to the features.
 */
import {beforeAll, describe, expect, test} from 'vitest';
import {allReadersOf, datesOf, type Game, readersOfAll} from '../expected-readers.ts';
import {hasRecordedGames, type ShippedProject} from '../shipped-project.ts';
import {lastRun, openNights, planned, refsWhere, said, sayIfSkipped} from './night.ts';

const LANDING = 'landing.nbac_team_boxscores';
const BOXES = 'raw.team_boxscores';
const DOWN_TO = '+precompute.ml_feature_store';
const WEEK_MS = 7 * 86_400_000;

sayIfSkipped('78 dates that arrive a week late');

describe.skipIf(!hasRecordedGames)('78 dates that arrive a week late', () => {
  const found: {games: readonly Game[]; late: readonly string[]} = {games: [], late: []};
  const nights = openNights({
    start: '2021-12-25',
    end: '2022-04-10',
    league: ['--from', '2021-22', '--to', '2021-22'],
    fill: async (project, league) => {
      project.replace('pipeline.yaml', 'defaults: {retries: 3,', 'defaults: {retries: 0,');
      await said(project, 'materialize', '+raw.games');
      found.games = await project.games();
      const dates = datesOf(found.games).filter(date => date >= '2022-01-10');
      found.late = dates.slice(0, 78);
      await league.addFaults(
        ...found.late.map(date => ({
          match: {site: 'nba' as const, path: '/stats/boxscoretraditionalv3', date},
          kind: 'empty' as const,
        })),
      );
      await project.gameplan('materialize', DOWN_TO);
      await league.clearFaults();
    },
  });
  const sourcesOf = (project: ShippedProject) =>
    project.ask(`SELECT _source, count(DISTINCT game_date)::INT FROM ${BOXES} GROUP BY 1 ORDER BY 1`);

  let project: ShippedProject;
  let published: readonly string[];
  let landed: readonly string[];
  /** Of what was made before they came, by the calendar and the edges alone. */
  let readers: readonly string[];

  beforeAll(async () => {
    project = nights.night();
    published = refsWhere(await planned(project, DOWN_TO, '--all'), ({state}) => state === 'fresh');
    landed = found.late.map(date => `${LANDING}@${date}`);
    readers = allReadersOf(found.games, landed).filter(ref => published.includes(ref));
  });

  test('are stood in for, and said to be missing', async () => {
    expect(await sourcesOf(project)).toEqual([
      ['nba', 22],
      ['reconstructed', 78],
    ]);
    const {out} = await project.gameplan('gaps', LANDING);
    expect(out).toContain('missing 78    2022-01-10 … 2022-04-03');
    expect(await lastRun(project)).toMatchObject({failed: landed});
  });

  test('are a plan of themselves and of what read what stood in for them, and of nothing else', async () => {
    project.now += WEEK_MS;
    const plan = await planned(project, DOWN_TO);
    expect(refsWhere(plan, ({action}) => action === 'run')).toEqual(landed);
    expect(refsWhere(plan, ({action}) => action === 'run-if')).toEqual(readers);
    expect(readers.length).toBeGreaterThan(10 * 78);
    // Not what comes before the first of them, nor days of their own that have theirs.
    const spared = published.filter(ref => !readers.includes(ref) && /^(?:analytics|precompute)\./.test(ref));
    expect(spared).toEqual(
      expect.arrayContaining([
        'precompute.ml_feature_store@2022-01-10',
        'analytics.player_game_summary@2022-04-10',
      ]),
    );
    const {out} = await project.gameplan('plan', DOWN_TO);
    expect(out).toMatch(/\n {2}precompute\.ml_feature_store +if changed 83 +2022-01-11 … 2022-04-10\n/);
    expect(out).toContain(
      `Plan: 78 to materialize (78 missing), up to ${readers.length} more if inputs change`,
    );
  });

  test('make again exactly what read them, as far as rows changed', async () => {
    await said(project, 'materialize', DOWN_TO);
    const {succeeded = [], unchanged = [], 'not-needed': notNeeded = [], ...rest} = await lastRun(project);
    expect(rest).toEqual({});
    expect(await sourcesOf(project)).toEqual([['nba', 100]]);
    expect([...succeeded, ...unchanged, ...notNeeded].sort()).toEqual([...landed, ...readers].sort());
    const due = readersOfAll(found.games, succeeded).filter(ref => published.includes(ref));
    expect([...succeeded, ...unchanged].sort()).toEqual([...landed, ...due].sort());
    // Minutes of teams came, so that usage of players did, and their features.
    expect(succeeded).toContain('precompute.ml_feature_store@2022-04-10');
    expect(await said(project, 'plan', DOWN_TO)).toContain('Nothing to do.');
  });
});
