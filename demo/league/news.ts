// What becomes known within a day: from a moment on, a game's injuries or lines are others than in the morning.
// Does not deal with what they were in the morning, nor with how they are answered.
import type {GameLine, Injury, InjuryStatus, Quote, TeamInjuries} from './game.ts';

export interface News {
  /** ISO, UTC. */
  readonly at: string;
  readonly game: string;
  readonly about: 'injuries' | 'lines';
}

/** How much there was of one game until a moment; undefined is after all of it. */
export function newsUntil(
  news: readonly News[],
  game: string,
  about: News['about'],
  at: string | undefined,
): number {
  const until = at === undefined ? Number.POSITIVE_INFINITY : Date.parse(at);
  return news.filter(each => each.game === game && each.about === about && Date.parse(each.at) <= until)
    .length;
}

/** Each time the home team is given a point more, and a point more is expected of both. */
export function movedLines(lines: readonly GameLine[], times: number): readonly GameLine[] {
  if (times === 0) return lines;
  return lines.map(line => ({...line, homeSpread: line.homeSpread + times, total: line.total + times}));
}

/** Each time a point more is expected of every player. */
export function movedQuotes(quotes: readonly Quote[], times: number): readonly Quote[] {
  return times === 0 ? quotes : quotes.map(quote => ({...quote, line: quote.line + times}));
}

/** Each time one more of those who are hurt is out where he was not, and questionable where he was out. */
export function movedInjuries(teams: readonly TeamInjuries[], times: number): readonly TeamInjuries[] {
  let left = times;
  const moved = (injury: Injury): Injury => {
    if (left === 0 || !injury.reason.startsWith('Injury')) return injury;
    left--;
    const status: InjuryStatus = injury.status === 'Out' ? 'Questionable' : 'Out';
    return {...injury, status};
  };
  return teams.map(team => ({...team, injuries: team.injuries?.map(moved)}));
}
