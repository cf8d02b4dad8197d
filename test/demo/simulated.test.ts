// Simulated seasons over HTTP: the calendar's shape, box scores that add up, and the same bytes from a seed.
// Does not deal with play-by-play, which has its own file.
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type LeagueServer, startLeague} from '../../demo/league.ts';
import {
  type BoxAnswer,
  type BoxTeam,
  boxOf,
  type GameAnswer,
  logUrl,
  playByPlayUrl,
  type Row,
  rowsOf,
  type Statistics,
  scheduleOf,
  withLeague,
} from './client.ts';

const seasons = ['2021-22', '2022-23', '2023-24', '2024-25', '2025-26'];
/** Regular dates of the real seasons. */
const regularDates = new Map([
  ['2021-22', [165, '2021-10-19', '2022-04-10']],
  ['2022-23', [164, '2022-10-18', '2023-04-09']],
  ['2023-24', [160, '2023-10-24', '2024-04-14']],
  ['2024-25', [163, '2024-10-22', '2025-04-13']],
  ['2025-26', [164, '2025-10-21', '2026-04-12']],
]);

let league: LeagueServer;
const schedules = new Map<string, GameAnswer[]>();
beforeAll(async () => {
  league = await startLeague({mode: 'simulated', seed: 7, seasons});
  for (const season of seasons) schedules.set(season, await scheduleOf(league, season));
});
afterAll(() => league.close());

function gamesOf(season: string, types: string): GameAnswer[] {
  return (schedules.get(season) ?? []).filter(game => types.includes(game.gameId.charAt(2)));
}

function dateOf(game: GameAnswer): string {
  return game.gameDateEst.slice(0, 10);
}

function datesOf(games: readonly GameAnswer[]): string[] {
  return [...new Set(games.map(dateOf))];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

describe.each(seasons)('the simulated season %s', season => {
  test('has 1,230 games, 82 a team, 41 of them at home, on the real number of dates', () => {
    const games = gamesOf(season, '2');
    const home = Map.groupBy(games, game => game.homeTeam.teamId);
    const away = Map.groupBy(games, game => game.awayTeam.teamId);
    expect(games).toHaveLength(1230);
    expect([...home.values()].map(list => list.length)).toEqual(Array(30).fill(41));
    expect([...away.values()].map(list => list.length)).toEqual(Array(30).fill(41));
    const dates = datesOf(games);
    expect([dates.length, dates[0], dates.at(-1)]).toEqual(regularDates.get(season));
  });

  test('has 1 to 15 games a date, nobody twice, and nobody three days in a row', () => {
    const byTeam = new Map<number, number[]>();
    for (const [date, games] of Map.groupBy(gamesOf(season, '2456'), dateOf)) {
      const teams = games.flatMap(({homeTeam, awayTeam}) => [homeTeam.teamId, awayTeam.teamId]);
      expect(games.length).toBeLessThanOrEqual(15);
      expect(new Set(teams).size).toBe(teams.length);
      for (const team of teams)
        byTeam.set(team, [...(byTeam.get(team) ?? []), Date.parse(date) / 86_400_000]);
    }
    for (const days of byTeam.values()) {
      const threeInARow = days.some((day, index) => day - (days[index - 2] ?? 0) === 2);
      expect(threeInARow).toBe(false);
    }
  });

  test('keeps the days off', () => {
    const year = Number(season.slice(0, 4));
    const dates = new Set(datesOf(gamesOf(season, '2456')));
    expect(dates.has(`${year}-12-24`)).toBe(false);
    expect(dates.has(`${year}-12-25`)).toBe(true);
    const allStar = datesOf(gamesOf(season, '3'))[0] ?? '';
    const around = [-2, -1, 0, 1, 2].map(days =>
      new Date(Date.parse(allStar) + days * 86_400_000).toISOString().slice(0, 10),
    );
    expect(around.filter(date => dates.has(date))).toEqual([]);
    const cup = datesOf(gamesOf(season, '6'));
    expect(cup).toHaveLength(year < 2023 ? 0 : 1);
    expect(gamesOf(season, '2').filter(game => cup.includes(dateOf(game)))).toEqual([]);
  });

  test('has six play-in games on three dates and best-of-seven playoffs of sixteen teams', () => {
    expect(gamesOf(season, '5')).toHaveLength(6);
    expect(datesOf(gamesOf(season, '5'))).toHaveLength(3);
    const series = Map.groupBy(gamesOf(season, '4'), game => game.gameId.slice(0, 9));
    expect(series.size).toBe(15);
    for (const games of series.values()) {
      const wins = Map.groupBy(games, winner);
      expect(Math.max(...[...wins.values()].map(list => list.length))).toBe(4);
      expect(games.at(-1) === undefined ? 0 : wins.get(winner(games.at(-1)))?.length).toBe(4);
    }
    const firstRound = gamesOf(season, '4').filter(game => game.gameId.charAt(7) === '1');
    expect(
      new Set(firstRound.flatMap(({homeTeam, awayTeam}) => [homeTeam.teamId, awayTeam.teamId])).size,
    ).toBe(16);
    const last = datesOf(gamesOf(season, '4')).at(-1)?.slice(5) ?? '';
    expect(last >= '06-05' && last <= '06-23').toBe(true);
  });

  test('has no ties, overtime in a few of a hundred games, and points like real ones', async () => {
    const games = gamesOf(season, '2');
    expect(games.filter(({homeTeam, awayTeam}) => homeTeam.score === awayTeam.score)).toEqual([]);
    const rows = await rowsOf(logUrl(league, {season, per: 'T'}));
    expect(rows).toHaveLength(2460);
    const overtime = rows.filter(row => Number(row['MIN']) > 240).length / 2460;
    expect(overtime).toBeGreaterThan(0.03);
    expect(overtime).toBeLessThan(0.09);
    expect(rows.every(row => (Number(row['MIN']) - 240) % 25 === 0)).toBe(true);
    const points = sum(rows.map(row => Number(row['PTS']))) / 2460;
    expect(points).toBeGreaterThan(108);
    expect(points).toBeLessThan(120);
  });
});

function winner(game: GameAnswer | undefined): number {
  if (game === undefined) return 0;
  const {homeTeam, awayTeam} = game;
  return homeTeam.score > awayTeam.score ? homeTeam.teamId : awayTeam.teamId;
}

const summed = [
  'fieldGoalsMade',
  'fieldGoalsAttempted',
  'threePointersMade',
  'threePointersAttempted',
  'freeThrowsMade',
  'freeThrowsAttempted',
  'reboundsOffensive',
  'reboundsDefensive',
  'reboundsTotal',
  'assists',
  'steals',
  'blocks',
  'turnovers',
  'foulsPersonal',
  'points',
] as const satisfies readonly (keyof Statistics)[];

function seconds(minutes: string | null): number {
  const [whole = 0, rest = 0] = (minutes ?? '').split(':').map(Number);
  return whole * 60 + rest;
}

/** What does not add up in a team's box score, in words; empty if all does. */
function wrongIn(team: BoxTeam, margin: number): string[] {
  const total = team.statistics;
  if (total === null) return ['no totals'];
  const wrong: string[] = [];
  const players = team.players.map(({statistics}) => statistics);
  for (const name of summed) {
    if (sum(players.map(line => line[name] ?? 0)) !== total[name])
      wrong.push(`${name} of players and team differ`);
    const halves = (team.starters?.[name] ?? 0) + (team.bench?.[name] ?? 0);
    if (halves !== total[name]) wrong.push(`${name} of starters and bench and team differ`);
  }
  for (const line of [...players, total]) {
    const {fieldGoalsMade: made, threePointersMade: threes, freeThrowsMade: free} = line;
    if (line.points !== 2 * ((made ?? 0) - (threes ?? 0)) + 3 * (threes ?? 0) + (free ?? 0))
      wrong.push('points');
    if (line.reboundsTotal !== (line.reboundsOffensive ?? 0) + (line.reboundsDefensive ?? 0))
      wrong.push('rebounds');
    if ((made ?? 0) > (line.fieldGoalsAttempted ?? 0)) wrong.push('more made than tried');
  }
  if (players.some(line => (line.foulsPersonal ?? 0) > 6)) wrong.push('seven fouls');
  if (sum(players.map(line => line.plusMinusPoints)) !== 5 * margin) wrong.push('plus-minus');
  const clock = sum(players.map(line => seconds(line.minutes)));
  if (clock !== seconds(total.minutes) || (clock - 14_400) % 1500 !== 0) wrong.push('minutes');
  const playing = players.filter(line => line.minutes !== '').length;
  if (playing < 8 || playing > 13) wrong.push(`${playing} players`);
  if (team.players.filter(player => player.position !== '').length !== 5) wrong.push('starters');
  for (const {comment, statistics} of team.players) {
    if ((comment === '') !== (statistics.minutes !== '')) wrong.push('a comment and minutes, or neither');
  }
  return wrong;
}

test('the box scores of several hundred games of all types add up and give the scheduled scores', async () => {
  const wrong: string[] = [];
  const games = [...schedules.values()]
    .flat()
    .filter((game, index) => index % 13 === 0 || !'21'.includes(game.gameId.charAt(2)));
  expect(games.length).toBeGreaterThan(900);
  for (const game of games) {
    const box = await boxOf(league, game.gameId);
    const {homeTeam, awayTeam} = game;
    if (box.homeTeam.statistics?.points !== homeTeam.score) wrong.push(`${game.gameId} home score`);
    if (box.awayTeam.statistics?.points !== awayTeam.score) wrong.push(`${game.gameId} away score`);
    const margin = homeTeam.score - awayTeam.score;
    for (const fault of [...wrongIn(box.homeTeam, margin), ...wrongIn(box.awayTeam, -margin)]) {
      wrong.push(`${game.gameId} ${fault}`);
    }
  }
  expect(wrong).toEqual([]);
});

function logKey(row: Row): string {
  return `${row['GAME_ID']} ${row['PLAYER_ID']} ${row['MIN']} ${row['PTS']} ${row['REB']} ${row['PLUS_MINUS']}`;
}

function boxKeys(box: BoxAnswer): string[] {
  return [...box.homeTeam.players, ...box.awayTeam.players].flatMap(({personId, statistics: line}) => {
    if (line.minutes === '') return [];
    const minutes = Math.round(seconds(line.minutes) / 60);
    return [
      `${box.gameId} ${personId} ${minutes} ${line.points} ${line.reboundsTotal} ${line.plusMinusPoints}`,
    ];
  });
}

test('the game log of a date and its box scores tell the same, and who did not play is in no log', async () => {
  for (const date of ['2024-11-13', '2025-04-13']) {
    const rows = await rowsOf(logUrl(league, {season: '2024-25', from: date}));
    const games = gamesOf('2024-25', '2').filter(game => dateOf(game) === date);
    const boxes = await Promise.all(games.map(game => boxOf(league, game.gameId)));
    expect(rows.map(logKey).sort()).toEqual(boxes.flatMap(boxKeys).sort());
    const idle = boxes.flatMap(box => box.homeTeam.players).filter(player => player.comment !== '');
    expect(idle.length).toBeGreaterThan(0);
  }
});

test('season types are kept apart: the cup final is in the log of IST only', async () => {
  const cup = gamesOf('2024-25', '6')[0];
  const date = cup === undefined ? '' : dateOf(cup);
  expect(await rowsOf(logUrl(league, {season: '2024-25', from: date}))).toEqual([]);
  const rows = await rowsOf(logUrl(league, {season: '2024-25', from: date, type: 'IST', per: 'T'}));
  expect(rows.map(row => [row['GAME_ID'], row['MATCHUP']])).toEqual([
    ['0062400001', rows[0]?.['MATCHUP']],
    ['0062400001', rows[0]?.['MATCHUP']],
  ]);
  expect(rows[0]?.['MATCHUP']).toContain(' @ ');
});

test('wins in the schedule, in the standings and counted from scores agree', async () => {
  for (const season of seasons) {
    const games = gamesOf(season, '2');
    const standings = await rowsOf(`${league.url}/stats/leaguestandingsv3?Season=${season}`);
    expect(standings).toHaveLength(30);
    for (const row of standings) {
      const wins = games.filter(game => winner(game) === row['TeamID']).length;
      expect([row['WINS'], row['LOSSES']]).toEqual([wins, 82 - wins]);
      const last = games.findLast(
        ({homeTeam, awayTeam}) => homeTeam.teamId === row['TeamID'] || awayTeam.teamId === row['TeamID'],
      );
      const side = last?.homeTeam.teamId === row['TeamID'] ? last?.homeTeam : last?.awayTeam;
      expect([side?.wins, side?.losses]).toEqual([wins, 82 - wins]);
    }
  }
});

const samples = [
  '/stats/scheduleleaguev2?Season=2023-24&LeagueID=00',
  '/stats/leaguegamelog?PlayerOrTeam=P&DateFrom=2024-01-15&DateTo=2024-01-15&Season=2023-24&SeasonType=Regular%20Season',
  '/stats/boxscoretraditionalv3?GameID=0042300101',
  '/stats/leaguestandingsv3?LeagueID=00&Season=2023-24&SeasonType=Regular%20Season',
  '/static/json/liveData/playbyplay/playbyplay_0022300777.json',
];

async function bytesOf(server: LeagueServer, paths: readonly string[]): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  for (const path of paths) answers.set(path, await (await fetch(`${server.url}${path}`)).text());
  return answers;
}

test('the same seed gives the same bytes in whatever order asked, another seed gives others', async () => {
  const here = await bytesOf(league, samples);
  await withLeague({mode: 'simulated', seed: 7, seasons: ['2023-24']}, async again => {
    expect(await bytesOf(again, [...samples].reverse())).toEqual(new Map([...here].reverse()));
  });
  await withLeague({mode: 'simulated', seed: 8, seasons: ['2023-24']}, async other => {
    for (const [path, bytes] of await bytesOf(other, samples)) expect(bytes).not.toBe(here.get(path));
  });
});

test('players keep their ids over seasons, change teams at the deadline, and have names beyond ASCII', async () => {
  const rows = await rowsOf(logUrl(league, {season: '2024-25'}));
  const next = new Set((await rowsOf(logUrl(league, {season: '2025-26'}))).map(row => row['PLAYER_ID']));
  const byPlayer = Map.groupBy(rows, row => row['PLAYER_ID']);
  const staying = [...byPlayer.keys()].filter(player => next.has(player)).length / byPlayer.size;
  expect(staying).toBeGreaterThan(0.5);
  const moved = [...byPlayer.values()].filter(games => new Set(games.map(row => row['TEAM_ID'])).size > 1);
  expect(moved.length).toBeGreaterThan(10);
  const names = [...byPlayer.values()].map(games => String(games[0]?.['PLAYER_NAME']));
  expect(new Set(names).size).toBe(names.length);
  expect(names.some(name => name.normalize('NFD') !== name)).toBe(true);
  expect(names.some(name => name.endsWith(' Jr.'))).toBe(true);
});

test('a game of a season not served, and play-by-play of it, is unknown', async () => {
  expect(await boxOf(league, '0021900001')).toMatchObject({homeTeamId: 0});
  expect((await fetch(playByPlayUrl(league, '0021900001'))).status).toBe(403);
});
