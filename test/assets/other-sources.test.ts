import {DuckDBInstance} from '@duckdb/node-api';
import {describe, expect, test} from 'vitest';
import {files as landBdl} from '../../assets/landing/bdl_player_boxscores.ts';
import {files as landOffers} from '../../assets/landing/bettingpros_player_props.ts';
import {files as landPages} from '../../assets/landing/espn_boxscores.ts';
import {files as landEspnSchedule} from '../../assets/landing/espn_schedule.ts';
import {files as landScoreboard} from '../../assets/landing/espn_scoreboard.ts';
import {files as landPlayers} from '../../assets/landing/nbac_player_boxscores.ts';
import {files as landList} from '../../assets/landing/nbac_player_list.ts';
import {files as landSchedule} from '../../assets/landing/nbac_schedule.ts';
import {files as landTeams} from '../../assets/landing/nbac_team_boxscores.ts';
import {files as landOdds} from '../../assets/landing/odds_player_props.ts';
import {rows as playerRows} from '../../assets/raw/player_boxscores.ts';
import {rows as propRows} from '../../assets/raw/player_props.ts';
import {rows as scheduleRows} from '../../assets/raw/schedule.ts';
import {rows as teamRows} from '../../assets/raw/team_boxscores.ts';
import {comparedName, normalName, playersByName, unlistedId} from '../../assets/shapes/player-name.ts';
import {findTeam} from '../../assets/shapes/team.ts';
import type {LeagueServer} from '../../demo/league.ts';
import type {Partition, Row, SiteClient} from '../../runner/asset.ts';
import {dataDir, hasRecordedData, recordedTitle, withLeague} from '../demo/client.ts';
import {dateOf, inputOf, land, type Objects, rowsOf, seasonOf, withSite} from './kit.ts';

const SEASON = '2024-25';
const DATE = '2025-01-15';

interface Sites {
  readonly league: LeagueServer;
  readonly nba: SiteClient;
  readonly bdl: SiteClient;
  readonly espn: SiteClient;
  readonly espnWeb: SiteClient;
  readonly odds: SiteClient;
  readonly bettingpros: SiteClient;
}

/** A client of each site of one simulated league. */
async function withSites(use: (sites: Sites) => Promise<void>): Promise<void> {
  await withLeague({mode: 'simulated', seed: 5, seasons: [SEASON]}, async league => {
    const {url} = league;
    await withSite(url, nba =>
      withSite(
        `${url}/bdl`,
        bdl =>
          withSite(`${url}/espn`, espn =>
            withSite(`${url}/espn-web`, espnWeb =>
              withSite(`${url}/odds?apiKey=x`, odds =>
                withSite(
                  `${url}/bettingpros`,
                  bettingpros => use({league, nba, bdl, espn, espnWeb, odds, bettingpros}),
                  {'x-api-key': 'x'},
                ),
              ),
            ),
          ),
        {authorization: 'x'},
      ),
    );
  });
}

async function partitionOf(nba: SiteClient, date = DATE): Promise<Partition> {
  const season = seasonOf(SEASON);
  const schedule = await rowsOf(
    scheduleRows,
    season,
    await land(landSchedule, {site: nba, partition: season}),
  );
  const games = schedule.filter(game => game['game_date'] === date);
  return dateOf(
    date,
    SEASON,
    games.map(game => [String(game['game_id']), String(game['home_team']), String(game['away_team'])]),
  );
}

async function listOf(nba: SiteClient): Promise<Objects> {
  return (await land(landList, {site: nba, partition: seasonOf(SEASON)})).objects;
}

/** ESPN's pages of a date, by way of its scoreboard. */
async function pagesOf({espn, espnWeb}: Sites, partition: Partition) {
  const scoreboard = await land(landScoreboard, {site: espn, partition});
  const inputs = {scoreboard: inputOf(scoreboard.objects, partition.key)};
  return await land(landPages, {site: espnWeb, partition, inputs});
}

/** By game and player, without what a source may not have and who was there for seconds. */
function comparable(rows: readonly Row[]): readonly Row[] {
  return rows
    .filter(row => Number(row['minutes']) > 0)
    .map(({plus_minus: _, ...row}): Row => row)
    .sort((a, b) => (`${a['game_id']} ${a['player_id']}` < `${b['game_id']} ${b['player_id']}` ? -1 : 1));
}

describe('player box scores of a date', () => {
  test('are the same rows from balldontlie and ESPN as from the league, ids and names of players included', async () => {
    await withSites(async sites => {
      const partition = await partitionOf(sites.nba);
      const players = await listOf(sites.nba);
      const nba = await land(landPlayers, {site: sites.nba, partition});
      const bdl = await land(landBdl, {site: sites.bdl, partition});
      const espn = await pagesOf(sites, partition);
      expect([bdl.games, espn.games]).toEqual([nba.games, nba.games]);
      expect(bdl.objects.size).toBeGreaterThan(1);
      const own = await rowsOf(playerRows, partition, nba);
      expect(comparable(await rowsOf(playerRows, partition, {...bdl, source: 'bdl', players}))).toEqual(
        comparable(own),
      );
      expect(comparable(await rowsOf(playerRows, partition, {...espn, source: 'espn', players}))).toEqual(
        comparable(own),
      );
    });
  });

  test('have ids below 0 where there is no list, the same from both sites', async () => {
    await withSites(async sites => {
      const partition = await partitionOf(sites.nba);
      const bdl = await land(landBdl, {site: sites.bdl, partition});
      const espn = await pagesOf(sites, partition);
      const ids = (rows: readonly Row[]) => rows.map(row => Number(row['player_id'])).sort((a, b) => a - b);
      const fromBdl = ids(comparable(await rowsOf(playerRows, partition, {...bdl, source: 'bdl'})));
      const fromEspn = ids(comparable(await rowsOf(playerRows, partition, {...espn, source: 'espn'})));
      expect(fromBdl.every(id => id < 0)).toBe(true);
      expect(new Set(fromBdl).size).toBe(fromBdl.length);
      expect(fromEspn).toEqual(fromBdl);
    });
  });

  test('that a site has of yesterday, or not at all, are no answer', async () => {
    await withSites(async sites => {
      const {league, bdl, espn, nba} = sites;
      const partition = await partitionOf(nba);
      league.faults.add({match: {date: DATE}, kind: 'yesterday'});
      const none = `none of the ${partition.games.length} games of ${DATE}`;
      await expect(land(landPlayers, {site: nba, partition})).rejects.toThrow(none);
      await expect(land(landBdl, {site: bdl, partition})).rejects.toThrow(none);
      league.faults.clear();
      league.faults.add({match: {date: DATE}, kind: 'empty'});
      await expect(land(landBdl, {site: bdl, partition})).rejects.toThrow(
        `answered 200 with 0 lines, ${none}`,
      );
      await expect(land(landScoreboard, {site: espn, partition})).rejects.toThrow(
        `answered 200 with 0 events, ${none}`,
      );
    });
  });

  test('of some games say which, and a page that embeds nothing is an error', async () => {
    await withSites(async sites => {
      const partition = await partitionOf(sites.nba);
      sites.league.faults.add({match: {site: 'bdl', date: DATE}, kind: 'short', games: 2});
      const bdl = await land(landBdl, {site: sites.bdl, partition});
      expect(bdl.games).toHaveLength(2);
      const rows = await rowsOf(playerRows, partition, {...bdl, source: 'bdl'});
      expect([...new Set(rows.map(row => row['game_id']))].sort()).toEqual(bdl.games);
      sites.league.faults.add({match: {site: 'espn_web'}, kind: 'html'});
      await expect(pagesOf(sites, partition)).rejects.toThrow('it is not a page of a game');
    });
  });
});

test('team box scores from ESPN are the sums of its players, without minutes', async () => {
  await withSites(async sites => {
    const partition = await partitionOf(sites.nba);
    const nba = await land(landTeams, {site: sites.nba, partition});
    const espn = await pagesOf(sites, partition);
    const without = (rows: readonly Row[]) =>
      rows
        .map(({plus_minus: _, minutes: __, ...row}): Row => row)
        .sort((a, b) => Number(a['team_id']) - Number(b['team_id']));
    const summed = await rowsOf(teamRows, partition, {...espn, source: 'espn'});
    expect(without(summed)).toEqual(without(await rowsOf(teamRows, partition, nba)));
    expect(new Set(summed.map(row => row['minutes']))).toEqual(new Set([null]));
  });
});

test("a season's games from ESPN are those of the league by date, teams, type and score, under other ids", async () => {
  await withSites(async ({nba, espn}) => {
    const partition = seasonOf(SEASON);
    const own = await rowsOf(scheduleRows, partition, await land(landSchedule, {site: nba, partition}));
    const landed = await land(landEspnSchedule, {site: espn, partition});
    const other = await rowsOf(scheduleRows, partition, {...landed, source: 'espn'});
    const told = (rows: readonly Row[]) =>
      rows
        .map(
          row =>
            `${row['game_date']} ${row['home_team']} ${row['home_score']} ${row['away_team']} ${row['away_score']} ${row['game_type']} ${row['game_status']}`,
        )
        .sort();
    expect(told(other)).toEqual(told(own));
    expect(other.every(row => String(row['game_id']).startsWith('espn-401'))).toBe(true);
  });
});

describe('lines on players', () => {
  test('are rows of both sellers, with the players of the games', async () => {
    await withSites(async ({nba, odds, bettingpros}) => {
      const players = await listOf(nba);
      const seen: Record<string, number> = {};
      for (const date of ['2025-01-13', '2025-01-14', DATE, '2025-01-16', '2025-01-17', '2025-01-18']) {
        const partition = await partitionOf(nba, date);
        const offers = await land(landOffers, {site: bettingpros, partition});
        expect(offers.games).toEqual(partition.games.map(({id}) => id).sort());
        const made = {
          odds: await rowsOf(propRows, partition, {
            ...(await land(landOdds, {site: odds, partition})),
            source: 'odds',
            players,
          }),
          bettingpros: await rowsOf(propRows, partition, {...offers, source: 'bettingpros', players}),
        };
        for (const [source, rows] of Object.entries(made)) {
          if (rows.length > 0) seen[source] = (seen[source] ?? 0) + 1;
          expect(rows.filter(row => row['player_id'] === null)).toEqual([]);
          const keys = rows.map(row =>
            JSON.stringify([
              row['game_id'],
              row['player_name'],
              row['market'],
              row['bookmaker'],
              row['line'],
            ]),
          );
          expect(new Set(keys).size).toBe(keys.length);
        }
      }
      expect(seen['bettingpros']).toBe(6);
      expect(seen['odds']).toBeGreaterThan(0);
      expect(seen['odds']).toBeLessThan(6);
    });
  });
});

describe('a name', () => {
  const listed = [
    {id: 1, name: 'Luka Dončić', team: 'LAL'},
    {id: 2, name: 'Jaren Jackson Jr.', team: 'MEM'},
    {id: 3, name: 'CJ McCollum', team: 'NOP'},
    {id: 4, name: 'Moritz Wagner', team: 'ORL'},
    {id: 5, name: 'Jalen Smith', team: 'CHI'},
    {id: 6, name: 'Jalen Smith', team: 'BOS'},
    {id: 7, name: "De'Aaron Fox", team: 'SAC'},
    {id: 8, name: 'Gary Payton II', team: 'GSW'},
    {id: 9, name: 'Gary Payton', team: 'SEA'},
  ];
  const find = playersByName(listed);

  test.each([
    ['Luka Doncic', 'DAL', 1],
    ['Jaren Jackson Jr', 'MEM', 2],
    ['Jaren Jackson', 'MEM', 2],
    ['C.J. McCollum', 'NOP', 3],
    ['Moe Wagner', 'ORL', 4],
    ['Jalen Smith', 'BOS', 6],
    ['Jalen Smith', 'MIA', undefined],
    ['DeAaron Fox', 'SAC', 7],
    ['Gary Payton II', 'GSW', 8],
    ['Gary PaytonII', 'GSW', 8],
    ['Jaren JacksonJr.', 'MEM', 2],
    ['Somebody Else', 'GSW', undefined],
  ])('%s of %s is found, or nobody is', (name, team, id) => {
    expect(find(name, team)?.id).toBe(id);
  });

  test('that is not on the list has a number below 0, the same however it is written', () => {
    expect(unlistedId('Nikola Đurišić')).toBe(unlistedId('Nikola Durisic'));
    expect(unlistedId('Nikola Đurišić')).not.toBe(unlistedId('Nikola Topić'));
    expect(unlistedId('A B')).toBeLessThan(0);
    expect(Number.isSafeInteger(unlistedId('A B'))).toBe(true);
    expect(normalName('  P.J.  Tucker-Smith ')).toBe('pj tucker smith');
  });
});

describe.skipIf(!hasRecordedData)(recordedTitle, () => {
  test('all names of recorded lines are found among the players of their seasons', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
    const file = (name: string) => `read_parquet('${dataDir}/${name}.parquet')`;
    const players = await read(
      `SELECT DISTINCT player_id::INT, player_name, arg_max(team, game_date) FROM ${file('player_boxscores')}
       WHERE season >= '2024-25' GROUP BY ALL`,
    );
    const find = playersByName(
      players.map(([id, name, team]) => ({id: Number(id), name: String(name), team: String(team)})),
    );
    const names = await read(
      `SELECT player_name FROM ${file('player_props_all_markets_2025_26')}
       UNION SELECT player_name FROM ${file('player_props_threes_2024_26')} ORDER BY 1`,
    );
    connection.closeSync();
    instance.closeSync();
    const written = names.map(([name]) => String(name));
    const among = (form: (name: string) => string) => {
      const known = new Set(players.map(([, name]) => form(String(name))));
      return written.filter(name => known.has(form(name)));
    };
    const compared = among(comparedName);
    expect({
      all: written.length,
      asTheyAre: among(name => name).length,
      inPlainLetters: among(normalName).length,
      withoutSuffix: compared.length,
    }).toEqual({all: 437, asTheyAre: 390, inPlainLetters: 422, withoutSuffix: 429});
    expect(written.filter(name => !compared.includes(name))).toEqual([
      'B.J. Boston Jr',
      'Carlton Carrington',
      'Herb Jones',
      'Kenyon Martin Jr.',
      'Moe Wagner',
      'Nicolas Claxton',
      'Ron Holland',
      'Vincent Williams Jr',
    ]);
    // The table of other names has these.
    expect(written.filter(name => find(name, '') === undefined)).toEqual([]);
  });

  test("teams are known by the bookmakers' names, ESPN's codes and the league's", () => {
    const codes = ['Los Angeles Clippers', 'Utah Jazz', 'GS', 'NO', 'NY', 'SA', 'UTAH', 'WSH', 'BKN'];
    expect(codes.map(code => findTeam(code)?.code)).toEqual([
      'LAC',
      'UTA',
      'GSW',
      'NOP',
      'NYK',
      'SAS',
      'UTA',
      'WAS',
      'BKN',
    ]);
    expect(findTeam('constructor')).toBeUndefined();
  });
});
