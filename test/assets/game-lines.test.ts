import {expect, test} from 'vitest';
import {files as landLines} from '../../assets/landing/game_lines.ts';
import {files as landSchedule} from '../../assets/landing/nbac_schedule.ts';
import {files as landProps} from '../../assets/landing/odds_player_props.ts';
import {rows as lineRows} from '../../assets/raw/game_lines.ts';
import {rows as scheduleRows} from '../../assets/raw/schedule.ts';
import {EventOdds, gameLinesIn} from '../../assets/shapes/odds.ts';
import type {LeagueServer} from '../../demo/league.ts';
import type {Partition, SiteClient} from '../../runner/asset.ts';
import {hasRecordedData, withLeague} from '../demo/client.ts';
import {dateOf, land, rowsOf, seasonOf, withSite} from './kit.ts';

const SEASON = '2024-25';
const DATE = '2025-01-15';

async function withOdds(
  use: (given: {league: LeagueServer; odds: SiteClient; partition: Partition}) => Promise<void>,
): Promise<void> {
  await withLeague({mode: 'simulated', seed: 5, seasons: [SEASON]}, league =>
    withSite(league.url, nba =>
      withSite(`${league.url}/odds?apiKey=x`, async odds => {
        const season = seasonOf(SEASON);
        const landed = await land(landSchedule, {site: nba, partition: season});
        const schedule = await rowsOf(scheduleRows, season, landed);
        const games = schedule
          .filter(game => game['game_date'] === DATE)
          .map(
            game => [String(game['game_id']), String(game['home_team']), String(game['away_team'])] as const,
          );
        await use({league, odds, partition: dateOf(DATE, SEASON, games)});
      }),
    ),
  );
}

test('lines on the games of a date are a row a bookmaker and game', async () => {
  await withOdds(async ({odds, partition}) => {
    const landed = await land(landLines, {site: odds, partition});
    expect(landed.games).toEqual(partition.games.map(({id}) => id).sort());
    const rows = await rowsOf(lineRows, partition, {...landed, edge: 'answers'});
    expect(rows).toHaveLength(3 * partition.games.length);
    expect(new Set(rows.map(row => row['bookmaker']))).toEqual(new Set(['betmgm', 'draftkings', 'fanduel']));
    for (const row of rows) {
      expect(Object.values(row)).not.toContain(null);
      // Who is favoured gives points and pays less.
      const [spread, home, away] = ['home_spread', 'home_moneyline', 'away_moneyline'].map(name =>
        Number(row[name]),
      );
      if (spread !== undefined && Math.abs(spread) > 2) expect(spread < 0).toBe((home ?? 0) < (away ?? 0));
    }
  });
});

test('lines of a date that the seller has not are no answer, and of some games say which', async () => {
  await withOdds(async ({league, odds, partition}) => {
    league.faults.add({match: {site: 'odds', path: 'events/.*odds'}, kind: 'empty'});
    const count = partition.games.length;
    await expect(land(landLines, {site: odds, partition})).rejects.toThrow(
      `has none of the ${count} games of ${DATE} among its events`,
    );
    league.faults.clear();
    league.faults.add({match: {site: 'odds', date: DATE}, kind: 'short', games: 2});
    expect((await land(landLines, {site: odds, partition})).games).toHaveLength(2);
    league.faults.clear();
    league.faults.add({match: {site: 'odds', date: DATE}, kind: 'yesterday'});
    await expect(land(landLines, {site: odds, partition})).rejects.toThrow('among its events');
  });
});

test.skipIf(!hasRecordedData)('events without lines are no answer', async () => {
  await withLeague({mode: 'recorded', seasons: [SEASON]}, league =>
    withSite(`${league.url}/odds?apiKey=x`, async odds => {
      const partition = dateOf('2025-06-22', SEASON, [['0042400407', 'OKC', 'IND']]);
      await expect(land(landLines, {site: odds, partition})).rejects.toThrow(
        'has no lines on the 1 games of 2025-06-22',
      );
    }),
  );
});

test('both kinds of lines are asked for as they stood just before the instant that is asked about', async () => {
  await withOdds(async ({odds, partition}) => {
    const instants = new Set<string>();
    for (const files of [landLines, landProps]) {
      const {objects} = await land(files, {site: odds, partition, asOf: `${DATE}T21:30:00.000Z`});
      for (const bytes of objects.values())
        instants.add(
          EventOdds.pick({timestamp: true}).parse(JSON.parse(new TextDecoder().decode(bytes))).timestamp,
        );
    }
    // There is a snapshot every five minutes.
    expect([...instants]).toEqual([`${DATE}T21:25:00Z`]);
  });
});

test('what a bookmaker lacks is null, and who has nothing is left out', () => {
  const outcome = (name: string, price: number, point?: number) => ({name, price, point});
  const odds = EventOdds.parse({
    timestamp: 'T',
    data: {
      home_team: 'Boston Celtics',
      away_team: 'New York Knicks',
      bookmakers: [
        {key: 'a', markets: [{key: 'spreads', outcomes: [outcome('New York Knicks', -110, 4.5)]}]},
        {key: 'b', markets: [{key: 'totals', outcomes: [outcome('Under', -105, 221)]}]},
        {key: 'c', markets: [{key: 'h2h', outcomes: [outcome('Boston Celtics', -200)]}]},
        {key: 'd', markets: [{key: 'player_points', outcomes: [outcome('Over', -110, 20.5)]}]},
        {key: 'e', markets: []},
      ],
    },
  });
  const lines = gameLinesIn(odds).map(line =>
    Object.fromEntries(Object.entries(line).filter(([, value]) => value !== null)),
  );
  expect(lines).toEqual([
    {bookmaker: 'a', homeSpread: -4.5, awaySpreadOdds: -110},
    {bookmaker: 'b', total: 221, underOdds: -105},
    {bookmaker: 'c', homeMoneyline: -200},
  ]);
});
