/**
 * What did not succeed in a run, each cause once.
 * It does not deal with what is to be tried again (failures.ts).
 */
import {causeOf} from '../planner/alike.ts';
import {counted} from '../planner/amount.ts';
import type {Outcome} from '../planner/ledger.ts';
import type {Reason} from '../planner/reason.ts';
import {sentence} from '../planner/sentence.ts';
import type {AttemptRecord} from '../runner/ledger-run.ts';
import {groupBy} from './group.ts';

/** Attempts that came out alike. */
export interface RunCause {
  readonly first: AttemptRecord;
  readonly attempts: readonly AttemptRecord[];
}

const IS_TOLD: ReadonlySet<Outcome> = new Set(['failed', 'quarantined', 'skipped', 'cancelled']);

/** By outcome and cause, and by what `apart` says. In the order of the first of each. */
export function causesOf(
  attempts: readonly AttemptRecord[],
  apart: (attempt: AttemptRecord) => string = () => '',
): readonly RunCause[] {
  const told = attempts.filter(({outcome}) => IS_TOLD.has(outcome));
  const alike = groupBy(told, each => `${apart(each)} ${each.outcome} ${causeOf(causeText(each))}`);
  return [...alike.values()].flatMap(own => {
    const [first] = own;
    return first === undefined ? [] : [{first, attempts: own}];
  });
}

/** Each asset by itself; only what none of them is the cause of is one for all. */
export function causesByAsset(attempts: readonly AttemptRecord[]): readonly RunCause[] {
  return causesOf(attempts, ({asset, reasons}) => (reasons.some(isAboutAll) ? '' : asset));
}

/** Whether it says something of the whole run: a season after one that did not come out well was not begun. */
export function isAboutAll({kind}: Reason): boolean {
  return kind === 'season-stopped';
}

export function unbegunText(partitions: number, assets: number): string {
  return `${counted(partitions, 'partition')} of ${counted(assets, 'asset')}`;
}

/** What others wrote, as it stands; empty where nothing is known. With `now`, times are told as seen from then. */
export function causeText({error, reasons}: AttemptRecord, now?: number): string {
  return error ?? reasons.map(reason => sentence(reason, now)).join('; ');
}
