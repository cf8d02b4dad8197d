/**
 * Runs as lines: what they came to, or how far they are.
 * It does not deal with their attempts (routes-run.ts).
 */

import {findRun, readAtWork, readRuns} from '../report/project-ledger.ts';
import {countOutcomes} from '../runner/event.ts';
import type {AttemptRecord, RunRecord} from '../runner/ledger-run.ts';
import type {View} from './reader.ts';
import type {RunLineBody} from './schema/run.ts';
import type {Served} from './serving.ts';

/** The newest first. */
export function linesOf(
  {clock}: Served,
  {project}: View,
  {offset, limit}: {readonly offset: number; readonly limit: number},
): RunLineBody[] {
  const atWork = readAtWork(project, clock);
  return readRuns(project, limit, clock, offset).map(run => {
    const attempts = run.end === undefined ? (findRun(project, run.id, clock)?.attempts ?? []) : [];
    return lineOf(run, {isAtWork: atWork.has(run.id), attempts});
  });
}

/** `attempts` count where the run has not ended. */
export function lineOf(
  run: RunRecord,
  {isAtWork, attempts}: {readonly isAtWork: boolean; readonly attempts: readonly AttemptRecord[]},
): RunLineBody {
  const {id, kind = 'run', command, startedAt, end, by, why, requested} = run;
  const soFar = countOutcomes(attempts.map(({outcome}) => outcome));
  return {
    id,
    kind,
    command,
    startedAt,
    endedAt: end?.endedAt ?? null,
    status: end?.status ?? (isAtWork ? 'running' : 'dead'),
    counts: {...(end?.counts ?? {...soFar, requested: Math.max(soFar.requested, requested ?? 0)})},
    by: by ?? null,
    why: why ?? null,
  };
}
