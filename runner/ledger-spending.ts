/**
 * What sites were asked on each of their days, by asset, as the ledger keeps it for all processes and machines.
 * It does not decide what may be asked (planner/site-budget.ts).
 */

import {dateOf, dayOf} from '../planner/day.ts';
import type {SiteSpending} from '../planner/ledger.ts';
import type {LedgerDatabase} from './ledger-database.ts';

/** A request that is about to be sent. */
export interface Spending {
  readonly site: string;
  /** Of the site's budget: an ISO date. */
  readonly day: string;
  readonly asset: string;
  readonly cost: number;
  /** Whether it is the first one of a fetch. */
  readonly isFirst: boolean;
}

/** So many days say what a fetch costs; older ones are of no use. */
const DAYS_KEPT = 30;

/** Only within a transaction that writes. */
export class SpendingTable {
  readonly #database: LedgerDatabase;

  constructor(database: LedgerDatabase) {
    this.#database = database;
  }

  /** Counts a request where the day's sum stays within `limit`; false where it would not, and nothing is counted. */
  take(spending: Spending, limit: number): boolean {
    const {site, day, cost} = spending;
    const row = this.#database
      .prepare('SELECT coalesce(sum(spent), 0) AS spent FROM site_days WHERE site = ? AND day = ?')
      .get(site, day);
    const spent = Number(row?.['spent']);
    if (spent + cost > limit) return false;
    if (spent === 0) this.#forget(site, day);
    this.add(spending);
    return true;
  }

  /** Also what an answer says that its request cost beyond what was counted; less than nothing is taken back. */
  add({site, day, asset, cost, isFirst}: Spending): void {
    this.#database
      .prepare(
        `INSERT INTO site_days (site, day, asset, spent, fetches) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (site, day, asset) DO UPDATE
         SET spent = site_days.spent + excluded.spent, fetches = site_days.fetches + excluded.fetches`,
      )
      .run(site, day, asset, cost, isFirst ? 1 : 0);
  }

  /** What is long past. */
  #forget(site: string, day: string): void {
    this.#database
      .prepare('DELETE FROM site_days WHERE site = ? AND day < ?')
      .run(site, dateOf(dayOf(day) - DAYS_KEPT));
  }
}

export function readSpending(database: LedgerDatabase): SiteSpending {
  return database
    .prepare('SELECT site, day, asset, spent, fetches FROM site_days')
    .all()
    .map(row => ({
      site: String(row['site']),
      day: String(row['day']),
      asset: String(row['asset']),
      spent: Number(row['spent']),
      fetches: Number(row['fetches']),
    }));
}
