/**
 * What a plan asks of an engine that is sent jobs, as people and programs read it.
 * It does not count (planner/jobs.ts).
 */
import type {JobCounts, Jobs, Shortfall} from '../planner/jobs.ts';
import {unreachable} from '../planner/unreachable.ts';
import {billedText, type Price, usdOf} from './billed-text.ts';
import {counted, number} from './text.ts';

export interface JobsView {
  readonly jobs: Jobs;
  readonly price: Price;
}

/** Empty where there is no job. */
export function jobsSentences({jobs, price}: JobsView): readonly string[] {
  const {run, runIf, unbilled, shortfalls} = jobs;
  if (run.jobs + runIf.jobs === 0) return [];
  const loads = run.loads === 0 ? '' : ` (of them ${counted(run.loads, 'load')})`;
  const parts = [
    `${number(run.jobs)}${loads}`,
    counted(run.partitionWrites, 'partition write'),
    ...(run.bytes === 0 ? [] : [`about ${billedText({bytesBilled: run.bytes}, price)}`]),
  ];
  const more = runIf.jobs === 0 ? '' : ` If inputs change, up to ${moreText(runIf, price)} more.`;
  const unknown =
    unbilled === 0
      ? ''
      : ` Not counted in bytes: ${counted(unbilled, 'partition')} of assets that were never billed.`;
  return [`Jobs: ${parts.join(', ')}.${more}${unknown}`, ...shortfalls.map(shortfallSentence)];
}

function moreText({jobs, partitionWrites, bytes}: JobCounts, price: Price): string {
  const billed = bytes === 0 ? '' : ` and ${billedText({bytesBilled: bytes}, price)}`;
  return `${counted(jobs, 'job')}, ${counted(partitionWrites, 'partition write')}${billed}`;
}

function shortfallSentence(shortfall: Shortfall): string {
  const {asset} = shortfall;
  switch (shortfall.kind) {
    case 'loads-a-day':
      return `More than a day's quota: ${counted(shortfall.loads, 'load job')}, and a project has ${number(shortfall.allowed)} a day, so this takes ${shortfall.days} days. With 'batch: ${shortfall.batch}', on ${asset} first, one is enough.`;
    case 'partitions-of-table':
      return `Too many partitions: ${asset} would have ${number(shortfall.partitions)}, and a table has ${number(shortfall.allowed)} at most. Declare 'bigquery: {grain: month}' for it.`;
    case 'one-by-one':
      return `Many small jobs: ${asset} is published ${number(shortfall.batches)} times, one after another. Without its 'batch', ${number(shortfall.batch)} at once, it would be ${number(shortfall.fewer)}.`;
    default:
      return unreachable(shortfall);
  }
}

/** Additive changes only. `bytes` and `usd` are what is known. */
export function jobsJson({jobs, price}: JobsView): object {
  const countsJson = ({bytes, ...counts}: JobCounts): object => ({
    ...counts,
    bytes,
    ...(price === undefined ? {} : {usd: usdOf(bytes, price)}),
  });
  return {
    ...countsJson(jobs.run),
    ifInputsChange: countsJson(jobs.runIf),
    unbilled: jobs.unbilled,
    assets: jobs.assets.map(({asset, run, runIf}) => ({
      asset,
      ...countsJson(run),
      ifInputsChange: countsJson(runIf),
    })),
    shortfalls: jobs.shortfalls,
  };
}
