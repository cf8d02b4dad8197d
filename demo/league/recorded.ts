// The league as it was recorded: games and box scores of the Parquet files of the data folder.
// Does not deal with filling holes: what the recording lacks stays null or absent.
import {type Box, type Game, type League, type Listed, matchupOf, type TeamBox} from './game.ts';
import {type Folder, number, openFolder} from './parquet.ts';
import {recordedActions} from './recorded-actions.ts';
import {readQuotes} from './recorded-quotes.ts';
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
  const quotes = onceEach(season => readQuotes(data, season));
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
    players: async season =>
      seasons.includes(season) ? listedIn(await games(season), await lines(season)) : [],
    // Lines of BettingPros were not recorded.
    quotes: async (source, game) =>
      source === 'odds' ? ((await quotes(game.season)).get(game.gameId) ?? []) : [],
    // Neither were lines on games, nor injury reports.
    lines: async () => [],
    injuries: async () => undefined,
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

/** Nobody recorded the league's own list: it is everybody who played, each with his last team. */
function listedIn(games: readonly Game[], {players}: Lines): Listed[] {
  const listed = new Map<number, Listed>();
  for (const game of games) {
    for (const side of ['home', 'away'] as const) {
      for (const {playerId, firstName, familyName} of players.get(`${game.gameId}:${side}`)?.lines ?? [])
        listed.set(playerId, {playerId, firstName, familyName, team: game[side].team});
    }
  }
  return [...listed.values()].sort((a, b) => a.playerId - b.playerId);
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
