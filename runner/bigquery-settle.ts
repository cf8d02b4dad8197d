/**
 * What became of a job whose process is gone. It does not deal with intents and receipts.
 */
import type {Asker} from './bigquery-asker.ts';
import {fenceBody, isDone, isFence, type Sender} from './bigquery-job.ts';
import {jobId} from './bigquery-job-id.ts';
import {outlook, refusalOfJob} from './bigquery-reason.ts';

export type Settled = 'done' | 'failed' | 'fenced';

/**
 * Looks at the attempts of a stem in turn. One that still runs is waited for, and stopped where it takes longer than
 * `patience` milliseconds. The id of the attempt that was never begun is taken: a process that wakes up late finds it
 * taken, and has lost.
 */
export async function settleJob(
  asker: Asker,
  {sender, stem, patience}: {readonly sender: Sender; readonly stem: string; readonly patience: number},
): Promise<Settled> {
  for (let attempt = 1; attempt <= asker.pace.attempts; attempt++) {
    const id = jobId(stem, attempt);
    const found = await asker.find(id);
    const taken =
      found === undefined
        ? await asker.insert(fenceBody(sender, id), {...asker.place, job: id})
        : {job: found, isTaken: true};
    if (!taken.isTaken || isFence(taken.job)) return attempt === 1 ? 'fenced' : 'failed';
    const job = isDone(taken.job)
      ? taken.job
      : await asker.untilDone(id, {isQuery: false, signal: AbortSignal.timeout(patience)});
    if (job === undefined) throw new Error(`Internal error: the job ${id} was there and is not.`);
    const failure = job.status?.errorResult;
    if (failure === undefined) return 'done';
    // Its process would not have tried again either.
    if (outlook(refusalOfJob(failure)) !== 'again') return 'failed';
  }
  return 'failed';
}
