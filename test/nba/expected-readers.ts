/**
 * Which partitions read a given one, counted date by date from a list of games and the manifest's text. A second opinion
 * on the planner's windows: it takes nothing from the planner, and is slow and plain.
 */
import {type DeclaredAsset, type DeclaredEdge, declaredAssets} from './declared-edges.ts';

export interface Game {
  readonly date: string;
  readonly season: string;
  readonly teams: readonly string[];
}

type Reads = (games: readonly Game[], date: string, key: string) => boolean;

const same: Reads = (_, date, key) => date === key;

const seasonToDate: Reads = (games, date, key) =>
  date < key && seasonOf(games, date) === seasonOf(games, key);

const days =
  (count: number): Reads =>
  (_, date, key) =>
    date < key && Date.parse(key) - Date.parse(date) <= count * 86_400_000;

/** The last games of each team that plays on the key, or of every team, before the key and in its season. */
const lastGames =
  (count: number, of: 'playing' | 'every'): Reads =>
  (games, date, key) => {
    if (!seasonToDate(games, date, key)) return false;
    const before = games.filter(game => seasonToDate(games, game.date, key));
    return teamsOf(games, date).some(
      team =>
        (of === 'every' || teamsOf(games, key).includes(team)) &&
        before
          .filter(({teams}) => teams.includes(team))
          .slice(-count)
          .some(game => game.date === date),
    );
  };

/** The window of an edge between two tables by date. */
function windowOf({window, isThroughToday, crossesSeasons}: DeclaredEdge): Reads {
  const counted = countedWindow(window ?? 'same');
  return (games, date, key) =>
    (isThroughToday && date === key) ||
    (counted(games, date, key) && (crossesSeasons || seasonOf(games, date) === seasonOf(games, key)));
}

function countedWindow(window: string): Reads {
  const [, count = '', unit] = /^(\d+) (.*)$/.exec(window) ?? [];
  if (window === 'same') return same;
  if (window === 'all') return (_, date, key) => date < key;
  if (window === 'season to date') return seasonToDate;
  if (unit === 'days') return days(Number(count));
  if (unit === 'games per team') return lastGames(Number(count), 'every');
  if (unit === 'games per playing team') return lastGames(Number(count), 'playing');
  throw new Error(`The window '${window}' is not counted here yet.`);
}

/** `asset@key` of all that reads `asset` at one of `keys`, sorted. */
export function readersOf(games: readonly Game[], asset: string, keys: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const [reader, {edges}] of declaredAssets) {
    for (const edge of edges) {
      if (edge.upstream !== asset) continue;
      const reads = readsOf(games, edge, reader);
      for (const key of keysOf(games, reader))
        if (keys.some(each => reads(each, key))) found.add(`${reader}@${key}`);
    }
  }
  return [...found].sort();
}

/** Whether the reader's key reads the upstream's, whatever slices both. */
function readsOf(
  games: readonly Game[],
  edge: DeclaredEdge,
  reader: string,
): (from: string, key: string) => boolean {
  const [from, to] = [declaredOf(edge.upstream).slicedBy, declaredOf(reader).slicedBy];
  if (from === 'all' || to === 'all') return () => true;
  if (from === to) {
    const window = windowOf(edge);
    return (each, key) => window(games, each, key);
  }
  return from === 'season'
    ? (season, date) => seasonOf(games, date) === season
    : (date, season) => seasonOf(games, date) === season;
}

/** `asset@key` of every table by date that should have one of the dates, sorted. */
export function expectedOn(games: readonly Game[], dates: readonly string[]): readonly string[] {
  const dated = [...declaredAssets].filter(([, {slicedBy}]) => slicedBy === 'game_date');
  return dated
    .flatMap(([asset]) => dates.filter(date => !isExempt(games, asset, date)).map(date => `${asset}@${date}`))
    .sort();
}

/** The keys that a table has: not those before its start, and not those that it or what it requires there skips. */
function keysOf(games: readonly Game[], asset: string): readonly string[] {
  const {slicedBy} = declaredOf(asset);
  if (slicedBy === 'all') return ['all'];
  if (slicedBy === 'season') return [...new Set(games.map(({season}) => season))];
  return datesOf(games).filter(date => !isExempt(games, asset, date));
}

function isExempt(games: readonly Game[], asset: string, date: string): boolean {
  const {start, skipsDays, edges} = declaredOf(asset);
  return (
    date < start ||
    isBootstrap(games, date, skipsDays) ||
    edges.some(
      ({upstream, window, isRequired}) =>
        isRequired &&
        window === undefined &&
        declaredOf(upstream).slicedBy === 'game_date' &&
        isExempt(games, upstream, date),
    )
  );
}

/**
 * Readers, readers of readers and so on, of `refs`, sorted: what may be made again when those change. Without `refs`
 * themselves, and without what is protected, since that stays as it is.
 */
export function allReadersOf(games: readonly Game[], refs: readonly string[]): readonly string[] {
  const found = new Set<string>();
  let fresh = refs;
  while (fresh.length > 0) {
    const next = readersOfAll(games, fresh).filter(ref => !found.has(ref) && !isProtected(ref));
    for (const ref of next) found.add(ref);
    fresh = next;
  }
  return [...found].filter(ref => !refs.includes(ref)).sort();
}

/** Direct readers of any of `refs`, sorted. */
export function readersOfAll(games: readonly Game[], refs: readonly string[]): readonly string[] {
  const byAsset = Map.groupBy(refs, ref => ref.slice(0, ref.indexOf('@')));
  const found = [...byAsset].flatMap(([asset, all]) =>
    readersOf(
      games,
      asset,
      all.map(ref => ref.slice(ref.indexOf('@') + 1)),
    ),
  );
  return [...new Set(found)].sort();
}

/** Whether a published partition stays as it is, whatever becomes of its inputs. */
export function isProtected(ref: string): boolean {
  return declaredOf(ref.slice(0, ref.indexOf('@'))).isProtected;
}

function declaredOf(asset: string): DeclaredAsset {
  const found = declaredAssets.get(asset);
  if (found === undefined) throw new Error(`The manifest has no '${asset}'.`);
  return found;
}

export function datesOf(games: readonly Game[]): readonly string[] {
  return [...new Set(games.map(({date}) => date))].sort();
}

/** Whether a date lies in the first so many days of its season. */
export function isBootstrap(games: readonly Game[], date: string, count = 14): boolean {
  const first = indexOf(games).firstOf.get(seasonOf(games, date)) ?? date;
  return Date.parse(date) - Date.parse(first) < count * 86_400_000;
}

interface GameIndex {
  readonly byDate: ReadonlyMap<string, readonly Game[]>;
  /** By season, the date of its first game. */
  readonly firstOf: ReadonlyMap<string, string>;
}
const indexes = new WeakMap<readonly Game[], GameIndex>();

function indexOf(games: readonly Game[]): GameIndex {
  const known = indexes.get(games);
  if (known !== undefined) return known;
  const index = {
    byDate: Map.groupBy(games, game => game.date),
    // The last of a name stays in a map.
    firstOf: new Map(games.toReversed().map(({season, date}) => [season, date])),
  };
  indexes.set(games, index);
  return index;
}

function on(games: readonly Game[], date: string): readonly Game[] {
  return indexOf(games).byDate.get(date) ?? [];
}

function seasonOf(games: readonly Game[], date: string): string {
  return on(games, date)[0]?.season ?? '';
}

function teamsOf(games: readonly Game[], date: string): readonly string[] {
  return on(games, date).flatMap(({teams}) => teams);
}
