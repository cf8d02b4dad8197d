// The player stats of a date as balldontlie answers them: a page at a time, the next one named by a cursor.
// Does not deal with margins, which that API has none of.
import {nothing} from './boxscore-answer.ts';
import {foreignId, foreignPlayerId} from './foreign-id.ts';
import {type Box, type Game, type Measures, type PlayerLine, startYearOf} from './game.ts';
import {fullName, withoutAccents} from './spelling.ts';
import {findFranchise, franchises, type Team} from './teams.ts';

export function bdlStatsAnswer(
  boxes: readonly Box[],
  {cursor, perPage}: {readonly cursor: number; readonly perPage: number},
): object {
  const lines = boxes.flatMap(linesOf).filter(({id}) => id > cursor);
  const page = lines.slice(0, perPage);
  const last = page.at(-1);
  const next = last !== undefined && lines.length > perPage ? {next_cursor: last.id} : {};
  return {data: page, meta: {...next, per_page: perPage}};
}

interface StatLine {
  readonly id: number;
}

/** Most lines of one game. */
const perGame = 64;

function linesOf({game, home, away}: Box): StatLine[] {
  const lines = [
    ...home.players.map(player => ({player, team: game.home.team})),
    ...away.players.map(player => ({player, team: game.away.team})),
  ];
  return lines.map(({player, team}, place) => ({
    id: foreignId('bdl', game.gameId) * perGame + place + 1,
    ...countsOf(player.measures),
    player: playerOf(player, team),
    team: teamOf(team),
    game: gameOf(game),
  }));
}

/** Who did not play has a line of zeros and no minutes. */
function countsOf(measures: Measures | undefined): object {
  const line = measures ?? nothing;
  return {
    min: measures === undefined ? '00' : line.seconds === null ? null : String(Math.round(line.seconds / 60)),
    fgm: line.fgm,
    fga: line.fga,
    fg_pct: line.fgPct ?? 0,
    fg3m: line.fg3m,
    fg3a: line.fg3a,
    fg3_pct: line.fg3Pct ?? 0,
    ftm: line.ftm,
    fta: line.fta,
    ft_pct: line.ftPct ?? 0,
    oreb: line.oreb,
    dreb: line.dreb,
    reb: line.reb,
    ast: line.ast,
    stl: line.stl,
    blk: line.blk,
    turnover: line.tov,
    pf: line.pf,
    pts: line.pts,
  };
}

function playerOf({playerId, firstName, familyName, position, jersey}: PlayerLine, team: Team): object {
  return {
    id: foreignPlayerId('bdl', playerId),
    first_name: withoutAccents(firstName),
    last_name: withoutAccents(familyName),
    position,
    height: null,
    weight: null,
    jersey_number: jersey,
    college: null,
    country: null,
    draft_year: null,
    draft_round: null,
    draft_number: null,
    team_id: bdlTeamId(team),
  };
}

/** They number the teams from 1 by city. */
const byCity = [...franchises].sort((a, b) => (fullName(a) < fullName(b) ? -1 : 1));

function bdlTeamId(team: Team): number {
  return byCity.findIndex(({teamId}) => teamId === team.teamId) + 1;
}

function teamOf(team: Team): object {
  const franchise = findFranchise(team.teamId);
  return {
    id: bdlTeamId(team),
    conference: franchise?.conference ?? '',
    division: franchise?.division ?? '',
    city: team.city,
    name: team.name,
    full_name: fullName(team),
    abbreviation: team.tricode,
  };
}

function gameOf(game: Game): object {
  return {
    id: foreignId('bdl', game.gameId),
    date: game.date,
    season: startYearOf(game.season),
    status: 'Final',
    period: 4,
    time: 'Final',
    postseason: game.type === 'playoffs',
    home_team_score: game.home.score,
    visitor_team_score: game.away.score,
    datetime: game.startUtc?.replace('Z', '.000Z') ?? null,
    home_team_id: bdlTeamId(game.home.team),
    visitor_team_id: bdlTeamId(game.away.team),
  };
}
