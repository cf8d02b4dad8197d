/**
 * What engines write differently in statements that judge and compare rows: names, types, JSON, hashes, lists of keys.
 * It does not deal with running them, nor with statements that only one engine has.
 */
import type {Column, ColumnType, Partitioning} from '../planner/pipeline.ts';
import {partitionColumn} from './table-key.ts';
import type {InputSpec, StageRequest, Value} from './warehouse.ts';

export interface Dialect {
  /** An identifier, whatever is in it. */
  quoted(name: string): string;
  /** A string literal, whatever is in it. */
  literal(text: string): string;
  type(type: ColumnType): string;
  /** A number that stays what it is: a literal like 0.1 alone would be a decimal somewhere. */
  number(value: number): string;
  /** Null where the value is none of the type. */
  tryCast(value: string, type: ColumnType): string;
  /** Neither infinite nor NaN. */
  finite(value: string): string;
  /** Whether a whole text is of the form of a regular expression. */
  matches(value: string, pattern: string): string;
  /** Of a group's dates or times the newest that is finite, in milliseconds since 1970. */
  newest(value: string): string;
  /** The row of a relation as JSON text. */
  rowJson(alias: string): string;
  /** Named values as JSON text. */
  objectJson(pairs: readonly (readonly [name: string, value: string])[]): string;
  /** The first values of a group in their order, as the JSON text of an array. */
  firstOf(value: string, count: number): string;
  /** The version of a group of rows in these columns, before it is cut to 64 bits. */
  version(columns: readonly Column[]): string;
  /** Whether a column that holds keys of this partitioning is in the list parameter of that name. */
  keyIn(partitioning: Partitioning, column: string, parameter: string): string;
  /** A query without the semicolons at its end, which would end it inside brackets; every offset stays. */
  openEnded(query: string): string;
  /** One relation of a WITH clause. */
  relation(name: string, sql: string): string;
}

/** A value of a parameter: one text, a list of texts or of dates, or a list of rows. */
export type Parameter =
  | string
  | {readonly type: 'date' | 'string'; readonly values: readonly string[]}
  | Structs;
export type Parameters = Readonly<Record<string, Parameter>>;

/** Rows of a list of structs, column by column; all columns are as long. Only for engines that bind windows so. */
export interface Structs {
  readonly type: 'structs';
  readonly fields: readonly {
    readonly name: string;
    readonly type: 'DATE' | 'INT64' | 'STRING';
    readonly values: readonly (string | number | null)[];
  }[];
}

/** A piece of a user's SQL inside a larger statement. `start` counts bytes. */
export interface Embedded {
  readonly path: string;
  readonly text: string;
  readonly start: number;
}

/** A name that a query can read, and what it stands for. */
export interface Relation {
  readonly name: string;
  readonly sql: string;
}

/** What a query of a staging may read, with the values of its parameters. */
export interface Scope {
  readonly relations: readonly Relation[];
  readonly parameters: Parameters;
}

/** Staged rows, and what they were made from, as statements that judge them see them. */
export interface Judged extends StageRequest {
  readonly dialect: Dialect;
  /** What stands after FROM for the new rows. */
  readonly rows: string;
  query(
    sql: string,
    about?: {readonly parameters?: Parameters; readonly embedded?: Embedded},
  ): Promise<readonly (readonly Value[])[]>;
  /** Refuses a text that is not one whole statement: only such a one stays inside the brackets put around it. */
  refuseFragments(text: Embedded): Promise<void>;
  /** Lets statements of `work` read these edges. */
  withInputs(isRead: (input: InputSpec) => boolean, work: () => Promise<void>): Promise<void>;
  /** The relations of all edges; within `withInputs` those that are read. */
  scope(): Scope;
}

/** Rows whose partition column is null; no key is spelled so. */
export const NO_KEY = 'null';

/** The text of a row's key, as everything that judges staged rows groups it. */
export function keyText({dialect, table}: Pick<Judged, 'dialect' | 'table'>, alias = ''): string {
  const column = partitionColumn(table.partitioning);
  if (column === undefined) return dialect.literal('all');
  const text = `CAST(${alias}${dialect.quoted(column)} AS ${dialect.type('string')})`;
  return `coalesce(${text}, ${dialect.literal(NO_KEY)})`;
}

/** The list parameter of keys of a table. */
export function keyList({kind}: Partitioning, values: readonly string[]): Parameter {
  return {type: kind === 'date' ? 'date' : 'string', values};
}

/** 64 bits of a version's sum as 16 hex digits; null is the sum of nothing. */
export function versionOf(sum: Value | undefined): string {
  return hex(sum === null || sum === undefined ? 0n : BigInt(sum));
}

/** The lowest 64 bits as 16 hex digits. */
export function hex(sum: bigint): string {
  return BigInt.asUintN(64, sum).toString(16).padStart(16, '0');
}
