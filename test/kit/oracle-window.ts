/** What an edge's window holds, for the oracle: lists that are filtered, and no arithmetic on positions. */
import type {Edge} from '../../planner/pipeline.ts';
import type {Oracle} from './oracle.ts';
import {dayNumber} from './oracle-calendar.ts';

/** One thing that a window holds; `team` and `game` only in windows by games. */
export interface Member {
  readonly key: string;
  readonly team: string;
  readonly game: string;
}

type Seeing = Pick<Oracle, 'calendar' | 'keys' | 'isDate' | 'exemptReason' | 'acceptedReason'>;

const members = (keys: readonly string[]): readonly Member[] => keys.map(key => ({key, team: '', game: ''}));

/** Whether or not it is there. */
export function windowOf(oracle: Seeing, asset: string, edge: Edge, key: string): readonly Member[] {
  const {window, throughToday, crossesSeasons} = edge;
  const {calendar} = oracle;
  const season = oracle.isDate(asset) ? calendar.season(key) : key;
  const isPast = (date: string): boolean => date < key || (throughToday && date === key);
  const isNear = (date: string): boolean => crossesSeasons || calendar.season(date) === season;
  const past = calendar.dates.filter(date => isPast(date) && isNear(date));
  switch (window.kind) {
    case 'same':
      return members([key]);
    case 'season-of-date':
      return members([season]);
    case 'whole':
      return members(['all']);
    case 'dates-of-season':
      return members(calendar.datesOf(key));
    case 'days': {
      const first = dayNumber(key) - window.count + (throughToday ? 1 : 0);
      return members(past.filter(date => dayNumber(date) >= first));
    }
    case 'dates':
      return members(past.slice(-window.count));
    case 'games':
      return teams(oracle, key, window.teams).flatMap(team =>
        calendar.games
          .filter(game => isPast(game.date) && isNear(game.date) && game.teams.includes(team))
          .map(({date, id}) => ({key: date, team, game: id}))
          .slice(-window.count),
      );
    case 'season-to-date':
      return members(past.filter(date => calendar.season(date) === season));
    case 'previous': {
      const read = earlier(oracle, asset, edge, key).findLast(
        other =>
          oracle.exemptReason(edge.upstream, other) === undefined &&
          oracle.acceptedReason(edge.upstream, other) === undefined,
      );
      return members(read === undefined ? [] : [read]);
    }
    case 'all':
      return members(oracle.keys(edge.upstream).filter(other => isInAll(oracle, asset, edge, key, other)));
  }
}

/** The keys that a `previous` edge may read, the nearest last. */
export function earlier(oracle: Seeing, asset: string, edge: Edge, key: string): readonly string[] {
  const {calendar} = oracle;
  const isNear = (other: string): boolean =>
    !oracle.isDate(asset) || edge.crossesSeasons || calendar.season(other) === calendar.season(key);
  return oracle.keys(edge.upstream).filter(other => other < key && isNear(other));
}

function isInAll(oracle: Seeing, asset: string, edge: Edge, key: string, other: string): boolean {
  if (!oracle.isDate(asset)) return true;
  const own = oracle.isDate(edge.upstream) ? key : oracle.calendar.season(key);
  return other < own || (edge.throughToday && other === own);
}

function teams({calendar}: Seeing, key: string, which: 'every' | 'playing'): readonly string[] {
  const games = calendar.games.filter(({date, season}) =>
    which === 'playing' ? date === key : season === calendar.season(key),
  );
  return [...new Set(games.flatMap(game => game.teams))];
}
