/**
 * What a site may be asked within a day, what of that is left, and whose requests may use the share that is kept.
 * It does not deal with counting requests (runner/ledger-spending.ts), nor with which fetches fit (over-budget.ts).
 */
import {dateOf, instantOf, wallClock} from './day.ts';
import type {AssetFrame} from './frame.ts';
import type {SiteSpending} from './ledger.ts';
import type {DayBudget, Site} from './pipeline.ts';

/** One day of a budget, which begins at its own hour. */
export interface BudgetDay {
  /** An ISO date: the day on which it began. */
  readonly name: string;
  /** When the next one begins; milliseconds since 1970. */
  readonly until: number;
}

export function budgetDay({resetsAt, timezone}: DayBudget, now: number): BudgetDay {
  const {day} = wallClock(now, timezone);
  // By instants: where the clock is put back, an hour comes twice, and the day still begins once.
  const began = now < instantOf(day, resetsAt, timezone) ? day - 1 : day;
  return {name: dateOf(began), until: instantOf(began + 1, resetsAt, timezone)};
}

/** Up to where requests may go: those of what is not of now leave a share of the day's budget. */
export function limitOf({amount, kept}: DayBudget, isOfNow: boolean): number {
  return isOfNow ? amount : Math.floor(amount * (1 - kept));
}

/** Whether a partition is of yesterday, today or later, or of what goes on: it is worth more than what is long over. */
export function isOfNow({asset, calendar}: Pick<AssetFrame, 'asset' | 'calendar'>, ordinal: number): boolean {
  if (calendar === undefined || asset.partitioning.kind === 'all') return true;
  const days = asset.partitioning.kind === 'date' ? calendar.days : calendar.seasonLastDay;
  return (days[ordinal] ?? 0) >= calendar.today - 1;
}

/** What was spent of a site's day so far. */
export function spentOf(spending: SiteSpending, site: Site, now: number): number {
  if (site.perDay === undefined) return 0;
  const {name} = budgetDay(site.perDay, now);
  const own = spending.filter(each => each.site === site.name && each.day === name);
  return own.reduce((sum, {spent}) => sum + spent, 0);
}

/** What one fetch of an asset has cost of late; undefined where nobody knows yet. */
export function costOf(spending: SiteSpending, site: string, asset: string): number | undefined {
  const own = spending.filter(each => each.site === site && each.asset === asset);
  const fetches = own.reduce((sum, each) => sum + each.fetches, 0);
  return fetches === 0 ? undefined : own.reduce((sum, {spent}) => sum + spent, 0) / fetches;
}
