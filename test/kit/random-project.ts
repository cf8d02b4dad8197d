/** Random pipelines, calendars and histories for property tests; each is built from plain data that fast-check shrinks. */
import fc from 'fast-check';
import type {ToyAsset, ToyGames} from './toy-spec.ts';

type Grain = 'date' | 'season' | 'all';

interface EdgeSeed {
  readonly upstream: number;
  readonly window: number;
  readonly count: number;
  readonly today: boolean;
  readonly crosses: boolean;
  readonly required: boolean;
  readonly atLeast: boolean;
  readonly tracks: boolean;
}

export interface AssetSeed {
  readonly grain: Grain;
  readonly edges: readonly EdgeSeed[];
  readonly readsItself: boolean;
  readonly skipFirst: number;
  readonly startsLate: boolean;
  readonly covers: boolean;
}

/** One thing that happens; numbers choose among what there is, by remainder. */
export type Step =
  | {readonly kind: 'run'; readonly assets: number; readonly failing: number; readonly force: boolean}
  | {readonly kind: 'correct' | 'forget' | 'gap'; readonly asset: number; readonly key: number}
  | {readonly kind: 'calendar'; readonly games: ToyGames}
  | {readonly kind: 'rewrite' | 'comment'; readonly asset: number}
  | {readonly kind: 'wait'; readonly days: number};

const TEAMS = ['BOS', 'LAL', 'MIA', 'NYK', 'SEA'];
const FIRST = Date.parse('2024-03-25T00:00:00Z');
/** Where the second season begins, in days after the first date. */
const SECOND = 211;

const games: fc.Arbitrary<ToyGames> = fc
  .array(
    fc.record({
      day: fc.nat({max: 11}),
      later: fc.boolean(),
      pair: fc.nat({max: 9}),
      status: fc.constantFrom('', '', '', '', ' postponed', ' final', ' scheduled'),
    }),
    {minLength: 6, maxLength: 16},
  )
  .map(all => {
    const byDate: Record<string, string[]> = {};
    for (const {day, later, pair, status} of all) {
      const at = FIRST + ((later ? SECOND : 0) + day) * 86_400_000;
      const date = new Date(at).toISOString().slice(0, 10);
      const home = TEAMS[pair % 5] ?? '';
      const away = TEAMS[(pair + 1 + (pair > 4 ? 1 : 0)) % 5] ?? '';
      const line = `${home}-${away}`;
      byDate[date] ??= [];
      if (!byDate[date].some(known => known.startsWith(line))) byDate[date].push(line + status);
    }
    return byDate;
  });

const often = (weight: number): fc.Arbitrary<boolean> =>
  fc.oneof({arbitrary: fc.constant(true), weight}, {arbitrary: fc.constant(false), weight: 1});
const seldom = (weight: number): fc.Arbitrary<boolean> => often(weight).map(value => !value);

const edge: fc.Arbitrary<EdgeSeed> = fc.record({
  upstream: fc.nat({max: 7}),
  window: fc.nat({max: 8}),
  count: fc.integer({min: 1, max: 5}),
  today: fc.boolean(),
  crosses: fc.boolean(),
  required: often(2),
  atLeast: fc.boolean(),
  tracks: often(6),
});

const asset: fc.Arbitrary<AssetSeed> = fc.record({
  grain: fc.constantFrom('date', 'date', 'date', 'season', 'all'),
  edges: fc.array(edge, {maxLength: 3}),
  readsItself: seldom(4),
  skipFirst: fc.constantFrom(0, 0, 0, 2, 4),
  startsLate: seldom(6),
  covers: seldom(3),
});

const place = {asset: fc.nat({max: 40}), key: fc.nat({max: 40})};
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      assets: fc.oneof(fc.constant(0), fc.nat({max: 255})),
      failing: fc.constantFrom(0, 0, 4, 9),
      force: seldom(8),
    }),
  },
  {weight: 4, arbitrary: fc.record({kind: fc.constantFrom('correct' as const, 'forget' as const), ...place})},
  {weight: 3, arbitrary: fc.record({kind: fc.constant('gap' as const), ...place})},
  {weight: 2, arbitrary: fc.record({kind: fc.constant('calendar' as const), games})},
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('rewrite' as const, 'comment' as const),
      asset: fc.nat({max: 40}),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({kind: fc.constant('wait' as const), days: fc.integer({min: 1, max: 200})}),
  },
);

export interface ProjectSeed {
  readonly assets: readonly AssetSeed[];
  readonly games: ToyGames;
  readonly history: readonly Step[];
  readonly day: number;
}

/** Most histories begin with a project that is made, so that there is something to become stale. */
const WHOLE_RUN: Step = {kind: 'run', assets: 0, failing: 0, force: false};

export const project: fc.Arbitrary<ProjectSeed> = fc.record({
  assets: fc.array(asset, {minLength: 1, maxLength: 8}),
  games,
  history: fc
    .tuple(often(3), fc.array(step, {minLength: 1, maxLength: 12}))
    .map(([isMade, steps]) => (isMade ? [WHOLE_RUN, ...steps] : steps)),
  day: fc.constantFrom(6, 13, SECOND + 5, SECOND + 20, SECOND + 20),
});

/** The instant of a project's beginning. */
export function beginning(day: number): number {
  return FIRST + day * 86_400_000 + 18 * 3_600_000;
}

/** The assets that the seeds stand for, by name. */
export function assetsOf(seeds: readonly AssetSeed[]): Record<string, ToyAsset> {
  return Object.fromEntries(seeds.map((seed, index) => [`toy.t${index}`, assetOf(seed, index, seeds)]));
}

const PARTITION_BY = {date: 'game_date', season: 'season', all: 'all'} as const;

function assetOf(seed: AssetSeed, index: number, seeds: readonly AssetSeed[]): ToyAsset {
  const isDate = seed.grain === 'date';
  const upstream: Record<string, unknown> = {};
  seed.edges.forEach((own, i) => {
    if (index > 0) upstream[`e${i}`] = edgeOf(own, seed, own.upstream % index, seeds);
  });
  if (isDate && seed.readsItself) upstream['before'] = {asset: `toy.t${index}`, window: 'previous'};
  return {
    partition_by: PARTITION_BY[seed.grain],
    upstream,
    ...(isDate && seed.skipFirst > 0 ? {skip_first: `${seed.skipFirst} days`} : {}),
    ...(isDate && seed.startsLate ? {start: '2024-03-28'} : {}),
    ...(isDate && seed.covers ? {covers: {column: 'game_id'}} : {}),
  };
}

function edgeOf(own: EdgeSeed, {grain}: AssetSeed, upstream: number, seeds: readonly AssetSeed[]): unknown {
  const other = seeds[upstream]?.grain ?? 'date';
  const base = {
    asset: `toy.t${upstream}`,
    required: own.required,
    tracks: own.tracks,
    ...(own.atLeast ? {at_least: '60%'} : {}),
  };
  const today = own.today ? {through: 'today'} : {};
  const crosses = own.crosses ? {crosses_seasons: true} : {};
  if (grain === 'date' && other === 'date') {
    switch (own.window) {
      case 0:
      case 1:
        return base;
      case 2:
        return {...base, window: `${own.count} days`, ...today, ...crosses};
      case 3:
        return {...base, window: `${own.count} dates`, ...today, ...crosses};
      case 4:
        return {...base, window: `${own.count} games per team`, ...today, ...crosses};
      case 5:
        return {...base, window: `${own.count} games per playing team`, ...today, ...crosses};
      case 6:
        return {...base, window: 'season to date', ...today};
      case 7:
        return {...base, window: 'previous', ...crosses};
      default:
        return {...base, window: 'all', ...today};
    }
  }
  if (grain === 'season' && other === 'season' && own.window > 5) {
    return {...base, window: 'previous', crosses_seasons: true};
  }
  const isAll = other !== 'all' && (grain === 'all' || own.window > 6);
  return isAll ? {...base, window: 'all'} : base;
}
