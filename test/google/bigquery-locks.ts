/**
 * Who may change the rows of a table: statements one after another, transactions not beside anything that changes rows
 * (https://cloud.google.com/bigquery/docs/transactions#transaction_concurrency).
 * It does not deal with rows that are only added: those never conflict.
 */
import {BigqueryError} from './bigquery-error.ts';

export interface DmlLimits {
  readonly dmlRunning: number;
  readonly dmlQueued: number;
}

interface Line {
  holder: object | undefined;
  readonly waiting: (() => void)[];
}

export class Locks {
  readonly #lines = new Map<string, Line>();
  readonly #limits: DmlLimits;

  constructor(limits: DmlLimits) {
    this.#limits = limits;
  }

  /** For a statement or job of its own: waits for its turn. */
  async take(table: string, owner: object): Promise<void> {
    const line = this.#line(table);
    if (line.holder === owner) return;
    if (line.holder === undefined) {
      line.holder = owner;
      return;
    }
    const {dmlRunning, dmlQueued} = this.#limits;
    // https://cloud.google.com/bigquery/quotas#data-manipulation-language-statements
    if (line.waiting.length + 1 >= dmlRunning + dmlQueued)
      throw new BigqueryError(
        'resourcesExceeded',
        `Resources exceeded during query execution: Too many DML statements outstanding against table ${table}, limit is ${dmlQueued}.`,
      );
    await new Promise<void>(resolve => line.waiting.push(resolve));
    line.holder = owner;
  }

  /** For a transaction: it never waits, it is aborted. */
  takeAtOnce(table: string, owner: object): void {
    const line = this.#line(table);
    if (line.holder !== undefined && line.holder !== owner)
      throw new BigqueryError(
        'invalidQuery',
        `Transaction is aborted due to concurrent update against table ${table}.`,
      );
    line.holder = owner;
  }

  release(owner: object): void {
    for (const line of this.#lines.values()) {
      if (line.holder !== owner) continue;
      const next = line.waiting.shift();
      // The one that is woken takes the line when it runs: nobody may come between.
      line.holder = next === undefined ? undefined : next;
      next?.();
    }
  }

  #line(table: string): Line {
    const found = this.#lines.get(table);
    if (found !== undefined) return found;
    const line: Line = {holder: undefined, waiting: []};
    this.#lines.set(table, line);
    return line;
  }
}
