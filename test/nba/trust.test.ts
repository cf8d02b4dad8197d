/**
 * Sources that fail, on the shipped pipeline and through its own HTTP clients: what stands in, what is said, what heals.
 * Simulated games, three weeks of them.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {frameOf} from '../../planner/frame.ts';
import type {AssetName} from '../../planner/pipeline.ts';
import {type LeagueProcess, startLeagueProcess} from './league-process.ts';
import {byOutcome, type Made, ShippedProject} from './shipped-project.ts';

const END = '2024-11-12';
const LOG = '/stats/leaguegamelog';
const BOX = 'raw.player_boxscores';

/** What is asked of sources is not retried here: each fault would cost seconds. */
const BOXES = '+analytics.player_game_summary +precompute.ml_feature_store';

let league: LeagueProcess;
let project: ShippedProject;

beforeAll(async () => {
  league = await startLeagueProcess(['--simulated', '--seed', '11', '--from', '2024-25', '--to', '2024-25']);
}, 60_000);
afterAll(() => league?.stop());

function open(): void {
  project = new ShippedProject({target: 'simulated', league: league.url, start: '2024-10-01', end: END});
  project.replace(
    'pipeline.yaml',
    'defaults: {retries: 3, timeout: 3m',
    'defaults: {retries: 0, timeout: 3s',
  );
}

const sourcesOn = (date: string, table = BOX) =>
  project.ask(
    `SELECT _source, count(DISTINCT game_id)::INT FROM ${table} WHERE game_date = '${date}' GROUP BY 1 ORDER BY 1`,
  );
const triesOf = (key: string, asset = BOX) =>
  project.use(async ({ledger}) =>
    ledger
      .tries({asset, key}, 10)
      .map(({source, outcome}) => `${source} ${outcome}`)
      .reverse(),
  );
const scoreOf = (asset: string, key: string) =>
  project.use(async target => {
    const {frame} = project.planned(target);
    const found = frameOf(frame, asset as AssetName); // a test's own name
    return found.quality.scoreAt(found, found.ordinalOf.get(key) ?? -1);
  });
const verdict = async (asset: string, key: string) => {
  const plan = await project.plan({all: true});
  const found = plan.partitions.find(each => each.asset === asset && each.key === key);
  return [found?.state, found?.reasons.map(({kind}) => kind)];
};
const gamesOn = (date: string) =>
  project.ask(`SELECT DISTINCT game_id FROM raw.games WHERE game_date = '${date}' ORDER BY 1`);

describe('one source after the other', () => {
  const faults = {
    '2024-10-23': {kind: 'status', status: 503},
    '2024-10-24': {kind: 'timeout'},
    '2024-10-25': {kind: 'html'},
    '2024-10-26': {kind: 'empty'},
    '2024-10-27': {kind: 'short', games: 4},
    '2024-10-28': {kind: 'yesterday'},
    '2024-10-29': {kind: 'zeros', share: 0.4},
  } as const;
  const tried: Readonly<Record<keyof typeof faults, string>> = {
    '2024-10-23': 'nba error',
    '2024-10-24': 'nba timeout',
    '2024-10-25': 'nba error',
    '2024-10-26': 'nba empty',
    '2024-10-27': 'nba partial',
    '2024-10-28': 'nba empty',
    '2024-10-29': 'nba rejected',
  };
  let done: Made;

  beforeAll(async () => {
    open();
    await league.addFaults(
      ...Object.entries(faults).map(([date, fault]) => ({
        match: {site: 'nba' as const, path: LOG, date},
        ...fault,
      })),
      // On one date the second source is down as well, and on another all are.
      {match: {site: 'bdl', date: '2024-10-29'}, kind: 'status', status: 500},
      {match: {site: 'nba', path: LOG, date: '2024-11-01'}, kind: 'empty'},
      {match: {site: 'bdl', date: '2024-11-01'}, kind: 'empty'},
      {match: {site: 'espn', date: '2024-11-01'}, kind: 'empty'},
      {match: {site: 'espn_web', date: '2024-11-01'}, kind: 'empty'},
      {
        match: {site: 'nba', path: '/stats/boxscoretraditionalv3', date: '2024-10-31'},
        kind: 'status',
        status: 500,
      },
    );
    done = await project.materialize({select: BOXES});
  }, 200_000);
  afterAll(async () => {
    await league.clearFaults();
    project.remove();
  });

  test.each(Object.entries(tried))(
    'on %s the league gave: %s, and balldontlie or ESPN stands in',
    async (date, first) => {
      const next = date === '2024-10-29' ? ['bdl error', 'espn covered'] : ['bdl covered'];
      expect(await triesOf(date)).toEqual([first, ...next]);
      const games = await gamesOn(date);
      expect(await sourcesOn(date)).toEqual([[date === '2024-10-29' ? 'espn' : 'bdl', games.length]]);
      expect((await verdict(BOX, date))[0]).toBe('fresh');
    },
  );

  test('other dates have asked no lower source, and no id was made up for a name', async () => {
    expect(await sourcesOn('2024-11-04')).toMatchObject([['nba', expect.anything()]]);
    expect(done.outcomes.get('landing.bdl_player_boxscores@2024-11-04')).toBe('not-needed');
    expect(done.outcomes.get('landing.espn_scoreboard@2024-11-04')).toBe('not-needed');
    expect(await project.ask(`SELECT count(*)::INT FROM ${BOX} WHERE player_id < 0`)).toEqual([[0]]);
  });

  test('counts of a stand-in are those that the league has', async () => {
    const points = await project.ask(`
      SELECT count(*)::INT FROM (SELECT game_id, team, sum(points) AS points FROM ${BOX} GROUP BY ALL) AS players
      JOIN raw.team_boxscores AS team USING (game_id, team) WHERE players.points <> team.points`);
    expect(points).toEqual([[0]]);
  });

  test('quality is silver down to the features, and gold where the league answered', async () => {
    expect(await scoreOf(BOX, '2024-10-23')).toBe(90);
    expect(await scoreOf('analytics.player_game_summary', '2024-10-23')).toBe(90);
    expect(await scoreOf(BOX, '2024-11-04')).toBe(100);
    const features = await scoreOf('precompute.ml_feature_store', '2024-11-12');
    expect(features).toBeGreaterThan(90);
    expect(features).toBeLessThan(100);
  });

  test('team totals are reconstructed from the players, silver and never gold', async () => {
    expect(await triesOf('2024-10-31', 'raw.team_boxscores')).toEqual(['nba error', 'reconstructed covered']);
    expect(await scoreOf('raw.team_boxscores', '2024-10-31')).toBe(85);
    expect(await scoreOf('analytics.team_offense_game_summary', '2024-10-31')).toBe(85);
  });

  test('where no source has a date it is missing, with every try, and what needs it waits', async () => {
    expect(await triesOf('2024-11-01')).toEqual(['nba empty', 'bdl empty', 'espn empty']);
    expect(await verdict(BOX, '2024-11-01')).toMatchObject([
      'missing',
      ['never-materialized', 'last-attempt-failed'],
    ]);
    expect(done.outcomes.get('analytics.player_game_summary@2024-11-01')).toBe('skipped');
  });

  test('when the league answers again all heals to gold by itself, and only what changed is made again', async () => {
    await league.clearFaults();
    project.now += 26 * 3_600_000;
    const healed = await project.materialize({select: BOXES});
    const dates = [...Object.keys(faults), '2024-11-01'];
    const remade = (byOutcome(healed).succeeded ?? []).filter(ref => ref.startsWith(`${BOX}@`));
    expect(remade.map(ref => ref.slice(BOX.length + 1))).toEqual(dates);
    expect(await project.ask(`SELECT DISTINCT _source FROM ${BOX}`)).toEqual([['nba']]);
    // What reads them is made again and may come out as it was; nothing else is.
    const {succeeded = [], unchanged = []} = byOutcome(healed);
    const summaries = [...succeeded, ...unchanged].filter(ref =>
      ref.startsWith('analytics.player_game_summary@'),
    );
    expect(summaries.map(ref => ref.slice(ref.indexOf('@') + 1)).sort()).toEqual(
      [...dates, '2024-10-31'].sort(),
    );
    expect(await scoreOf('precompute.ml_feature_store', '2024-11-12')).toBe(100);
    const rest = (await project.plan({select: BOXES})).partitions.filter(({action}) => action !== undefined);
    expect(rest).toEqual([]);
  });
});
