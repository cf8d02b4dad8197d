/**
 * Grades what a filled project said of recorded games, by the queries of bench/backtest/. It reads the warehouse alone,
 * and does not deal with filling a project.
 */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {DuckDBConnection, Json} from '@duckdb/node-api';

export type GradeRow = Readonly<Record<string, Json>>;

/** One table of figures each; `views` is what they all read. */
const TABLES = ['points', 'calibration', 'confidence', 'points-market', 'threes-market'] as const;

export type Grades = Readonly<Record<(typeof TABLES)[number], readonly GradeRow[]>>;

/** Win rates are in percent, with their 95 % interval; what is lost on average is a negative `return_pct`. */
export async function grade(connection: DuckDBConnection): Promise<Grades> {
  await connection.run(queryOf('views'));
  const found: [string, readonly GradeRow[]][] = [];
  for (const name of TABLES) {
    found.push([name, (await connection.runAndReadAll(queryOf(name))).getRowObjectsJson()]);
  }
  return Object.fromEntries(found) as Grades; // of all of TABLES
}

function queryOf(name: string): string {
  return readFileSync(join(import.meta.dirname, 'backtest', `${name}.sql`), 'utf8');
}
