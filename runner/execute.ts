/**
 * Runs a plan: settles what a killed run left, settles the calendars, plans again, and makes what is planned in
 * dependency order. It decides nothing that the plan did not say; the order within it is the schedule's.
 */
import {calendarDefinition} from '../planner/calendar.ts';
import {type AssetFrame, frameOf, isValid} from '../planner/frame.ts';
import type {Outcome} from '../planner/ledger.ts';
import {makePlan} from '../planner/make-plan.ts';
import type {AssetName} from '../planner/pipeline.ts';
import type {Plan, PlannedPartition, PlanRequest} from '../planner/plan.ts';
import {PROGRESS} from '../planner/satisfy.ts';
import {unreachable} from '../planner/unreachable.ts';
import {calendarColumns, calendarsOf, gamesFrom, wholeOf} from './calendar-copy.ts';
import {dropOrphans} from './drop.ts';
import {countOutcomes, type Event, type OutcomeCounts} from './event.ts';
import {finishUntried} from './finish.ts';
import {type FixedPlan, PlanRefused, planFixed} from './fixed-plan.ts';
import type {RunStart} from './ledger-run.ts';
import {makeExports} from './make-export.ts';
import {makeFiles} from './make-files.ts';
import {makeTable} from './make-table.ts';
import {refuseOtherWarehouse} from './same-warehouse.ts';
import {type Batch, isOnDemand, type Job, Schedule, type Untried} from './schedule.ts';
import {settleIntents} from './settle.ts';
import {WarehouseError} from './warehouse.ts';
import {assetOf, type Stage, tableOf, type Workshop} from './workshop.ts';

export interface RunRequest {
  /** What to make: planned anew, or as it was written down. */
  readonly plan: PlanRequest | FixedPlan;
  /** Milliseconds since 1970, for all planning of this run. */
  readonly now: number;
  /** As the user typed it, for the record. */
  readonly command: string;
  /** How many partitions of `files` assets, and how many batches of tables, are at work at once. */
  readonly concurrency: {readonly fetches: number; readonly batches: number};
  readonly failFast: boolean;
  /** Who asked for what the plan alone would not do, and why, for the record. */
  readonly by?: string | undefined;
  readonly why?: string | undefined;
}

export interface RunResult {
  readonly run: string;
  readonly counts: OutcomeCounts;
  readonly isInterrupted: boolean;
}

/**
 * Plans and runs. Throws a `LedgerError`, `WarehouseError` or `StoreError` for what is no partition's fault (a locked
 * file, a full disk): nothing more is started, and what was not made is recorded as cancelled.
 */
export async function materialize(workshop: Workshop, request: RunRequest): Promise<RunResult> {
  const startedAt = workshop.clock();
  const {pipeline, ledger, emit} = workshop;
  const run = new Run(workshop, request);
  let planned = run.plan();
  const nothing: RunResult = {run: workshop.run, counts: countOutcomes([]), isInterrupted: false};
  if (hasNothing(planned.plan) && ledger.openIntents().length === 0) return nothing;
  const start: RunStart = {
    id: workshop.run,
    pipeline: pipeline.name,
    target: pipeline.target.name,
    command: request.command,
    plan: 'kind' in request.plan ? request.plan.file.id : undefined,
    startedAt,
    by: request.by,
    why: request.why,
  };
  if (!workshop.stop.aborted) {
    try {
      // Held until the end. Two runs at once would fetch everything twice, and the ledger would hear of the one's
      // rows after the other's had replaced them.
      const warehouse = await workshop.warehouse();
      const settled = await settleIntents(ledger, workshop);
      if (settled > 0 || ledger.sequence() !== planned.plan.ledger) planned = run.plan();
      if (hasNothing(planned.plan)) return nothing;
      await refuseOtherWarehouse(workshop, warehouse, planned.frame);
    } catch (error) {
      // Another run's work is no failure of this target, and a plan that does not hold is no run.
      const isNoRun =
        error instanceof PlanRefused || (error instanceof WarehouseError && error.kind === 'locked');
      if (!isNoRun) {
        ledger.startRun(start);
        ledger.endRun(start.id, {endedAt: workshop.clock(), status: 'failed', counts: countOutcomes([])});
      }
      throw error;
    }
  }
  ledger.startRun(start);
  const total = requested(planned.plan).length;
  emit({
    kind: 'run-started',
    at: startedAt,
    run: workshop.run,
    pipeline: pipeline.name,
    target: pipeline.target.name,
    requested: total,
  });
  try {
    if (!planned.plan.settled) {
      const {settling} = planned.frame;
      await run.follow(planned, ({asset, state}) => settling.has(asset) && state !== 'orphan');
      await copyChangedCalendars(workshop, planned.frame.assets);
      planned = run.plan();
      const count = run.endedCount + run.open(planned.plan).length;
      if (count !== total) emit({kind: 'replanned', at: workshop.clock(), requested: count});
    }
    await run.follow(planned, () => true);
  } catch (error) {
    // Where the ledger itself is at fault, this throws the same again.
    run.end(startedAt, 'failed');
    throw error;
  }
  return run.end(startedAt);
}

function refOf({asset, key}: PlannedPartition): string {
  return `${asset}@${key}`;
}

function hasNothing(plan: Plan): boolean {
  return requested(plan).length === 0 && plan.settled;
}

/** What a plan asks of a run: all that has an action. */
function requested({partitions}: Plan): readonly PlannedPartition[] {
  return partitions.filter(({action}) => action !== undefined);
}

/** The outcomes of one run, over its stages. */
class Run {
  readonly #workshop: Workshop;
  readonly #request: RunRequest;
  readonly #outcomes = new Map<string, Outcome>();
  readonly #failed = new AbortController();
  #orphans: ReadonlySet<string> | undefined;

  constructor(workshop: Workshop, request: RunRequest) {
    this.#request = request;
    const emit = (event: Event): void => {
      if (event.kind === 'partition-ended') {
        this.#outcomes.set(`${event.asset}@${event.key}`, event.outcome);
        const isBad = event.outcome === 'failed' || event.outcome === 'quarantined';
        if (isBad && request.failFast) this.#failed.abort();
      }
      workshop.emit(event);
    };
    this.#workshop = {...workshop, emit, stop: AbortSignal.any([workshop.stop, this.#failed.signal])};
  }

  get endedCount(): number {
    return this.#outcomes.size;
  }

  plan(): ReturnType<typeof makePlan> {
    const {pipeline, sources, ledger} = this.#workshop;
    const {plan, now} = this.#request;
    const input = {pipeline, sources, ledger: ledger.snapshot(), now};
    return 'kind' in plan
      ? planFixed(plan, input, ledger.doneOfPlan(plan.file.id))
      : makePlan({...input, request: plan});
  }

  /**
   * What a plan asks for that has not ended in this run: nothing runs twice. Of orphans only those that were listed
   * before anything ran: nobody has seen the others yet.
   */
  open(plan: Plan): readonly PlannedPartition[] {
    this.#orphans ??= new Set(plan.partitions.filter(({state}) => state === 'orphan').map(refOf));
    return requested(plan).filter(
      partition =>
        !this.#outcomes.has(refOf(partition)) &&
        (partition.state !== 'orphan' || this.#orphans?.has(refOf(partition)) === true),
    );
  }

  /** Makes what is planned, of the partitions that `isMeant`. */
  async follow(
    planned: ReturnType<typeof makePlan>,
    isMeant: (partition: PlannedPartition) => boolean,
  ): Promise<void> {
    const {plan, frame} = planned;
    const meant = this.open(plan).filter(isMeant);
    const orphans = meant.filter(({state}) => state === 'orphan');
    const open = meant.filter(({state}) => state !== 'orphan');
    const progress = this.#progressOf(planned, open);
    const asked = this.#request.plan;
    const {ignoreGate} = 'kind' in asked ? asked.file.question : asked;
    const schedule = new Schedule(frame, open, progress, ignoreGate ? undefined : frame.quality);
    const stage: Stage = {
      ...this.#workshop,
      frame,
      sequence: plan.ledger,
      demand: schedule,
    };
    finishUntried(
      stage,
      open.flatMap(partition => unresolved(stage, partition)),
    );
    const {faults, unmade} = await this.#work(stage, schedule);
    const isWhole = faults.length === 0 && !stage.stop.aborted;
    finishUntried(stage, [...unmade, ...(isWhole ? schedule.endUnasked() : []), ...schedule.cancelRest()]);
    const {by, why} = this.#request;
    await dropOrphans(stage, orphans, {by, why, isCancelled: faults.length > 0 || stage.stop.aborted});
    if (faults.length > 0) throw faults[0];
  }

  /** What is planned and open counts as planned; what ended badly before in this run as failed. */
  #progressOf(
    {frame, progress}: ReturnType<typeof makePlan>,
    open: readonly PlannedPartition[],
  ): Map<AssetName, Uint8Array> {
    const stages = new Map([...progress].map(([name, all]) => [name, new Uint8Array(all.length)]));
    for (const {asset, key, action, reasons} of open) {
      const ordinal = frameOf(frame, asset).ordinalOf.get(key);
      const own = stages.get(asset);
      if (own !== undefined && ordinal !== undefined && (action === 'run' || action === 'run-if'))
        own[ordinal] = isOnDemand({action, reasons}) ? PROGRESS.onDemand : PROGRESS.planned;
    }
    for (const [name, asset] of frame.assets) {
      const own = stages.get(name);
      if (own === undefined) continue;
      asset.keys.forEach((key, ordinal) => {
        const outcome = this.#outcomes.get(`${name}@${key}`);
        if (outcome === 'failed' || outcome === 'quarantined') own[ordinal] = PROGRESS.failed;
      });
    }
    return stages;
  }

  /** Returns faults that were no partition's, and what was at work when they struck. */
  async #work(
    stage: Stage,
    schedule: Schedule,
  ): Promise<{readonly faults: readonly unknown[]; readonly unmade: readonly Untried[]}> {
    const {fetches, batches} = this.#request.concurrency;
    const atWork = {fetches: 0, batches: 0};
    const running = new Set<Promise<void>>();
    const faults: unknown[] = [];
    const unmade: Untried[] = [];
    const start = (batch: Batch, slot: keyof typeof atWork): void => {
      atWork[slot]++;
      const {asset, jobs} = batch;
      stage.emit({
        kind: 'batch-started',
        at: stage.clock(),
        asset: asset.asset.name,
        keys: jobs.map(({key}) => key),
      });
      const own = (): readonly Job[] => jobs.filter(job => !schedule.isPutBack(job));
      const work = make(stage, batch)
        .catch((error: unknown) => {
          faults.push(error);
          for (const {ordinal, key, reasons} of own()) {
            if (!this.#outcomes.has(`${asset.asset.name}@${key}`))
              unmade.push({asset, ordinal, outcome: 'cancelled', reasons});
          }
        })
        .finally(() => {
          atWork[slot]--;
          running.delete(work);
          for (const {ordinal, key} of own())
            schedule.end(asset, ordinal, isGood(this.#outcomes.get(`${asset.asset.name}@${key}`)));
        });
      running.add(work);
    };
    for (;;) {
      // What hangs on a partition that a fault or an interrupt stopped has no failed input: it is cancelled with the rest.
      if (faults.length === 0 && !stage.stop.aborted) finishUntried(stage, schedule.settle());
      while (faults.length === 0 && !stage.stop.aborted) {
        const slot = atWork.fetches < fetches ? 'fetches' : undefined;
        const fetch = slot === undefined ? undefined : schedule.take(isFetch);
        if (fetch !== undefined) start(fetch, 'fetches');
        const batch = atWork.batches < batches ? schedule.take(asset => !isFetch(asset)) : undefined;
        if (batch !== undefined) start(batch, 'batches');
        if (fetch === undefined && batch === undefined) break;
      }
      if (running.size === 0) break;
      await Promise.race(running);
    }
    return {faults, unmade};
  }

  end(startedAt: number, known?: 'failed'): RunResult {
    const {ledger, clock, run, emit, stop} = this.#workshop;
    const counts = countOutcomes([...this.#outcomes.values()]);
    const isInterrupted = stop.aborted && !this.#failed.signal.aborted;
    const isGoodRun = counts.failed + counts.quarantined + counts.skipped + counts.cancelled === 0;
    const status = known ?? (isInterrupted ? 'interrupted' : isGoodRun ? 'succeeded' : 'failed');
    const endedAt = clock();
    ledger.endRun(run, {endedAt, status, counts});
    emit({kind: 'run-ended', at: endedAt, run, counts, durationMs: endedAt - startedAt});
    return {run, counts, isInterrupted};
  }
}

function isFetch({asset}: AssetFrame): boolean {
  return asset.making.kind === 'files';
}

function isGood(outcome: Outcome | undefined): boolean {
  return outcome === 'succeeded' || outcome === 'unchanged' || outcome === 'not-needed';
}

/** A partition that the plan would not make: it waits or is parked, and ends as skipped with that reason. */
function unresolved({frame}: Stage, {asset, key, action, reasons}: PlannedPartition): readonly Untried[] {
  if (action !== 'wait' && action !== 'skip') return [];
  const found = frameOf(frame, asset);
  const ordinal = found.ordinalOf.get(key);
  return ordinal === undefined ? [] : [{asset: found, ordinal, outcome: 'skipped', reasons}];
}

function make(stage: Stage, batch: Batch): Promise<void> {
  switch (batch.asset.asset.making.kind) {
    case 'files':
      return makeFiles(stage, batch);
    case 'rows':
    case 'sources':
    case 'sql':
      return makeTable(stage, batch);
    case 'export':
      return makeExports(stage, batch);
    default:
      return unreachable(batch.asset.asset.making);
  }
}

/** Reads calendars whose declaration was changed since they were copied from the published table as it stands. */
async function copyChangedCalendars(
  workshop: Workshop,
  assets: ReadonlyMap<AssetName, AssetFrame>,
): Promise<void> {
  const known = workshop.ledger.snapshot().calendars;
  for (const name of assets.keys()) {
    for (const declaration of calendarsOf(workshop.pipeline, name)) {
      if (known.get(declaration.name)?.definition === calendarDefinition(declaration)) continue;
      const asset = assets.get(name);
      const keys = asset?.keys.filter((_, ordinal) => isValid(asset, ordinal)) ?? [];
      if (keys.length === 0) continue;
      const table = tableOf(assetOf(workshop.pipeline, name));
      const warehouse = await workshop.warehouse();
      const {source} = declaration;
      const found = await warehouse.select({
        from: {table},
        columns: calendarColumns(source),
        where: source.where,
        keys,
      });
      workshop.ledger.recordCalendar(wholeOf(declaration, gamesFrom(declaration, found)));
    }
  }
}
