// The league as it was recorded: games and box scores read from the Parquet files of the data folder.
// Does not deal with filling holes: what the recording lacks stays null or absent.
import {existsSync} from 'node:fs';
import path from 'node:path';
import {type DuckDBConnection, DuckDBInstance} from '@duckdb/node-api';
import {
  type Action,
  type Box,
  type Game,
  type GameType,
  type League,
  type Measures,
  matchupOf,
  type PlayerLine,
  type Side,
  type TeamBox,
} from './game.ts';
import {recordedActions} from './recorded-actions.ts';
import {withRecords} from './records.ts';
import {findFranchise, slugOf, type Team} from './teams.ts';

type Row = Readonly<Record<string, unknown>>;

const noRows: ReadonlyMap<string, Row> = new Map();

interface Season {
  readonly games: readonly Game[];
  readonly totals: ReadonlyMap<string, Totals>;
  readonly players: ReadonlyMap<string, readonly Row[]>;
}

interface Totals {
  readonly matchup: string;
  readonly measures: Measures;
}

const files = ['games', 'player_boxscores', 'team_boxscores', 'play_by_play_samples', 'standings_final'];

/** Does the folder hold the recorded league? */
export function isRecordedData(folder: string): boolean {
  return files.every(file => existsSync(path.join(folder, `${file}.parquet`)));
}

export interface RecordedOptions {
  readonly folder: string;
  readonly seasons: readonly string[];
  /** Are late corrections still to come? Then the early snapshot's values are served. */
  readonly isEarly: () => boolean;
}

/** Opens the recorded league; the first question on a season reads it. Throws if a file is missing. */
export async function openRecorded({folder, seasons, isEarly}: RecordedOptions): Promise<League> {
  if (!isRecordedData(folder)) {
    throw new Error(
      `${folder} does not hold the recorded games: needs ${files.map(f => `${f}.parquet`).join(', ')}.`,
    );
  }
  const instance = await DuckDBInstance.create(':memory:', {threads: '1', memory_limit: '200MB'});
  const connection = await instance.connect();
  const loaded = new Map<string, Promise<Season>>();
  let early: Promise<ReadonlyMap<string, Row>> | undefined;
  let actions: Promise<ReadonlyMap<string, readonly Action[]>> | undefined;

  const load = (season: string): Promise<Season> => {
    const found = loaded.get(season) ?? loadSeason(connection, folder, season);
    loaded.set(season, found);
    return found;
  };

  return {
    mode: 'recorded',
    seasons,
    games: async season => (seasons.includes(season) ? (await load(season)).games : []),
    boxes: async (season, games) => {
      const from = await load(season);
      const before = isEarly() ? await (early ??= loadEarly(connection, folder)) : noRows;
      return games.map(game => boxOf(game, from, before));
    },
    actions: async game => {
      actions ??= recordedActions(connection, path.join(folder, 'play_by_play_samples.parquet'));
      return (await actions).get(game.gameId);
    },
    ranks: async season => {
      const rows = await read(
        connection,
        `select team_id::double as team_id, conference_rank::integer as rank
         from ${table(folder, 'standings_final')} where season = '${season}'`,
      );
      return new Map(rows.map(row => [number(row, 'team_id'), number(row, 'rank')]));
    },
    close: async () => {
      // DuckDB must not be closed under a running query, whatever became of it.
      await Promise.allSettled([...loaded.values(), early, actions]);
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function loadSeason(connection: DuckDBConnection, folder: string, season: string): Promise<Season> {
  const where = `where season = '${season}'`;
  const games = await read(
    connection,
    `select game_id, game_date::varchar as date, game_type, home_team_id::double as home_id, home_team, home_team_name,
       away_team_id::double as away_id, away_team, away_team_name, home_score, away_score, is_neutral_site,
       game_label, strftime(start_time_utc, '%Y-%m-%dT%H:%M:%SZ') as start_utc, arena_name, arena_city
     from ${table(folder, 'games')} ${where} order by game_date, game_id`,
  );
  const teams = await read(
    connection,
    `select game_id, is_home, matchup, ${measureColumns} from ${table(folder, 'team_boxscores')} ${where}`,
  );
  const players = await read(
    connection,
    `select game_id, player_id::integer as player_id, player_name, is_home, matchup, ${measureColumns}
     from ${table(folder, 'player_boxscores')} ${where} order by game_id, is_home desc, player_id`,
  );
  // At a neutral site the league prints `A @ B` for both teams; only one season says so elsewhere.
  const neutral = new Set(
    teams
      .filter(row => row['is_home'] === true && text(row, 'matchup').includes(' @ '))
      .map(row => row['game_id']),
  );
  return {
    games: withRecords(games.map(row => gameOf(row, season, neutral.has(row['game_id'])))),
    totals: new Map(
      teams.map(row => [sideKey(row), {matchup: text(row, 'matchup'), measures: measuresOf(row)}]),
    ),
    players: Map.groupBy(players, sideKey),
  };
}

const measureColumns = `minutes, pts, fgm, fga, fg_pct, fg3m, fg3a, fg3_pct, ftm, fta, ft_pct, oreb, dreb, reb, ast,
  stl, blk, tov, pf, plus_minus`;

/** The player lines that were later corrected, as they first stood: only rebounds and assists differ. */
async function loadEarly(connection: DuckDBConnection, folder: string): Promise<ReadonlyMap<string, Row>> {
  const snapshot = 'player_boxscores_early_snapshot_2025_11';
  if (!existsSync(path.join(folder, `${snapshot}.parquet`))) return new Map();
  const rows = await read(
    connection,
    `select e.game_id, e.player_id::integer as player_id, e.reb, e.ast
     from ${table(folder, snapshot)} e join ${table(folder, 'player_boxscores')} f using (game_id, player_id)
     where e.reb <> f.reb or e.ast <> f.ast`,
  );
  return new Map(rows.map(row => [`${text(row, 'game_id')}:${number(row, 'player_id')}`, row]));
}

function table(folder: string, file: string): string {
  return `read_parquet('${path.join(folder, `${file}.parquet`).replaceAll("'", "''")}')`;
}

async function read(connection: DuckDBConnection, sql: string): Promise<Row[]> {
  const reader = await connection.runAndReadAll(sql);
  const names = reader.deduplicatedColumnNames();
  const columns = reader.getColumnsJS();
  const rows: Row[] = [];
  for (let index = 0; index < reader.currentRowCount; index++) {
    const row: Record<string, unknown> = {};
    for (const [at, name] of names.entries()) row[name] = columns[at]?.[index];
    rows.push(row);
  }
  return rows;
}

function gameOf(row: Row, season: string, printedNeutral: boolean): Game {
  const neutral = row['is_neutral_site'] === true || printedNeutral;
  const home = sideOf(row, 'home');
  const franchise = neutral ? undefined : findFranchise(home.team.teamId);
  const label = text(row, 'game_label');
  return {
    gameId: text(row, 'game_id'),
    date: text(row, 'date'),
    season,
    type: typeOf(text(row, 'game_type')),
    home,
    away: sideOf(row, 'away'),
    label,
    subLabel: '',
    seriesText: '',
    seriesGame: '',
    neutral,
    arena: text(row, 'arena_name'),
    arenaCity: text(row, 'arena_city'),
    arenaState: text(row, 'arena_city') === franchise?.arenaCity ? franchise.arenaState : '',
    startUtc: typeof row['start_utc'] === 'string' ? row['start_utc'] : undefined,
  };
}

function sideOf(row: Row, side: 'home' | 'away'): Side {
  const teamId = number(row, `${side}_id`);
  const franchise = findFranchise(teamId);
  const name = text(row, `${side}_team_name`);
  const guest: Team = {teamId, tricode: text(row, `${side}_team`), city: '', name, slug: slugOf(name)};
  return {team: franchise ?? guest, score: number(row, `${side}_score`), wins: 0, losses: 0, seed: 0};
}

const types: readonly GameType[] = ['preseason', 'regular', 'all_star', 'playoffs', 'play_in', 'cup_final'];

function typeOf(name: string): GameType {
  const type = types.find(known => known === name);
  if (type === undefined) throw new Error(`games.parquet has a game of the unknown type '${name}'.`);
  return type;
}

function boxOf(game: Game, season: Season, early: ReadonlyMap<string, Row>): Box {
  return {game, home: teamBoxOf(game, 'home', season, early), away: teamBoxOf(game, 'away', season, early)};
}

function teamBoxOf(
  game: Game,
  side: 'home' | 'away',
  season: Season,
  early: ReadonlyMap<string, Row>,
): TeamBox {
  const key = `${game.gameId}:${side}`;
  const totals = season.totals.get(key);
  const players = season.players.get(key) ?? [];
  const published = players[0] === undefined ? undefined : text(players[0], 'matchup');
  return {
    matchup: published ?? totals?.matchup ?? matchupOf(game, side),
    totals: totals?.measures,
    players: players.map(row => playerOf(row, early.get(`${game.gameId}:${number(row, 'player_id')}`))),
  };
}

function playerOf(row: Row, early: Row | undefined): PlayerLine {
  const [firstName = '', ...rest] = text(row, 'player_name').split(' ');
  const measures = measuresOf(row);
  return {
    playerId: number(row, 'player_id'),
    firstName,
    familyName: rest.join(' '),
    position: '',
    jersey: '',
    comment: '',
    starter: undefined,
    measures:
      early === undefined ? measures : {...measures, reb: number(early, 'reb'), ast: number(early, 'ast')},
  };
}

function measuresOf(row: Row): Measures {
  const minutes = value(row, 'minutes');
  return {
    seconds: minutes === null ? null : minutes * 60,
    fgm: value(row, 'fgm'),
    fga: value(row, 'fga'),
    fgPct: value(row, 'fg_pct'),
    fg3m: value(row, 'fg3m'),
    fg3a: value(row, 'fg3a'),
    fg3Pct: value(row, 'fg3_pct'),
    ftm: value(row, 'ftm'),
    fta: value(row, 'fta'),
    ftPct: value(row, 'ft_pct'),
    oreb: value(row, 'oreb'),
    dreb: value(row, 'dreb'),
    reb: value(row, 'reb'),
    ast: value(row, 'ast'),
    stl: value(row, 'stl'),
    blk: value(row, 'blk'),
    tov: value(row, 'tov'),
    pf: value(row, 'pf'),
    pts: value(row, 'pts'),
    plusMinus: value(row, 'plus_minus'),
  };
}

function sideKey(row: Row): string {
  return `${text(row, 'game_id')}:${row['is_home'] === true ? 'home' : 'away'}`;
}

function value(row: Row, name: string): number | null {
  const found = row[name];
  return typeof found === 'number' ? found : null;
}

function number(row: Row, name: string): number {
  const found = value(row, name);
  if (found === null)
    throw new Error(`The recorded games have no number '${name}' in ${JSON.stringify(row)}.`);
  return found;
}

function text(row: Row, name: string): string {
  const found = row[name];
  return typeof found === 'string' ? found : '';
}
