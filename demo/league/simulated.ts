// The simulated league: seasons played from a seed when first asked for.
// Does not deal with the disk; the same seed gives the same league everywhere.
import type {Bench, Line} from './bench.ts';
import {share, sumMeasures} from './boxscore-answer.ts';
import {
  type Box,
  type Game,
  type League,
  type Listed,
  type Measures,
  matchupOf,
  type PlayerLine,
  startYearOf,
  type TeamBox,
} from './game.ts';
import {playByPlayOf} from './play-by-play.ts';
import type {Player} from './players.ts';
import {simulatedInjuries} from './simulated-injuries.ts';
import {simulatedLines} from './simulated-lines.ts';
import {simulatedQuotes} from './simulated-quotes.ts';
import {type PlayedMatch, type SimulatedSeason, simulateSeason} from './simulated-season.ts';
import {franchises} from './teams.ts';

export function openSimulated(seed: number, seasons: readonly string[]): League {
  const played = new Map<string, SimulatedSeason>();
  const season = (name: string): SimulatedSeason => {
    const found = played.get(name) ?? simulateSeason(seed, startYearOf(name));
    played.set(name, found);
    return found;
  };
  return {
    mode: 'simulated',
    seasons,
    games: async name => (seasons.includes(name) ? season(name).games : []),
    boxes: async (name, games) => games.map(game => boxOf(game, season(name))),
    actions: async game => playByPlayOf(seed, game, season(game.season)),
    players: async name => (seasons.includes(name) ? listedIn(season(name)) : []),
    quotes: async (source, game) => {
      const played = season(game.season).matches.get(game.gameId);
      return played === undefined
        ? []
        : simulatedQuotes(seed, source, game, [played.match.home, played.match.away]);
    },
    lines: async game => {
      const played = season(game.season).matches.get(game.gameId);
      return played === undefined ? [] : simulatedLines(seed, game, played);
    },
    injuries: async game => {
      const played = season(game.season).matches.get(game.gameId);
      return played === undefined ? undefined : simulatedInjuries(seed, game, played);
    },
    ranks: async () => new Map(),
    close: async () => played.clear(),
  };
}

function listedIn({rosters}: SimulatedSeason): Listed[] {
  const all = franchises.flatMap(team =>
    (rosters.get(team.teamId) ?? []).map(({playerId, firstName, familyName}) => ({
      playerId,
      firstName,
      familyName,
      team,
    })),
  );
  return all.sort((a, b) => a.playerId - b.playerId);
}

function boxOf(game: Game, {matches}: SimulatedSeason): Box {
  const played = matches.get(game.gameId);
  if (played === undefined) throw new Error(`Internal error: ${game.gameId} was never played.`);
  return {game, home: teamBoxOf(game, 'home', played), away: teamBoxOf(game, 'away', played)};
}

/** A box score names no more of those who are hurt. */
const namedHurt = 3;

function teamBoxOf(game: Game, side: 'home' | 'away', {match, hurt}: PlayedMatch): TeamBox {
  const bench = match[side];
  const lines = bench.lines.filter(line => line.seconds > 0).map(measuresOf);
  const other = match[side === 'home' ? 'away' : 'home'];
  const sum = sumMeasures(lines);
  // The clock of a team is the five's together; its margin is no sum over players.
  const totals: Measures = {...sum, plusMinus: bench.score - other.score};
  return {
    matchup: matchupOf(game, side),
    totals,
    players: [...playersOf(bench), ...hurt[side].slice(0, namedHurt).map(hurtLine)],
  };
}

function playersOf(bench: Bench): PlayerLine[] {
  const starters = bench.lines.filter(line => line.starter).sort((a, b) => size(b.player) - size(a.player));
  const order = [1, 2, 0, 3, 4];
  const positions = ['F', 'F', 'C', 'G', 'G'];
  const opening = order.flatMap((at, index) => {
    const line = starters[at];
    return line === undefined ? [] : [playerLine(line, positions[index] ?? '')];
  });
  return [...opening, ...bench.lines.filter(line => !line.starter).map(line => playerLine(line, ''))];
}

function size({position, playerId}: Player): number {
  return (position === 'C' ? 2 : position === 'F' ? 1 : 0) + (playerId % 97) / 1000;
}

function playerLine(line: Line, position: string): PlayerLine {
  const sat = line.seconds === 0;
  return {
    ...identity(line.player),
    position,
    comment: sat ? "DNP - Coach's Decision" : '',
    starter: line.starter,
    measures: sat ? undefined : measuresOf(line),
  };
}

function hurtLine(player: Player): PlayerLine {
  return {
    ...identity(player),
    position: '',
    comment: 'DND - Injury/Illness',
    starter: false,
    measures: undefined,
  };
}

function identity({
  playerId,
  firstName,
  familyName,
  jersey,
}: Player): Pick<PlayerLine, 'playerId' | 'firstName' | 'familyName' | 'jersey'> {
  return {playerId, firstName, familyName, jersey};
}

function measuresOf(line: Line): Measures {
  const {seconds, fgm, fga, fg3m, fg3a, ftm, fta, oreb, dreb, ast, stl, blk, tov, pf, pts, plusMinus} = line;
  return {
    seconds,
    fgm,
    fga,
    fgPct: share(fgm, fga),
    fg3m,
    fg3a,
    fg3Pct: share(fg3m, fg3a),
    ftm,
    fta,
    ftPct: share(ftm, fta),
    oreb,
    dreb,
    reb: oreb + dreb,
    ast,
    stl,
    blk,
    tov,
    pf,
    pts,
    plusMinus,
  };
}
