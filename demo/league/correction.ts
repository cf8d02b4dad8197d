// A late correction of a box score, as the league publishes them: a rebound and an assist more.
// Does not deal with when it is shown; points never change, so the schedule's scores stay right.
import type {Box, Measures, PlayerLine, TeamBox} from './game.ts';

/** The first home player with rows gets one defensive rebound and one assist more, and so does the team. */
export function correctBox(box: Box): Box {
  return {...box, home: correctTeam(box.home)};
}

function correctTeam(team: TeamBox): TeamBox {
  const index = team.players.findIndex(player => player.measures !== undefined);
  const corrected: PlayerLine[] = team.players.map((player, at) =>
    at === index && player.measures !== undefined ? {...player, measures: oneMore(player.measures)} : player,
  );
  return {...team, players: corrected, totals: team.totals === undefined ? undefined : oneMore(team.totals)};
}

function oneMore(line: Measures): Measures {
  return {...line, dreb: plusOne(line.dreb), reb: plusOne(line.reb), ast: plusOne(line.ast)};
}

function plusOne(count: number | null): number | null {
  return count === null ? null : count + 1;
}
