/**
 * What a toy is declared by: a manifest from short words, its files, and games from lines of text.
 * It does not deal with the ledger (toy.ts).
 */
import {sha256} from '../../planner/hash.ts';
import type {CalendarGame, GameStatus} from '../../planner/ledger.ts';
import {parseManifest} from '../../planner/manifest.ts';
import type {Pipeline} from '../../planner/pipeline.ts';
import type {ModuleSource, QuerySource, Sources} from '../../planner/sources.ts';

/** An asset as the manifest writes it; what makes it, its columns and its key may be left out. */
export type ToyAsset = Readonly<Record<string, unknown>>;

/** What a toy is built from; all of it can be declared anew with `toy.change`. */
export interface ToySpec {
  /** Merged over the manifest's top level: `start`, `end`, `calendars`. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly assets: Readonly<Record<string, ToyAsset>>;
  readonly knownGaps?: readonly Readonly<Record<string, unknown>>[];
  /** Query texts and module hashes by asset, where they are not the usual ones. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly functions?: Readonly<Record<string, string>>;
}

/** By date: `BOS-LAL`, `BOS-LAL scheduled`, `BOS-LAL #7 final 2024-01-02T00:30Z @2023-24` (id, status, tip-off, season). */
export type ToyGames = Readonly<Record<string, readonly string[]>>;

/** The calendar of every toy that declares no other. */
export const CALENDARS = {
  nba: {
    asset: 'raw.schedule',
    date: 'game_date',
    season: 'season',
    game: 'game_id',
    teams: ['home', 'away'],
    status: 'status',
    starts_at: 'tip',
    timezone: 'America/New_York',
    seasons: {from: '2023-24', rolls_over: '07-01'},
  },
};
const TEXT_COLUMNS = Object.fromEntries(
  ['season', 'game_id', 'home', 'away', 'status'].map(name => [name, 'string']),
);
const COLUMNS = {game_date: 'date', tip: 'timestamp', points: 'int64', ...TEXT_COLUMNS};
/** The pipeline of a manifest that is right; throws with its diagnostics where it is not. */
export function parse({manifest = {}, assets, knownGaps}: ToySpec): Pipeline {
  const calendars = manifest['calendars'] ?? CALENDARS;
  const withSchedule =
    calendars === CALENDARS ? {'raw.schedule': {partition_by: 'season'}, ...assets} : assets;
  const text = JSON.stringify({
    name: 'toy',
    targets: {local: {warehouse: {engine: 'duckdb', path: 'toy.duckdb'}}},
    ...manifest,
    calendars,
    assets: Object.fromEntries(Object.entries(withSchedule).map(([key, asset]) => [key, filled(key, asset)])),
  });
  const gaps =
    knownGaps === undefined ? undefined : {path: 'known-gaps.yaml', text: JSON.stringify(knownGaps)};
  const result = parseManifest({
    file: {path: 'pipeline.yaml', text},
    target: undefined,
    env: {},
    knownGaps: path => (path === 'known-gaps.yaml' ? gaps : undefined),
  });
  if (result.pipeline === undefined) {
    throw new Error(result.diagnostics.map(({code, message}) => `[${code}] ${message}`).join('\n'));
  }
  return result.pipeline;
}

function filled(key: string, asset: ToyAsset): ToyAsset {
  if ('files' in asset) return asset;
  const made = 'rows' in asset || 'external' in asset ? asset : {sql: `assets/${key}.sql`, ...asset};
  return 'export' in asset ? made : {columns: COLUMNS, key: ['game_id'], ...made};
}

export function sourcesOf({assets}: Pipeline, {texts = {}, functions = {}}: ToySpec): Sources {
  const queries = new Map<QuerySource['path'], QuerySource>();
  const modules = new Map<ModuleSource['path'], ModuleSource>();
  const facts = {
    tables: [],
    functions: [],
    tableFunctions: [],
    unorderedLimits: [],
    columns: undefined,
    error: undefined,
  };
  for (const asset of assets.values()) {
    const {making} = asset;
    const edges = asset.upstream.map(edge => edge.name).join(', ');
    const text = texts[asset.name] ?? `SELECT * FROM ${edges === '' ? 'partitions' : edges}`;
    if ('query' in making) queries.set(making.query, {path: making.query, text, facts});
    else if ('module' in making)
      modules.set(making.module, {path: making.module, text, hash: sha256(text), errors: []});
  }
  return {queries, modules, functions: new Map(Object.entries(functions))};
}

/** The season that holds a date, where seasons begin in July. */
function seasonOfDate(date: string): string {
  const year = Number(date.slice(0, 4)) - (date.slice(5) < '07-01' ? 1 : 0);
  return `${year}-${String((year + 1) % 100).padStart(2, '0')}`;
}

/** Games of days gone by are final unless they say otherwise. */
export function gamesOf(games: ToyGames, now: number): readonly CalendarGame[] {
  const today = new Date(now).toISOString().slice(0, 10);
  return Object.entries(games).flatMap(([date, lines]) =>
    lines.map((line): CalendarGame => {
      const [teams = '', ...words] = line.split(' ');
      const tip = words.find(word => word.includes('T') && word.includes(':'));
      const status = words.find(word => /^[a-z]+$/.test(word)) ?? (date < today ? 'final' : 'scheduled');
      return {
        id: words.find(word => word.startsWith('#'))?.slice(1) ?? `${date}:${teams}`,
        date,
        season: words.find(word => word.startsWith('@'))?.slice(1) ?? seasonOfDate(date),
        teams: teams.split('-'),
        status: status as GameStatus, // a test's own word
        startsAt: tip === undefined ? undefined : Date.parse(tip),
      };
    }),
  );
}
