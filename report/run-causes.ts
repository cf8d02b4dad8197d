/**
 * What did not succeed in a run, each cause once.
 * It does not deal with what is to be tried again (failures.ts).
 */
import {causeOf} from '../planner/alike.ts';
import type {Outcome} from '../planner/ledger.ts';
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

/** What others wrote, as it stands; empty where nothing is known. With `now`, times are told as seen from then. */
export function causeText({error, reasons}: AttemptRecord, now?: number): string {
  return error ?? reasons.map(reason => sentence(reason, now)).join('; ');
}
