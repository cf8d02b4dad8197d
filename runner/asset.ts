/**
 * The public module: what a TypeScript asset is given and what it returns. `import {type Files, z} from 'gameplan'`.
 * It does not deal with where things go: the runner stages, checks and publishes.
 */
import type {ZodType} from 'zod';

export {z} from 'zod';
export {EmptyAnswer, SiteError} from './asset-error.ts';

/** One game of a calendar entry. */
export interface Game {
  readonly id: string;
  readonly teams: readonly string[];
  readonly status: 'scheduled' | 'final' | 'postponed' | 'cancelled';
}

/** The partition to be made. */
export interface Partition {
  /** `2024-01-15`, `2023-24` or `all`. */
  readonly key: string;
  /** The season that holds the key; undefined for `all`. */
  readonly season: string | undefined;
  /** The games of a date: those that are played on it (postponed and cancelled ones are left out). Empty for other grains. */
  readonly games: readonly Game[];
}

/** An answer of a site, whole. A status other than 2xx is an error before this (see `SiteError`). */
export interface Answer {
  readonly url: string;
  readonly status: number;
  /** The header, where there was one. */
  readonly contentType: string | undefined;
  readonly bytes: Uint8Array;
  text(): string;
  /** Parsed and held against `schema`; throws a `SiteError` that names the URL and the first wrong path. */
  json<T>(schema: ZodType<T>): T;
}

/** The asset's site: pooled, rate limited, retried, timed out as the manifest says. */
export interface SiteClient {
  /** `cost`: the credits that the request takes of the site's day, 1 where nothing is said. */
  get(
    path: string,
    query?: Readonly<Record<string, string | number>>,
    about?: {readonly cost?: number},
  ): Promise<Answer>;
}

export interface FilesContext {
  readonly partition: Partition;
  /** Throws at the first call if the asset declares no `site`. */
  readonly site: SiteClient;
  /** Stores an object as it came, under the partition's path. Awaited before it is parsed. */
  put(name: string, bytes: Uint8Array | string): Promise<void>;
  /** The objects of an upstream `files` asset, by edge name. */
  readonly inputs: Readonly<Record<string, Input>>;
  /**
   * The instant to ask about, in ISO form: now, or the start that ends the asset's `refresh`, once that has passed. So
   * what is fetched years later is what was to be known when the games began.
   */
  readonly asOf: string;
  readonly signal: AbortSignal;
}

/** An object of an upstream `files` asset, as it was stored. */
export interface StoredObject {
  readonly name: string;
  /** The upstream partition that holds it. */
  readonly key: string;
  readonly bytes: Uint8Array;
  text(): string;
  /** Parsed and held against `schema`; throws an error that names the object and the first wrong path. */
  json<T>(schema: ZodType<T>): T;
}

/** What an edge reads, cut to its window. TypeScript reads `files` assets alone; tables are for SQL. */
export interface Input {
  /** Sorted by key and name. */
  objects(): AsyncIterable<StoredObject>;
}

export interface RowsContext {
  readonly partition: Partition;
  /** Which of the asset's sources the rows are to be made from; undefined where it has none. */
  readonly source: string | undefined;
  readonly inputs: Readonly<Record<string, Input>>;
  readonly signal: AbortSignal;
}

/** int64: number (safe integers) or bigint; date: `2024-01-15`; timestamp: ISO text in UTC. Missing is null. */
export type Value = string | number | bigint | boolean | null;
export type Row = Readonly<Record<string, Value>>;

/** Puts objects into the store. May return the ids of the games that they hold, for coverage. */
export type Files = (context: FilesContext) => Promise<undefined | {readonly games: readonly string[]}>;
/** Makes the rows of one partition. A module exports it as `rows`. */
export type Rows = (context: RowsContext) => Promise<readonly Row[]> | AsyncIterable<Row>;
