// Reads one recorded season's games and lines.
// Does not deal with keeping them.
import type {Game, GameType, Measures, PlayerLine, Side} from './game.ts';
import {type Folder, number, type Row, text, value} from './parquet.ts';
import {withRecords} from './records.ts';
import {findFranchise, slugOf, type Team} from './teams.ts';

/** By `GAME_ID:home` and `GAME_ID:away`. */
export interface Lines {
  readonly totals: ReadonlyMap<string, {readonly matchup: string; readonly measures: Measures}>;
  readonly players: ReadonlyMap<string, {readonly matchup: string; readonly lines: readonly PlayerLine[]}>;
}

/** Rebounds and assists as they first stood, by `GAME_ID:PLAYER_ID`. */
export type Early = ReadonlyMap<string, Pick<Measures, 'reb' | 'ast'>>;

/** At a neutral site the league prints `A @ B` for both teams; one season's games also say so themselves. */
export async function readGames(data: Folder, season: string): Promise<readonly Game[]> {
  const games = await data.read(
    `select g.game_id, g.game_date::varchar as date, g.game_type, home_team_id::double as home_id, home_team,
       home_team_name, away_team_id::double as away_id, away_team, away_team_name, home_score, away_score,
       is_neutral_site or coalesce(t.matchup like '% @ %', false) as neutral, game_label,
       strftime(start_time_utc, '%Y-%m-%dT%H:%M:%SZ') as start_utc, arena_name, arena_city
     from ${data.table('games')} g
     left join (from ${data.table('team_boxscores')} where season = '${season}' and is_home) t using (game_id)
     where g.season = '${season}' order by g.game_date, game_id`,
    row => gameOf(row, season),
  );
  return withRecords(games);
}

const measureColumns = `minutes, pts, fgm, fga, fg_pct, fg3m, fg3a, fg3_pct, ftm, fta, ft_pct, oreb, dreb, reb, ast,
  stl, blk, tov, pf, plus_minus`;

export async function readLines(data: Folder, season: string): Promise<Lines> {
  const totals = await data.read(
    `select game_id, is_home, matchup, ${measureColumns}
     from ${data.table('team_boxscores')} where season = '${season}'`,
    row => [sideKey(row), {matchup: text(row, 'matchup'), measures: measuresOf(row)}] as const,
  );
  const players = new Map<string, {matchup: string; lines: PlayerLine[]}>();
  await data.read(
    `select game_id, player_id::integer as player_id, player_name, is_home, matchup, ${measureColumns}
     from ${data.table('player_boxscores')} where season = '${season}' order by game_id, is_home desc, player_id`,
    row => {
      const key = sideKey(row);
      const side = players.get(key) ?? {matchup: text(row, 'matchup'), lines: []};
      side.lines.push(playerOf(row));
      players.set(key, side);
    },
  );
  return {totals: new Map(totals), players};
}

/** The player lines that were later corrected: rebounds and assists are all that differs. */
export async function readEarly(data: Folder): Promise<Early> {
  const snapshot = 'player_boxscores_early_snapshot_2025_11';
  if (!data.has(snapshot)) return new Map();
  const lines = await data.read(
    `select e.game_id, e.player_id::integer as player_id, e.reb, e.ast
     from ${data.table(snapshot)} e join ${data.table('player_boxscores')} f using (game_id, player_id)
     where e.reb <> f.reb or e.ast <> f.ast`,
    row =>
      [
        `${text(row, 'game_id')}:${number(row, 'player_id')}`,
        {reb: value(row, 'reb'), ast: value(row, 'ast')},
      ] as const,
  );
  return new Map(lines);
}

function gameOf(row: Row, season: string): Game {
  const neutral = row['neutral'] === true;
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

function playerOf(row: Row): PlayerLine {
  const [firstName = '', ...rest] = text(row, 'player_name').split(' ');
  return {
    playerId: number(row, 'player_id'),
    firstName,
    familyName: rest.join(' '),
    position: '',
    jersey: '',
    comment: '',
    starter: undefined,
    measures: measuresOf(row),
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
