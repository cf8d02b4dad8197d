/**
 * Sources that fail, on the shipped pipeline and through its own HTTP clients: what stands in, what is said, what heals.
 * Simulated games, three weeks of them.
 */
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {emptyElsewhere, type LeagueProcess, startLeagueProcess} from '../../demo/league/league-process.ts';
import {frameOf} from '../../planner/frame.ts';
import type {AssetName} from '../../planner/pipeline.ts';
import {byOutcome, hasRecordedGames, type Made, ShippedProject} from './shipped-project.ts';

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

function open(start = '2024-10-01', end = END): void {
  project = new ShippedProject({target: 'simulated', league: league.url, start, end});
  project.replace(
    'pipeline.yaml',
    'defaults: {retries: 3, timeout: 3m',
    'defaults: {retries: 0, timeout: 6s',
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
const verdict = async (
  asset: string,
  key: string,
): Promise<readonly [string | undefined, readonly string[] | undefined]> => {
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
    expect(features).toBeGreaterThan(75);
    expect(features).toBeLessThan(95);
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

describe('days of one game, of none, and of games that are put off', () => {
  const MOVED = '0022400180';
  let from: string;
  /** A day on which neither team plays. */
  let to: string;

  beforeAll(async () => {
    open('2024-10-01', '2024-11-20');
    project.now = Date.parse('2024-11-21T13:00:00Z');
    await project.materialize({select: 'raw.schedule+1,raw.games +raw.schedule'});
    const [row] = await project.ask(`SELECT game_date::VARCHAR FROM raw.games WHERE game_id = '${MOVED}'`);
    from = String(row?.[0]);
    await project.materialize({select: `+${BOX}`, range: {from, to: from}});
    const [free] = await project.ask(`
      SELECT min(game_date)::VARCHAR FROM raw.games WHERE game_date > '${from}' AND game_date NOT IN (
        SELECT g.game_date FROM raw.games AS g JOIN raw.games AS m ON m.game_id = '${MOVED}'
        WHERE g.home_team IN (m.home_team, m.away_team) OR g.away_team IN (m.home_team, m.away_team))`);
    to = String(free?.[0]);
    await league.postpone(MOVED, to);
    project.now += 13 * 3_600_000;
    await project.materialize({select: `+${BOX} +raw.games`, range: {from: '2024-11-01', to: '2024-11-20'}});
  }, 120_000);
  afterAll(() => project.remove());

  const covered = (date: string) =>
    project.use(async target => {
      const {frame} = project.planned(target);
      const found = frameOf(frame, BOX as AssetName); // a test's own name
      const ordinal = found.ordinalOf.get(date);
      return ordinal === undefined ? undefined : [found.games?.held[ordinal], found.games?.expected[ordinal]];
    });

  test('a day without games is no partition', async () => {
    expect(await covered('2024-11-05')).toBeUndefined();
  });

  test('a game that was put off is expected on its new day alone', async () => {
    const countOn = async (date: string) =>
      (await project.ask(`SELECT count(*)::INT FROM raw.games WHERE game_date = '${date}'`))[0]?.[0];
    const [before, after] = [await countOn(from), await countOn(to)];
    expect(await covered(from)).toEqual([before, before]);
    expect(await covered(to)).toEqual([after, after]);
    expect(
      await project.ask(`SELECT DISTINCT game_date::VARCHAR FROM ${BOX} WHERE game_id = '${MOVED}'`),
    ).toEqual([[to]]);
    expect((await verdict(BOX, from))[0]).toBe('fresh');
  });

  test('a day of which all games but one are put off is complete with one game', async () => {
    const [fewest] = await project.ask(
      `SELECT game_date::VARCHAR FROM raw.games WHERE game_date NOT IN ('${from}', '${to}') GROUP BY 1 ORDER BY count(*), 1 LIMIT 1`,
    );
    const date = String(fewest?.[0]);
    const [, ...others] = await gamesOn(date);
    for (const [game] of others) await league.postpone(String(game));
    project.now += 13 * 3_600_000;
    await project.materialize({select: `+${BOX} +raw.schedule`, range: {from: date, to: date}});
    expect(others.length).toBeGreaterThan(0);
    expect(await covered(date)).toEqual([1, 1]);
    expect((await verdict(BOX, date))[0]).toBe('fresh');
  });
});

describe('play-in games that no source has', () => {
  const SUMMARY = 'analytics.player_game_summary';
  const ZONES = 'precompute.player_shot_zone_analysis';
  const SELECT = `+${SUMMARY} +${ZONES}`;
  let dates: readonly string[];
  let games: readonly string[];

  beforeAll(async () => {
    open('2025-03-25', '2025-04-22');
    await project.materialize({select: '+raw.games'});
    const found = await project.ask(
      "SELECT game_date::VARCHAR, game_id FROM raw.games WHERE game_type = 'play_in' ORDER BY game_id",
    );
    dates = [...new Set(found.map(([date]) => String(date)))].sort();
    games = found.map(([, id]) => String(id));
    await league.addFaults(
      ...dates.flatMap(date => [
        {match: {site: 'nba' as const, path: LOG, date}, kind: 'empty' as const},
        ...emptyElsewhere(date),
      ]),
    );
    await project.materialize({select: SELECT});
  }, 120_000);
  afterAll(async () => {
    await league.clearFaults();
    project.remove();
  });

  test('are a gap with every try on record, of each game', async () => {
    expect([dates.length, games.length]).toEqual([3, 6]);
    for (const date of dates) {
      expect(await triesOf(date)).toEqual(['nba empty', 'bdl empty', 'espn empty']);
      expect((await verdict(BOX, date))[0]).toBe('missing');
    }
    const {gaps} = JSON.parse((await project.gameplan('gaps', BOX, '--json')).out);
    expect(gaps.map(({key}: {key: string}) => key)).toEqual(dates);
  });

  test('are accepted with what needs them on the same day; windows are built without them and say so', async () => {
    writeFileSync(
      join(project.root, 'known-gaps', 'simulated.yaml'),
      JSON.stringify([
        {
          asset: BOX,
          keys: dates,
          games,
          reason: 'Play-in games; no source has their player rows.',
          accepted_by: 'ops@example.com',
          accepted_on: '2025-11-26',
        },
      ]),
    );
    project.reread();
    await project.materialize({select: SELECT});
    for (const date of dates) {
      const [state, reasons] = await verdict(BOX, date);
      expect([state, reasons?.slice(0, 2)]).toEqual(['accepted', ['accepted-gap', 'last-attempt-failed']]);
      expect((await verdict(SUMMARY, date))[0]).toBe('accepted');
    }
    const last = '2025-04-22';
    expect((await verdict(ZONES, last))[0]).toBe('fresh');
    const {quality} = JSON.parse((await project.gameplan('explain', `${ZONES}@${last}`, '--json')).out);
    const accepted = quality.issues.filter(({kind}: {kind: string}) => kind === 'accepted');
    expect(accepted.map(({origin}: {origin: string}) => origin)).toEqual(
      dates.map(date => `${SUMMARY}@${date}`),
    );
    expect(quality.score).toBe(100);
  });

  test('are void when the league begins to answer', async () => {
    await league.clearFaults();
    project.now += 26 * 3_600_000;
    const done = await project.materialize({select: SELECT});
    for (const date of dates) {
      expect(done.outcomes.get(`${BOX}@${date}`)).toBe('succeeded');
      expect((await verdict(BOX, date))[0]).toBe('fresh');
      expect((await verdict(SUMMARY, date))[0]).toBe('fresh');
    }
    const {out} = await project.gameplan('gaps', BOX, '--void');
    expect(out).toContain(dates[0]);
    expect((await project.plan({select: SELECT})).actions).toMatchObject({run: 0, wait: 0});
  });
});

describe.skipIf(!hasRecordedGames)('the recorded league, down for March 2023', () => {
  let recorded: LeagueProcess;
  const FEATURES = 'precompute.ml_feature_store';
  const SELECT = `+${FEATURES}`;
  const MARCH = {from: '2023-03-01', to: '2023-03-31'};

  beforeAll(async () => {
    recorded = await startLeagueProcess([]);
    project = new ShippedProject({
      target: 'recorded',
      league: recorded.url,
      start: '2023-02-10',
      end: '2023-04-08',
    });
    project.replace(
      'pipeline.yaml',
      'defaults: {retries: 3, timeout: 3m',
      'defaults: {retries: 0, timeout: 3m',
    );
    await recorded.addFaults({match: {site: 'nba', path: LOG, ...MARCH}, kind: 'status', status: 503});
    await project.materialize({select: SELECT});
  }, 200_000);
  afterAll(async () => {
    await recorded?.stop();
    project.remove();
  });

  test('player rows of all its dates are those of the second source, and silver is what reads them', async () => {
    const found = await project.ask(
      `SELECT DISTINCT _source FROM ${BOX} WHERE game_date BETWEEN '${MARCH.from}' AND '${MARCH.to}'`,
    );
    expect(found).toEqual([['bdl']]);
    expect(await scoreOf('analytics.player_game_summary', '2023-03-15')).toBe(90);
    const features = await scoreOf(FEATURES, '2023-04-05');
    expect(features).toBeGreaterThan(90);
    expect(features).toBeLessThan(100);
  });

  test('it heals to gold by itself when the league is back, and only what changed is made again', async () => {
    await recorded.clearFaults();
    project.now += 26 * 3_600_000;
    const done = await project.materialize({select: SELECT});
    const {succeeded = [], unchanged = []} = byOutcome(done);
    const made = [...succeeded, ...unchanged];
    const keys = (asset: string) =>
      made.filter(ref => ref.startsWith(`${asset}@`)).map(ref => ref.slice(ref.indexOf('@') + 1));
    expect(keys(BOX).every(key => key >= MARCH.from && key <= MARCH.to)).toBe(true);
    expect(keys(BOX).length).toBeGreaterThan(25);
    expect(keys('raw.team_boxscores')).toEqual([]);
    expect(keys('analytics.team_offense_game_summary')).toEqual([]);
    expect(keys('analytics.player_game_summary').every(key => key >= MARCH.from && key <= MARCH.to)).toBe(
      true,
    );
    expect(keys(FEATURES).every(key => key > MARCH.from)).toBe(true);
    expect(await scoreOf(FEATURES, '2023-04-05')).toBe(100);
    const {partitions} = await project.plan({select: SELECT});
    // Its first days have too few games before them.
    expect(partitions.filter(({action, key}) => action !== undefined && key >= MARCH.from)).toEqual([]);
  });
});
