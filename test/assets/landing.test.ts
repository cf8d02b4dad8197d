import {describe, expect, test} from 'vitest';
import {files as landPlays} from '../../assets/landing/nbac_play_by_play.ts';
import {files as landPlayers} from '../../assets/landing/nbac_player_boxscores.ts';
import {files as landSchedule} from '../../assets/landing/nbac_schedule.ts';
import {files as landStandings} from '../../assets/landing/nbac_standings.ts';
import {files as landTeams} from '../../assets/landing/nbac_team_boxscores.ts';
import {rows as playRows} from '../../assets/raw/play_by_play.ts';
import {rows as playerRows} from '../../assets/raw/player_boxscores.ts';
import {rows as scheduleRows} from '../../assets/raw/schedule.ts';
import {rows as standingsRows} from '../../assets/raw/standings.ts';
import {rows as teamRows} from '../../assets/raw/team_boxscores.ts';
import type {Partition, Row, SiteClient} from '../../runner/asset.ts';
import {hasRecordedData, recordedTitle, withLeague} from '../demo/client.ts';
import {dateOf, land, rowsOf, seasonOf, withSite} from './kit.ts';

const SEASON = '2024-25';

async function recorded<T>(use: (site: SiteClient) => Promise<T>): Promise<T> {
  return await withLeague({mode: 'recorded', seasons: [SEASON]}, league => withSite(league.url, use));
}

/** Sums `points` by game and team. */
function pointsByTeam(rows: readonly Row[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const row of rows) {
    const team = `${row['game_id']} ${row['team']}`;
    sums[team] = (sums[team] ?? 0) + Number(row['points']);
  }
  return sums;
}

/** The partition of a date as the calendar would have it. */
function partitionOf(schedule: readonly Row[], date: string): Partition {
  return dateOf(
    date,
    SEASON,
    schedule
      .filter(game => game['game_date'] === date)
      .map(game => [String(game['game_id']), String(game['home_team']), String(game['away_team'])]),
  );
}

async function scheduleOf(site: SiteClient): Promise<readonly Row[]> {
  const season = seasonOf(SEASON);
  return await rowsOf(scheduleRows, season, await land(landSchedule, {site, partition: season}));
}

describe('a simulated season', () => {
  test('lands and adds up: schedule, standings, players, teams and plays', async () => {
    await withLeague({mode: 'simulated', seasons: [SEASON]}, league =>
      withSite(league.url, async site => {
        const schedule = await scheduleOf(site);
        expect(schedule.filter(game => game['game_type'] === 'regular')).toHaveLength(1230);

        const season = seasonOf(SEASON);
        const standings = await land(landStandings, {site, partition: season});
        expect(await rowsOf(standingsRows, season, {...standings, edge: 'answers'})).toHaveLength(30);

        const first = schedule.find(game => game['game_type'] === 'regular');
        const partition = partitionOf(schedule, String(first?.['game_date']));
        const ids = partition.games.map(game => game.id).sort();
        const players = await land(landPlayers, {site, partition});
        const teams = await land(landTeams, {site, partition});
        const plays = await land(landPlays, {site, partition});
        expect([players.games, teams.games, plays.games]).toEqual([ids, ids, ids]);

        const lines = await rowsOf(playerRows, partition, players);
        const totals = await rowsOf(teamRows, partition, teams);
        expect(pointsByTeam(lines)).toEqual(pointsByTeam(totals));

        const shots = (await rowsOf(playRows, partition, {...plays, edge: 'answers'})).filter(
          play => play['shot_value'] !== null,
        );
        const attempts = totals.reduce((sum, team) => sum + Number(team['field_goals_attempted']), 0);
        expect(shots).toHaveLength(attempts);
      }),
    );
  });

  test('that has not begun has a schedule, and box scores that are no answer', async () => {
    const now = '2024-10-01T12:00:00Z';
    await withLeague({mode: 'simulated', seasons: [SEASON], now}, league =>
      withSite(league.url, async site => {
        const schedule = await scheduleOf(site);
        const opening = schedule.find(game => game['game_type'] === 'regular');
        expect(opening).toMatchObject({game_status: 'scheduled', home_score: null, away_score: null});
        const partition = partitionOf(schedule, String(opening?.['game_date']));
        const objects = new Map<string, Uint8Array>();
        await expect(land(landPlayers, {site, partition, objects})).rejects.toThrow(
          `answered 200 with no rows for ${partition.games.length} games`,
        );
        // What came is stored before it is judged.
        expect([...objects.keys()]).toEqual(['regular-season.json']);
        await expect(land(landTeams, {site, partition})).rejects.toThrow('answered with no rows');
        await expect(land(landPlays, {site, partition})).rejects.toThrow('answered with no rows');
      }),
    );
  });
});

describe.skipIf(!hasRecordedData)(recordedTitle, () => {
  test('has 214 dates that count in 2024-25, each an Eastern day', async () => {
    await recorded(async site => {
      const counted = (await scheduleOf(site)).filter(
        game => !['preseason', 'all_star'].includes(String(game['game_type'])),
      );
      expect(new Set(counted.map(game => game['game_date'])).size).toBe(214);
      // 10 pm in the East is the next day in UTC.
      const late = counted.find(game => game['game_id'] === '0022400062');
      expect(late).toMatchObject({game_date: '2024-10-22', tipoff_utc: '2024-10-23T02:00:00Z'});
    });
  });

  test('answers play-in dates with no player rows and with team rows', async () => {
    await recorded(async site => {
      const partition = dateOf('2025-04-15', SEASON, [
        ['0052400101', 'ORL', 'ATL'],
        ['0052400121', 'GSW', 'MEM'],
      ]);
      await expect(land(landPlayers, {site, partition})).rejects.toThrow(
        "answered 200 with no rows for 2 games, asked for as 'PlayIn'",
      );
      expect((await land(landTeams, {site, partition})).games).toEqual(['0052400101', '0052400121']);
    });
  });

  test('has the play-by-play of one of eleven games, and the rest are left out', async () => {
    await recorded(async site => {
      const partition = partitionOf(await scheduleOf(site), '2025-01-15');
      expect(partition.games).toHaveLength(11);
      const landed = await land(landPlays, {site, partition});
      expect(landed.games).toEqual(['0022400561']);
      const plays = await rowsOf(playRows, partition, {...landed, edge: 'answers'});
      expect(plays).toHaveLength(506);
    });
  });

  test('keeps nulls in playoffs: shooting counts of players were not recorded', async () => {
    await recorded(async site => {
      const partition = partitionOf(await scheduleOf(site), '2025-06-22');
      const {objects} = await land(landPlayers, {site, partition});
      const lines = await rowsOf(playerRows, partition, {objects});
      expect(lines.length).toBeGreaterThan(15);
      expect(new Set(lines.map(line => line['field_goals_attempted']))).toEqual(new Set([null]));
      expect(lines.every(line => typeof line['points'] === 'number')).toBe(true);
    });
  });

  test('says who is at home at a neutral site by the schedule, not by the match-up', async () => {
    await recorded(async site => {
      const partition = partitionOf(await scheduleOf(site), '2024-11-02');
      const game = partition.games.find(({id}) => id === '0022400147');
      const {objects} = await land(landPlayers, {site, partition});
      const lines = (await rowsOf(playerRows, partition, {objects})).filter(
        line => line['game_id'] === '0022400147',
      );
      const home = new Set(lines.filter(line => line['is_home']).map(line => line['team']));
      expect(home).toEqual(new Set([game?.teams[0]]));
    });
  });
});
