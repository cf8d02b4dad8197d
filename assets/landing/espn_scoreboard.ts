/**
 * Fetches ESPN's scoreboard of one date, as answered: it has ESPN's own ids of the games.
 * It does not deal with scores; landing.espn_boxscores fetches those by the ids.
 */
import {EmptyAnswer, type Files} from 'gameplan';
import {Scoreboard, sidesOf} from '../shapes/espn.ts';
import {findGame} from '../shapes/team.ts';

export const files: Files = async ({partition, site, put}) => {
  const answer = await site.get('/apis/site/v2/sports/basketball/nba/scoreboard', {
    dates: partition.key.replaceAll('-', ''),
    limit: 100,
  });
  await put('scoreboard.json', answer.bytes);
  const {events} = answer.json(Scoreboard);
  const games = events.flatMap(event => {
    const sides = sidesOf(event);
    if (sides === undefined) return [];
    return findGame(partition.games, sides.home.team.abbreviation, sides.away.team.abbreviation)?.id ?? [];
  });
  if (games.length === 0)
    throw new EmptyAnswer(
      `answered 200 with ${events.length} events, none of the ${partition.games.length} games of ${partition.key}`,
    );
  return {games: games.sort()};
};
