/**
 * What the planner asks of the world: one consistent reading of the ledger, as columns.
 * It does not deal with how that is stored (runner/ledger-*.ts).
 */
import type {AssetName} from './pipeline.ts';

export type Outcome =
  | 'succeeded'
  | 'unchanged'
  | 'not-needed'
  | 'failed'
  | 'quarantined'
  | 'skipped'
  | 'cancelled';

/** Columns of 64-bit numbers, as two unsigned halves, so that sums need no BigInt. */
export interface Words {
  readonly hi: Uint32Array;
  readonly lo: Uint32Array;
}

/**
 * All that is recorded about the partitions of one asset: row i of every column speaks of `keys[i]`.
 * Times are milliseconds since 1970; 0 stands for "never" in the time columns alone. A column may be read from the
 * ledger only when it is asked for, so whoever wants little of much asks for few.
 */
export interface AssetRecord {
  readonly count: number;
  readonly keys: readonly string[];
  /** The day numbers of `keys`, where every key is a date. */
  readonly days: Int32Array | undefined;
  /** How many rows are published. */
  readonly publishedCount: number;
  /** Whether games are counted in any row. */
  readonly hasCoverage: boolean;
  /** 1: published. 0: attempted only, or published once and forgotten or dropped since (`lostAt` > 0). */
  readonly published: Uint8Array;
  readonly version: Words;
  readonly digest: Words;
  /** Index into `fingerprints`. */
  readonly fingerprint: Uint32Array;
  readonly fingerprints: readonly Fingerprint[];
  /** Ledger sequence at which the version was last changed, and at which the key was published first, or again after a loss. */
  readonly changedAt: Float64Array;
  readonly arrivedAt: Float64Array;
  /** Ledger sequence at which it was forgotten, dropped or lost; 0 if it never was or was published again. */
  readonly lostAt: Float64Array;
  /** Ledger sequence that this partition's inputs were read at. */
  readonly readAt: Float64Array;
  /** The calendar entry's version that entered the digest (0, 0 where it does not enter). */
  readonly entry: Words;
  readonly rows: Float64Array;
  /** Games expected and found; -1 where the asset declares no coverage. */
  readonly expected: Int32Array;
  readonly found: Int32Array;
  /** Absent games by row, only for rows that lack some. */
  readonly absent: ReadonlyMap<number, readonly string[]>;
  /** Index into `trusts`: what bears on the quality of what is published. */
  readonly trust: Uint32Array;
  readonly trusts: readonly Trust[];
  readonly publishedAt: Float64Array;
  readonly durationMs: Float64Array;
  /** The last attempt: when it ended and what it came to (index into OUTCOMES); for fetches `publishedAt` or `unchanged` is the last fetch. */
  readonly triedAt: Float64Array;
  readonly outcome: Uint8Array;
  /** Failed or quarantined runs in a row with the same fingerprint and digest. */
  readonly failures: Uint32Array;
  /** Fingerprint (index) and digest of the last attempt, and its error by row. */
  readonly triedFingerprint: Uint32Array;
  readonly triedDigest: Words;
  readonly errors: ReadonlyMap<number, string>;
}

/** Where published rows came from and which checks warned of them. */
export interface Trust {
  /** Sources that rows were taken from, by rank; empty where the asset has none. */
  readonly sources: readonly TrustedSource[];
  /** How many of the asset's sources are inputs, from the first on: those used and all that rank above them. */
  readonly depth: number;
  /** The most that the rows can score, 0 to 100: the least ceiling of the sources used. */
  readonly ceiling: number;
  /** Checks of severity `warn` that did not hold. */
  readonly warned: readonly Warned[];
}

/** A source with the games that were taken from it; `all` where it gave the whole partition. */
export interface TrustedSource {
  readonly name: string;
  readonly games: readonly string[] | 'all';
}

export interface Warned {
  readonly check: string;
  /** Rows. */
  readonly count: number;
  /** Points that it takes from the score. */
  readonly penalty: number;
}

/** Of rows that came from no cascade, and that no check warned of. */
export const PLAIN_TRUST: Trust = {sources: [], depth: 0, ceiling: 100, warned: []};

/** In the order of `AssetRecord.outcome`; 0 stands for "not tried". */
export const OUTCOMES = [
  'succeeded',
  'unchanged',
  'not-needed',
  'failed',
  'quarantined',
  'skipped',
  'cancelled',
] as const satisfies readonly Outcome[];

/** A fingerprint with the hash of each of its parts, so that a difference can be named. Hex. */
export interface Fingerprint {
  readonly hash: string;
  readonly parts: Readonly<Record<string, string>>;
}

export type GameStatus = 'scheduled' | 'final' | 'postponed' | 'cancelled';

export interface CalendarGame {
  readonly id: string;
  /** ISO date, the key. */
  readonly date: string;
  readonly season: string;
  readonly teams: readonly string[];
  readonly status: GameStatus;
  /** Milliseconds since 1970, where the calendar has times. */
  readonly startsAt: number | undefined;
}

/** A calendar as last published. `definition` is the hash of the declaration that it was read by. */
export interface CalendarRecord {
  readonly name: string;
  readonly definition: string;
  /** Sorted by date, then id. */
  readonly games: readonly CalendarGame[];
}

export type Leases = ReadonlyMap<string, ReadonlyMap<string, string>>;

export const NO_LEASES: Leases = new Map();

/** What an asset's fetches took of one day of a site: requests or credits, over so many fetches. */
export type SiteSpending = readonly {
  readonly site: string;
  /** An ISO date. */
  readonly day: string;
  readonly asset: string;
  readonly spent: number;
  readonly fetches: number;
}[];

export interface LedgerSnapshot {
  /** Rises with every change; the snapshot is the state just after it. */
  readonly sequence: number;
  readonly calendars: ReadonlyMap<string, CalendarRecord>;
  /** What runs at work hold, by asset and key, with who it is for people. A run that plans for itself leaves it out. */
  readonly leases: Leases;
  /** Of sites with a budget, of the last days. */
  readonly spending: SiteSpending;
  /** Undefined: nothing recorded about that asset. */
  find(asset: AssetName): AssetRecord | undefined;
  readonly assets: readonly AssetName[];
}
