// The recorded league over HTTP, held against the known counts of the recording.
// Does not deal with simulated seasons or faults.
import {DuckDBInstance} from '@duckdb/node-api';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type LeagueServer, startLeague} from '../../demo/league.ts';
import {
  actionsOf,
  boxOf,
  dataDir,
  type GameAnswer,
  getJson,
  hasRecordedData,
  logUrl,
  playByPlayUrl,
  recordedTitle,
  rowsOf,
  scheduleOf,
  withLeague,
} from './client.ts';

/** Regular games' dates, playoff dates, and all dates without preseason and All-Star. */
const calendar: readonly (readonly [string, number, number, number])[] = [
  ['2021-22', 165, 45, 213],
  ['2022-23', 164, 45, 212],
  ['2023-24', 160, 44, 208],
  ['2024-25', 163, 47, 214],
  ['2025-26', 164, 44, 212],
];

function datesOf(games: readonly GameAnswer[], types: string): Set<string> {
  return new Set(
    games.filter(game => types.includes(game.gameId.charAt(2))).map(game => game.gameDateEst.slice(0, 10)),
  );
}

describe.skipIf(!hasRecordedData)(recordedTitle, () => {
  let league: LeagueServer;
  beforeAll(async () => {
    league = await startLeague({mode: 'recorded', dataDir});
  });
  afterAll(() => league.close());

  test.each(calendar)(
    '%s has the known numbers of games and dates',
    async (season, regular, playoffs, all) => {
      const games = await scheduleOf(league, season);
      expect(games.filter(game => game.gameId.startsWith('002'))).toHaveLength(1230);
      expect(datesOf(games, '2').size).toBe(regular);
      expect(datesOf(games, '4').size).toBe(playoffs);
      expect(datesOf(games, '5').size).toBe(3);
      expect(datesOf(games, '2456').size).toBe(all);
    },
  );

  test('a season outside the recording has no dates, and is no error', async () => {
    expect(await scheduleOf(league, '1999-00')).toEqual([]);
    expect(await rowsOf(logUrl(league, {season: '1999-00'}))).toEqual([]);
    expect(await rowsOf(`${league.url}/stats/leaguestandingsv3?Season=1999-00`)).toEqual([]);
  });

  test('a known start is told in three clocks, an unknown one by an empty UTC time', async () => {
    const [known] = (await scheduleOf(league, '2024-25')).filter(game => game.gameId === '0022400561');
    expect(known?.gameDateTimeUTC).toBe('2025-01-16T00:00:00Z');
    expect(known?.gameDateTimeEst).toBe('2025-01-15T19:00:00Z');
    const unknown = (await scheduleOf(league, '2023-24')).filter(game => game.gameTimeUTC === '');
    expect(unknown).toHaveLength((await scheduleOf(league, '2023-24')).length);
    expect(unknown[0]?.gameDateTimeUTC).toBe('');
    expect(unknown[0]?.gameDateTimeEst).toMatch(/T00:00:00Z$/);
  });

  test('the log of a date holds exactly the recorded player rows', async () => {
    const rows = await rowsOf(logUrl(league, {season: '2024-25', from: '03/15/2025'}));
    expect(rows.find(row => row['PLAYER_NAME'] === 'Stephen Curry')).toEqual({
      ...curry,
      SEASON_ID: '22024',
      GAME_DATE: '2025-03-15',
      MATCHUP: 'GSW vs. NYK',
    });
    const iso = await rowsOf(logUrl(league, {season: '2024-25', from: '2025-03-15'}));
    expect(iso).toEqual(rows);
  });

  test('all player rows of a season are served, by type', async () => {
    const regular = await rowsOf(logUrl(league, {season: '2023-24'}));
    expect(regular).toHaveLength(26_401);
    expect(await rowsOf(logUrl(league, {season: '2023-24', type: 'Playoffs'}))).toHaveLength(1685);
    expect(await rowsOf(logUrl(league, {season: '2023-24', type: 'PlayIn'}))).toEqual([]);
    expect(await rowsOf(logUrl(league, {season: '2023-24', type: 'PlayIn', per: 'T'}))).toHaveLength(12);
    expect(await rowsOf(logUrl(league, {season: '2023-24', type: 'Playoff'}))).toEqual([]);
    expect(await rowsOf(logUrl(league, {season: '2023-24', type: 'constructor'}))).toEqual([]);
  });

  test('counts the recording lacks are null, never zero', async () => {
    const [row] = await rowsOf(logUrl(league, {season: '2024-25', type: 'Playoffs', from: '2025-06-22'}));
    expect(row).toMatchObject({FGM: null, FTA: null, OREB: null, PF: null});
    expect(row?.['PTS']).toBeTypeOf('number');
    const box = await boxOf(league, '0022500165');
    expect(box.homeTeam.statistics).toMatchObject({minutes: null, fieldGoalsMade: null, points: 128});
  });

  test('a box score has the recorded players and team row', async () => {
    const box = await boxOf(league, '0022400561');
    expect(box.homeTeamId).toBe(1610612755);
    expect(box.homeTeam.statistics?.points).toBe(119);
    const points = box.homeTeam.players.map(({statistics}) => statistics.points);
    expect(points.reduce((sum, value) => sum + value, 0)).toBe(119);
    expect(box.homeTeam.players[0]?.statistics.minutes).toMatch(/^\d+:00$/);
  });

  test('a game without rows has its teams and nothing in them; an unknown game has no teams', async () => {
    const known = await boxOf(league, '0052500101');
    expect(known.homeTeam).toMatchObject({players: [], statistics: null, starters: null, bench: null});
    expect(known.homeTeam.teamId).toBeGreaterThan(1_610_612_736);
    const unknown = await boxOf(league, '0022409999');
    expect(unknown).toMatchObject({homeTeamId: 0, awayTeamId: 0});
    expect(unknown.homeTeam).toMatchObject({teamId: 0, players: [], statistics: null});
  });

  test('standings counted from the games are those on record, all seasons and teams', async () => {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(
      `select season, team_id::double as team_id, wins::integer as wins, losses::integer as losses, home_record,
         road_record, last_10, streak, trim(conference_record) as conference_record, conference_rank::integer as rank, games_back
       from '${dataDir}/standings_final.parquet' where season >= '2021-22' order by season, team_id`,
    );
    const recorded = reader.getRowObjectsJS();
    connection.closeSync();
    expect(recorded).toHaveLength(150);
    for (const [season] of calendar) {
      const served = await rowsOf(
        `${league.url}/stats/leaguestandingsv3?LeagueID=00&Season=${season}&SeasonType=Regular%20Season`,
      );
      const told = served.map(row => ({
        season,
        team_id: row['TeamID'],
        wins: row['WINS'],
        losses: row['LOSSES'],
        home_record: row['HOME'],
        road_record: row['ROAD'],
        last_10: row['L10'],
        streak: row['strCurrentStreak'],
        conference_record: row['ConferenceRecord'],
        rank: row['PlayoffRank'],
        games_back: row['ConferenceGamesBack'],
      }));
      const byTeam = [...told].sort((a, b) => Number(a.team_id) - Number(b.team_id));
      expect(byTeam).toEqual(recorded.filter(row => row['season'] === season));
    }
  });

  test('play-by-play is served for the three recorded games, others are denied as XML', async () => {
    for (const [gameId, home, away] of [
      ['0022400001', '116', '117'],
      ['0022400500', '108', '106'],
      ['0022400561', '119', '125'],
    ] as const) {
      const actions = await actionsOf(league, gameId);
      expect([actions.at(-1)?.scoreHome, actions.at(-1)?.scoreAway]).toEqual([home, away]);
      const made = actions.filter(action => action.shotResult === 'Made');
      const points = made.reduce((sum, {actionType}) => sum + (pointsFor[actionType] ?? 0), 0);
      expect(points).toBe(Number(home) + Number(away));
    }
    const denied = await fetch(playByPlayUrl(league, '0022400562'));
    expect(denied.status).toBe(403);
    expect(await denied.text()).toContain('<Code>AccessDenied</Code>');
  });

  test('the scoreboard of a date has its games', async () => {
    const answer = await getJson<{scoreboard: {games: GameAnswer[]}}>(
      `${league.url}/stats/scoreboardv3?GameDate=2025-11-05`,
    );
    expect(answer.scoreboard.games).toHaveLength(11);
    expect(answer.scoreboard.games.find(({gameId}) => gameId === '0022500171')?.homeTeam.score).toBe(132);
  });

  test('early values stand until they are corrected, and only those four differ', async () => {
    await withLeague({mode: 'recorded', early: true, seasons: ['2025-26']}, async early => {
      const asked = {season: '2025-26', from: '2025-10-21', to: '2025-11-23'};
      const before = await rowsOf(logUrl(early, asked));
      early.setEarly(false);
      const after = await rowsOf(logUrl(early, asked));
      const changed = before.flatMap((row, index) => {
        const now = after[index];
        if (JSON.stringify(row) === JSON.stringify(now)) return [];
        return [[row['PLAYER_NAME'], row['REB'], now?.['REB'], row['AST'], now?.['AST']]];
      });
      expect(changed.sort()).toEqual([
        ['Alperen Sengun', 9, 8, 8, 8],
        ['Marcus Smart', 4, 4, 6, 5],
        ['Rui Hachimura', 3, 3, 1, 2],
        ['Tari Eason', 2, 3, 2, 2],
      ]);
    });
  });

  test('at a moment within a season later games are scheduled, without scores or rows', async () => {
    const now = '2025-01-16T01:00:00Z';
    await withLeague({mode: 'recorded', now, seasons: ['2024-25']}, async then => {
      const games = await scheduleOf(then, '2024-25');
      const status = new Map(games.map(game => [game.gameId, game]));
      expect(status.get('0022400561')).toMatchObject({gameStatus: 2});
      const later = games.filter(game => game.gameStatus === 1);
      expect(later.length).toBeGreaterThan(600);
      expect(later.every(({homeTeam}) => homeTeam.score === 0)).toBe(true);
      expect(games.some(game => game.gameId.startsWith('004'))).toBe(false);
      expect(await rowsOf(logUrl(then, {season: '2024-25', from: '2025-01-16'}))).toEqual([]);
      then.setNow('2025-01-17T12:00:00Z');
      expect((await rowsOf(logUrl(then, {season: '2024-25', from: '2025-01-16'}))).length).toBeGreaterThan(
        50,
      );
    });
  });
});

const pointsFor: Readonly<Record<string, number>> = {'2pt': 2, '3pt': 3, freethrow: 1};

const curry = {
  PLAYER_ID: 201939,
  PLAYER_NAME: 'Stephen Curry',
  TEAM_ID: 1610612744,
  TEAM_ABBREVIATION: 'GSW',
  TEAM_NAME: 'Golden State Warriors',
  GAME_ID: '0022400974',
  WL: 'W',
  MIN: 35,
  FGM: 8,
  FGA: 20,
  FG_PCT: 0.4,
  FG3M: 4,
  FG3A: 13,
  FG3_PCT: 0.308,
  FTM: 8,
  FTA: 9,
  FT_PCT: 0.889,
  OREB: 0,
  DREB: 7,
  REB: 7,
  AST: 5,
  STL: 0,
  BLK: 1,
  TOV: 3,
  PF: 2,
  PTS: 28,
  PLUS_MINUS: -5,
  FANTASY_PTS: 43.9,
  VIDEO_AVAILABLE: 1,
};
