/**
 * Which partitions read a given one, counted date by date from a list of games alone. A second opinion on the
 * planner's windows: it takes nothing from the manifest, and is slow and plain.
 */

export interface Game {
  readonly date: string;
  readonly season: string;
  readonly teams: readonly string[];
}

type Reads = (games: readonly Game[], date: string, key: string) => boolean;

const same: Reads = (_, date, key) => date === key;

const seasonToDate: Reads = (games, date, key) =>
  date < key && seasonOf(games, date) === seasonOf(games, key);

const daysAcrossSeasons =
  (count: number): Reads =>
  (_, date, key) =>
    date < key && Date.parse(key) - Date.parse(date) <= count * 86_400_000;

const days =
  (count: number): Reads =>
  (games, date, key) =>
    daysAcrossSeasons(count)(games, date, key) && seasonOf(games, date) === seasonOf(games, key);

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

/** Who reads what, as the pipeline's page says; the season's own table is apart. */
const READERS: Readonly<Record<string, readonly (readonly [string, Reads])[]>> = {
  'raw.player_boxscores': [
    ['analytics.team_defense_game_summary', same],
    ['analytics.player_game_summary', same],
  ],
  'raw.team_boxscores': [
    ['analytics.team_offense_game_summary', same],
    ['analytics.team_defense_game_summary', same],
  ],
  'analytics.team_offense_game_summary': [
    ['analytics.player_game_summary', same],
    ['analytics.upcoming_team_game_context', seasonToDate],
    ['analytics.upcoming_player_game_context', lastGames(10, 'playing')],
    ['precompute.player_daily_cache', lastGames(10, 'playing')],
  ],
  'analytics.team_defense_game_summary': [
    ['analytics.upcoming_player_game_context', lastGames(10, 'playing')],
    ['precompute.team_defense_zone_analysis', lastGames(15, 'every')],
    ['precompute.team_defense_zone_analysis', days(30)],
  ],
  'analytics.player_game_summary': [
    ['analytics.upcoming_player_game_context', seasonToDate],
    ['precompute.player_shot_zone_analysis', seasonToDate],
    ['precompute.player_daily_cache', seasonToDate],
    ['precompute.ml_feature_store', seasonToDate],
    ['precompute.ml_feature_store', daysAcrossSeasons(365)],
  ],
  'analytics.upcoming_team_game_context': [['precompute.player_composite_factors', same]],
  'analytics.upcoming_player_game_context': [
    ['precompute.player_daily_cache', same],
    ['precompute.player_composite_factors', same],
  ],
  'precompute.team_defense_zone_analysis': [
    ['precompute.player_composite_factors', same],
    ['precompute.ml_feature_store', same],
  ],
  'precompute.player_shot_zone_analysis': [
    ['precompute.player_daily_cache', same],
    ['precompute.player_composite_factors', same],
    ['precompute.ml_feature_store', same],
  ],
  'precompute.player_daily_cache': [['precompute.ml_feature_store', same]],
  'precompute.player_composite_factors': [['precompute.ml_feature_store', same]],
};

/** What skips the first 14 days of a season. */
const SKIPPING = new Set([
  'analytics.upcoming_player_game_context',
  'precompute.team_defense_zone_analysis',
  'precompute.player_shot_zone_analysis',
  'precompute.player_daily_cache',
  'precompute.player_composite_factors',
  'precompute.ml_feature_store',
]);

/** `asset@key` of all that reads `asset` on one of `dates`, sorted; those of tables by season are left out. */
export function readersOf(
  games: readonly Game[],
  asset: string,
  dates: readonly string[],
): readonly string[] {
  const keys = [...new Set(games.map(({date}) => date))];
  const found = new Set<string>();
  for (const [reader, reads] of READERS[asset] ?? []) {
    for (const key of keys) {
      if (SKIPPING.has(reader) && isBootstrap(games, key)) continue;
      if (dates.some(date => reads(games, date, key))) found.add(`${reader}@${key}`);
    }
  }
  return [...found].sort();
}

/** Readers, readers of readers and so on, of `refs` of tables by date; sorted, without `refs` themselves. */
export function allReadersOf(games: readonly Game[], refs: readonly string[]): readonly string[] {
  const found = new Set<string>();
  let fresh = refs;
  while (fresh.length > 0) {
    const byAsset = Map.groupBy(fresh, ref => ref.slice(0, ref.indexOf('@')));
    const next = [...byAsset].flatMap(([asset, all]) =>
      readersOf(
        games,
        asset,
        all.map(ref => ref.slice(ref.indexOf('@') + 1)),
      ),
    );
    fresh = [...new Set(next)].filter(ref => !found.has(ref));
    for (const ref of fresh) found.add(ref);
  }
  return [...found].filter(ref => !refs.includes(ref)).sort();
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
