import {describe, expect, test} from 'vitest';
import {files as landReport} from '../../assets/landing/injury_report.ts';
import {files as landPlayers} from '../../assets/landing/nbac_player_boxscores.ts';
import {files as landList} from '../../assets/landing/nbac_player_list.ts';
import {files as landSchedule} from '../../assets/landing/nbac_schedule.ts';
import {rows as injuryRows} from '../../assets/raw/injury_report.ts';
import {rows as playerRows} from '../../assets/raw/player_boxscores.ts';
import {rows as scheduleRows} from '../../assets/raw/schedule.ts';
import {NOT_SUBMITTED, readInjuryReport, reportPath} from '../../assets/shapes/injury-report.ts';
import {type PlacedText, pdfOf} from '../../demo/league/pdf.ts';
import type {LeagueServer} from '../../demo/league.ts';
import type {Partition, Row, SiteClient} from '../../runner/asset.ts';
import {withLeague} from '../demo/client.ts';
import {dateOf, inputOf, land, type Objects, rowsOf, seasonOf, withSite} from './kit.ts';

const SEASON = '2024-25';
const DATE = '2025-01-15';

interface Given {
  readonly league: LeagueServer;
  readonly nba: SiteClient;
  readonly files: SiteClient;
  readonly players: Objects;
  readonly partitionOf: (date: string) => Partition;
}

async function withReports(use: (given: Given) => Promise<void>): Promise<void> {
  await withLeague({mode: 'simulated', seed: 5, seasons: [SEASON]}, league =>
    withSite(league.url, nba =>
      withSite(`${league.url}/nba-static`, async files => {
        const season = seasonOf(SEASON);
        const schedule = await rowsOf(
          scheduleRows,
          season,
          await land(landSchedule, {site: nba, partition: season}),
        );
        const partitionOf = (date: string) =>
          dateOf(
            date,
            SEASON,
            schedule
              .filter(game => game['game_date'] === date)
              .map(game => [String(game['game_id']), String(game['home_team']), String(game['away_team'])]),
          );
        const {objects: players} = await land(landList, {site: nba, partition: season});
        await use({league, nba, files, players, partitionOf});
      }),
    ),
  );
}

async function injuriesOf(partition: Partition, objects: Objects, players: Objects): Promise<readonly Row[]> {
  return await rowsOf(injuryRows, partition, {objects, edge: 'report', players, source: 'none'});
}

test('who is called out has no box score that day, and everybody on the report is on the list', async () => {
  await withReports(async ({nba, files, players, partitionOf}) => {
    const seen: Record<string, number> = {};
    for (const date of ['2025-01-13', '2025-01-14', DATE, '2025-01-16']) {
      const partition = partitionOf(date);
      const landed = await land(landReport, {site: files, partition});
      expect(landed.games).toEqual(partition.games.map(({id}) => id).sort());
      const rows = await injuriesOf(partition, landed.objects, players);
      expect(new Set(rows.map(row => row['game_id']))).toEqual(new Set(landed.games));
      const boxes = await rowsOf(playerRows, partition, await land(landPlayers, {site: nba, partition}));
      const played = new Set(boxes.map(row => row['player_id']));
      for (const row of rows) {
        const status = String(row['status']);
        seen[status] = (seen[status] ?? 0) + 1;
        expect([row['player_name'], row['player_id'] === null]).toEqual([
          row['player_name'],
          status === NOT_SUBMITTED,
        ]);
        if (status === 'Out')
          expect([row['player_name'], played.has(row['player_id'] ?? '')]).toEqual([
            row['player_name'],
            false,
          ]);
      }
    }
    expect(Object.keys(seen).sort()).toEqual(
      ['Available', 'Doubtful', NOT_SUBMITTED, 'Out', 'Probable', 'Questionable'].sort(),
    );
  });
});

test('a report that is empty, of yesterday, half a file or a page of a site in trouble is no answer', async () => {
  await withReports(async ({league, files, partitionOf}) => {
    const partition = partitionOf(DATE);
    const none = `has none of the ${partition.games.length} games of ${DATE}`;
    const refused = [
      ['empty', none],
      ['yesterday', `is the report of 2025-01-14, not of ${DATE}`],
      ['not-json', 'What was answered is no PDF, or not all of one.'],
      ['html', 'What was answered is no PDF, or not all of one.'],
      ['changed-shape', 'The PDF has no table with the columns Game Date, Game Time, Matchup'],
    ] as const;
    for (const [kind, message] of refused) {
      league.faults.add({match: {site: 'nba_static'}, kind});
      await expect(land(landReport, {site: files, partition})).rejects.toThrow(message);
      league.faults.clear();
    }
    league.faults.add({match: {site: 'nba_static', date: DATE}, kind: 'short', games: 2});
    expect((await land(landReport, {site: files, partition})).games).toHaveLength(2);
  });
});

test('a name that the list lacks keeps its own and has no id', async () => {
  await withReports(async ({files, partitionOf}) => {
    const partition = partitionOf(DATE);
    const {objects} = await land(landReport, {site: files, partition});
    const rows = await rowsOf(injuryRows, partition, {objects, edge: 'report', source: 'none'});
    const named = rows.filter(row => row['status'] !== NOT_SUBMITTED);
    expect(named.length).toBeGreaterThan(20);
    expect(named.every(row => row['player_id'] === null && row['player_name'] !== null)).toBe(true);
  });
});

test('a report is asked for by the name that it had on its day', () => {
  const paths = [
    reportPath('2021-10-19', '2021-10-19T14:00:00Z'),
    reportPath('2025-12-22', '2025-12-22T15:44:59Z'),
    reportPath('2025-12-22', '2025-12-22T15:45:00Z'),
    reportPath('2025-12-22', '2025-12-23T00:00:00Z'),
    reportPath('2025-12-23', '2025-12-23T15:00:00Z'),
    reportPath('2025-12-23', '2025-12-23T17:14:00Z'),
    reportPath('2025-12-23', '2025-12-23T05:20:00Z'),
    reportPath('2025-12-23', '2025-12-24T09:00:00Z'),
  ];
  expect(paths.map(path => path.replace(/^\/referee\/injury\/Injury-Report_(.*)\.pdf$/, '$1'))).toEqual([
    '2021-10-19_09AM',
    '2025-12-22_09AM',
    '2025-12-22_10AM',
    '2025-12-22_06PM',
    '2025-12-23_09_45AM',
    '2025-12-23_11_45AM',
    '2025-12-23_12_00AM',
    '2025-12-23_11_45PM',
  ]);
});

describe('a report', () => {
  const PLACES = [24, 84, 148, 208, 330, 450, 540];
  const HEADER = ['Game Date', 'Game Time', 'Matchup', 'Team', 'Player Name', 'Current Status', 'Reason'];
  const at = (y: number, cells: readonly string[]): PlacedText[] =>
    cells.flatMap((text, index) => (text === '' ? [] : [{x: PLACES[index] ?? 0, y, text}]));
  const TITLE = {x: 300, y: 560, text: 'Injury Report: 12/25/24 09:30 AM'};
  const bytesOf = (first: readonly PlacedText[], ...more: (readonly PlacedText[])[]) =>
    new TextEncoder().encode(pdfOf([[TITLE, ...first], ...more]));
  const read = async (first: readonly PlacedText[], ...more: (readonly PlacedText[])[]) =>
    (await readInjuryReport(bytesOf(first, ...more))).lines;
  const GAME = ['12/25/2024', '07:30 (ET)', 'NYK@BOS', 'New York Knicks'];

  test('has blank cells where they repeat those above, also from page to page', async () => {
    const lines = await read(
      [...at(500, HEADER), ...at(480, [...GAME, 'Hart, Josh', 'Out', 'Rest'])],
      [
        ...at(500, ['', '', '', '', 'Jackson Jr., Jaren', 'Doubtful', 'Injury/Illness - Illness; Illness']),
        ...at(480, ['', '', '', 'Boston Celtics', '', '', 'NOT YET SUBMITTED']),
        ...at(20, ['Page 2 of 2']),
      ],
    );
    const about = {date: '2024-12-25', matchup: ['NYK', 'BOS'], team: 'New York Knicks'};
    expect(lines).toEqual([
      {...about, player: 'Josh Hart', status: 'Out', reason: 'Rest'},
      {
        ...about,
        player: 'Jaren Jackson Jr.',
        status: 'Doubtful',
        reason: 'Injury/Illness - Illness; Illness',
      },
      {...about, team: 'Boston Celtics', player: null, status: NOT_SUBMITTED, reason: null},
    ]);
  });

  test('has reasons of several lines, around the line of the player', async () => {
    const [first, second] = await read([
      ...at(500, HEADER),
      ...at(485, ['', '', '', '', '', '', 'Injury/Illness - Left']),
      ...at(480, [...GAME, 'Hart, Josh', 'Out', '']),
      ...at(475, ['', '', '', '', '', '', 'Ankle; Sprain']),
      ...at(465, ['', '', '', '', '', '', 'Injury/Illness -']),
      ...at(458, ['', '', '', '', 'Towns, Karl-Anthony', 'Out', 'Right Thumb;']),
      ...at(451, ['', '', '', '', '', '', 'Sprain']),
    ]);
    expect([first?.reason, second?.reason]).toEqual([
      'Injury/Illness - Left Ankle; Sprain',
      'Injury/Illness - Right Thumb; Sprain',
    ]);
  });

  test('may have lost the spaces of its names, or have its words apart', async () => {
    const [first, second] = await read([
      {x: 24, y: 500, text: 'Game'},
      {x: 55, y: 500, text: 'Date'},
      ...at(500, ['', ...HEADER.slice(1)]),
      ...at(480, [...GAME.slice(0, 3), 'NewYorkKnicks', 'Hart,Josh', 'Out', 'GLeague-Two-Way']),
      {x: 330, y: 460, text: 'Towns,'},
      {x: 360, y: 460, text: 'Karl-Anthony'},
      ...at(460, ['', '', '', '', '', 'Out', 'Rest']),
    ]);
    expect(first).toMatchObject({team: 'NewYorkKnicks', player: 'Josh Hart'});
    expect(second?.player).toBe('Karl-Anthony Towns');
  });

  test('with a player and no status is not understood, and says so', async () => {
    await expect(read([...at(500, HEADER), ...at(480, [...GAME, 'Hart, Josh', '', 'Rest'])])).rejects.toThrow(
      'A line of the injury report is not understood: {"Game Date":"12/25/2024"',
    );
  });

  test('of a game on the next day is no row of this one', async () => {
    const bytes = bytesOf([
      ...at(500, HEADER),
      ...at(480, ['12/26/2024', ...GAME.slice(1), 'Hart, Josh', 'Out', 'Rest']),
    ]);
    const partition = dateOf('2024-12-25', SEASON, [['0022400400', 'BOS', 'NYK']]);
    const report = inputOf(new Map([['report.pdf', bytes]]), '2024-12-25');
    const signal = new AbortController().signal;
    expect(await injuryRows({partition, source: undefined, inputs: {report}, signal})).toEqual([]);
  });
});
