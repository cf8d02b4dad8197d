/**
 * Fetches ESPN's page of each game of one date, as answered: the box score is embedded in it.
 * It does not deal with games that the scoreboard lacks; they have no id to ask by, and coverage names them.
 */
import {EmptyAnswer, type Files} from 'gameplan';
import {athleteLines, type Event, Scoreboard, sidesOf} from '../shapes/espn.ts';
import {objectsOf} from '../shapes/objects.ts';
import {findGame} from '../shapes/team.ts';

export const files: Files = async ({partition, site, put, inputs}) => {
  const events: Event[] = [];
  for await (const object of objectsOf(inputs, 'scoreboard')) events.push(...object.json(Scoreboard).events);
  const held = await Promise.all(
    events.map(async event => {
      const sides = sidesOf(event);
      const [home, away] = [sides?.home.team.abbreviation ?? '', sides?.away.team.abbreviation ?? ''];
      const game = findGame(partition.games, home, away);
      if (game === undefined) return [];
      const answer = await site.get('/nba/boxscore', {gameId: event.id});
      await put(`${event.id}.html`, answer.bytes);
      return athleteLines(answer.text()).length > 0 ? [game.id] : [];
    }),
  );
  const games = held.flat().sort();
  if (games.length === 0)
    throw new EmptyAnswer(`has no box score of the ${partition.games.length} games of ${partition.key}`);
  return {games};
};
