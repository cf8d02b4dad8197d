/**
 * What goes between the thread that waits and the thread that talks to PostgreSQL.
 * It does not deal with how they wait for each other (postgres-thread.ts, postgres-worker.ts).
 */
import type {SqlValue} from './ledger-database.ts';

export interface Server {
  /** May hold a password. */
  readonly url: string;
  readonly schema: string;
}

/** One connection as the asking side numbers it. */
export interface Ask {
  readonly id: number;
  readonly connection: number;
  readonly server: Server;
  /**
   * Whether a connection that is lost may be made anew for it: before a transaction or outside of one; and for how many
   * milliseconds that is tried again.
   */
  readonly connect: 'never' | 'once' | number;
  /** Sent one after the other without waiting between them; the first that fails is told, else what the last one found. */
  readonly what: readonly Question[];
}

export type Question = Query | Script;

export interface Query {
  readonly kind: 'query';
  readonly text: string;
  /** Kept as prepared under that name. */
  readonly name: string | undefined;
  readonly values: readonly SqlValue[];
}

/** Several statements at once, of which the last one's rows and tag are told. */
export interface Script {
  readonly kind: 'script';
  readonly text: string;
}

export type Told =
  | Ask
  | {readonly kind: 'release'; readonly connection: number}
  /** Nobody waits for that question any more. */
  | {readonly kind: 'abandon'; readonly connection: number; readonly id: number};

export interface Found {
  readonly id: number;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** How many rows each question changed. */
  readonly changes: readonly number[];
  /** Such as COMMIT. */
  readonly command: string;
}

export interface Failed {
  readonly id: number;
  readonly failure: Failure;
}

export interface Failure {
  /** SQLSTATE, or what the system calls it. */
  readonly code: string;
  readonly message: string;
  /** Whether the connection is gone. */
  readonly isLost: boolean;
}

export type Answer = Found | Failed;
