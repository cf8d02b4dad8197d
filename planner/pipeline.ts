/**
 * The pipeline as the manifest declares it: typed, resolved, frozen.
 * It does not deal with how the text is read (manifest.ts) nor with what is recorded (ledger.ts).
 */
import type {AlertKind} from './alert.ts';
import type {Span} from './diagnostic.ts';

declare const brand: unique symbol;

/** The name of a declared asset, such as `raw.games`. */
export type AssetName = string & {readonly [brand]: 'AssetName'};
/** One slice of an asset: a date `2024-01-15`, a season `2023-24`, or `all`. */
export type PartitionKey = string & {readonly [brand]: 'PartitionKey'};
/** A project-relative path with forward slashes, such as `assets/raw/games.sql`. */
export type ProjectPath = string & {readonly [brand]: 'ProjectPath'};

/** What slices an asset. `column` is the column of its table that holds the key. */
export type Partitioning =
  | {readonly kind: 'date'; readonly calendar: string; readonly column: string}
  | {readonly kind: 'season'; readonly calendar: string; readonly column: string}
  | {readonly kind: 'all'};

/** Maps a key to the upstream keys that it reads. Resolved against the grains of both ends. */
export type Window =
  /** The same key, both ends of one grain. */
  | {readonly kind: 'same'}
  /** A date reads the season that holds it. */
  | {readonly kind: 'season-of-date'}
  /** A season reads its dates. */
  | {readonly kind: 'dates-of-season'}
  /** The upstream has one partition, `all`. */
  | {readonly kind: 'whole'}
  /** Calendar days before the key; N keys of the calendar before it. */
  | {readonly kind: 'days'; readonly count: number}
  | {readonly kind: 'dates'; readonly count: number}
  /** The last N games of every team of the season, or of the teams that play on the key. */
  | {readonly kind: 'games'; readonly count: number; readonly teams: 'every' | 'playing'}
  | {readonly kind: 'season-to-date'}
  | {readonly kind: 'previous'}
  /** Every key; in a date asset every key before its own. */
  | {readonly kind: 'all'};

/** One upstream of an asset. `name` is what the asset's query calls it. */
export interface Edge {
  readonly name: string;
  readonly upstream: AssetName;
  readonly window: Window;
  readonly required: boolean;
  /** The least share (0 to 1) of the window that must be there. Absent: all of it. */
  readonly atLeast: number | undefined;
  /** Whether the window ends before the partition's own key or includes it. Only date windows look at it. */
  readonly throughToday: boolean;
  readonly crossesSeasons: boolean;
  /** False for a reference table: read as it stands, its changes do not make stale. */
  readonly tracks: boolean;
  /** Rank of the source that reads it, from 0; undefined where it belongs to no cascade. */
  readonly source: number | undefined;
  readonly at: Span;
}

/** When a date's partition may be made. */
export type Due =
  | {readonly kind: 'final'}
  | {readonly kind: 'scheduled'}
  /** `days` after the key (negative: before it), at `minute` of that day in the calendar's zone. */
  | {readonly kind: 'clock'; readonly days: number; readonly minute: number};

/** The moment at which the first or the last game of a date begins, as the manifest writes it. */
export type Start = 'first start' | 'last start';

/** Plans a fresh partition again on the clock. Milliseconds. */
export interface Refresh {
  readonly every: number;
  /** Milliseconds after the due time, or a start; absent: see concepts, "The clock". */
  readonly until: number | Start | undefined;
}

/** Asks better sources again. Milliseconds; `until` is counted from when the partition was made. */
export interface Improve {
  readonly every: number;
  readonly until: number | undefined;
}

export type ColumnType = 'bool' | 'int64' | 'float64' | 'string' | 'date' | 'timestamp';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly unit: string | undefined;
  readonly description: string | undefined;
}

/** Which games the rows must hold, compared with the calendar's. */
export interface Covers {
  readonly column: string;
  /** Share from 0 to 1. */
  readonly atLeast: number;
  /** A game with fewer rows than this counts as absent. */
  readonly minRowsPerGame: number;
}

interface CheckBase {
  readonly severity: 'error' | 'warn';
  /** How messages call it, such as `range(points)`. Unique within the asset. */
  readonly name: string;
  /** Points (0 to 100) that a partition's quality loses where a `warn` check does not hold; 0 for `error`. */
  readonly penalty: number;
  readonly at: Span;
}

/**
 * What must hold on new rows before readers see them. That `key` is unique and not null is checked always. A null is
 * no value: of all kinds only `not-null` and `sql` look at it.
 */
export type Check =
  | (CheckBase & {readonly kind: 'not-null'; readonly columns: readonly string[]})
  /** Together, within a partition. */
  | (CheckBase & {readonly kind: 'unique'; readonly columns: readonly string[]})
  | (CheckBase & {
      readonly kind: 'accepted-values';
      readonly column: string;
      readonly values: readonly CheckValue[];
    })
  | (CheckBase & {
      readonly kind: 'range';
      readonly column: string;
      readonly min: number | undefined;
      readonly max: number | undefined;
    })
  /** A regular expression (RE2) that the whole text matches. */
  | (CheckBase & {readonly kind: 'regex'; readonly column: string; readonly pattern: string})
  /** At most this share (0 to 1) of a column's values in a partition is 0. */
  | (CheckBase & {readonly kind: 'zero-share'; readonly column: string; readonly atMost: number})
  /** The newest value is at most `within` milliseconds old when the partition is made. A date is its first instant, in UTC. */
  | (CheckBase & {readonly kind: 'freshness'; readonly column: string; readonly within: number})
  /** The sums of `column` by group are those of the edge's `to` on the same key, but for `tolerance`. */
  | (CheckBase & {
      readonly kind: 'sum-equals';
      readonly column: string;
      readonly edge: string;
      readonly to: string;
      readonly by: readonly string[];
      readonly tolerance: number;
    })
  /** Rows per partition: between bounds, or at least a share (0 to 1) of an upstream edge's rows on the same key. */
  | (CheckBase & {
      readonly kind: 'rows';
      readonly min: number | undefined;
      readonly max: number | undefined;
      readonly of: {readonly edge: string; readonly atLeast: number} | undefined;
    })
  /** The rows hold this share (0 to 1) of the calendar's games, accepted ones left out, by the asset's `covers`. */
  | (CheckBase & {readonly kind: 'covers'; readonly atLeast: number})
  /** A query over `new_rows` and the asset's edges that returns the rows that are wrong. */
  | (CheckBase & {readonly kind: 'sql'; readonly query: ProjectPath});

/** A value of a column as the manifest writes it: dates and timestamps as text. */
export type CheckValue = string | number | boolean;

/** One place that an asset's rows may come from. Its edges are among the asset's own, each on the same key. */
export interface Source {
  readonly name: string;
  readonly edges: readonly string[];
  /** The most that its rows can score, 0 to 100. */
  readonly quality: number;
  /** What its rows must pass beside the asset's own checks to be an answer. */
  readonly checks: readonly Check[];
  /**
   * A query over its edges that makes the rows: a reconstruction. Without it the rows of its one table are taken as
   * they are, or the asset's own module makes them of its objects.
   */
  readonly query: ProjectPath | undefined;
}

/** Sources in the order of their rank, and what is done with what they answer. */
export interface Cascade {
  readonly sources: readonly Source[];
  /** The first that covers, else the one that covers most; or what the first lacks filled game by game from the next. */
  readonly take: 'first' | 'fill';
  /** Asks better sources again, `every` so often until so long after the partition was made. */
  readonly improve: Improve | undefined;
  readonly onMissing: 'gap' | 'fail' | 'empty' | 'placeholder';
}

/** How many partitions one statement may make. */
export type Batch = {readonly kind: 'keys'; readonly count: number} | {readonly kind: 'season'};

/** What makes an asset. */
export type Making =
  /** TypeScript that puts objects into the store under `path`. */
  | {readonly kind: 'files'; readonly module: ProjectPath; readonly path: string}
  /** TypeScript that returns rows. */
  | {readonly kind: 'rows'; readonly module: ProjectPath}
  /** No code of its own: its sources have the rows. */
  | {readonly kind: 'sources'}
  | {readonly kind: 'sql'; readonly query: ProjectPath}
  /** A query whose rows become one object in the store. */
  | {
      readonly kind: 'export';
      readonly query: ProjectPath;
      readonly format: 'json' | 'ndjson' | 'csv';
      readonly path: string;
    }
  /** Nothing here: rows of a table that others write, by its own name in the warehouse. */
  | {readonly kind: 'external-table'; readonly table: string}
  /** Nothing here: objects that others put into the store under `path`. */
  | {readonly kind: 'external-objects'; readonly path: string};

/** How a table is laid out where the engine lets one choose. It changes no row, and so makes nothing stale. */
export interface Physical {
  /** Which dates lie together in one partition of the table. */
  readonly grain: 'day' | 'month' | 'none';
  /** Columns by which rows are kept together, the first the most. */
  readonly cluster: readonly string[];
  /** Whether a query must say which partitions it reads. */
  readonly requirePartitionFilter: boolean;
  /** Bytes that one of its jobs may bill; undefined: what the target says. */
  readonly maxBytesBilled: number | undefined;
}

export interface Asset {
  readonly name: AssetName;
  readonly making: Making;
  readonly description: string | undefined;
  readonly partitioning: Partitioning;
  /** First and last date (or the season that holds it) that the asset has; outside they are exempt. ISO dates. */
  readonly start: string | undefined;
  readonly end: string | undefined;
  readonly due: Due;
  readonly refresh: Refresh | undefined;
  /** Milliseconds after its due time for which the source still shows a partition; undefined: for ever. */
  readonly liveFor: number | undefined;
  /** Days from each season's first key that are exempt; 0 for none. */
  readonly skipFirstDays: number;
  /** In the order of the manifest. */
  readonly upstream: readonly Edge[];
  readonly cascade: Cascade | undefined;
  /** The least score of what it needs; below it, it waits. */
  readonly gate: number | undefined;
  readonly site: string | undefined;
  /** Empty for files and exports. */
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  readonly physical: Physical;
  readonly covers: Covers | undefined;
  readonly empty: 'error' | 'allowed';
  /** From when on a published partition is made again only where someone allows it: from its first publication, or a start. */
  readonly protect: 'never' | 'always' | Start;
  readonly checks: readonly Check[];
  readonly batch: Batch;
  readonly group: string | undefined;
  readonly tags: readonly string[];
  readonly owner: string | undefined;
  /** How often a transient failure is tried again within one run. */
  readonly retries: number;
  /** Milliseconds for one attempt. */
  readonly timeout: number;
  /** Bytes that its code may use: of a thread its heap, of a process all. */
  readonly memory: number;
  readonly isolation: 'thread' | 'process';
  /** Named among the pipeline's pools. */
  readonly pool: string | undefined;
  /** Its own batches, or fetches, at work at once. */
  readonly concurrency: number | undefined;
  readonly at: Span;
  /** Where the manifest names the module or query. */
  readonly makingAt?: Span;
}

/** The asset whose table gives a calendar, and which columns say what. */
export interface CalendarFromAsset {
  readonly kind: 'asset';
  readonly asset: AssetName;
  readonly columns: {
    readonly date: string;
    readonly season: string;
    readonly game: string;
    readonly teams: readonly string[];
    readonly status: string;
    readonly startsAt: string | undefined;
  };
  /** A condition over the asset's columns, as SQL text. */
  readonly where: string | undefined;
}

export interface CalendarDeclaration {
  readonly name: string;
  readonly timezone: string;
  /** Season labels that exist whatever the data says: from this first one, a new one each `rollsOver` (MM-DD). */
  readonly seasons: {readonly from: string; readonly rollsOver: string};
  readonly source:
    | CalendarFromAsset
    /** Dates with their seasons, from the manifest or its CSV file; one entry without games each. */
    | {readonly kind: 'list'; readonly entries: readonly {readonly date: string; readonly season: string}[]};
  readonly at: Span;
}

export interface Site {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly concurrency: number;
  readonly perMinute: number | undefined;
  readonly perDay: DayBudget | undefined;
  /** The URL of a proxy, with its user and password where it has some. */
  readonly proxy: string | undefined;
}

/** What a site may be asked within a day. */
export interface DayBudget {
  /** Credits where requests cost different amounts. */
  readonly unit: 'requests' | 'credits';
  readonly amount: number;
  /** The minute of the day, in a zone, at which it begins anew. */
  readonly resetsAt: number;
  readonly timezone: string;
  /** The share (0 to 1) that is left to dates from yesterday on. */
  readonly kept: number;
  /** The header of an answer that says what its request cost. */
  readonly costHeader: string | undefined;
}

export interface DuckdbWarehouse {
  readonly engine: 'duckdb';
  /** A file, or `:memory:`. */
  readonly path: string;
  readonly memoryLimit: string | undefined;
}

/** Table `raw.games` lies in dataset `<datasetPrefix>raw` of the project. */
export interface BigqueryWarehouse {
  readonly engine: 'bigquery';
  readonly project: string;
  readonly location: string;
  readonly datasetPrefix: string;
  /** Bytes that one job may bill, where the asset does not say otherwise. */
  readonly maxBytesBilled: number | undefined;
  /** Bytes that all jobs of a run may bill together. */
  readonly maxBytesBilledPerRun: number | undefined;
  /** USD. */
  readonly pricePerTib: number;
  /** Undefined: Google's own. */
  readonly endpoint: string | undefined;
  readonly credentials: Credentials;
}

/** Whose name requests to Google are made in. `impersonate` is the e-mail address of a service account. */
export type Credentials =
  | {readonly kind: 'default'; readonly impersonate: string | undefined}
  /** `keyFile`: relative to the project, or absolute. */
  | {readonly kind: 'service-account'; readonly keyFile: string; readonly impersonate: string | undefined};

export interface FolderStoreTarget {
  readonly kind: 'folder';
  readonly path: string;
}

export interface GcsStoreTarget {
  readonly kind: 'gcs';
  readonly bucket: string;
  /** Empty, or ends with `/`. */
  readonly prefix: string;
  /** Undefined: Google's own. */
  readonly endpoint: string | undefined;
  readonly credentials: Credentials;
}

export type WarehouseTarget = DuckdbWarehouse | BigqueryWarehouse;
export type StoreTarget = FolderStoreTarget | GcsStoreTarget;

export interface FileLedger {
  readonly kind: 'file';
  readonly path: string;
}

/** In a database that several machines can reach. */
export interface PostgresLedger {
  readonly kind: 'postgres';
  /** May hold a password: it is never printed, logged or stored. */
  readonly url: string;
  /** Of the database: each pipeline has its own. */
  readonly schema: string;
}

export type LedgerTarget = FileLedger | PostgresLedger;

export interface Target {
  readonly name: string;
  readonly warehouse: WarehouseTarget;
  readonly store: StoreTarget;
  readonly ledger: LedgerTarget;
  /** The file of accepted gaps, which may be absent where the manifest does not name it. */
  readonly knownGaps: string;
}

/** A signed-off gap: whole partitions, or only some games of them. */
export interface AcceptedGap {
  readonly asset: AssetName;
  /** ISO dates, seasons or `all`; ranges are already listed as `from..to`. */
  readonly keys: readonly KeyRange[];
  /** Empty: the whole partition. */
  readonly games: readonly string[];
  readonly reason: string;
  /** Sources that were asked before it was signed off. */
  readonly tried: readonly string[];
  readonly acceptedBy: string;
  readonly acceptedOn: string;
  /** First date on which it no longer holds. */
  readonly until: string | undefined;
  readonly at: Span;
}

/** What may be made without being asked for. */
export interface Healing {
  /** Milliseconds: the age up to which a partition is made by itself. */
  readonly autoWithin: number;
  /** Failed runs in a row with the same inputs after which a partition is parked. */
  readonly retryBudget: number;
  /** Partitions of one pass. */
  readonly atMost: number;
  /** Minutes of the day in the calendar's zone: from, up to; over midnight where `to` is before `from`. */
  readonly quiet: {readonly from: number; readonly to: number} | undefined;
  /** Cron, in the zone of the first calendar (cron.ts). */
  readonly schedule: string;
  /** As it is written, with its variables: it is filled in where it is used, and need not be set elsewhere. */
  readonly ping: string | undefined;
}

/** Who is told, with the variables as the manifest has them: they are filled in when something is sent. */
export type Receiver =
  | {readonly kind: 'slack'; readonly url: string}
  | {readonly kind: 'email'; readonly smtp: string; readonly from: string; readonly to: readonly string[]}
  | {readonly kind: 'webhook'; readonly url: string; readonly headers: Readonly<Record<string, string>>};

export type ReceiverKind = Receiver['kind'];

/** What is told of what goes wrong, to whom and when. */
export interface Alerts {
  /** Nothing is looked for. */
  readonly isOff: boolean;
  readonly receivers: readonly Receiver[];
  /** A schedule as cron writes it, in the zone of the first calendar; undefined: what is not told at once is told nobody. */
  readonly digest: string | undefined;
  readonly atOnce: readonly AlertKind[];
  /** After how long without a pass of healing or a run that is told. Milliseconds. */
  readonly silence: number;
  /** Where the page is served, with its variables. */
  readonly page: string | undefined;
}

/** Keys from `from` to `to`, both meant, compared as text; the same twice for one key. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
}

/** How long `gameplan clean` leaves what no plan needs. Milliseconds; undefined: for ever. */
export interface Retention {
  /** What was put into the store and never committed. */
  readonly staging: number;
  /** Rows that checks held back. */
  readonly quarantine: number | undefined;
  /** How many committed fetches of a partition are kept, the newest first. */
  readonly generations: number | undefined;
  /** Runs, attempts and events of the ledger. */
  readonly history: number | undefined;
}

/** How many fetches, and how many batches of tables, are at work at once. */
export interface Concurrency {
  readonly fetches: number;
  readonly batches: number;
}

/** One manifest, resolved for one target. */
export interface Pipeline {
  readonly name: string;
  /** No partition before and none after. ISO dates; `end` is the last date meant. */
  readonly start: string | undefined;
  readonly end: string | undefined;
  readonly calendars: ReadonlyMap<string, CalendarDeclaration>;
  readonly target: Target;
  readonly sites: ReadonlyMap<string, Site>;
  /** How many batches of their members are at work at once. */
  readonly pools: ReadonlyMap<string, number>;
  readonly limits: Concurrency;
  readonly retention: Retention;
  /** In the manifest's order. */
  readonly assets: ReadonlyMap<AssetName, Asset>;
  readonly knownGaps: readonly AcceptedGap[];
  readonly healing: Healing;
  readonly alerts: Alerts;
  /** SHA-256 over the manifest's text, as hex. */
  readonly hash: string;
}
