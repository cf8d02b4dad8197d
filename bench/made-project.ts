/**
 * A project of any number of assets and dates with a filled ledger, the same for the same seed: what a plan costs
 * depends on these numbers and on nothing else. It makes no rows: the versions are drawn, and the digests are those
 * that a run would have recorded which read them.
 */
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {calendarDefinition} from '../planner/calendar.ts';
import {classify} from '../planner/classify.ts';
import {dateOf, dayOf} from '../planner/day.ts';
import {DigestPass} from '../planner/digest.ts';
import {type AssetFrame, type Frame, frameOf} from '../planner/frame.ts';
import {type CalendarGame, type LedgerSnapshot, NO_LEASES} from '../planner/ledger.ts';
import {parseManifest} from '../planner/manifest.ts';
import type {AssetName, Pipeline} from '../planner/pipeline.ts';
import type {QueryFacts, QuerySource, Sources} from '../planner/sources.ts';
import {functionsOf} from '../runner/functions.ts';
import {FORMAT, type PackedColumns, type PackedHead, RecordColumns} from '../runner/ledger-columns.ts';
import {openLedger} from '../runner/ledger-open.ts';
import {PartitionTable} from '../runner/ledger-partitions.ts';
import {fileLedger} from '../runner/ledger-place.ts';
import {PackedWriter} from '../runner/ledger-snapshot.ts';
import {SqliteDatabase} from '../runner/ledger-sqlite.ts';

export interface Shape {
  readonly assets: number;
  readonly dates: number;
  /** `games`: the calendar has games and teams, and some windows count them. `list`: a list of dates. */
  readonly calendar: 'games' | 'list';
  /** Shares (0 to 1) of the partitions that are missing, and that were corrected after they were read. */
  readonly holes: number;
  readonly corrected: number;
  /** Every so many keys one is filled; 1 fills all. */
  readonly every?: number;
  /** Whether the last date is not made yet. */
  readonly isLastDateNew?: boolean;
  /** Assets read this many upstream assets. */
  readonly fanIn?: number;
  /** Its code as the command line reads it, where that is to find nothing changed. */
  readonly modules?: Sources['modules'];
}

export interface MadeProject {
  readonly root: string;
  readonly pipeline: Pipeline;
  readonly sources: Sources;
  readonly ledger: string;
  /** Milliseconds since 1970: the day after the last date, when everything is due. */
  readonly now: number;
  /** How many are declared, published or not. */
  readonly partitions: number;
  remove(): void;
}

const FIRST_DAY = dayOf('1981-10-20');
/** Dates of one season, and the days from one season to the next. */
const SEASON_DATES = 212;
const TEAMS = Array.from({length: 30}, (_, i) => `T${String(i).padStart(2, '0')}`);

export function makeProject(shape: Shape): MadeProject {
  const root = mkdtempSync(join(tmpdir(), 'gameplan-plan-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), {recursive: true});
    writeFileSync(join(root, path), text);
  };
  const dates = datesOf(shape);
  const queries = new Map<string, string>();
  const manifest = manifestOf(shape, queries);
  const csv = `date,season\n${dates.map(({date, season}) => `${date},${season}\n`).join('')}`;
  write('pipeline.yaml', manifest);
  write('calendar.csv', csv);
  write(
    'assets/schedule.ts',
    'export const files = async () => undefined;\nexport const rows = async () => [];\n',
  );
  for (const [path, text] of queries) write(path, text);
  const {pipeline, diagnostics} = parseManifest({
    file: {path: 'pipeline.yaml', text: manifest},
    target: undefined,
    env: {},
    calendarFile: path => (path === 'calendar.csv' ? {path, text: csv} : undefined),
  });
  if (pipeline === undefined)
    throw new Error(
      diagnostics
        .map(({message}) => message)
        .slice(0, 5)
        .join('\n'),
    );
  const sources = sourcesOf(pipeline, path => queries.get(path) ?? '', shape.modules);
  const ledger = join(root, '.gameplan/ledger.sqlite');
  const last = dates.at(-1)?.date ?? '';
  const now = (dayOf(last) + 4) * 86_400_000;
  const partitions = fillLedger({pipeline, sources, path: ledger, now, shape, games: gamesOf(shape, dates)});
  return {
    root,
    pipeline,
    sources,
    ledger,
    now,
    partitions,
    remove: () => rmSync(root, {recursive: true, force: true}),
  };
}

interface Dated {
  readonly date: string;
  readonly season: string;
}

/** Of games: two dates in three from October on, season after season. Of a list: every day. */
function datesOf({dates, calendar}: Shape): readonly Dated[] {
  return Array.from({length: dates}, (_, i) => {
    const year = Math.floor(i / SEASON_DATES);
    const day =
      calendar === 'list'
        ? FIRST_DAY + i
        : dayOf(`${1981 + year}-10-20`) + Math.floor((i % SEASON_DATES) * 1.14);
    const date = dateOf(day);
    const first = Number(date.slice(0, 4)) - (date.slice(5) < '07-01' ? 1 : 0);
    return {date, season: `${first}-${String((first + 1) % 100).padStart(2, '0')}`};
  });
}

function gamesOf({calendar}: Shape, dates: readonly Dated[]): readonly CalendarGame[] {
  if (calendar === 'list') return [];
  const random = randomFrom(7);
  return dates.flatMap(({date, season}) => {
    const teams = TEAMS.toSorted(() => random() - 0.5);
    return Array.from(
      {length: 1 + Math.floor(random() * 11)},
      (_, i): CalendarGame => ({
        id: `${date}-${i}`,
        date,
        season,
        teams: [teams[2 * i] ?? '', teams[2 * i + 1] ?? ''],
        status: 'final',
        startsAt: undefined,
      }),
    );
  });
}

const CALENDARS = {
  games: `  nba:
    asset: raw.schedule
    date: game_date
    season: season
    game: game_id
    teams: [home_team, away_team]
    status: game_status
    timezone: America/New_York
    seasons: {from: 1981-82, rolls_over: 07-01}
`,
  list: `  nba:
    dates: calendar.csv
    timezone: America/New_York
    seasons: {from: 1981-82, rolls_over: 07-01}
`,
};

const SCHEDULE = `  landing.schedule:
    files: assets/schedule.ts
    path: schedule/{season}/
    partition_by: season

  raw.schedule:
    rows: assets/schedule.ts
    partition_by: season
    upstream: {answers: landing.schedule}
    columns: {season: string, game_id: string, game_date: date, game_status: string, home_team: string, away_team: string}
    key: [game_id]

`;

const WINDOWS = {
  games: ['30 days', '10 dates', 'season to date', '15 games per team', '5 games per playing team'],
  list: ['30 days', '10 dates', 'season to date'],
};

function manifestOf({assets, calendar, fanIn = 3}: Shape, queries: Map<string, string>): string {
  const random = randomFrom(assets);
  const parts = [
    `name: made\n\ncalendars:\n${CALENDARS[calendar]}\ndefaults: {partition_by: game_date}\n\nassets:\n`,
    calendar === 'games' ? SCHEDULE : '',
  ];
  for (let i = 0; i < assets; i++) {
    const edges = Array.from({length: Math.min(i, fanIn)}, (_, index) => {
      const upstream = Math.max(0, i - 1 - Math.floor(random() * Math.min(i, index === 0 ? i : 40)));
      const windows = WINDOWS[calendar];
      const window = index === 2 ? windows[Math.floor(random() * windows.length)] : undefined;
      const about = window === undefined ? '' : `, window: ${window}, at_least: 80%`;
      return `      e${index}: {asset: t.a${upstream}${about}}\n`;
    });
    const names = edges.map((_, index) => `e${index}`);
    queries.set(
      `assets/a${i}.sql`,
      `SELECT game_date, ${i} AS amount FROM ${['partitions', ...names].join(', ')}\n`,
    );
    parts.push(
      `  t.a${i}:\n    sql: assets/a${i}.sql\n    batch: season\n    columns: {game_date: date, amount: int64}\n    key: [game_date]\n`,
      edges.length === 0 ? '' : `    upstream:\n${edges.join('')}`,
    );
  }
  return parts.join('');
}

const NO_FACTS: QueryFacts = {
  tables: [],
  functions: [],
  tableFunctions: [],
  unorderedLimits: [],
  columns: undefined,
  error: undefined,
};

/** As `readProject` gives them, but for the facts, which a plan does not look at. */
export function sourcesOf(
  pipeline: Pipeline,
  textOf: (path: string) => string,
  known?: Sources['modules'],
): Sources {
  const found = new Map<QuerySource['path'], QuerySource>();
  const modules: Sources['modules'] =
    known ??
    new Map(
      [...pipeline.assets.values()].flatMap(({making}) =>
        'module' in making
          ? [[making.module, {path: making.module, text: '', hash: 'made', errors: []}] as const]
          : [],
      ),
    );
  for (const {making} of pipeline.assets.values()) {
    if ('query' in making)
      found.set(making.query, {path: making.query, text: textOf(making.query), facts: NO_FACTS});
  }
  return {queries: found, modules, functions: functionsOf('duckdb')};
}

interface Filling {
  readonly pipeline: Pipeline;
  readonly sources: Sources;
  readonly path: string;
  readonly now: number;
  readonly shape: Shape;
  readonly games: readonly CalendarGame[];
}

/** The two entries of the log: what was made, and what was corrected after that. */
const MADE = 1;
const CORRECTED = 2;

function fillLedger({pipeline, sources, path, now, shape, games}: Filling): number {
  const calendars = new Map(
    [...pipeline.calendars.values()].map(declaration => [
      declaration.name,
      {name: declaration.name, definition: calendarDefinition(declaration), games},
    ]),
  );
  const read = (find: LedgerSnapshot['find']): Frame =>
    classify({
      pipeline,
      sources,
      now,
      ledger: {sequence: 0, calendars, leases: NO_LEASES, spending: [], assets: [], find},
    });
  const declared = read(() => undefined);
  const random = randomFrom(shape.assets * 31 + shape.dates);
  const filled = new Map<AssetName, Filled>();
  for (const [name, asset] of declared.assets) filled.set(name, fill(asset, shape, random));
  const frame = read(name => recordOf(filled.get(name)));
  const readers = new Map<string, number>();
  for (const {asset} of frame.assets.values())
    for (const {upstream} of asset.upstream) readers.set(upstream, (readers.get(upstream) ?? 0) + 1);
  const pass = new DigestPass(readers);
  for (const [name, asset] of frame.assets) setDigests(filled.get(name), asset, pass);
  for (const item of filled.values()) correctSome(item, shape.corrected, random);
  writeLedger(path, pipeline, calendars, filled);
  let partitions = 0;
  for (const asset of frame.assets.values()) partitions += frameOf(frame, asset.asset.name).keys.length;
  return partitions;
}

interface Filled {
  readonly columns: PackedColumns;
  readonly version: {readonly hi: Uint32Array; readonly lo: Uint32Array};
  readonly digest: {readonly hi: Uint32Array; readonly lo: Uint32Array};
  readonly changedAt: Float64Array;
}

/** Rows for the declared keys of an asset that are not exempt, without the holes. */
function fill(asset: AssetFrame, shape: Shape, random: () => number): Filled {
  const isDate = asset.asset.partitioning.kind === 'date';
  const chosen: number[] = [];
  asset.keys.forEach((_, ordinal) => {
    if (asset.exempt[ordinal] === 1) return;
    const isHole =
      isDate &&
      (ordinal % (shape.every ?? 1) !== 0 ||
        (shape.holes > 0 && random() < shape.holes) ||
        (shape.isLastDateNew === true && ordinal === asset.keys.length - 1));
    if (!isHole) chosen.push(ordinal);
  });
  const count = chosen.length;
  const hot = new ArrayBuffer(count * 16);
  const column = (index: number) => new Uint32Array(hot, index * count * 4, count);
  const rest = new Float64Array(count).fill(MADE);
  const version = {hi: column(0), lo: column(1)};
  for (let i = 0; i < count; i++) {
    version.hi[i] = random() * 2 ** 32;
    version.lo[i] = random() * 2 ** 32;
  }
  const at = (index: number) => ({at: index * count * 4});
  const columns: PackedHead['columns'] = {
    changedAt: {at: 0},
    arrivedAt: {all: MADE},
    lostAt: {all: 0},
    readAt: {all: MADE},
    rows: {all: 187},
    publishedAt: {all: 1e12},
    durationMs: {all: 2},
    triedAt: {all: 1e12},
    versionHi: at(0),
    versionLo: at(1),
    digestHi: at(2),
    digestLo: at(3),
    entryHi: {all: 0},
    entryLo: {all: 0},
    triedDigestHi: {all: 0},
    triedDigestLo: {all: 0},
    fingerprint: {all: 0},
    triedFingerprint: {all: 0},
    failures: {all: 0},
    trust: {all: 0},
    expected: {all: -1},
    found: {all: -1},
    published: {all: 1},
    outcome: {all: 1},
  };
  const keys = chosen.map(ordinal => asset.keys[ordinal] ?? '');
  const days = isDate ? Int32Array.from(keys, dayOf) : undefined;
  return {
    columns: {
      head: {
        format: FORMAT,
        count,
        publishedCount: count,
        bytes: {hot: hot.byteLength, rest: rest.byteLength},
        columns,
        trusts: [],
        fingerprints: [asset.fingerprint],
        absent: [],
        errors: [],
      },
      keys: days === undefined ? {kind: 'texts', texts: keys} : {kind: 'days', days},
      hot: new Uint8Array(hot),
      rest: new Uint8Array(rest.buffer),
    },
    version,
    digest: {hi: column(2), lo: column(3)},
    changedAt: rest,
  };
}

function recordOf(filled: Filled | undefined): RecordColumns | undefined {
  if (filled === undefined) return undefined;
  const {head, keys, hot, rest} = filled.columns;
  return new RecordColumns({head, keys, part: part => (part === 'hot' ? hot : rest)}, new Map());
}

function setDigests(filled: Filled | undefined, asset: AssetFrame, pass: DigestPass): void {
  const {hi, lo} = pass.digestsOf(asset);
  asset.row.forEach((row, ordinal) => {
    if (row < 0 || filled === undefined) return;
    filled.digest.hi[row] = hi[ordinal] ?? 0;
    filled.digest.lo[row] = lo[ordinal] ?? 0;
  });
}

function correctSome({version, changedAt}: Filled, share: number, random: () => number): void {
  if (share === 0) return;
  changedAt.forEach((_, row) => {
    if (random() >= share) return;
    version.lo[row] = (version.lo[row] ?? 0) ^ 1;
    changedAt[row] = CORRECTED;
  });
}

function writeLedger(
  path: string,
  pipeline: Pipeline,
  calendars: LedgerSnapshot['calendars'],
  filled: ReadonlyMap<AssetName, Filled>,
): void {
  const ledger = openLedger({place: fileLedger(path), now: () => 1e12});
  for (const {name} of pipeline.calendars.values()) {
    const record = calendars.get(name);
    if (record !== undefined && record.games.length > 0)
      ledger.recordCalendar({...record, games: record.games, seasons: 'all'});
  }
  ledger.close();
  const database = new DatabaseSync(path);
  database.exec('BEGIN');
  const ours = new SqliteDatabase(database);
  const writer = new PackedWriter(ours, new PartitionTable(ours));
  for (const [asset, {columns}] of filled) writer.put(asset, columns);
  for (const kind of ['made', 'corrected'])
    database.prepare('INSERT INTO log (at, kind, run, detail) VALUES (1, ?, NULL, ?)').run(kind, '{}');
  writer.finish(CORRECTED + 1);
  database.exec('COMMIT');
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

/** Numbers from 0 to 1 by a linear congruential generator (Numerical Recipes). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
