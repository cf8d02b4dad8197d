/**
 * How many jobs are at work, and how often and how many at once statements change tables, below what BigQuery allows:
 * https://cloud.google.com/bigquery/quotas. It does not deal with what other processes do at the same time.
 */
import PQueue from 'p-queue';
import {tableText} from './bigquery-name.ts';
import type {TableReference} from './bigquery-rest.ts';

const WINDOW = 10_000;

/**
 * Statements on one table in 10 seconds, INSERT and others: 25 are allowed, and others may write too.
 * https://cloud.google.com/bigquery/quotas#data-manipulation-language-statements
 */
export const STATEMENTS = 20;

/** What a job's statements do to a table that is there; a table that a job makes has no limit of its own. */
export interface TableWrite {
  /** `dataset.table` or with its project. */
  readonly table: string;
  readonly statements: number;
  /** Whether one of them takes or changes rows: two of those at once meet each other, and one is rolled back. */
  readonly isChange: boolean;
}

/** Of one INSERT. */
export function insertion(table: TableReference): TableWrite {
  return {table: tableText(table), statements: 1, isChange: false};
}

/** Waits, or rejects with the signal's reason. */
type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

interface LimitsOptions {
  /** Jobs at once. */
  readonly concurrency: number;
  /** Statements on one table in 10 seconds; undefined: as many as come. */
  readonly statements: number | undefined;
  readonly now: () => number;
  readonly sleep: Sleep;
}

interface TableLimits {
  /** One that changes rows at a time. */
  readonly changes: PQueue;
  /** One at a time looks whether it may begin. */
  readonly turn: PQueue;
  /** When the last statements began, oldest first. */
  readonly begun: number[];
}

export class Limits {
  readonly #options: LimitsOptions;
  readonly #jobs: PQueue;
  readonly #tables = new Map<string, TableLimits>();

  constructor(options: LimitsOptions) {
    this.#options = options;
    this.#jobs = new PQueue({concurrency: options.concurrency});
  }

  /** Does `work` when all the tables that it writes, and the number of jobs, leave room. */
  async within<T>(writes: readonly TableWrite[], signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    // In one order, so that two jobs that change the same tables cannot wait for each other.
    const changed = new Set(writes.flatMap(({table, isChange}) => (isChange ? [table] : [])));
    return await this.#changing([...changed].toSorted(), signal, () =>
      inTurn(this.#jobs, signal, async () => {
        // At last, so that it begins when it was counted.
        for (const write of writes) await this.#begin(write, signal);
        return await work();
      }),
    );
  }

  async #changing<T>(
    [first, ...rest]: readonly string[],
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    if (first === undefined) return await work();
    return await inTurn(this.#table(first).changes, signal, () => this.#changing(rest, signal, work));
  }

  #table(name: string): TableLimits {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const created = {
      changes: new PQueue({concurrency: 1}),
      turn: new PQueue({concurrency: 1}),
      begun: [],
    };
    this.#tables.set(name, created);
    return created;
  }

  /** Waits until the table's last 10 seconds have room for these statements, and counts them. */
  async #begin({table: name, statements}: TableWrite, signal: AbortSignal): Promise<void> {
    const {statements: most, now, sleep} = this.#options;
    if (most === undefined) return;
    const {turn, begun} = this.#table(name);
    await inTurn(turn, signal, async () => {
      for (;;) {
        const inTheWay = begun.at(statements - most - 1);
        const wait = inTheWay === undefined ? 0 : inTheWay + WINDOW - now();
        if (wait <= 0) break;
        await sleep(wait, signal);
      }
      begun.push(...Array.from({length: statements}, now));
      begun.splice(0, begun.length - most);
    });
  }
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
