/**
 * Rows of raw.schedule: every game of a season, whatever its type, from the league's schedule.
 * It does not deal with which games count; the calendar's condition does.
 */
import type {Row, Rows} from 'gameplan';
import {gameType} from '../shapes/game.ts';
import {objectsOf} from '../shapes/objects.ts';
import {Schedule, type ScheduledGame, scheduledGames} from '../shapes/schedule.ts';

export const rows: Rows = async ({partition, inputs}) => {
  const games: Row[] = [];
  for await (const object of objectsOf(inputs, 'answers')) {
    const answer = object.json(Schedule);
    if (answer.leagueSchedule.seasonYear !== partition.key) {
      throw new Error(
        `${object.name} is the schedule of ${answer.leagueSchedule.seasonYear}, not of ${partition.key}.`,
      );
    }
    for (const game of scheduledGames(answer)) games.push(row(game, partition.key));
  }
  return games;
};

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
