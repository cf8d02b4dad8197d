/**
 * What the runner asks of a warehouse, whatever the engine. Every engine passes the same table of tests.
 * It does not deal with order, retries or the ledger.
 */
import type {Fingerprint, Trust} from '../planner/ledger.ts';
import type {Check, Column, Covers, Partitioning, Physical} from '../planner/pipeline.ts';
import type {Row} from './asset.ts';

/**
 * A table of an asset. `name` is the asset's name, such as `raw.games`: schema and table; of a table that others write
 * its own name, which is used as it is.
 */
export interface TableSpec {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  readonly partitioning: Partitioning;
  /** How it is laid out, where the engine lets one choose; undefined: as the engine does by itself. */
  readonly physical?: Physical | undefined;
  /** For people who look at it in the warehouse. */
  readonly description?: string | undefined;
  /** Whether others write it: it may be read and looked at, and nothing else. */
  readonly isExternal?: true;
}

/** What the jobs of a staging and of its publication took so far. */
export interface Spent {
  readonly bytesBilled: number;
  /** Milliseconds of slots. */
  readonly slotMs: number;
  readonly jobs: number;
}

/** One upstream table as a query sees it: cut to `keys`, with the relation `<edge>_window` where the edge has a window. */
export interface InputSpec {
  readonly edge: string;
  readonly table: TableSpec;
  /** Published and valid upstream keys: the union over the keys to be made. */
  readonly keys: readonly string[];
  readonly window: WindowSpec | undefined;
}

/**
 * Which upstream keys belong to which key to be made: stretches of one list of members, so that a season to date costs
 * a key two numbers and not a row for each date before it.
 */
export interface WindowSpec {
  /** Member i stands at `positions[i]`; in windows by games it is the game `gameIds[i]` of `teams[i]`. */
  readonly members: {
    readonly positions: readonly number[];
    readonly upstreamKeys: readonly string[];
    readonly teams: readonly string[] | undefined;
    readonly gameIds: readonly string[] | undefined;
  };
  /** `keys[i]` reads the members that stand from `from[i]` (meant) to `to[i]` (not meant). */
  readonly stretches: {
    readonly keys: readonly string[];
    readonly from: readonly number[];
    readonly to: readonly number[];
  };
}

/** A partition to be made, with what `partitions` tells a query about it. `season` is null for `all`. */
export interface PartitionSpec {
  readonly key: string;
  readonly season: string | null;
  /** The score of its inputs as a whole number from 0 to 100, only for queries that name it. */
  readonly quality?: number;
}

/** What of a batch the warehouse must know, whatever makes its rows. */
export interface StageRequest {
  readonly table: TableSpec;
  readonly partitions: readonly PartitionSpec[];
  readonly inputs: readonly InputSpec[];
}

export interface StageQuery extends StageRequest {
  readonly query: string;
  /** The query's place for messages, such as `assets/raw/games.sql`. */
  readonly queryPath: string;
  /** After which the engine ends it by itself, where it may outlive whoever asked. */
  readonly timeoutMs?: number;
  /** Columns that the query does not return, each with its one value. */
  readonly constants?: Readonly<Record<string, string>>;
}

/** New rows that nobody reads yet. */
export interface Staged extends StageRequest {
  /** Engine's own name of the staging relation. */
  readonly relation: string;
}

/** What is taken of another staging of the same table: whole keys, or of a key only the rows of some games. */
export interface Part {
  readonly from: Staged;
  readonly keys: readonly string[];
  readonly games: readonly {readonly key: string; readonly game: string}[];
  /** The column that holds the game's id; undefined where no game is picked. */
  readonly gameColumn: string | undefined;
}

/** What is known of one key before its rows are looked at. */
export interface Expectation {
  readonly key: string;
  /** Games that its rows should hold. */
  readonly games: readonly string[];
  /** Of these, those whose absence is signed off. */
  readonly accepted: readonly string[];
  /** When its rows are, or were, made: milliseconds since 1970. */
  readonly asOf: number;
}

export interface AuditRequest {
  readonly staged: Staged;
  readonly checks: readonly (Check & {/** Text of a custom check. */ readonly text?: string})[];
  readonly covers: Covers | undefined;
  readonly expected: readonly Expectation[];
}

/** A check that did not hold on one partition. */
export interface Violation {
  readonly check: string;
  readonly severity: 'error' | 'warn';
  /** Points of quality that it takes; 0 for an error. */
  readonly penalty: number;
  /** One sentence with the count, such as `3 rows have points outside 0 to 110`. */
  readonly message: string;
  readonly count: number;
  /** A few wrong rows, as JSON text. */
  readonly examples: readonly string[];
}

/** What an audit found out about one partition. */
export interface Audit {
  readonly key: string;
  readonly rows: number;
  /** 64 bits, as 16 hex digits. */
  readonly version: string;
  readonly violations: readonly Violation[];
  /** Of the games expected, those the rows hold. Undefined without `covers`. */
  readonly covered: readonly string[] | undefined;
}

export interface AuditResult {
  readonly partitions: readonly Audit[];
  /** Rows of keys that were not asked for (also null keys), by key: always an error of the whole batch. */
  readonly foreign: readonly {readonly key: string; readonly rows: number}[];
}

/** A partition whose new rows are not published, and why. */
export interface HeldPartition {
  readonly key: string;
  readonly rows: number;
  readonly error: string;
  readonly violations: readonly Violation[];
}

export interface HoldRequest {
  readonly staged: Staged;
  readonly run: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly partitions: readonly HeldPartition[];
}

/** What is kept of a partition that was held back. */
export interface HeldBack extends HeldPartition, Pick<HoldRequest, 'run' | 'at'> {
  readonly asset: string;
  /** Of its rows, how many are kept. */
  readonly kept: number;
}

export type ReceiptKind = 'published' | 'unchanged' | 'forgotten' | 'marked' | 'dropped';

/** What the warehouse holds about a partition, written with its data. Hex for 64-bit numbers and fingerprints. */
export interface Receipt {
  readonly asset: string;
  readonly key: string;
  readonly kind: ReceiptKind;
  /** The intent that the ledger holds for this write; one for all partitions of a batch. */
  readonly intent: string;
  readonly run: string;
  readonly version: string;
  readonly rows: number;
  readonly fingerprint: string;
  readonly digest: string;
  /** Digest of all that could have been read, where that is more than was: of a cascade. */
  readonly tried?: string | undefined;
  /** Version of the calendar entry, where it entered the digest. */
  readonly entry?: string | undefined;
  readonly expected: number | null;
  readonly found: number | null;
  /** Absent games. */
  readonly absent: readonly string[];
  /** Where the rows came from and what warned of them; left out where there is nothing to say. */
  readonly trust?: Trust;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of what was carried from another target: when it was made there. Milliseconds since 1970. */
  readonly carried?: {readonly publishedAt: number; readonly madeAt: number} | undefined;
  /** Of what someone asked for: who and why. */
  readonly by?: string | undefined;
  readonly why?: string | undefined;
}

/** The newest receipt of a partition, with what the ones before it tell. Milliseconds since 1970; 0: never. */
export interface LastReceipt extends Receipt {
  /** When its rows first came. */
  readonly arrivedAt: number;
  /** When its rows last changed. */
  readonly publishedAt: number;
  /** When it was last made, whatever came of it. */
  readonly madeAt: number;
}

export interface PublishRequest {
  readonly staged: Staged;
  /** Keys whose old rows go and whose new rows come. Others of the staging are left out. */
  readonly keys: readonly string[];
  /** For `keys` and for those that came out unchanged. Written in the same transaction. */
  readonly receipts: readonly Receipt[];
  /** Those that receipts name, kept once each. */
  readonly fingerprints?: readonly Fingerprint[];
  /** Called just before the commit; throws where this process may not write any more. */
  readonly guard?: () => void;
  /** Of partitions published before and not replaced now, where they were declared otherwise. */
  readonly former?: Former;
}

/** How a table was declared when partitions that it still holds were made. */
export interface Former {
  /** Columns that are declared no more: kept as long as such a partition is there. */
  readonly columns: readonly string[];
  /** The column that held the key, where it was another. */
  readonly slicedBy?: string;
}

export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}
export type Value = string | number | bigint | boolean | null;

/** One row that is not the same in both. */
export interface RowExample {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly key: Readonly<Record<string, Value>>;
  /** Of a changed row those that differ; else all but the key. `was` is null for an added row, `is` for a removed one. */
  readonly columns: readonly {readonly name: string; readonly was: Value; readonly is: Value}[];
}

/** Staged rows of one partition against the published ones. */
export interface RowComparison {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly same: number;
  /** In how many rows a column differs; only those that do. */
  readonly columns: Readonly<Record<string, number>>;
  readonly examples: readonly RowExample[];
  /** Columns that the published table does not have, and that only it has: they are not compared. */
  readonly newColumns: readonly string[];
  readonly oldColumns: readonly string[];
}

/** Rows of one partition as they lie in a table. */
export interface HeldRows {
  readonly rows: number;
  /** As `Audit.version`. */
  readonly version: string;
}

export interface HeldTable {
  /** By key, also keys that nobody published; rows whose key is null stand under `null`. */
  readonly partitions: ReadonlyMap<string, HeldRows>;
  /** Of the columns asked for, those that the table does not have. */
  readonly absentColumns: readonly string[];
  /** Columns of the table that were not asked for. */
  readonly otherColumns: readonly string[];
}

export interface SelectRequest {
  readonly from: {readonly table: TableSpec} | {readonly staged: Staged};
  readonly columns: readonly (string | null)[];
  /** A condition over the table's columns, as SQL text from the manifest. */
  readonly where: string | undefined;
  /** Keys of the table's partitions. */
  readonly keys: readonly string[] | 'all';
}

export interface Warehouse {
  readonly engine: string;
  /** Whether one process alone can hold it: then a run lets it go while it has no work for it. */
  readonly isExclusive: boolean;
  stageQuery(request: StageQuery, signal: AbortSignal): Promise<Staged>;
  /** Stages the rows of many partitions together. */
  stageRows(
    request: StageRequest & {
      readonly rows: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>;
    },
    signal: AbortSignal,
  ): Promise<Staged>;
  /** The query that takes columns of an edge as they are, in the engine's own SQL. */
  queryOf(edge: string, columns: readonly string[]): string;
  /** Stages together what is picked of other stagings, which stay as they are, and rows besides. */
  gather(
    request: StageRequest & {readonly parts: readonly Part[]; readonly rows: readonly Row[]},
    signal: AbortSignal,
  ): Promise<Staged>;
  /** Published rows as if they were new ones, to be judged and read: they cannot be published. */
  stagePublished(request: StageRequest): Promise<Staged>;
  audit(request: AuditRequest): Promise<AuditResult>;
  /** Of `keys`, those whose staged rows equal the published ones by the table's key, doubles within 1e-9 relative. */
  findUnchanged(staged: Staged, keys: readonly string[]): Promise<readonly string[]>;
  /** Row by row under the table's key, as `findUnchanged`; what is not published counts as no rows. */
  compare(request: {
    readonly staged: Staged;
    readonly key: string;
    readonly isPublished: boolean;
    /** Examples of each kind. */
    readonly limit: number;
  }): Promise<RowComparison>;
  /**
   * One transaction: the table is created or brought into its declared shape, old rows go, new rows come, receipts are
   * written. Throws a `WarehouseError` of kind `shape` where rows that stay do not fit a declared type.
   */
  publish(request: PublishRequest): Promise<void>;
  /** Receipts of corrections, and the rows of `dropped` go with them: one transaction. */
  writeReceipts(request: {
    readonly receipts: readonly Receipt[];
    readonly fingerprints?: readonly Fingerprint[];
    /** `all`: the whole table. */
    readonly dropped?: {readonly table: TableSpec; readonly keys: readonly string[] | 'all'};
  }): Promise<void>;
  /**
   * Keeps staged rows that are not published, a bounded number of each partition, in one transaction. Only the last of a
   * partition is kept, until it is published or dropped.
   */
  holdBack(request: HoldRequest): Promise<void>;
  /** What is held back now, by asset and key. */
  heldBack(): Promise<readonly HeldBack[]>;
  /** Lets go of what is held back of these partitions. */
  releaseHeld(partitions: readonly {readonly asset: string; readonly key: string}[]): Promise<void>;
  /** The kept rows of one partition as JSON texts, by the table's key. */
  heldRows(partition: {readonly asset: string; readonly key: string}): Promise<readonly string[]>;
  discard(staged: Staged): Promise<void>;
  /** Undefined where the engine bills nothing. */
  spent(staged: Staged): Spent | undefined;
  /** An upper bound of the bytes that a query would read, without running it; undefined where the engine does not tell. */
  estimate(request: StageQuery): Promise<{readonly bytes: number} | undefined>;
  /**
   * When each of these partitions was last modified, as milliseconds since 1970; those that are not there are left out.
   * Undefined where the engine does not tell: then `versions` does.
   */
  lastModified(request: {
    readonly table: TableSpec;
    readonly keys: readonly string[] | 'all';
  }): Promise<ReadonlyMap<string, number> | undefined>;
  /** What a table holds of these keys, in the columns of the spec; undefined where there is no such table. */
  versions(request: {
    readonly table: TableSpec;
    readonly keys: readonly string[] | 'all';
  }): Promise<HeldTable | undefined>;
  /** Receipts of these intents, for settling after a crash. */
  receipts(intents: readonly string[]): Promise<readonly Receipt[]>;
  /** The newest receipt of every partition that has one. */
  lastReceipts(): Promise<readonly LastReceipt[]>;
  /** All that were kept with receipts. */
  fingerprints(): Promise<readonly Fingerprint[]>;
  /** Whether it has receipts of a run, where one is given, and which of these tables it does not hold. */
  recall(
    run: string | undefined,
    tables: readonly string[],
  ): Promise<{readonly hasRun: boolean; readonly absent: readonly string[]}>;
  /** Reads with SQL. Dates and timestamps come as text, int64 as number or bigint. */
  read(sql: string, parameters?: Readonly<Record<string, Value>>): Promise<QueryResult>;
  /** Published rows of partitions in the declared columns, a page at a time, as `stageRows` takes them. */
  rows(
    request: {readonly table: TableSpec; readonly keys: readonly string[]},
    signal: AbortSignal,
  ): AsyncIterable<readonly Row[]>;
  /** Plain columns of a table or of a staging, null for a column of nulls. */
  select(request: SelectRequest): Promise<QueryResult>;
  /** Rows of a wrapped query, for exports and tests, ordered as the query says. */
  readQuery(request: StageQuery, signal: AbortSignal): Promise<QueryResult>;
  /** Gives it to a pipeline. */
  rename(pipeline: string): Promise<void>;
  close(): Promise<void>;
}

/** The warehouse refused: a wrong query, rows that do not fit, a locked file, a full disk. `message` has cause and mend. */
export class WarehouseError extends Error {
  /**
   * `statement`: a query that fails whatever the rows are, such as one that names an unknown column. `credentials`:
   * nobody knows who we are; `denied`: we may not; `absent`: it is not there; `quota`, `budget`: no more today, or no
   * more than was allowed; `fenced`: another process has settled this write, and it will not be done here.
   */
  readonly kind:
    | 'query'
    | 'statement'
    | 'shape'
    | 'locked'
    | 'disk-full'
    | 'unreadable'
    | 'cancelled'
    | 'credentials'
    | 'denied'
    | 'absent'
    | 'quota'
    | 'budget'
    | 'fenced'
    | 'other';
  /** Offset into the asset's own query text, where the engine gave one. */
  readonly offset: number | undefined;
  /** Of `locked`: who holds it, for people. */
  readonly holder: string | undefined;

  constructor(
    kind: WarehouseError['kind'],
    message: string,
    about: {offset?: number | undefined; holder?: string; cause?: unknown} = {},
  ) {
    super(message, {cause: about.cause});
    this.name = 'WarehouseError';
    this.kind = kind;
    this.offset = about.offset;
    this.holder = about.holder;
  }
}
