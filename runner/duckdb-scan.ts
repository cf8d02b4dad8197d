/**
 * The one scan of staged rows, grouped by partition and, where coverage is asked for, by game: counts, versions, and
 * whatever numbers checks ask for. It does not deal with what they mean (duckdb-check.ts).
 */
import type {Column} from '../planner/pipeline.ts';
import {literal, partitionColumn, quoted, temporary} from './duckdb-name.ts';
import type {Staging} from './duckdb-staging.ts';
import {NEW_ROWS} from './duckdb-wrap.ts';

/** A number of a group of rows, null where there is none, and how those of a partition's groups become one. */
export interface Measure {
  readonly sql: string;
  readonly merge: 'sum' | 'max';
}

/** What the scan found in one partition. */
export interface Tally {
  readonly rows: number;
  readonly version: bigint;
  /** By measure; undefined where the partition has no such number. */
  readonly numbers: readonly (number | undefined)[];
  /** Rows by game, where coverage is asked for. */
  readonly games: ReadonlyMap<string, number>;
}

export const ROWS = temporary(NEW_ROWS);
/** Rows whose partition column is null; no key is spelled so. */
export const NO_KEY = 'null';

/** The text of a row's key, as everything that judges staged rows groups it. */
export function keyText({table}: Staging, alias = ''): string {
  const column = partitionColumn(table.partitioning);
  if (column === undefined) return literal('all');
  return `coalesce(CAST(${alias}${quoted(column)} AS VARCHAR), ${literal(NO_KEY)})`;
}

/** For `GROUP BY` over the stored column: casting every row to text costs more than the scan. */
export function groupColumns({table}: Staging, more: readonly string[] = []): readonly string[] {
  const column = partitionColumn(table.partitioning);
  return [...new Set([...(column === undefined ? [] : [column]), ...more])].map(quoted);
}

interface Sums {
  rows: number;
  version: bigint;
  readonly numbers: (number | undefined)[];
  readonly games: Map<string, number>;
}

/** The version of rows in these columns, before it is cut to 64 bits. */
export function versionSum(columns: readonly Column[]): string {
  // A row of zeros would hash to zero and add nothing, and a column that changes its name alone would hash the same.
  const names = literal(JSON.stringify(columns.map(({name, type}) => [name, type])));
  return `sum(hash(${[names, ...columns.map(({name}) => quoted(name))].join(', ')}))`;
}

/** 64 bits as 16 hex digits. */
export function hex(sum: bigint): string {
  return BigInt.asUintN(64, sum).toString(16).padStart(16, '0');
}

/** By key of the rows, also of keys that nobody asked for. `game` is the column of the game's id. */
export async function scan(
  staging: Staging,
  measures: readonly Measure[],
  game: string | undefined,
): Promise<ReadonlyMap<string, Tally>> {
  const groups = groupColumns(staging, game === undefined ? [] : [game]);
  const selected = [
    keyText(staging),
    game === undefined ? 'NULL' : `CAST(${quoted(game)} AS VARCHAR)`,
    'count(*)',
    versionSum(staging.table.columns),
    ...measures.map(({sql}) => sql),
  ];
  const grouping = groups.length === 0 ? '' : ` GROUP BY ${groups.join(', ')}`;
  const found = await staging.session.rows(`SELECT ${selected.join(', ')} FROM ${ROWS}${grouping}`);
  const tallies = new Map<string, Sums>();
  for (const [key, gameId, count, version, ...numbers] of found) {
    if (count === 0n) continue;
    const name = String(key);
    const tally = tallies.get(name) ?? {rows: 0, version: 0n, numbers: [], games: new Map()};
    tallies.set(name, tally);
    tally.rows += Number(count);
    tally.version += typeof version === 'bigint' ? version : 0n;
    for (const [i, {merge}] of measures.entries()) {
      const number = numbers[i];
      if (number !== null && number !== undefined)
        tally.numbers[i] = merged(merge, tally.numbers[i], Number(number));
    }
    if (typeof gameId === 'string') tally.games.set(gameId, Number(count));
  }
  return tallies;
}

function merged(how: Measure['merge'], known: number | undefined, next: number): number {
  if (known === undefined) return next;
  return how === 'sum' ? known + next : Math.max(known, next);
}
