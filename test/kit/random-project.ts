/** Random pipelines, calendars and histories for property tests; each is built from plain data that fast-check shrinks. */
import fc from 'fast-check';
import type {ToyAsset, ToyGames} from './toy-spec.ts';

type Grain = 'date' | 'season' | 'all';
type Making = 'table' | 'rows' | 'files' | 'external';

interface EdgeSeed {
  readonly upstream: number;
  readonly window: number;
  readonly count: number;
  readonly today: boolean;
  readonly crosses: boolean;
  readonly required: boolean;
  readonly atLeast: '' | '60%' | '100%';
  readonly tracks: boolean;
}

export interface AssetSeed {
  readonly grain: Grain;
  readonly making: Making;
  readonly edges: readonly EdgeSeed[];
  readonly readsItself: boolean;
  readonly skipFirst: number;
  readonly start: '' | '2024-03-28' | '2024-10-24';
  readonly end: '' | '2024-04-02' | '2024-10-28';
  readonly covers: '' | '100%' | '50%';
  readonly due: number;
  readonly refresh: '' | '12h' | '24h';
  readonly protect: boolean;
}

/** What a league does to its schedule. */
export type Edit = 'postpone' | 'cancel' | 'move' | 'vanish' | 'grow' | 'end' | 'reseason';

/** One thing that happens; numbers choose among what there is, by remainder. */
export type Step =
  | {
      readonly kind: 'run';
      readonly assets: number;
      readonly from: number;
      readonly failing: number;
      readonly force: boolean;
    }
  | {
      readonly kind:
        | 'correct'
        | 'partial'
        | 'forget'
        | 'mark'
        | 'gap'
        | 'game-gap'
        | 'lose'
        | 'fail'
        | 'park'
        | 'quarantine';
      readonly asset: number;
      readonly key: number;
      readonly content: number;
    }
  | {readonly kind: 'calendar'; readonly games: ToyGames}
  | {readonly kind: 'edit'; readonly edit: Edit; readonly game: number; readonly day: number}
  | {readonly kind: 'rewrite' | 'comment'; readonly asset: number}
  | {readonly kind: 'wait'; readonly hours: number};

/** What is asked of the planner, by numbers as well. */
export interface RequestSeed {
  readonly assets: number;
  readonly onlyStale: boolean;
  readonly range: 'all' | 'from' | 'to' | 'dates' | 'season';
  readonly at: number;
  readonly force: boolean;
  readonly missingOnly: boolean;
  readonly limit: number | undefined;
  readonly prune: boolean;
  readonly allowProtected: boolean;
}

const TEAMS = ['BOS', 'LAL', 'MIA', 'NYK', 'SEA'];
const DAY_MS = 86_400_000;
const FIRST = Date.parse('2024-03-25T00:00:00Z');
/** Where the second and third season begin, in days after the first date. */
const SEASONS = [0, 211, 211 + 365] as const;
const [, SECOND, THIRD] = SEASONS;

/** A date within reach of every season's beginning. */
export function dateOn(season: number, day: number): string {
  return new Date(FIRST + ((SEASONS[season % 3] ?? 0) + (day % 12)) * DAY_MS).toISOString().slice(0, 10);
}

export function pairOf(index: number): string {
  const home = TEAMS[index % 5] ?? '';
  const away = TEAMS[(index + 1 + (index % 10 > 4 ? 1 : 0)) % 5] ?? '';
  return `${home}-${away}`;
}

const games: fc.Arbitrary<ToyGames> = fc
  .array(
    fc.record({
      day: fc.nat({max: 11}),
      season: fc.constantFrom(0, 0, 1, 1, 2),
      pair: fc.nat({max: 9}),
      status: fc.constantFrom('', '', '', ' postponed', ' final', ' scheduled', ' scheduled'),
      tip: fc.constantFrom('', '', '23:30', '03:00'),
    }),
    {minLength: 6, maxLength: 18},
  )
  .map(all => {
    const byDate: Record<string, string[]> = {};
    for (const {day, season, pair, status, tip} of all) {
      const date = dateOn(season, day);
      const line = pairOf(pair);
      byDate[date] ??= [];
      const words = `${line}${status}${tip === '' ? '' : ` ${date}T${tip}Z`}`;
      if (!byDate[date].some(known => known.startsWith(line))) byDate[date].push(words);
    }
    return byDate;
  });

const often = (weight: number): fc.Arbitrary<boolean> =>
  fc.oneof({arbitrary: fc.constant(true), weight}, {arbitrary: fc.constant(false), weight: 1});
const seldom = (weight: number): fc.Arbitrary<boolean> => often(weight).map(value => !value);

const edge: fc.Arbitrary<EdgeSeed> = fc.record({
  upstream: fc.nat({max: 11}),
  window: fc.nat({max: 9}),
  count: fc.integer({min: 1, max: 5}),
  today: fc.boolean(),
  crosses: fc.boolean(),
  required: often(2),
  atLeast: fc.constantFrom('', '', '60%', '100%'),
  tracks: often(6),
});

/** Bounds are for few: what is exempt passes it down, and soon nothing else is left. */
const NEVER = Array.from({length: 20}, () => '' as const);

const asset: fc.Arbitrary<AssetSeed> = fc.record({
  grain: fc.constantFrom('date', 'date', 'date', 'season', 'all'),
  making: fc.constantFrom('table', 'table', 'table', 'rows', 'files', 'external'),
  edges: fc.array(edge, {maxLength: 3}),
  readsItself: seldom(2),
  skipFirst: fc.constantFrom(0, 0, 0, 0, 0, 0, 2, 4),
  start: fc.constantFrom('', ...NEVER, '2024-03-28', '2024-10-24'),
  end: fc.constantFrom('', ...NEVER, '2024-04-02', '2024-10-28'),
  covers: fc.constantFrom('', '100%', '50%'),
  due: fc.nat({max: 6}),
  refresh: fc.constantFrom('', '', '12h', '24h'),
  protect: seldom(15),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      assets: fc.oneof(fc.constant(0), fc.nat({max: 4095})),
      from: fc.oneof(fc.constant(0), fc.nat({max: 20})),
      failing: fc.constantFrom(0, 0, 4, 9),
      force: seldom(8),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        ...(['correct', 'correct', 'forget', 'forget', 'mark', 'mark', 'partial', 'partial'] as const),
        ...(['gap', 'lose', 'lose', 'game-gap', 'fail', 'park', 'park', 'quarantine'] as const),
      ),
      asset: fc.nat({max: 40}),
      key: fc.nat({max: 40}),
      content: fc.nat({max: 2}),
    }),
  },
  {weight: 1, arbitrary: fc.record({kind: fc.constant('calendar' as const), games})},
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      edit: fc.constantFrom<Edit>('postpone', 'cancel', 'move', 'vanish', 'grow', 'end', 'reseason'),
      game: fc.nat({max: 40}),
      day: fc.nat({max: 40}),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('rewrite' as const, 'comment' as const),
      asset: fc.nat({max: 40}),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      // Any hour within three days, as due times and pauses end on one.
      hours: fc.oneof(fc.integer({min: 1, max: 72}), fc.constantFrom(24 * 10, 24 * 200)),
    }),
  },
);

export interface ProjectSeed {
  readonly assets: readonly AssetSeed[];
  readonly games: ToyGames;
  readonly history: readonly Step[];
  readonly day: number;
  readonly start: '' | '2024-03-27';
  readonly end: '' | '2024-10-26';
}

/** Most histories begin with a project that is made, so that there is something to become stale. */
const WHOLE_RUN: Step = {kind: 'run', assets: 0, from: 0, failing: 0, force: false};

export const project: fc.Arbitrary<ProjectSeed> = fc.record({
  assets: fc.array(asset, {minLength: 1, maxLength: 12}),
  games,
  history: fc
    .tuple(often(3), fc.array(step, {minLength: 1, maxLength: 12}))
    .map(([isMade, steps]) => (isMade ? [WHOLE_RUN, ...steps] : steps)),
  day: fc.constantFrom(6, 13, SECOND + 5, SECOND + 20, SECOND + 20, THIRD + 7, THIRD + 20),
  start: fc.constantFrom('', '', '', '', '', '2024-03-27'),
  end: fc.constantFrom('', '', '', '', '', '2024-10-26'),
});

export const request: fc.Arbitrary<RequestSeed> = fc.record({
  assets: fc.oneof(fc.constant(0), fc.nat({max: 4095})),
  onlyStale: seldom(6),
  range: fc.constantFrom('all', 'all', 'from', 'to', 'dates', 'season'),
  at: fc.nat({max: 20}),
  force: seldom(4),
  missingOnly: seldom(5),
  limit: fc.option(fc.nat({max: 6}), {nil: undefined, freq: 4}),
  prune: seldom(2),
  allowProtected: seldom(2),
});

/** The instant of a project's beginning. */
export function beginning(day: number): number {
  return FIRST + day * DAY_MS + 18 * 3_600_000;
}

/** The assets that the seeds stand for, by name. */
export function assetsOf(seeds: readonly AssetSeed[]): Record<string, ToyAsset> {
  // A start after the end of what must be there is refused when the manifest is read.
  const isLate = seeds.some(({start}) => start === '2024-10-24');
  return Object.fromEntries(
    seeds.map((seed, index) => {
      const end = isLate && seed.end === '2024-04-02' ? '' : seed.end;
      return [nameOf(index), assetOf({...seed, end}, index, seeds)];
    }),
  );
}

const nameOf = (index: number): string => (index < 0 ? 'raw.schedule' : `toy.t${index}`);
const PARTITION_BY = {date: 'game_date', season: 'season', all: 'all'} as const;
const DUE = [
  'final',
  'scheduled',
  {days_before: 0, at: '10:00'},
  {days_before: 2, at: '23:59'},
  {days_after: 1, at: '06:00'},
] as const;

function assetOf(seed: AssetSeed, index: number, seeds: readonly AssetSeed[]): ToyAsset {
  const isDate = seed.grain === 'date';
  if (seed.making === 'external') return externalOf(seed, index);
  const isCode = seed.making !== 'table';
  const upstream: Record<string, unknown> = {};
  // Queries read tables, code reads objects. The schedule, a table, comes before all others.
  const readable = [-1, ...seeds.keys()].filter(
    other => other < index && isCode === (seeds[other]?.making === 'files'),
  );
  seed.edges.forEach((own, i) => {
    const other = readable[own.upstream % Math.max(1, readable.length)];
    if (other !== undefined)
      upstream[`e${i}`] = edgeOf(own, seed.grain, other, seeds[other]?.grain ?? 'season');
  });
  const readsItself = isDate && seed.readsItself && seed.making !== 'rows';
  if (readsItself) upstream['before'] = {asset: nameOf(index), window: 'previous'};
  const module = `assets/t${index}.ts`;
  return {
    partition_by: PARTITION_BY[seed.grain],
    upstream,
    ...(seed.making === 'files' ? {files: module} : {}),
    ...(seed.making === 'rows' ? {rows: module} : {}),
    ...(isDate && seed.skipFirst > 0 ? {skip_first: `${seed.skipFirst} days`} : {}),
    ...(seed.grain !== 'all' && seed.start !== '' ? {start: seed.start} : {}),
    ...(seed.grain !== 'all' && seed.end !== '' ? {end: seed.end} : {}),
    ...(isDate && seed.covers !== '' ? {covers: coversOf(seed)} : {}),
    ...(seed.grain !== 'all' && DUE[seed.due] !== undefined ? {due: DUE[seed.due]} : {}),
    ...(isCode && seed.refresh !== '' ? {refresh: {every: seed.refresh}} : {}),
    ...(seed.protect ? {protect: true} : {}),
  };
}

/** It is made elsewhere, so that it reads nothing here and is not judged. */
function externalOf(seed: AssetSeed, index: number): ToyAsset {
  const isDate = seed.grain === 'date';
  return {
    external: {table: `others.t${index}`},
    partition_by: PARTITION_BY[seed.grain],
    ...(isDate && seed.skipFirst > 0 ? {skip_first: `${seed.skipFirst} days`} : {}),
    ...(seed.grain !== 'all' && seed.start !== '' ? {start: seed.start} : {}),
    ...(seed.grain !== 'all' && seed.end !== '' ? {end: seed.end} : {}),
    ...(seed.grain !== 'all' && DUE[seed.due] !== undefined ? {due: DUE[seed.due]} : {}),
    ...(seed.refresh === '' ? {} : {refresh: {every: seed.refresh}}),
  };
}

function coversOf({making, covers}: AssetSeed): object {
  return {at_least: covers, ...(making === 'files' ? {} : {column: 'game_id'})};
}

function edgeOf(own: EdgeSeed, grain: Grain, upstream: number, other: Grain): unknown {
  const base = {
    asset: nameOf(upstream),
    required: own.required,
    tracks: own.tracks,
    ...(own.atLeast === '' ? {} : {at_least: own.atLeast}),
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
      case 8:
        return {...base, window: 'previous', ...crosses};
      default:
        return {...base, window: 'all', ...today};
    }
  }
  if (grain === 'season' && other === 'season' && own.window > 5) {
    return {...base, window: 'previous', crosses_seasons: true};
  }
  const isAll = other !== 'all' && (grain === 'all' || own.window > 6);
  return isAll ? {...base, window: 'all', ...(grain === 'date' ? today : {})} : base;
}
