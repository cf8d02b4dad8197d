// The league as it was recorded: games and box scores of the Parquet files of the data folder.
// Does not deal with filling holes: what the recording lacks stays null or absent.
import {type Box, type Game, type League, matchupOf, type TeamBox} from './game.ts';
import {type Folder, number, openFolder} from './parquet.ts';
import {recordedActions} from './recorded-actions.ts';
import {type Early, type Lines, readEarly, readGames, readLines} from './recorded-season.ts';

export interface RecordedOptions {
  readonly folder: string;
  readonly seasons: readonly string[];
  /** Are late corrections still to come? Then the early snapshot's values are served. */
  readonly isEarly: () => boolean;
}

/** Opens the recorded league; the first question on a season reads it. */
export function openRecorded({folder, seasons, isEarly}: RecordedOptions): League {
  const data = openFolder(folder);
  const games = onceEach(season => readGames(data, season));
  const lines = onceEach(season => readLines(data, season));
  const early = onceEach(() => readEarly(data));
  const actions = onceEach(() => recordedActions(data));
  return {
    mode: 'recorded',
    seasons,
    games: async season => (seasons.includes(season) ? games(season) : []),
    boxes: async (season, asked) => {
      const found = await lines(season);
      const before: Early = isEarly() ? await early('') : new Map();
      return asked.map(game => boxOf(game, found, before));
    },
    actions: async game => (await actions('')).get(game.gameId),
    ranks: season => readRanks(data, season),
    close: () => data.close(),
  };
}

/** Reads each key once and keeps it; what failed is tried again. */
function onceEach<T>(read: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const kept = new Map<string, Promise<T>>();
  return key => {
    const found = kept.get(key);
    if (found !== undefined) return found;
    const reading = read(key);
    kept.set(key, reading);
    reading.catch(() => kept.delete(key));
    return reading;
  };
}

async function readRanks(data: Folder, season: string): Promise<ReadonlyMap<number, number>> {
  const ranks = await data.read(
    `select team_id::double as team_id, conference_rank::integer as rank
     from ${data.table('standings_final')} where season = '${season}'`,
    row => [number(row, 'team_id'), number(row, 'rank')] as const,
  );
  return new Map(ranks);
}

function boxOf(game: Game, lines: Lines, early: Early): Box {
  return {game, home: teamBoxOf(game, 'home', lines, early), away: teamBoxOf(game, 'away', lines, early)};
}

function teamBoxOf(game: Game, side: 'home' | 'away', lines: Lines, early: Early): TeamBox {
  const key = `${game.gameId}:${side}`;
  const totals = lines.totals.get(key);
  const players = lines.players.get(key);
  return {
    matchup: players?.matchup ?? totals?.matchup ?? matchupOf(game, side),
    totals: totals?.measures,
    players: (players?.lines ?? []).map(player => {
      const changed = early.get(`${game.gameId}:${player.playerId}`);
      if (changed === undefined || player.measures === undefined) return player;
      return {...player, measures: {...player.measures, ...changed}};
    }),
  };
}
