/**
 * Makes one partition of a `files` asset: its TypeScript fetches and puts objects into a new generation, whose
 * manifest object, written last, publishes it. Nothing that was fetched before is deleted.
 */

import {refreshEnd} from '../planner/due.ts';
import {type AssetFrame, keyAt} from '../planner/frame.ts';
import {hexAt} from '../planner/hash.ts';
import {PLAIN_TRUST} from '../planner/ledger.ts';
import {seasonOf} from '../planner/range.ts';
import type {SkipReason} from '../planner/reason.ts';
import {isOfNow} from '../planner/site-budget.ts';
import {CodeLost, type CodeTools} from './code-host.ts';
import {eventsOf} from './coverage-log.ts';
import {isFetchEdited} from './edited.ts';
import {failureOf} from './failure.ts';
import {
  begin,
  coverageOf,
  finishUntried,
  gamesHeld,
  gamesOf,
  inputsOf,
  type MadeResult,
  madeFrom,
  type Result,
} from './finish.ts';
import {intentIdOf, type JointWrites, type MakingObject} from './joint-writes.ts';
import type {Intent} from './ledger-intent.ts';
import {toolsFor} from './make-rows.ts';
import type {Batch, Job} from './schedule.ts';
import {SiteClosed} from './site-health.ts';
import type {Draft} from './store.ts';
import {errorText, isEveryones} from './timeout.ts';
import {writeUnchanged} from './unchanged-receipt.ts';
import {placeOf, type RetryListener, type Stage} from './workshop.ts';

/** Fetches every job of the batch, one after another, and records each as it ends. */
export async function makeFiles(stage: Stage, {asset, jobs}: Batch, writes: JointWrites): Promise<void> {
  for (const job of jobs) await makeOne(stage, {asset, job, writes});
}

async function makeOne(
  stage: Stage,
  {asset, job, writes}: {readonly asset: AssetFrame; readonly job: Job; readonly writes: JointWrites},
): Promise<void> {
  const begun = begin(stage);
  const batch: Batch = {asset, jobs: [job]};
  const made = {intent: undefined as string | undefined};
  let result: Result;
  try {
    const {draft, games} = await fetchOne(stage, asset, job);
    result = await commit(stage, {asset, job, draft, games, begun, made, writes});
  } catch (error) {
    if (isEveryones(error)) throw error;
    if (error instanceof SiteClosed) {
      const {site, because, resetsAt} = error;
      const reason: SkipReason =
        resetsAt === undefined ? {kind: 'site-closed', site, because} : {kind: 'over-budget', site, resetsAt};
      const reasons = [reason];
      finishUntried(stage, [{asset, ordinal: job.ordinal, outcome: 'skipped', reasons}]);
      return;
    }
    // What was put stays beside the store's generations, so that the answer that failed can be read.
    result = {
      outcome: stage.cancel.aborted ? 'cancelled' : 'failed',
      failure: failureOf(error),
      error: errorText(error),
    };
  }
  // One that failed may have been committed all the same: its intent stays open, and the next start looks.
  const intent = 'version' in result ? made.intent : undefined;
  await writes.finish({batch, results: new Map([[job.ordinal, result]]), begun, intent});
}

interface Fetched {
  readonly draft: Draft;
  /** That the objects hold, where the code says so. */
  readonly games: readonly string[] | undefined;
}

/** Once more in a worker of its own, and from the start, where another call took the worker down. */
async function fetchOne(stage: Stage, asset: AssetFrame, job: Job): Promise<Fetched> {
  try {
    return await fetchInto(stage, {asset, job, isAlone: false});
  } catch (error) {
    if (!(error instanceof CodeLost)) throw error;
    return await fetchInto(stage, {asset, job, isAlone: true});
  }
}

async function fetchInto(
  stage: Stage,
  {asset, job, isAlone}: {readonly asset: AssetFrame; readonly job: Job; readonly isAlone: boolean},
): Promise<Fetched> {
  const place = placeOf(asset.asset, job.key, seasonOf(asset, job.ordinal));
  const draft = await stage.store().draft(place);
  if (stage.carry !== undefined) {
    const refused = stage.carry.refusals(asset, [job.ordinal]).get(job.key);
    if (refused !== undefined) throw new Error(refused);
    await stage.carry.put(asset.asset.name, job.key, place, draft);
    const {absent} = stage.carry.factsOf(asset.asset.name, job.key);
    const lacking = new Set(absent);
    const games = absent && gamesOf(asset, job.ordinal).filter(game => !lacking.has(game));
    return {draft, games};
  }
  const tools = toolsFor(stage, asset, job, {
    ...siteOf(stage, asset, job),
    asOf: new Date(Math.min(stage.clock(), refreshEnd(asset, job.ordinal) ?? Infinity)).toISOString(),
    put: (name, bytes) => draft.put(name, bytes),
  });
  const returned = await stage.code.files(asset.asset, tools, {cancel: stage.cancel, isAlone});
  return {draft, games: gamesIn(returned)};
}

/** Code without types can return anything. */
function gamesIn(returned: unknown): readonly string[] | undefined {
  if (typeof returned !== 'object' || returned === null || !('games' in returned)) return undefined;
  const {games} = returned;
  if (Array.isArray(games) && games.every(game => typeof game === 'string')) return games;
  throw new Error("'files' must return nothing, or {games: [...]} with the ids of the games that it put.");
}

function siteOf(stage: Stage, found: AssetFrame, job: Job): Partial<Pick<CodeTools, 'site'>> {
  const {asset} = found;
  const {site} = asset;
  if (site === undefined) return {};
  const onRetry: RetryListener = retry =>
    stage.emit({kind: 'retrying', at: stage.clock(), asset: asset.name, key: job.key, ...retry});
  const spender = {asset: asset.name, isOfNow: isOfNow(found, job.ordinal)};
  return {site: signal => stage.client(site, {asset, signal, onRetry, spender})};
}

interface Committing extends MakingObject, Fetched {
  /** Filled with the intent once it is written. */
  readonly made: {intent: string | undefined};
}

async function commit(stage: Stage, committing: Committing): Promise<Result> {
  const {asset, job, draft, games, begun, made, writes} = committing;
  if (draft.objects.length === 0) {
    const error = `Nothing was put for ${job.key}; put each answer as it came, also one that holds nothing.`;
    return {outcome: 'failed', failure: 'empty', error};
  }
  const coverage = games === undefined ? undefined : coverageOf(asset, job.ordinal, new Set(games));
  const before = gamesHeld(asset, job.ordinal);
  if (coverage !== undefined && coverage.found < before) {
    const error = `The answer holds ${coverage.found} games where the published one holds ${before}; more is not replaced by less.`;
    return {outcome: 'quarantined', error};
  }
  const version = draft.version();
  const held = {version, rows: draft.objects.length, coverage, trust: PLAIN_TRUST, warnings: []};
  const isSame = asset.published[job.ordinal] === 1 && hexAt(asset.version, job.ordinal) === version;
  const path = placeOf(asset.asset, job.key, seasonOf(asset, job.ordinal));
  if (isSame && !(await isFetchEdited(stage.store(), {job, path, version}))) {
    await draft.discard();
    const unchanged = {outcome: 'unchanged' as const, ...held};
    made.intent = await writeUnchanged(stage, committing, unchanged);
    return unchanged;
  }
  const result = {outcome: 'succeeded' as const, ...held};
  const intent = intentOf(stage, committing, result);
  await writes.writeIntent(intent);
  made.intent = intent.id;
  const inputs = inputsOf(asset, job, begun);
  const receipt = {
    asset: asset.asset.name,
    key: keyAt(asset, job.ordinal),
    intent: made.intent,
    run: stage.run,
    ...madeFrom(inputs),
    parts: inputs.fingerprint.parts,
    expected: coverage?.expected ?? null,
    found: coverage?.found ?? null,
    absent: coverage?.absent ?? [],
    at: stage.clock(),
  };
  await draft.commit(receipt, write => writes.whileAlive(write));
  return result;
}

function intentOf(stage: Stage, making: MakingObject, result: MadeResult): Intent {
  const {asset, job, begun} = making;
  const place = placeOf(asset.asset, job.key, seasonOf(asset, job.ordinal));
  const inputs = [{key: job.key, reasons: job.reasons, ...inputsOf(asset, job, begun)}];
  return {
    id: intentIdOf(stage, making),
    run: stage.run,
    asset: asset.asset.name,
    keys: [job.key],
    kind: 'files',
    payload: {
      startedAt: begun.at,
      inputs,
      place,
      rows: result.rows,
      events: eventsOf(stage, {asset, job, result, tried: undefined}),
    },
  };
}
