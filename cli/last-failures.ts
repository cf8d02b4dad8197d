/**
 * What `--failed` means: the partitions of the last run that failed, were quarantined, or were skipped because of those.
 * It does not deal with whether they can be made now: that is the plan's.
 */

import {failuresAmong} from '../report/failures.ts';
import {findRun, type Project, readLastRun} from '../report/project-ledger.ts';
import {ledgerName} from '../runner/ledger-place.ts';
import type {RunRecord} from '../runner/ledger-run.ts';
import {printCounts} from './print-outcomes.ts';
import {Refusal} from './world.ts';

export interface LastFailures {
  readonly run: RunRecord;
  /** Keys by asset; empty where nothing failed. */
  readonly partitions: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Refused where no run has been: there is nothing that could have failed. */
export function readLastFailures(project: Project, now: () => number): LastFailures {
  const last = readLastRun(project, now);
  const run = last === undefined ? undefined : findRun(project, last.id, now);
  if (run === undefined) {
    throw new Refusal(
      `error: --failed speaks of the last run, and there is no run in ${ledgerName(project.pipeline.target.ledger)} yet; 'gameplan materialize' starts one.\n`,
    );
  }
  return {run, partitions: failuresAmong(run.attempts)};
}

/** One line, for where nothing failed. */
export function nothingFailed({run: {id, end}}: LastFailures): string {
  if (end === undefined)
    return `Nothing failed in the last run, ${id}, which has not ended: without --failed what it left is planned.\n`;
  const {skipped, cancelled} = end.counts;
  const rest = skipped + cancelled > 0 ? '; without --failed what it left is planned' : '';
  return `Nothing failed in the last run, ${id} (${printCounts(end.counts)})${rest}.\n`;
}
