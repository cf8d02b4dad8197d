/**
 * How often and how many at once tables may be written and jobs be at work, below what BigQuery allows:
 * https://cloud.google.com/bigquery/quotas. It does not deal with what other processes do at the same time.
 */
import PQueue from 'p-queue';
import {WarehouseError} from './warehouse.ts';

const DAY = 24 * 60 * 60 * 1000;
const WINDOW = 10_000;

/** What is allowed, and what we take of it where others may write too. */
export const LIMITS = {
  /** Of 50 modifications in 10 seconds of a partitioned table. */
  partitionedWrites: 40,
  /** Of 5 changes in 10 seconds of any other table. */
  plainWrites: 4,
  loadsADay: 1500,
  partitionWritesADay: 30_000,
  /** Statements that change a table: two run at once, and meet each other. */
  changes: 1,
} as const;

/** A table that a job writes. */
export interface TableWrite {
  /** `dataset.table` or with its project. */
  readonly table: string;
  /** `change`: a statement with DELETE, UPDATE or MERGE; it counts for no rate and no day. */
  readonly kind: 'change' | 'load' | 'copy' | 'query';
  /** How many of the table's partitions it writes; undefined where the table has none. */
  readonly partitions: number | undefined;
}

/** Waits, or rejects with the signal's reason. */
type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

export class Limits {
  readonly #jobs: PQueue;
  readonly #now: () => number;
  readonly #sleep: Sleep;
  readonly #tables = new Map<string, TableLimits>();

  constructor({concurrency, now, sleep}: {concurrency: number; now: () => number; sleep: Sleep}) {
    this.#jobs = new PQueue({concurrency});
    this.#now = now;
    this.#sleep = sleep;
  }

  /**
   * Does `work` when all the tables that it writes, and the number of jobs, leave room; throws a `WarehouseError` of the
   * kind `quota` where a day's writes are used up.
   */
  async within<T>(writes: readonly TableWrite[], signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    // In one order, so that two jobs that change the same tables cannot wait for each other.
    const sorted = writes.toSorted((a, b) => (a.table < b.table ? -1 : a.table > b.table ? 1 : 0));
    const [first, ...rest] = sorted;
    if (first === undefined) return await inTurn(this.#jobs, signal, work);
    const table = this.#table(first.table);
    const then = (): Promise<T> => this.within(rest, signal, work);
    if (first.kind === 'change') return await inTurn(table.changes, signal, then);
    await this.#begin(table, first, signal);
    return await then();
  }

  #table(name: string): TableLimits {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const created = {
      changes: new PQueue({concurrency: LIMITS.changes}),
      turn: new PQueue({concurrency: 1}),
      begun: [],
      day: [],
    };
    this.#tables.set(name, created);
    return created;
  }

  /** Waits for the table's turn, and counts the write. */
  async #begin(table: TableLimits, write: TableWrite, signal: AbortSignal): Promise<void> {
    const most = write.partitions === undefined ? LIMITS.plainWrites : LIMITS.partitionedWrites;
    await inTurn(table.turn, signal, async () => {
      this.#refuseBeyondDay(table, write);
      for (;;) {
        const oldest = table.begun.at(-most);
        const wait = oldest === undefined ? 0 : oldest + WINDOW - this.#now();
        if (wait <= 0) break;
        await this.#sleep(wait, signal);
      }
      const at = this.#now();
      table.begun.push(at);
      if (table.begun.length > LIMITS.partitionedWrites) table.begun.shift();
      table.day.push({at, loads: write.kind === 'load' ? 1 : 0, partitions: write.partitions ?? 1});
    });
  }

  #refuseBeyondDay(table: TableLimits, {table: name, kind, partitions}: TableWrite): void {
    const since = this.#now() - DAY;
    const kept = table.day.findIndex(({at}) => at > since);
    table.day.splice(0, kept < 0 ? table.day.length : kept);
    const loads = table.day.reduce((sum, each) => sum + each.loads, kind === 'load' ? 1 : 0);
    if (loads > LIMITS.loadsADay) {
      throw spent(
        `${LIMITS.loadsADay} load jobs of the table '${name}'`,
        'Gather more partitions in one load (a longer batch of the asset)',
      );
    }
    const written = table.day.reduce((sum, each) => sum + each.partitions, partitions ?? 1);
    if (partitions !== undefined && written > LIMITS.partitionWritesADay) {
      throw spent(
        `${LIMITS.partitionWritesADay.toLocaleString('en-US')} partition writes of the table '${name}'`,
        "Choose a coarser grain ('bigquery: {grain: month}')",
      );
    }
  }
}

interface TableLimits {
  readonly changes: PQueue;
  /** One at a time looks whether it may begin. */
  readonly turn: PQueue;
  /** When the last writes began, oldest first. */
  readonly begun: number[];
  readonly day: {readonly at: number; readonly loads: number; readonly partitions: number}[];
}

/** Leaves the queue when the signal aborts; work that has begun is its own affair, and is waited for. */
async function inTurn<T>(queue: PQueue, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const leave = (): void => waiting.abort(signal.reason);
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, {once: true});
  const begin = (): Promise<T> => {
    signal.removeEventListener('abort', leave);
    return work();
  };
  return await queue.add(begin, {signal: waiting.signal});
}

function spent(what: string, mend: string): WarehouseError {
  return new WarehouseError(
    'quota',
    `BigQuery allows ${what} a day, and this process has used them up: nothing was sent. ${mend}, or go on in 24 hours.`,
  );
}
