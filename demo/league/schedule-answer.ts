// The season's schedule and the scoreboard of a date in the league API's JSON.
// Does not deal with lists a reader of scores has no use for (broadcasters, leaders): they are empty.
import {
  addDays,
  daysBetween,
  easternOfUtc,
  isSummerTime,
  shiftHours,
  utcOfEastern,
  weekday,
} from './calendar.ts';
import {type Game, type Side, startYearOf} from './game.ts';
import {type Status, statusOf} from './status.ts';
import {findFranchise} from './teams.ts';

/** Stands for the time of an answer, so that equal questions get equal bytes. */
export const answerTime = '2026-07-01T12:00:00.000Z';

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

export function scheduleAnswer(season: string, games: readonly Game[], now: string | undefined): object {
  const opening = games.find(game => game.type === 'regular')?.date;
  const dates = [...Map.groupBy(games, game => game.date)];
  return {
    meta: {
      version: 1,
      request: `http://nba.cloud/league/00/${startYearOf(season)}/scheduleleaguev2`,
      time: answerTime,
    },
    leagueSchedule: {
      seasonYear: season,
      leagueId: '00',
      gameDates: dates.map(([date, played]) => ({
        gameDate: `${date.slice(5, 7)}/${date.slice(8)}/${date.slice(0, 4)} 00:00:00`,
        games: played.map((game, index) => scheduledGame(game, index + 1, opening ?? date, now)),
      })),
      weeks: [],
    },
  };
}

function scheduledGame(game: Game, sequence: number, opening: string, now: string | undefined): object {
  const status = statusOf(game, now);
  const week = game.type === 'regular' || game.type === 'cup_final' ? weekOf(game.date, opening) : 0;
  return {
    gameId: game.gameId,
    gameCode: gameCode(game),
    gameStatus: status,
    gameStatusText: statusText(game, status),
    gameSequence: sequence,
    ...timesOf(game),
    day: dayNames[weekday(game.date)],
    monthNum: Number(game.date.slice(5, 7)),
    weekNumber: week,
    weekName: week === 0 ? '' : `Week ${week}`,
    ifNecessary: false,
    seriesGameNumber: game.seriesGame,
    gameLabel: game.label,
    gameSubLabel: game.subLabel,
    seriesText: game.seriesText,
    arenaName: game.arena,
    arenaState: game.arenaState,
    arenaCity: game.arenaCity,
    postponedStatus: game.postponed ? 'Y' : 'N',
    branchLink: '',
    gameSubtype: '',
    isNeutral: game.neutral,
    broadcasters: noBroadcasters,
    homeTeam: scheduledSide(game.home, status),
    awayTeam: scheduledSide(game.away, status),
    pointsLeaders: [],
  };
}

const noBroadcasters = {
  nationalBroadcasters: [],
  nationalRadioBroadcasters: [],
  nationalOttBroadcasters: [],
  homeTvBroadcasters: [],
  homeRadioBroadcasters: [],
  homeOttBroadcasters: [],
  awayTvBroadcasters: [],
  awayRadioBroadcasters: [],
  awayOttBroadcasters: [],
};

function gameCode(game: Game): string {
  return `${game.date.replaceAll('-', '')}/${game.away.team.tricode}${game.home.team.tricode}`;
}

function weekOf(date: string, opening: string): number {
  const monday = addDays(opening, -((weekday(opening) + 6) % 7));
  return Math.floor(daysBetween(monday, date) / 7) + 1;
}

/** An unknown start: midnight on the Eastern clock, and no UTC time at all (`gameTimeUTC` is empty). */
function timesOf(game: Game): object {
  const midnight = `${game.date}T00:00:00Z`;
  const {startUtc} = game;
  const eastern = startUtc === undefined ? midnight : easternOfUtc(startUtc);
  return {
    gameDateEst: midnight,
    gameTimeEst: `1900-01-01T${eastern.slice(11)}`,
    gameDateTimeEst: eastern,
    gameDateUTC: utcOfEastern(game.date, 0),
    gameTimeUTC: startUtc === undefined ? '' : `1900-01-01T${startUtc.slice(11)}`,
    gameDateTimeUTC: startUtc ?? '',
    awayTeamTime: startUtc === undefined ? midnight : localTime(game.away, eastern),
    homeTeamTime: startUtc === undefined ? midnight : localTime(game.home, eastern),
  };
}

function localTime(side: Side, eastern: string): string {
  const franchise = findFranchise(side.team.teamId);
  if (franchise === undefined) return eastern;
  const keepsWinterTime = franchise.tricode === 'PHX' && isSummerTime(eastern.slice(0, 10));
  return shiftHours(eastern, franchise.hoursFromEastern - (keepsWinterTime ? 1 : 0));
}

function statusText(game: Game, status: Status): string {
  if (game.postponed) return 'PPD';
  if (status === 3) return 'Final';
  if (game.startUtc === undefined) return 'TBD';
  if (status === 2) return 'In progress';
  const [hours = 0, minutes = 0] = easternOfUtc(game.startUtc).slice(11, 16).split(':').map(Number);
  return `${((hours + 11) % 12) + 1}:${String(minutes).padStart(2, '0')} ${hours < 12 ? 'am' : 'pm'} ET`;
}

function scheduledSide({team, score, wins, losses, seed}: Side, status: Status): object {
  const played = status === 3;
  return {
    teamId: team.teamId,
    teamName: team.name,
    teamCity: team.city,
    teamTricode: team.tricode,
    teamSlug: team.slug,
    wins: played ? wins : 0,
    losses: played ? losses : 0,
    score: played ? score : 0,
    seed,
  };
}

export function scoreboardAnswer(date: string, games: readonly Game[], now: string | undefined): object {
  return {
    meta: {
      version: 1,
      request: `http://nba.cloud/league/00/${date.replaceAll('-', '/')}/scoreboard?Format=json`,
      time: answerTime,
    },
    scoreboard: {
      gameDate: date,
      leagueId: '00',
      leagueName: 'National Basketball Association',
      games: games.map(game => scoreboardGame(game, statusOf(game, now))),
    },
  };
}

function scoreboardGame(game: Game, status: Status): object {
  return {
    gameId: game.gameId,
    gameCode: gameCode(game),
    gameStatus: status,
    gameStatusText: statusText(game, status),
    period: status === 1 ? 0 : 4,
    gameClock: '',
    gameTimeUTC: game.startUtc ?? '',
    gameEt: game.startUtc === undefined ? `${game.date}T00:00:00Z` : easternOfUtc(game.startUtc),
    regulationPeriods: 4,
    seriesGameNumber: game.seriesGame,
    gameLabel: game.label,
    gameSubLabel: game.subLabel,
    seriesText: game.seriesText,
    ifNecessary: false,
    seriesConference: '',
    poRoundDesc: '',
    gameSubtype: '',
    isNeutral: game.neutral,
    gameLeaders: {homeLeaders: null, awayLeaders: null},
    teamLeaders: {homeLeaders: null, awayLeaders: null, seasonLeadersFlag: 0},
    broadcasters: noBroadcasters,
    homeTeam: {...scheduledSide(game.home, status), inBonus: null, timeoutsRemaining: 0, periods: []},
    awayTeam: {...scheduledSide(game.away, status), inBonus: null, timeoutsRemaining: 0, periods: []},
  };
}
