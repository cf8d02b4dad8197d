/**
 * What a plan takes of the days of its sites, as people read it and as data.
 * It does not work it out (planner/over-budget.ts).
 */
import {counted, durationText, number} from '../planner/amount.ts';
import type {SiteUse} from '../planner/over-budget.ts';

export function budgetSentence(use: SiteUse, now: number): string {
  const {site, unit, amount, left, resetsAt, takes, unknown, beyond} = use;
  const most = unknown === 0 ? `about ${number(takes)}` : `at least ${number(takes)}`;
  const taken = `Of the day's ${number(amount)} ${unit} of '${site}' ${number(left)} are left, and this takes ${most}`;
  const rest =
    beyond === 0 ? '' : `; ${counted(beyond, 'partition')} ${beyond === 1 ? 'does' : 'do'} not fit in`;
  return `${taken}${rest}. It begins anew in ${durationText(resetsAt - now)}.`;
}

export function budgetJson({resetsAt, ...use}: SiteUse): object {
  return {...use, resetsAt: new Date(resetsAt).toISOString()};
}
