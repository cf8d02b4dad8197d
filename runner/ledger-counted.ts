/**
 * How often and how long things were done, summed over all that the ledger ever recorded: attempts, runs, tries at
 * sources. Sums only grow: what `clean` deletes is added up first and kept.
 * It does not deal with how sums are named for others (report/metrics.ts).
 */
import type {LedgerDatabase} from './ledger-database.ts';

/** By name, which is a JSON list such as `["attempts","raw.games","failed"]`. */
export type Sums = ReadonlyMap<string, number>;

/** What was summed so far and up to where, so that the next reading adds only what is new. */
export interface Counted {
  /** Of attempts and tries. */
  readonly grown: Sums;
  /** The same with runs. */
  readonly sums: Sums;
  readonly attempt: number;
  readonly tried: number;
  /** How often history was deleted: what was seen before that may be counted twice. */
  readonly cleanings: number;
}

/** Upper bounds of the classes that durations are counted in, seconds. */
export const ATTEMPT_BOUNDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800] as const;
export const RUN_BOUNDS = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 43_200] as const;

const CLEANINGS = JSON.stringify(['cleanings']);

/** Within a transaction, so that nothing is deleted or added meanwhile. `atWork` are the runs whose processes live. */
export function readCounted(
  database: LedgerDatabase,
  atWork: ReadonlySet<string>,
  before: Counted | undefined,
): Counted {
  const kept = readKept(database);
  const cleanings = kept.get(CLEANINGS) ?? 0;
  const [attempt, tried] = [lastId(database, 'attempts'), lastId(database, 'tries')];
  const goesOn =
    before?.cleanings === cleanings && before.attempt <= attempt && before.tried <= tried
      ? before
      : {grown: kept, attempt: 0, tried: 0};
  const grown = new Map(goesOn.grown);
  addAll(grown, sumAttempts(database, `FROM attempts WHERE id > ${goesOn.attempt}`));
  addAll(grown, sumTries(database, `FROM tries WHERE id > ${goesOn.tried}`));
  const sums = new Map(grown);
  addAll(sums, sumRuns(database, 'FROM runs', atWork));
  return {grown, sums, attempt, tried, cleanings};
}

/** Adds up what is about to be deleted: `from` says which rows. Only within the transaction that deletes them. */
export function keepCounted(
  database: LedgerDatabase,
  kind: 'attempts' | 'tries' | 'runs',
  from: string,
): void {
  const sums = new Map([[CLEANINGS, 1]]);
  addAll(sums, SUMS[kind](database, from));
  const add = database.prepare(
    `INSERT INTO counted (name, value) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET value = counted.value + excluded.value`,
  );
  for (const [name, value] of sums) add.run(name, value);
}

const SUMS = {
  attempts: sumAttempts,
  tries: sumTries,
  // Of those at work none is deleted.
  runs: (database: LedgerDatabase, from: string) => sumRuns(database, from, new Set()),
} as const;

function readKept(database: LedgerDatabase): Sums {
  const rows = database.prepare('SELECT name, value FROM counted').all();
  return new Map(rows.map(({name, value}) => [String(name), Number(value)]));
}

function lastId(database: LedgerDatabase, table: 'attempts' | 'tries'): number {
  return Number(database.prepare(`SELECT coalesce(max(id), 0) AS last FROM ${table}`).get()?.['last']);
}

/** Durations are of what was tried: what was skipped or not needed took none. */
const TRIED = "outcome IN ('succeeded', 'unchanged', 'failed', 'quarantined')";

function sumAttempts(database: LedgerDatabase, from: string): Sums {
  const classes = ATTEMPT_BOUNDS.map(
    (bound, i) => `sum(CASE WHEN duration_ms <= ${bound * 1000} THEN 1 ELSE 0 END) AS below${i}`,
  );
  const rows = database
    .prepare(
      `SELECT (SELECT name FROM assets WHERE id = asset) AS name, outcome, count(*) AS count,
         sum(retries) AS retries, sum(coalesce(rows, 0)) AS rows,
         sum(CASE WHEN ${TRIED} THEN duration_ms ELSE 0 END) AS ms, sum(CASE WHEN ${TRIED} THEN 1 ELSE 0 END) AS tried,
         ${classes.join(', ')}
       ${from} GROUP BY asset, outcome`,
    )
    .all();
  const sums = new Map<string, number>();
  for (const row of rows) {
    const [asset, outcome] = [String(row['name']), String(row['outcome'])];
    put(sums, ['attempts', asset, outcome], row['count']);
    put(sums, ['retries', asset], row['retries']);
    if (outcome === 'succeeded') put(sums, ['rows', asset], row['rows']);
    if (Number(row['tried']) === 0) continue;
    put(sums, ['attempt-ms', asset], row['ms']);
    put(sums, ['attempt-count', asset], row['tried']);
    for (const [i, bound] of ATTEMPT_BOUNDS.entries())
      put(sums, ['attempt-below', asset, `${bound}`], row[`below${i}`]);
  }
  return sums;
}

function sumTries(database: LedgerDatabase, from: string): Sums {
  const rows = database
    .prepare(
      `SELECT (SELECT name FROM assets WHERE id = asset) AS name, source, outcome, count(*) AS count,
         sum(duration_ms) AS ms ${from} GROUP BY asset, source, outcome`,
    )
    .all();
  const sums = new Map<string, number>();
  for (const row of rows) {
    const [asset, source] = [String(row['name']), String(row['source'])];
    put(sums, ['tries', asset, source, String(row['outcome'])], row['count']);
    put(sums, ['try-ms', asset, source], row['ms']);
  }
  return sums;
}

/** One that has no end and is not at work is dead. */
function sumRuns(database: LedgerDatabase, from: string, atWork: ReadonlySet<string>): Sums {
  const rows = database.prepare(`SELECT id, kind, status, ended_at - started_at AS ms ${from}`).all();
  const sums = new Map<string, number>();
  for (const {id, kind, status, ms} of rows) {
    const isEnded = typeof status === 'string';
    if (!isEnded && atWork.has(String(id))) continue;
    put(sums, ['runs', String(kind), isEnded ? status : 'dead'], 1);
    if (!isEnded) continue;
    put(sums, ['run-ms', String(kind)], ms);
    put(sums, ['run-count', String(kind)], 1);
    for (const bound of RUN_BOUNDS)
      put(sums, ['run-below', String(kind), `${bound}`], Number(ms) <= bound * 1000 ? 1 : 0);
  }
  return sums;
}

function put(sums: Map<string, number>, name: readonly string[], value: unknown): void {
  const key = JSON.stringify(name);
  sums.set(key, (sums.get(key) ?? 0) + Number(value));
}

function addAll(sums: Map<string, number>, more: Sums): void {
  for (const [name, value] of more) sums.set(name, (sums.get(name) ?? 0) + value);
}
