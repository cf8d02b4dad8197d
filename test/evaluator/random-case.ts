/**
 * Fixture cases of an asset from a seed: a calendar across the border of two seasons, and rows of every table that the
 * asset reads, with nulls, zeros and teams that play twice on a date. It does not say what the rows should become.
 */
import {type Random, randomOf, shuffled, wholeBetween} from '../../demo/league/random.ts';
import type {Asset, Column, Pipeline} from '../../planner/pipeline.ts';
import type {Case} from '../../runner/test-cases.ts';
import {assetOf, isTable} from '../../runner/workshop.ts';

type Plain = string | number | boolean | null;
type Row = Record<string, Plain>;

/** Of each team. */
const PLAYERS = [1, 2, 3, 4, 5, 6, 7];
const TEAMS = ['ATL', 'BOS', 'CHI', 'DEN', 'MIA', 'NYK'];
/** The border of the seasons, a run of days without a pause, and gaps longer than a week. */
const DATES = [
  ['2024-06-14', '2023-24'],
  ['2024-06-28', '2023-24'],
  ['2024-06-29', '2023-24'],
  ['2024-06-30', '2023-24'],
  ['2024-07-01', '2024-25'],
  ['2024-07-02', '2024-25'],
  ...Array.from({length: 14}, (_, i) => [`2024-10-${22 + Math.floor(i / 2)}`, '2024-25']),
  ['2024-11-12', '2024-25'],
  ['2024-12-31', '2024-25'],
  ['2025-01-01', '2024-25'],
  ...Array.from({length: 21}, (_, i) => [`2025-01-${String(i + 3).padStart(2, '0')}`, '2024-25']),
] as const;

/** What texts may be, by column: those that shipped queries ask for, and others. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  game_status: ['scheduled', 'final', 'final', 'postponed'],
  game_type: ['regular', 'regular', 'playoffs', 'cup_final', 'preseason'],
  primary_zone: ['paint', 'three', 'mid', 'balanced'],
};

interface Context {
  readonly date: string;
  readonly season: string;
  readonly game: string;
  readonly home: string;
  readonly away: string;
  readonly isHome: boolean;
  readonly player: number;
}

export function randomCase(asset: Asset, pipeline: Pipeline, seed: number): Case {
  const random = randomOf(seed, asset.name);
  const dates = [...new Map(DATES.map(([date = '', season = '']) => [date, season] as const))];
  const calendar = dates.map(([date, season], day) => ({date, season, games: gamesOf(random, day)}));
  const contexts = calendar.flatMap(({date, season, games}) =>
    games.flatMap(({id, teams: [home = '', away = '']}) =>
      [true, false].flatMap(isHome =>
        PLAYERS.map((nth): Context => {
          const player = TEAMS.indexOf(isHome ? home : away) * PLAYERS.length + nth;
          return {date, season, game: id, home, away, isHome, player};
        }),
      ),
    ),
  );
  // Two edges to one table read the same rows.
  const tables = new Map<string, Row[]>();
  for (const {upstream} of asset.upstream) {
    const table = assetOf(pipeline, upstream);
    if (isTable(table) && !tables.has(upstream)) tables.set(upstream, rowsOf(table, contexts, random));
  }
  const inputs = asset.upstream.flatMap(({name, upstream}) => {
    const rows = tables.get(upstream);
    return rows === undefined ? [] : [[name, rows] as const];
  });
  return {
    name: `random rows ${seed}`,
    calendar,
    partitions: keysOf(asset, calendar),
    quality: {},
    inputs: Object.fromEntries(inputs),
    expect: [],
    tolerance: 1e-9,
  };
}

function keysOf(asset: Asset, calendar: Case['calendar']): string[] {
  const {kind} = asset.partitioning;
  if (kind === 'all') return ['all'];
  if (kind === 'season') return [...new Set(calendar.map(({season}) => season))];
  return calendar.map(({date}) => date);
}

/** Two or three games; sometimes a team plays twice. */
function gamesOf(random: Random, day: number): {id: string; teams: string[]}[] {
  const left = shuffled(random, TEAMS);
  const count = 2 + below(random, 2);
  return Array.from({length: count}, (_, i) => {
    const teams = [left[(2 * i) % 6] ?? '', left[(2 * i + 1) % 6] ?? ''];
    const twice = i > 0 && below(random, 5) === 0 ? [left[0] ?? '', teams[1] ?? ''] : teams;
    // Every ninth date holds a Cup final, which has a game id of another kind.
    const kind = day % 9 === 8 && i === 0 ? '6' : '2';
    return {id: `00${kind}24${String(day * 10 + i).padStart(5, '0')}`, teams: twice};
  });
}

function rowsOf(asset: Asset, contexts: readonly Context[], random: Random): Row[] {
  const rows = new Map<string, Row>();
  // A row of each moment of a game, where the key tells more than who played.
  for (const context of contexts) {
    for (let nth = 0; nth < 2; nth++) {
      const row = Object.fromEntries(
        asset.columns.map(column => [column.name, cellFor(column, {context, asset, random})]),
      );
      const id = asset.key.map(name => String(row[name])).join(' ');
      if (!rows.has(id)) rows.set(id, row);
    }
  }
  return [...rows.values()].filter(() => below(random, 10) > 0);
}

interface About {
  readonly context: Context;
  readonly asset: Asset;
  readonly random: Random;
}

function cellFor(column: Column, {context, asset, random}: About): Plain {
  const known = identity(column.name, context, random);
  const isNeeded = asset.key.includes(column.name) || column.name === partitionColumn(asset);
  if (known !== undefined) return !isNeeded && below(random, 25) === 0 ? null : known;
  const luck = below(random, 20);
  if (!isNeeded && luck < 3) return null;
  switch (column.type) {
    case 'bool':
      return below(random, 2) === 0;
    case 'int64':
      if (column.name === 'shot_value') return 2 + below(random, 2);
      return luck < 6 ? 0 : below(random, isNeeded ? 1000 : 40) - (luck === 6 ? 15 : 0);
    case 'float64':
      if (luck < 6) return 0;
      return luck < 9 ? below(random, 30) : (below(random, 100_000) - 20_000) / 700;
    case 'string': {
      const words = WORDS[column.name] ?? ['a', 'B', 'Ünal', '', 'z z'];
      return words[below(random, words.length)] ?? '';
    }
    case 'date':
      return context.date;
    case 'timestamp':
      return `${context.date}T${String(below(random, 24)).padStart(2, '0')}:30:00Z`;
  }
}

/** From 0 to one less than `count`. */
function below(random: Random, count: number): number {
  return wholeBetween(random, 0, count - 1);
}

function identity(name: string, context: Context, random: Random): Plain | undefined {
  const {date, season, game, home, away, isHome, player} = context;
  const team = isHome ? home : away;
  const opponent = isHome ? away : home;
  const byName: Readonly<Record<string, Plain>> = {
    game_date: date,
    season,
    game_id: game,
    home_team: home,
    away_team: away,
    home_team_id: TEAMS.indexOf(home) + 1,
    away_team_id: TEAMS.indexOf(away) + 1,
    team,
    team_id: TEAMS.indexOf(team) + 1,
    opponent,
    opponent_team_id: TEAMS.indexOf(opponent) + 1,
    is_home: isHome,
    player_id: player,
    // Names are spelled in more ways than one.
    player_name: `Player ${player}${below(random, 6) === 0 ? ' Jr.' : ''}`,
  };
  return Object.hasOwn(byName, name) ? byName[name] : undefined;
}

function partitionColumn({partitioning}: Asset): string | undefined {
  return partitioning.kind === 'all' ? undefined : partitioning.column;
}
