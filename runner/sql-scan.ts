/**
 * The one scan of staged rows, grouped by partition and, where coverage is asked for, by game: counts, versions, and
 * whatever numbers checks ask for. It does not deal with what they mean (sql-check.ts).
 */
import {type Judged, keyText} from './sql-dialect.ts';
import {partitionColumn} from './table-key.ts';

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

/** For `GROUP BY` over the stored column: casting every row to text costs more than the scan. */
export function groupColumns({dialect, table}: Judged, more: readonly string[] = []): readonly string[] {
  const column = partitionColumn(table.partitioning);
  return [...new Set([...(column === undefined ? [] : [column]), ...more])].map(dialect.quoted);
}

interface Sums {
  rows: number;
  version: bigint;
  readonly numbers: (number | undefined)[];
  readonly games: Map<string, number>;
}

/** By key of the rows, also of keys that nobody asked for. `game` is the column of the game's id. */
export async function scan(
  judged: Judged,
  measures: readonly Measure[],
  game: string | undefined,
): Promise<ReadonlyMap<string, Tally>> {
  const {dialect, table, rows} = judged;
  const groups = groupColumns(judged, game === undefined ? [] : [game]);
  const selected = [
    keyText(judged),
    game === undefined ? 'NULL' : `CAST(${dialect.quoted(game)} AS ${dialect.type('string')})`,
    'count(*)',
    dialect.version(table.columns),
    ...measures.map(({sql}) => sql),
  ];
  const grouping = groups.length === 0 ? '' : ` GROUP BY ${groups.join(', ')}`;
  const found = await judged.query(`SELECT ${selected.join(', ')} FROM ${rows}${grouping}`);
  const tallies = new Map<string, Sums>();
  for (const [key, gameId, count, version, ...numbers] of found) {
    if (Number(count) === 0) continue;
    const name = String(key);
    const tally = tallies.get(name) ?? {rows: 0, version: 0n, numbers: [], games: new Map()};
    tallies.set(name, tally);
    tally.rows += Number(count);
    tally.version += version === null || version === undefined ? 0n : BigInt(version);
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
