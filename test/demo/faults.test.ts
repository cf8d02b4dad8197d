// Every fault a league server can be asked for, through real HTTP.
// Does not deal with how a pipeline copes with them.
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {type FaultRule, type LeagueServer, startLeague} from '../../demo/league.ts';
import {
  actionsOf,
  boxOf,
  dataDir,
  hasRecordedData,
  logUrl,
  playByPlayUrl,
  rowsOf,
  scheduleOf,
  withLeague,
} from './client.ts';

const season = '2024-25';
const date = '2025-01-15';
let league: LeagueServer;
let gameIds: string[] = [];
beforeAll(async () => {
  league = await startLeague({mode: 'simulated', seed: 5, seasons: [season]});
  const games = await scheduleOf(league, season);
  gameIds = games.filter(game => game.gameDateEst.startsWith(date)).map(({gameId}) => gameId);
});
afterEach(() => league.faults.clear());
afterAll(() => league.close());

function logOf(day = date): string {
  return logUrl(league, {season, from: day});
}

function boxUrl(gameId: string | undefined): string {
  return `${league.url}/stats/boxscoretraditionalv3?GameID=${gameId}`;
}

async function control(
  method: string,
  path: string,
  body?: unknown,
): Promise<{status: number; text: string}> {
  const response = await fetch(`${league.url}/_league/${path}`, {
    method,
    ...(body === undefined ? {} : {body: JSON.stringify(body)}),
  });
  return {status: response.status, text: await response.text()};
}

describe('a transport fault', () => {
  test('of kind status answers so the first times, then goes away', async () => {
    league.faults.add({match: {path: '/stats/leaguegamelog'}, kind: 'status', status: 503, times: 2});
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++) statuses.push((await fetch(logOf())).status);
    expect(statuses).toEqual([503, 503, 200]);
    expect((await fetch(boxUrl(gameIds[0]))).status).toBe(200);
  });

  test('of kind status is a 500 where no status is given', async () => {
    league.faults.add({match: {}, kind: 'status'});
    expect((await fetch(logOf())).status).toBe(500);
  });

  test('of kind timeout never answers', async () => {
    league.faults.add({match: {date}, kind: 'timeout'});
    await expect(fetch(logOf(), {signal: AbortSignal.timeout(300)})).rejects.toThrow(/timeout/);
    expect((await fetch(logOf('2025-01-16'))).status).toBe(200);
  });

  test('of kind slow answers late, and rightly', async () => {
    const before = await rowsOf(logOf());
    league.faults.add({match: {date}, kind: 'slow', delayMs: 150});
    const start = performance.now();
    expect(await rowsOf(logOf())).toEqual(before);
    expect(performance.now() - start).toBeGreaterThan(140);
  });

  test('of kind not-json is cut off in the middle', async () => {
    league.faults.add({match: {game: gameIds[0] ?? ''}, kind: 'not-json'});
    const response = await fetch(boxUrl(gameIds[0]));
    expect(response.headers.get('content-type')).toContain('application/json');
    await expect(response.json()).rejects.toThrow(SyntaxError);
    expect((await fetch(boxUrl(gameIds[1]))).status).toBe(200);
  });

  test('of kind html is a page with status 200', async () => {
    league.faults.add({match: {season}, kind: 'html'});
    const response = await fetch(logOf());
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html']);
    expect(await response.text()).toContain('<html>');
  });

  test('of kind reset breaks the connection', async () => {
    league.faults.add({match: {path: 'playbyplay_\\d+'}, kind: 'reset', times: 1});
    const url = playByPlayUrl(league, gameIds[0] ?? '');
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    expect((await fetch(url)).status).toBe(200);
  });

  test.each([
    ['scheduleleaguev2?Season=2024-25', 'dates'],
    ['leaguegamelog?Season=2024-25&PlayerOrTeam=P&DateFrom=2025-01-15&DateTo=2025-01-15', 'POINTS'],
    ['boxscoretraditionalv3?GameID=0022400001', 'pointsScored'],
    ['leaguestandingsv3?Season=2024-25', 'W'],
    ['scoreboardv3?GameDate=2025-01-15', 'id'],
  ])('of kind changed-shape renames a key of %s', async (path, key) => {
    const url = `${league.url}/stats/${path}`;
    const before = await (await fetch(url)).text();
    league.faults.add({match: {}, kind: 'changed-shape'});
    const after = await (await fetch(url)).text();
    expect(before).not.toContain(`"${key}"`);
    expect(after).toContain(`"${key}"`);
    expect(() => JSON.parse(after)).not.toThrow();
  });

  test('at a rate strikes about that share, the same requests for the same seed', async () => {
    const rule: FaultRule = {match: {}, kind: 'status', status: 502, rate: 0.3};
    const struck = async (server: LeagueServer): Promise<string[]> => {
      server.faults.add(rule);
      const hit: string[] = [];
      const days = Array.from({length: 60}, (_, day) =>
        new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10),
      );
      for (const day of days) {
        if ((await fetch(logUrl(server, {season, from: day}))).status === 502) hit.push(day);
      }
      return hit;
    };
    const options = {mode: 'simulated', seed: 5, seasons: [season]} as const;
    const first = await withLeague(options, struck);
    expect(first.length).toBeGreaterThan(8);
    expect(first.length).toBeLessThan(30);
    expect(await withLeague(options, struck)).toEqual(first);
    expect(await withLeague({...options, seed: 6}, struck)).not.toEqual(first);
  });
});

describe('an empty answer', () => {
  test('for a date has no rows, and the schedule still knows the games', async () => {
    league.faults.add({match: {date}, kind: 'empty'});
    expect(await rowsOf(logOf())).toEqual([]);
    expect((await rowsOf(logOf('2025-01-16'))).length).toBeGreaterThan(0);
    expect((await boxOf(league, gameIds[0] ?? '')).homeTeam).toMatchObject({players: [], statistics: null});
    expect(await actionsOf(league, gameIds[0] ?? '')).toEqual([]);
    expect(
      (await scheduleOf(league, season)).filter(({gameDateEst}) => gameDateEst.startsWith(date)),
    ).toHaveLength(gameIds.length);
  });

  test('for a game leaves out its rows only', async () => {
    const all = await rowsOf(logOf());
    league.faults.add({match: {game: gameIds[0] ?? ''}, kind: 'empty'});
    expect(await rowsOf(logOf())).toEqual(all.filter(row => row['GAME_ID'] !== gameIds[0]));
    expect((await boxOf(league, gameIds[1] ?? '')).homeTeam.players.length).toBeGreaterThan(8);
  });

  test('for a path that names the schedule takes its dates away', async () => {
    league.faults.add({match: {path: '/stats/scheduleleaguev2', date}, kind: 'empty'});
    const games = await scheduleOf(league, season);
    expect(games.some(({gameDateEst}) => gameDateEst.startsWith(date))).toBe(false);
    expect(games.length).toBeGreaterThan(1300);
    league.faults.add({match: {path: '/stats/scheduleleaguev2'}, kind: 'empty'});
    expect(await scheduleOf(league, season)).toEqual([]);
  });
});

describe('a corrected answer', () => {
  test('comes from the second fetch on, with totals that still add up', async () => {
    await withLeague({mode: 'simulated', seed: 5, seasons: [season]}, async fresh => {
      const [gameId = ''] = gameIds;
      fresh.faults.add({match: {game: gameId}, kind: 'corrected'});
      const url = logUrl(fresh, {season, from: date});
      const [first, second] = [await rowsOf(url), await rowsOf(url)];
      const changed = second.filter((row, index) => JSON.stringify(row) !== JSON.stringify(first[index]));
      expect(changed).toHaveLength(1);
      const before = first.find(row => row['PLAYER_ID'] === changed[0]?.['PLAYER_ID']);
      expect(changed[0]).toMatchObject({
        GAME_ID: gameId,
        REB: Number(before?.['REB']) + 1,
        DREB: Number(before?.['DREB']) + 1,
        AST: Number(before?.['AST']) + 1,
        PTS: before?.['PTS'],
      });
      await boxOf(fresh, gameId);
      const box = await boxOf(fresh, gameId);
      const player = box.homeTeam.players.find(({personId}) => personId === changed[0]?.['PLAYER_ID']);
      expect(player?.statistics.reboundsTotal).toBe(changed[0]?.['REB']);
      const total = box.homeTeam.players.reduce((sum, {statistics}) => sum + statistics.reboundsTotal, 0);
      expect(box.homeTeam.statistics?.reboundsTotal).toBe(total);
      expect(await rowsOf(url)).toEqual(second);
    });
  });

  test('comes at once where nothing need come before it', async () => {
    const all = await rowsOf(logOf('2025-01-17'));
    league.faults.add({match: {date: '2025-01-17'}, kind: 'corrected', after: 0});
    const corrected = await rowsOf(logOf('2025-01-17'));
    const games = new Set(all.map(row => row['GAME_ID'])).size;
    expect(corrected.filter((row, index) => row['REB'] !== all[index]?.['REB'])).toHaveLength(games);
  });

  test.skipIf(!hasRecordedData)('of a recorded game changes the recorded rows', async () => {
    await withLeague({mode: 'recorded', dataDir, seasons: [season]}, async recorded => {
      const before = await boxOf(recorded, '0022400561');
      recorded.faults.add({match: {game: '0022400561'}, kind: 'corrected'});
      const after = await boxOf(recorded, '0022400561');
      expect(after.homeTeam.statistics?.assists).toBe((before.homeTeam.statistics?.assists ?? 0) + 1);
      expect(after.homeTeam.statistics?.points).toBe(before.homeTeam.statistics?.points);
      expect(after.awayTeam).toEqual(before.awayTeam);
    });
  });
});

describe('the control endpoints', () => {
  test('add, list and clear rules', async () => {
    const rule = {match: {path: '/stats/leaguegamelog'}, kind: 'status', status: 429, times: 1};
    expect((await control('POST', 'faults', [rule])).status).toBe(200);
    expect([(await fetch(logOf())).status, (await fetch(logOf())).status]).toEqual([429, 200]);
    expect(JSON.parse((await control('GET', 'faults')).text)).toEqual([{...rule, matched: 2, struck: 1}]);
    expect((await control('DELETE', 'faults')).text).toBe('[]');
    expect(league.faults.list()).toEqual([]);
  });

  test.each([
    [{match: {}, kind: 'explode'}, 'Rule 1: kind must be one of'],
    [[{match: {}, kind: 'html'}, {kind: 'html'}], 'Rule 2: match must be an object'],
    [{match: {gameId: '1'}, kind: 'html'}, "match has no field 'gameId'"],
    [{match: {path: '('}, kind: 'html'}, 'no regular expression'],
    [{match: {}, kind: 'slow', delay: 5}, "there is no field 'delay'"],
    [{match: {}, kind: 'html', rate: 'often'}, 'rate must be a number'],
  ])('refuse the wrong rule %j and add nothing', async (rules, message) => {
    const answer = await control('POST', 'faults', rules);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(message);
    expect(league.faults.list()).toEqual([]);
  });

  test('count requests by endpoint, and move the moment', async () => {
    await withLeague({mode: 'simulated', seed: 5, seasons: [season]}, async fresh => {
      await scheduleOf(fresh, season);
      await rowsOf(logUrl(fresh, {season, from: date}));
      await rowsOf(logUrl(fresh, {season, from: date}));
      expect(await (await fetch(`${fresh.url}/_league/requests`)).json()).toEqual({
        'game-log': 2,
        schedule: 1,
      });
      expect(fresh.requests()).toEqual({'game-log': 2, schedule: 1});
      const post = (body: string): Promise<Response> =>
        fetch(`${fresh.url}/_league/now`, {method: 'POST', body});
      expect((await post('"2025-01-15T12:00:00Z"')).status).toBe(200);
      expect(await rowsOf(logUrl(fresh, {season, from: date}))).toEqual([]);
      expect((await post('"noon"')).status).toBe(400);
      expect((await post('null')).status).toBe(200);
      expect((await rowsOf(logUrl(fresh, {season, from: date}))).length).toBeGreaterThan(0);
    });
  });
});

test('a wrong question is a 400 with its reason, an unknown path a 404', async () => {
  const wrong = await fetch(`${league.url}/stats/leaguegamelog?Season=${season}&DateFrom=yesterday`);
  expect([wrong.status, await wrong.text()]).toEqual([
    400,
    "The field DateFrom must be MM/DD/YYYY or YYYY-MM-DD, not 'yesterday'.",
  ]);
  expect((await fetch(`${league.url}/stats/scheduleleaguev2`)).status).toBe(400);
  expect((await fetch(`${league.url}/stats/boxscoretraditionalv3?GameID=1`)).status).toBe(400);
  expect((await fetch(`${league.url}/stats/shotchart`)).status).toBe(404);
  expect((await fetch(`${league.url}/stats/scoreboardv3?GameDate=x`, {method: 'POST'})).status).toBe(405);
});
