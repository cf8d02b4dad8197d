/**
 * What a plan asks of an engine that is sent jobs, as people and programs read it.
 * It does not count (planner/jobs.ts).
 */

import {counted, number} from '../planner/amount.ts';
import type {JobCounts, Jobs, Shortfall} from '../planner/jobs.ts';
import {unreachable} from '../planner/unreachable.ts';
import type {AssetBytes} from '../runner/query-bytes.ts';
import {billedText, type Price, usdOf} from './billed-text.ts';
import {visible} from './text.ts';

export interface JobsView {
  readonly jobs: Jobs;
  /** What the warehouse says that queries would read; undefined where it was not asked. */
  readonly queries?: readonly AssetBytes[] | undefined;
  readonly price: Price;
}

/** Empty where there is no job. */
export function jobsSentences({jobs, queries, price}: JobsView): readonly string[] {
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
  return [
    `Jobs: ${parts.join(', ')}.${more}${unknown}`,
    ...(queries === undefined ? [] : queriesSentences(queries, price)),
    ...shortfalls.map(shortfallSentence),
  ];
}

/** Names and errors beyond these are for `--json`. */
const MOST_ERRORS = 3;

function queriesSentences(queries: readonly AssetBytes[], price: Price): readonly string[] {
  const failed = queries.filter(({error}) => error !== undefined);
  const known = queries.filter(({error}) => error === undefined);
  const sum = (of: (each: AssetBytes) => number): number => known.reduce((all, each) => all + of(each), 0);
  const count = sum(each => each.queries);
  const isSampled = sum(each => each.asked) < count;
  const bytes = billedText({bytesBilled: sum(each => each.bytes)}, price);
  const partial = known.filter(({isPartial}) => isPartial).length;
  const later =
    partial === 0
      ? ''
      : ` ${counted(partial, 'asset')} of them ${partial === 1 ? 'reads' : 'read'} what is yet to be made: that is not counted.`;
  return [
    `Queries: ${number(count)}, ${isSampled ? 'about' : 'at most'} ${bytes} for what they read, and more for judging and publishing their rows.${later}`,
    ...failed.slice(0, MOST_ERRORS).map(({asset, error}) => `Not known of ${asset}: ${visible(error ?? '')}`),
    ...(failed.length > MOST_ERRORS
      ? [`Nor of ${counted(failed.length - MOST_ERRORS, 'asset')} more; --json says why.`]
      : []),
  ];
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
export function jobsJson({jobs, queries, price}: JobsView): object {
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
    ...(queries === undefined ? {} : {queries}),
  };
}
