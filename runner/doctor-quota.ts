/**
 * What of a day's quotas the last 24 hours have used, as far as the list of our own jobs tells.
 * It does not deal with jobs of other accounts.
 */
import {number} from '../planner/amount.ts';
import type {Asker} from './bigquery-asker.ts';
import type {JobResource, TableReference} from './bigquery-rest.ts';
import {type Finding, finding} from './finding.ts';

const DAY = 24 * 60 * 60 * 1000;
const PAGE = 1000;
/** So many pages are read; a day with more jobs is told as it is. */
const PAGES = 20;
/**
 * Of one table in a day. gameplan itself loads into new tables and changes rows by statements, which these do not count;
 * what else uses its account may not. https://cloud.google.com/bigquery/quotas
 */
const LOADS = 1500;
const PARTITION_WRITES = 30_000;
/** The share of a quota from which on it is worth a word. */
const NEARLY = 0.8;

interface JobList {
  readonly jobs?: readonly JobResource[];
  readonly nextPageToken?: string;
}

export async function examineQuotas(asker: Asker, now: () => number): Promise<Finding> {
  return await finding('quota', '', async () => {
    const {loads, writes, jobs, isAll} = await countJobs(asker, now() - DAY);
    const load = largest(loads);
    const write = largest(writes);
    const says = `in 24 hours ${isAll ? '' : 'at least '}${number(jobs)} jobs of ours; of one table at most ${number(load.count)} of ${number(LOADS)} loads and ${number(write.count)} of ${number(PARTITION_WRITES)} partition writes`;
    const isNear = load.count > NEARLY * LOADS || write.count > NEARLY * PARTITION_WRITES;
    if (!isNear) return {verdict: 'ok', says};
    const table = load.count / LOADS > write.count / PARTITION_WRITES ? load : write;
    return {
      verdict: 'warn',
      says,
      mend: `'${table.name}' has little left: gather more partitions in one job (a longer batch), or wait; quotas refill within 24 hours.`,
    };
  });
}

async function countJobs(asker: Asker, since: number) {
  const loads = new Map<string, number>();
  const writes = new Map<string, number>();
  let jobs = 0;
  let pageToken: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const query = {minCreationTime: since, projection: 'full', maxResults: PAGE, pageToken};
    const list = await asker.ask<JobList>({path: '/jobs', query});
    for (const {configuration} of list.jobs ?? []) {
      jobs++;
      const {load, copy, query: select} = configuration ?? {};
      if (load?.destinationTable !== undefined) count(loads, nameOf(load.destinationTable));
      const written = (load ?? copy ?? select)?.destinationTable;
      if (written?.tableId.includes('$') === true) count(writes, nameOf(written));
    }
    pageToken = list.nextPageToken;
    if (pageToken === undefined) break;
  }
  return {loads, writes, jobs, isAll: pageToken === undefined};
}

function nameOf({datasetId, tableId}: TableReference): string {
  return `${datasetId}.${tableId.replace(/\$.*/, '')}`;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function largest(counts: ReadonlyMap<string, number>): {readonly name: string; readonly count: number} {
  const [name, most] = [...counts].reduce((best, each) => (each[1] > best[1] ? each : best), ['', 0]);
  return {name, count: most};
}
