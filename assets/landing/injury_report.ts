/**
 * Fetches the league's injury report of a date, the PDF as answered: the last one that is there, and once the first game
 * has begun the last one before that. It does not deal with what an earlier one said.
 */
import {EmptyAnswer, type Files} from 'gameplan';
import {readInjuryReport, reportPath} from '../shapes/injury-report.ts';
import {findGame} from '../shapes/team.ts';

export const files: Files = async ({partition, site, put, asOf}) => {
  const answer = await site.get(reportPath(partition.key, asOf));
  await put('report.pdf', answer.bytes);
  const report = await readInjuryReport(answer.bytes);
  // Yesterday's has today's games too, as they stood a day ago.
  if (report.date !== partition.key)
    throw new EmptyAnswer(`is the report of ${report.date}, not of ${partition.key}`);
  const held = new Set<string>();
  for (const {date, matchup} of report.lines) {
    const game = date === partition.key ? findGame(partition.games, ...matchup) : undefined;
    if (game !== undefined) held.add(game.id);
  }
  if (held.size === 0)
    throw new EmptyAnswer(`has none of the ${partition.games.length} games of ${partition.key}`);
  return {games: [...held].sort()};
};
