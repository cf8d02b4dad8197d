/** What a league does to its schedule, one game at a time. It does not publish the calendar (play.ts). */
import {unreachable} from '../../planner/unreachable.ts';
import {dateOn, type Edit, pairOf} from './random-project.ts';
import type {ToyGames} from './toy-spec.ts';

/** The calendar after one edit. A moved game keeps its id. */
export function edited(
  games: ToyGames,
  edit: Exclude<Edit, 'reseason'>,
  {game, day}: {readonly game: number; readonly day: number},
): ToyGames {
  const all = Object.entries(games).flatMap(([date, lines]) => lines.map(line => ({date, line})));
  const one = all[game % Math.max(1, all.length)];
  const other = dateOn(day, game + day);
  if (one === undefined || edit === 'grow') return gamesFrom([...all, {date: other, line: pairOf(day)}]);
  const {date, line} = one;
  const [pair = '', ...words] = line.split(' ');
  const id = words.find(word => word.startsWith('#')) ?? `#${date}:${pair}`;
  const becomes = (when: string, ...said: readonly string[]): ToyGames =>
    gamesFrom(all.map(known => (known === one ? {date: when, line: [pair, id, ...said].join(' ')} : known)));
  switch (edit) {
    case 'postpone':
      return becomes(date, 'postponed');
    case 'cancel':
      return becomes(date, 'cancelled');
    case 'end':
      return becomes(date, 'final');
    case 'move':
      return becomes(other);
    case 'vanish':
      return gamesFrom(all.filter(known => known !== one));
    default:
      return unreachable(edit);
  }
}

function gamesFrom(all: readonly {readonly date: string; readonly line: string}[]): ToyGames {
  const byDate: Record<string, string[]> = {};
  for (const {date, line} of all) {
    byDate[date] ??= [];
    byDate[date].push(line);
  }
  return byDate;
}
