/**
 * Judges staged rows partition by partition: what the audit found becomes a refusal, or leave to publish.
 * It does not deal with checks themselves (the warehouse evaluates them) nor with publishing (make-table.ts).
 */
import {acceptedGames} from '../planner/accepted.ts';
import type {AssetFrame} from '../planner/frame.ts';
import {isValid, keyAt, trustAt} from '../planner/frame.ts';
import {PLAIN_TRUST, type Trust} from '../planner/ledger.ts';
import type {Check} from '../planner/pipeline.ts';
import {ordinalsRead} from '../planner/window.ts';
import {type Coverage, coverageOf, gamesHeld, gamesOf, type Result} from './finish.ts';
import {foreignMessage} from './make-rows.ts';
import type {Job} from './schedule.ts';
import type {StagedBatch, Taken} from './stage-batch.ts';
import {
  type Audit,
  type AuditResult,
  type Staged,
  type Violation,
  type Warehouse,
  WarehouseError,
} from './warehouse.ts';
import type {Stage} from './workshop.ts';

export interface Judged {
  readonly job: Job;
  readonly audit: Audit;
  readonly coverage: Coverage | undefined;
  readonly trust: Trust;
  readonly refused: Extract<Result, {error: string}> | undefined;
}

/** Audits what was staged for those that have no result yet. Throws where there are rows that nobody asked for. */
export async function judgeStaged(
  stage: Stage,
  warehouse: Warehouse,
  {staged, batch, audited, taken}: StagedBatch,
): Promise<readonly Judged[]> {
  const {asset} = batch.asset;
  const {partitions, foreign} =
    audited ??
    (await auditOf(stage, warehouse, {staged, batch, checks: asset.checks, ...asOfCarried(stage, batch)}));
  refuseForeignRows(batch, foreign);
  const audits = new Map(partitions.map(audit => [audit.key, audit]));
  return batch.jobs.map(job => {
    const audit = audits.get(job.key);
    if (audit === undefined) throw new Error(`Internal error: no audit of ${asset.name}@${job.key}`);
    return judgeOne(batch.asset, job, audit, taken.get(job.ordinal));
  });
}

/** What is carried is judged as of when it was made. */
function asOfCarried(
  {carry}: Stage,
  {asset}: StagedBatch['batch'],
): {readonly asOf?: (ordinal: number) => number} {
  if (carry === undefined) return {};
  return {asOf: ordinal => carry.factsOf(asset.asset.name, keyAt(asset, ordinal)).times.madeAt};
}

/** `asOf` says when the rows of a partition were made; without it that is now. */
export function auditOf(
  stage: Pick<Stage, 'clock' | 'sources' | 'frame'>,
  warehouse: Warehouse,
  {
    staged,
    batch,
    checks,
    asOf,
  }: {
    staged: Staged;
    batch: {asset: AssetFrame; jobs: readonly Pick<Job, 'key' | 'ordinal'>[]};
    checks: readonly Check[];
    asOf?: (ordinal: number) => number;
  },
): Promise<AuditResult> {
  const now = stage.clock();
  return warehouse.audit({
    staged,
    checks: checks.map(check =>
      check.kind === 'sql' ? {...check, text: stage.sources.queries.get(check.query)?.text ?? ''} : check,
    ),
    covers: batch.asset.asset.covers,
    expected: batch.jobs.map(({key, ordinal}) => ({
      key,
      games: gamesOf(batch.asset, ordinal),
      accepted: [...acceptedGames(stage.frame, batch.asset, ordinal)],
      asOf: asOf?.(ordinal) ?? now,
    })),
  });
}

/** Rows of keys that nobody asked for are a mistake of the whole batch. */
export function refuseForeignRows(
  {asset, jobs}: {asset: AssetFrame; jobs: readonly Pick<Job, 'key'>[]},
  foreign: AuditResult['foreign'],
): void {
  if (foreign.length === 0) return;
  const keys = jobs.map(({key}) => key);
  throw new WarehouseError('query', foreignMessage(asset.asset.name, keys, foreign));
}

function judgeOne(asset: AssetFrame, job: Job, audit: Audit, taken: Taken | undefined): Judged {
  const isStandIn = taken?.standsIn === true;
  // A row of nulls speaks of a game, and holds nothing of it.
  const held = isStandIn ? [] : audit.covered;
  const coverage = held === undefined ? undefined : coverageOf(asset, job.ordinal, new Set(held));
  const warned = audit.violations.filter(({severity}) => severity === 'warn');
  const trust: Trust = {
    ...(taken?.trust ?? PLAIN_TRUST),
    warned: warned.map(({check, count, penalty}) => ({check, count, penalty})),
  };
  const refused =
    (isStandIn ? undefined : refusal(asset, job, audit)) ?? refuseLess(asset, job, {coverage, trust});
  return {job, audit, coverage, trust, refused};
}

/** By ordinal: why staged rows would not be published. */
export async function refusalsOf(
  stage: Stage,
  warehouse: Warehouse,
  staging: StagedBatch,
): Promise<ReadonlyMap<number, string>> {
  const judged = await judgeStaged(stage, warehouse, staging);
  return new Map(
    judged.flatMap(({job, refused}) =>
      refused === undefined ? [] : [[job.ordinal, refused.error] as const],
    ),
  );
}

/** Why the new rows of a partition may not be published; undefined where they may. */
function refusal({asset}: AssetFrame, job: Job, audit: Audit): Judged['refused'] {
  const {violations} = audit;
  if (audit.rows === 0 && asset.empty === 'error') {
    const error = `No rows for ${job.key}; if that can be right, declare 'empty: allowed'.`;
    return {outcome: 'failed', failure: 'empty', error};
  }
  const errors = errorsIn(violations);
  return errors === undefined ? undefined : {outcome: 'quarantined', error: errors, violations};
}

/** What failed checks of severity `error` say together; undefined where there is none. */
export function errorsIn(violations: readonly Violation[]): string | undefined {
  const errors = violations.filter(({severity}) => severity === 'error');
  if (errors.length === 0) return undefined;
  return errors
    .map(({check, message, examples}) => {
      const example = examples[0] === undefined ? '' : ` (such as ${examples[0]})`;
      return `${check}: ${message}${example}`;
    })
    .join('; ');
}

/** More is not replaced by less, nor rows of a better source by those of a lower one while the better one is there. */
function refuseLess(
  asset: AssetFrame,
  {ordinal}: Job,
  {coverage, trust}: {coverage: Coverage | undefined; trust: Trust},
): Judged['refused'] {
  const before = gamesHeld(asset, ordinal);
  if (coverage !== undefined && coverage.found < before) {
    const error = `The new rows hold ${coverage.found} games where the published ones hold ${before}; more is not replaced by less.`;
    return {outcome: 'quarantined', error};
  }
  if (asset.published[ordinal] === 0 || coverage === undefined || coverage.found > before) return undefined;
  const was = trustAt(asset, ordinal);
  if (trust.ceiling >= was.ceiling || !areThere(asset, ordinal, was)) return undefined;
  const names = (each: Trust) => each.sources.map(({name}) => `'${name}'`).join(' and ');
  const error = `The new rows are of ${names(trust)} (at most ${trust.ceiling}) where the published ones are of ${names(was)} (at most ${was.ceiling}); better data is not replaced by worse.`;
  return {outcome: 'quarantined', error};
}

/** Whether the sources that rows were taken from are still published. */
function areThere({asset, edges}: AssetFrame, ordinal: number, {sources}: Trust): boolean {
  const used = new Set(sources.map(({name}) => name));
  const ranks = new Set(asset.cascade?.sources.flatMap(({name}, rank) => (used.has(name) ? [rank] : [])));
  return edges.every(
    ({edge, upstream, reads}) =>
      edge.source === undefined ||
      !ranks.has(edge.source) ||
      ordinalsRead(reads, ordinal).every(i => isValid(upstream, i)),
  );
}
