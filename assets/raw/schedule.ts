/**
 * Rows of raw.schedule: every game of a season, whatever its type, from the league's schedule or ESPN's.
 * It does not deal with which games count; the calendar's condition does.
 */
import type {Row, Rows, RowsContext} from 'gameplan';
import {type Competitor, type Event, Scoreboard, sidesOf} from '../shapes/espn.ts';
import {gameType} from '../shapes/game.ts';
import {objectsOf} from '../shapes/objects.ts';
import {Schedule, type ScheduledGame, scheduledGames} from '../shapes/schedule.ts';
import {findTeam} from '../shapes/team.ts';

export const rows: Rows = async context => {
  switch (context.source) {
    case 'nba':
      return await leagueRows(context);
    case 'espn':
      return await espnRows(context);
    default:
      throw new Error(`There is no source '${context.source}' of schedules.`);
  }
};

async function leagueRows({partition, inputs}: RowsContext): Promise<readonly Row[]> {
  const games: Row[] = [];
  for await (const object of objectsOf(inputs, 'nba')) {
    const answer = object.json(Schedule);
    if (answer.leagueSchedule.seasonYear !== partition.key) {
      throw new Error(
        `${object.name} is the schedule of ${answer.leagueSchedule.seasonYear}, not of ${partition.key}.`,
      );
    }
    for (const game of scheduledGames(answer)) games.push(row(game, partition.key));
  }
  return games;
}

async function espnRows({partition, inputs}: RowsContext): Promise<readonly Row[]> {
  const games: Row[] = [];
  for await (const object of objectsOf(inputs, 'espn')) {
    for (const event of object.json(Scoreboard).events) games.push(...espnRow(event, partition.key));
  }
  return games;
}

const EASTERN = new Intl.DateTimeFormat('en-CA', {timeZone: 'America/New_York', dateStyle: 'short'});

/** ESPN does not know the league's ids: a game has its number there, which no league id looks like. */
function espnRow(event: Event, season: string): readonly Row[] {
  const sides = sidesOf(event);
  const [competition] = event.competitions;
  if (sides === undefined || competition === undefined) return [];
  const status = ESPN_STATUS[competition.status.type.name] ?? 'scheduled';
  const [home, away] = [teamOf(sides.home), teamOf(sides.away)];
  const start = new Date(event.date);
  const scoreOf = ({score}: Competitor) => (status === 'final' && score ? Number(score) : null);
  const headline = competition.notes?.[0]?.headline ?? null;
  return [
    {
      season,
      game_id: `espn-${event.id}`,
      game_date: EASTERN.format(start),
      game_type: espnType(event),
      game_status: status,
      tipoff_utc: competition.timeValid === false ? null : start.toISOString(),
      home_team_id: home.id,
      home_team: home.code,
      home_team_name: sides.home.team.displayName,
      away_team_id: away.id,
      away_team: away.code,
      away_team_name: sides.away.team.displayName,
      home_score: scoreOf(sides.home),
      away_score: scoreOf(sides.away),
      is_neutral_site: competition.neutralSite ?? null,
      game_label: headline,
      arena_name: competition.venue?.fullName || null,
      arena_city: competition.venue?.address?.city || null,
    },
  ];
}

const ESPN_STATUS: Readonly<Record<string, string>> = {
  STATUS_FINAL: 'final',
  STATUS_POSTPONED: 'postponed',
  STATUS_CANCELED: 'cancelled',
};

const ESPN_PHASES: Readonly<Record<number, string>> = {
  1: 'preseason',
  2: 'regular',
  3: 'playoffs',
  5: 'play_in',
};

function espnType({season, competitions}: Event): string {
  const [competition] = competitions;
  if (competition?.type?.abbreviation === 'ALLSTAR') return 'all_star';
  const isFinal = competition?.notes?.some(({headline}) => /cup.*championship/i.test(headline ?? ''));
  return isFinal ? 'cup_final' : (ESPN_PHASES[season.type] ?? 'preseason');
}

/** Guests have their own code and no id of the league. */
function teamOf({team}: Competitor): {readonly id: number | null; readonly code: string} {
  return findTeam(team.abbreviation) ?? {id: null, code: team.abbreviation};
}

function row(game: ScheduledGame, season: string): Row {
  const {homeTeam: home, awayTeam: away} = game;
  const status = gameStatus(game);
  return {
    season,
    game_id: game.gameId,
    // The league's own day of the game, US Eastern: late games start on the next day in UTC.
    game_date: game.gameDateEst.slice(0, 10),
    game_type: gameType(game.gameId),
    game_status: status,
    tipoff_utc: tipoff(game),
    home_team_id: home.teamId,
    home_team: home.teamTricode || null,
    home_team_name: teamName(home),
    away_team_id: away.teamId,
    away_team: away.teamTricode || null,
    away_team_name: teamName(away),
    home_score: status === 'final' ? (home.score ?? null) : null,
    away_score: status === 'final' ? (away.score ?? null) : null,
    is_neutral_site: game.isNeutral ?? null,
    game_label: game.gameLabel || null,
    arena_name: game.arenaName || null,
    arena_city: game.arenaCity || null,
  };
}

function gameStatus(game: ScheduledGame): string {
  if (/^cancel/i.test(game.gameStatusText ?? '')) return 'cancelled';
  if (game.postponedStatus === 'Y' || /^(ppd|postponed)/i.test(game.gameStatusText ?? '')) return 'postponed';
  return game.gameStatus === 3 ? 'final' : 'scheduled';
}

/** The league writes an unknown time as nothing or as one in 1900. */
function tipoff(game: ScheduledGame): string | null {
  const time = game.gameDateTimeUTC;
  return !time || time < '1946' ? null : time;
}

function teamName(side: ScheduledGame['homeTeam']): string | null {
  return [side.teamCity, side.teamName].filter(Boolean).join(' ') || null;
}
