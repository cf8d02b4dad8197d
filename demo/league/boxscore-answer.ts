// The traditional box score of a game in the league API's nested JSON.
// Does not deal with games nobody played: they have teams without players or statistics.
import type {Box, Measures, PlayerLine, Side, TeamBox} from './game.ts';
import {answerTime} from './schedule-answer.ts';
import {slugOf, type Team} from './teams.ts';

/**
 * The answer for a game; for an id the league does not know (`box` undefined) both teams have id 0.
 * Without rows a team has no players and null for `statistics`, `starters` and `bench`.
 */
export function boxScoreAnswer(gameId: string, box: Box | undefined): object {
  return {
    meta: {
      version: 1,
      request: `http://nba.cloud/games/${gameId}/boxscoretraditional?Format=json`,
      time: answerTime,
    },
    boxScoreTraditional: {
      gameId,
      awayTeamId: box?.game.away.team.teamId ?? 0,
      homeTeamId: box?.game.home.team.teamId ?? 0,
      homeTeam: teamOf(box?.game.home, box?.home),
      awayTeam: teamOf(box?.game.away, box?.away),
    },
  };
}

const nobody: Team = {teamId: 0, tricode: '', city: '', name: '', slug: ''};

function teamOf(side: Side | undefined, box: TeamBox | undefined): object {
  const team = side?.team ?? nobody;
  const players = box?.players ?? [];
  const knowsStarters = players.some(player => player.starter === true);
  return {
    teamId: team.teamId,
    teamCity: team.city,
    teamName: team.name,
    teamTricode: team.tricode,
    teamSlug: team.slug,
    players: players.map(playerOf),
    statistics:
      box?.totals === undefined ? null : {...statistics(box.totals), plusMinusPoints: box.totals.plusMinus},
    starters: knowsStarters ? statistics(sumOf(players, true)) : null,
    bench: knowsStarters ? statistics(sumOf(players, false)) : null,
  };
}

function playerOf(player: PlayerLine): object {
  const {firstName, familyName, measures} = player;
  return {
    personId: player.playerId,
    firstName,
    familyName,
    nameI: familyName === '' ? firstName : `${firstName.slice(0, 1)}. ${familyName}`,
    playerSlug: slugOf(`${firstName} ${familyName}`),
    position: player.position,
    comment: player.comment,
    jerseyNum: player.jersey,
    statistics:
      measures === undefined
        ? {...statistics(nothing), minutes: '', plusMinusPoints: 0}
        : {...statistics(measures), plusMinusPoints: measures.plusMinus},
  };
}

function statistics(line: Measures): object {
  return {
    minutes: clockOf(line.seconds),
    fieldGoalsMade: line.fgm,
    fieldGoalsAttempted: line.fga,
    fieldGoalsPercentage: line.fgPct ?? 0,
    threePointersMade: line.fg3m,
    threePointersAttempted: line.fg3a,
    threePointersPercentage: line.fg3Pct ?? 0,
    freeThrowsMade: line.ftm,
    freeThrowsAttempted: line.fta,
    freeThrowsPercentage: line.ftPct ?? 0,
    reboundsOffensive: line.oreb,
    reboundsDefensive: line.dreb,
    reboundsTotal: line.reb,
    assists: line.ast,
    steals: line.stl,
    blocks: line.blk,
    turnovers: line.tov,
    foulsPersonal: line.pf,
    points: line.pts,
  };
}

function clockOf(seconds: number | null): string | null {
  if (seconds === null) return null;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** The line of somebody who did not play. */
export const nothing: Measures = {
  seconds: 0,
  fgm: 0,
  fga: 0,
  fgPct: null,
  fg3m: 0,
  fg3a: 0,
  fg3Pct: null,
  ftm: 0,
  fta: 0,
  ftPct: null,
  oreb: 0,
  dreb: 0,
  reb: 0,
  ast: 0,
  stl: 0,
  blk: 0,
  tov: 0,
  pf: 0,
  pts: 0,
  plusMinus: 0,
};

function sumOf(players: readonly PlayerLine[], starters: boolean): Measures {
  const lines = players
    .filter(player => player.starter === starters)
    .flatMap(({measures}) => (measures === undefined ? [] : [measures]));
  return sumMeasures(lines);
}

/** Sums lines that lack nothing; shares are made anew. */
export function sumMeasures(lines: readonly Measures[]): Measures {
  const sum = (of: (line: Measures) => number | null): number =>
    lines.reduce((total, line) => total + (of(line) ?? 0), 0);
  const [fgm, fga] = [sum(l => l.fgm), sum(l => l.fga)];
  const [fg3m, fg3a] = [sum(l => l.fg3m), sum(l => l.fg3a)];
  const [ftm, fta] = [sum(l => l.ftm), sum(l => l.fta)];
  return {
    seconds: sum(l => l.seconds),
    fgm,
    fga,
    fgPct: share(fgm, fga),
    fg3m,
    fg3a,
    fg3Pct: share(fg3m, fg3a),
    ftm,
    fta,
    ftPct: share(ftm, fta),
    oreb: sum(l => l.oreb),
    dreb: sum(l => l.dreb),
    reb: sum(l => l.reb),
    ast: sum(l => l.ast),
    stl: sum(l => l.stl),
    blk: sum(l => l.blk),
    tov: sum(l => l.tov),
    pf: sum(l => l.pf),
    pts: sum(l => l.pts),
    plusMinus: sum(l => l.plusMinus),
  };
}

/** A share to three digits; null where nothing was tried. */
export function share(made: number, tried: number): number | null {
  return tried === 0 ? null : Math.round((1000 * made) / tried) / 1000;
}
