// Writes wins and losses into the games of a season, from their scores.
// Does not deal with standings tables or tie-breaks.
import type {Game, Side} from './game.ts';

interface Tally {
  wins: number;
  losses: number;
}

/**
 * Gives every side its record after the game: of the regular season in it and after it, of the series
 * in the playoffs, nothing before the season and at the All-Star weekend. Games come by date.
 */
export function withRecords(games: readonly Game[]): Game[] {
  const season = new Map<string, Tally>();
  const series = new Map<string, Tally>();
  return games.map(game => {
    const homeWon = game.home.score > game.away.score;
    return {
      ...game,
      home: recorded(game, game.home, homeWon, season, series),
      away: recorded(game, game.away, !homeWon, season, series),
    };
  });
}

function recorded(
  game: Game,
  side: Side,
  won: boolean,
  season: Map<string, Tally>,
  series: Map<string, Tally>,
): Side {
  const team = String(side.team.teamId);
  switch (game.type) {
    case 'regular':
      return {...side, ...counted(season, team, won)};
    case 'playoffs':
      return {...side, ...counted(series, `${game.gameId.slice(0, 9)}:${team}`, won)};
    case 'play_in':
    case 'cup_final':
      return {...side, ...(season.get(team) ?? {wins: 0, losses: 0})};
    default:
      return side;
  }
}

function counted(tallies: Map<string, Tally>, key: string, won: boolean): Tally {
  const before = tallies.get(key) ?? {wins: 0, losses: 0};
  const after = {wins: before.wins + (won ? 1 : 0), losses: before.losses + (won ? 0 : 1)};
  tallies.set(key, after);
  return after;
}
