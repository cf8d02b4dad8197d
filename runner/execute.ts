/**
 * Runs a plan: settles what a killed run left, settles the calendars, plans again, and makes what is planned in
 * dependency order. It decides nothing that the plan did not say; the order within it is the schedule's.
 */

import {setTimeout as pause} from 'node:timers/promises';
import {expectedBytes} from '../planner/billed.ts';
import {calendarDefinition} from '../planner/calendar.ts';
import {type CarryOrder, planCarry} from '../planner/carry.ts';
import {type AssetFrame, frameOf, isValid, keyAt} from '../planner/frame.ts';
import type {Outcome} from '../planner/ledger.ts';
import {makePlan} from '../planner/make-plan.ts';
import {isKept, passedOver} from '../planner/passed-over.ts';
import type {AssetName, Concurrency} from '../planner/pipeline.ts';
import type {Plan, PlannedPartition, PlanRequest} from '../planner/plan.ts';
import {isProtected} from '../planner/protection.ts';
import {seasonOf} from '../planner/range.ts';
import {PROGRESS} from '../planner/satisfy.ts';
import {calendarColumns, calendarsOf, gamesFrom, wholeOf} from './calendar-copy.ts';
import {Claims} from './claims.ts';
import {Door, POLL_MS} from './door.ts';
import {dropOrphans} from './drop.ts';
import {countOutcomes, type Event, type OutcomeCounts} from './event.ts';
import {finishUnmade, finishUntried} from './finish.ts';
import {type FixedPlan, PlanRefused, planFixed} from './fixed-plan.ts';
import {beginWork, type Heart} from './heart.ts';
import type {RunStart} from './ledger-run.ts';
import {inRunSpan} from './run-span.ts';
import {isOnDemand, type Order, Schedule, type Untried} from './schedule.ts';
import {settleIntents} from './settle.ts';
import {Slots} from './slots.ts';
import type {Spread} from './spread.ts';
import {WarehouseError} from './warehouse.ts';
import {isFailure, isFetch, isGood, workOff} from './work.ts';
import {assetOf, type Stage, tableOf, type Workshop} from './workshop.ts';

/** What a run makes: what a request comes to, what was written down, or what another target holds. */
export type Work = PlanRequest | FixedPlan | CarryWork;

export interface CarryWork {
  readonly kind: 'carry';
  readonly order: CarryOrder;
}

export interface RunRequest {
  /** What to make: planned anew, or as it was written down. */
  readonly plan: Work;
  /** Milliseconds since 1970, for all planning of this run. */
  readonly now: number;
  /** As the user typed it, for the record. */
  readonly command: string;
  /** How many partitions of `files` assets, and how many batches of tables, are at work at once. */
  readonly concurrency: Concurrency;
  readonly failFast: boolean;
  /** Which keys come first where several are ready; the oldest where nothing is said. */
  readonly order?: Order | undefined;
  /** One season after the other, and none after one in which something failed or waits. */
  readonly bySeason?: boolean | undefined;
  /** Who asked for what the plan alone would not do, and why, for the record. */
  readonly by?: string | undefined;
  readonly why?: string | undefined;
  /** Hands out to workers what they can make. */
  readonly spread?: Spread | undefined;
}

export interface RunResult {
  readonly run: string;
  readonly counts: OutcomeCounts;
  /** Whether nothing is left undone but what is protected, and stays as it was made. */
  readonly isGood: boolean;
  readonly isInterrupted: boolean;
}

/**
 * Plans and runs. Throws a `LedgerError`, `WarehouseError` or `StoreError` for what is no partition's fault (a locked
 * file, a full disk), and a `SessionLost` where this run was taken for dead: nothing more is started, and what was not
 * made is recorded as cancelled.
 */
export async function materialize(workshop: Workshop, request: RunRequest): Promise<RunResult> {
  const {ledger, run} = workshop;
  const claims = new Claims(workshop);
  claims.buryDead(workshop);
  const planned = planOf(workshop, request);
  if (hasNothing(planned.plan) && ledger.openIntents().length === 0) return nothingIn(run);
  const slots = new Slots(workshop.pipeline, request.concurrency);
  const {heart, signals} = beginWork(workshop, {command: request.command, slots});
  try {
    return await follow({...workshop, ...signals}, request, {heart, claims, slots, planned});
  } finally {
    heart.end();
  }
}

type Planning = ReturnType<typeof makePlan>;

/** What others hold is found out batch by batch: it may be free by then. */
function planOf({pipeline, sources, ledger}: Workshop, {plan, now}: RunRequest): Planning {
  const input = {pipeline, sources, ledger: ledger.snapshot(), now};
  if (!('kind' in plan)) return makePlan({...input, request: plan});
  if (plan.kind === 'carry') return planCarry(plan.order, input);
  return planFixed(plan, input, ledger.doneOfPlan(plan.file.id));
}

async function follow(
  workshop: Workshop,
  request: RunRequest,
  {
    heart,
    claims,
    slots,
    ...first
  }: {
    readonly heart: Heart;
    readonly claims: Claims;
    readonly slots: Slots;
    readonly planned: Planning;
  },
): Promise<RunResult> {
  let {planned} = first;
  const {pipeline, ledger} = workshop;
  const startedAt = workshop.clock();
  const start: RunStart = {
    id: workshop.run,
    pipeline: pipeline.name,
    target: pipeline.target.name,
    command: request.command,
    plan: isFixed(request.plan) ? request.plan.file.id : undefined,
    kind: isCarried(request.plan) ? 'copy' : 'run',
    startedAt,
    by: request.by,
    why: request.why,
    expectedBytes: expectedOf(workshop, planned),
  };
  const door = new Door(workshop, heart);
  if (!workshop.stop.aborted) {
    try {
      await enter(workshop, door, planned);
      if (ledger.sequence() !== planned.plan.ledger) planned = planOf(workshop, request);
      if (hasNothing(planned.plan)) return nothingIn(workshop.run);
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
  request.spread?.begin(workshop);
  const run = new Run(workshop, request, {door, claims, slots});
  return await inRunSpan(workshop.trace, start, () => makeAll(workshop, request, {start, run, planned}));
}

/** From the first partition to the last, with what is planned anew between. */
async function makeAll(
  workshop: Workshop,
  request: RunRequest,
  {start, run, ...first}: {readonly start: RunStart; readonly run: Run; readonly planned: Planning},
): Promise<RunResult> {
  const {pipeline, ledger, emit} = workshop;
  const {startedAt} = start;
  let {planned} = first;
  const total = requested(planned.plan).length;
  ledger.expectOf(start.id, total);
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
      planned = planOf(workshop, request);
      const count = run.endedCount + run.open(planned.plan).length;
      if (count !== total) {
        ledger.expectOf(start.id, count);
        emit({kind: 'replanned', at: workshop.clock(), requested: count});
      }
    }
    await run.followAll(planned);
  } catch (error) {
    // Where the ledger itself is at fault, this throws the same again.
    run.end(startedAt, 'failed');
    throw error;
  }
  return run.end(startedAt);
}

/**
 * Settles what dead runs left open, and opens the warehouse where tables are to be made. Where another process holds it
 * for too long a run goes on only with what it can fetch meanwhile; throws a `WarehouseError` where that is nothing.
 */
async function enter(workshop: Workshop, door: Door, {plan, frame}: Planning): Promise<void> {
  const {ledger, stop} = workshop;
  const open = ledger.openIntents();
  const work = requested(plan).filter(({action}) => action !== 'wait' && action !== 'skip');
  const isFetched = ({asset}: PlannedPartition): boolean => isFetch(frameOf(frame, asset));
  const needsWarehouse = open.some(({kind}) => kind === 'rows') || work.some(each => !isFetched(each));
  if (!needsWarehouse) {
    await settleIntents(ledger, workshop);
    return;
  }
  const canFetch = work.some(each => isFetched(each) && each.action === 'run');
  const until = performance.now() + (canFetch ? 0 : door.patienceMs);
  while (!(await door.tryOpen(frame))) {
    if (stop.aborted || canFetch) return;
    if (performance.now() > until) throw door.refusal ?? new Error('Internal error: no refusal');
    await pause(POLL_MS, undefined, {ref: true});
  }
}

function isFixed(work: Work): work is FixedPlan {
  return 'kind' in work && work.kind === 'fixed';
}

/** What was asked for; undefined of what is carried over. */
function questionOf(work: Work): Pick<PlanRequest, 'force' | 'ignoreGate'> | undefined {
  if (isCarried(work)) return undefined;
  return isFixed(work) ? work.file.question : work;
}

/** A plan from a file, and what is carried, is done as it was decided. */
function mayTouchProtected(work: Work): boolean {
  return isCarried(work) || isFixed(work) || work.allowProtected;
}

function isCarried(work: Work): work is CarryWork {
  return 'kind' in work && work.kind === 'carry';
}

function nothingIn(run: string): RunResult {
  return {run, counts: countOutcomes([]), isGood: true, isInterrupted: false};
}

function refOf({asset, key}: PlannedPartition): string {
  return `${asset}@${key}`;
}

/** Undefined where nothing was ever billed. */
function expectedOf({ledger}: Workshop, {plan}: Planning): RunStart['expectedBytes'] {
  const soFar = ledger.billed();
  return soFar.size === 0 ? undefined : Object.fromEntries(expectedBytes(requested(plan), soFar));
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
  readonly #retried = new Map<string, number>();
  readonly #failed = new AbortController();
  readonly #door: Door;
  readonly #claims: Claims;
  readonly #slots: Slots;
  /** What is stale and stays so, because the manifest protects it. */
  readonly #kept = new Set<string>();
  #orphans: ReadonlySet<string> | undefined;
  readonly #startedAt: number;

  constructor(
    workshop: Workshop,
    request: RunRequest,
    {door, claims, slots}: {readonly door: Door; readonly claims: Claims; readonly slots: Slots},
  ) {
    this.#request = request;
    this.#startedAt = workshop.clock();
    this.#door = door;
    this.#claims = claims;
    this.#slots = slots;
    const emit = (event: Event): void => {
      if (event.kind === 'retrying') {
        const ref = `${event.asset}@${event.key}`;
        this.#retried.set(ref, (this.#retried.get(ref) ?? 0) + 1);
      }
      if (event.kind === 'partition-ended') {
        this.#outcomes.set(`${event.asset}@${event.key}`, event.outcome);
        if (isFailure(event.outcome) && request.failFast) this.#failed.abort();
      }
      workshop.emit(event);
    };
    this.#workshop = {...workshop, emit, stop: AbortSignal.any([workshop.stop, this.#failed.signal])};
  }

  get endedCount(): number {
    return this.#outcomes.size;
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
  async follow(planned: Planning, isMeant: (partition: PlannedPartition) => boolean): Promise<void> {
    const {plan, frame} = planned;
    const meant = this.open(plan).filter(isMeant);
    const orphans = meant.filter(({state}) => state === 'orphan');
    const open = meant.filter(({state}) => state !== 'orphan');
    const progress = this.#progressOf(planned, open);
    const question = questionOf(this.#request.plan);
    // Who forces it wanted it made.
    if (question?.force !== true) for (const each of open.filter(isKept)) this.#kept.add(refOf(each));
    const schedule = new Schedule(frame, open, progress, {
      gates: question === undefined || question.ignoreGate ? undefined : frame.quality,
      order: this.#request.order ?? 'oldest',
      keptSince: mayTouchProtected(this.#request.plan) ? undefined : this.#keptSince,
    });
    const stage: Stage = {
      ...this.#workshop,
      frame,
      sequence: plan.ledger,
      heard: plan.ledger,
      demand: schedule,
      retried: this.#retried,
    };
    finishUntried(
      stage,
      open.flatMap(partition => unresolved(stage, partition)),
    );
    const {faults, unmade} = await workOff({
      stage,
      schedule,
      door: this.#door,
      claims: this.#claims,
      slots: this.#slots,
      outcomes: this.#outcomes,
      spread: this.#request.spread,
    });
    const isWhole = faults.length === 0 && !stage.stop.aborted;
    finishUntried(stage, [...unmade, ...(isWhole ? schedule.endUnasked() : []), ...schedule.cancelRest()]);
    const {by, why} = this.#request;
    await dropOrphans(stage, orphans, {by, why, isCancelled: faults.length > 0 || stage.stop.aborted});
    if (faults.length > 0) throw faults[0];
  }

  /** The games of a date may have begun since the plan was made: what was published of it is kept from then on. */
  readonly #keptSince = (asset: AssetFrame, ordinal: number): boolean => {
    const now = this.#request.now + (this.#workshop.clock() - this.#startedAt);
    if (!isProtected(asset, ordinal, now)) return false;
    this.#kept.add(`${asset.asset.name}@${keyAt(asset, ordinal)}`);
    return true;
  };

  /** All that is left; season by season, where that is asked for. */
  async followAll(planned: Planning): Promise<void> {
    const {frame, plan} = planned;
    if (this.#request.bySeason !== true) return await this.follow(planned, () => true);
    const seasonIn = ({asset, key, state}: PlannedPartition): string | undefined =>
      state === 'orphan' ? undefined : seasonOfKey(frameOf(frame, asset), key);
    const seasons = new Set(this.open(plan).flatMap(each => seasonIn(each) ?? []));
    for (const season of [...seasons].sort()) {
      await this.follow(planned, each => seasonIn(each) === season);
      const count =
        this.open(plan).length === 0 ? 0 : this.#badIn(planned, each => seasonIn(each) === season);
      if (count > 0 && !this.#workshop.stop.aborted) {
        const reasons = [{kind: 'season-stopped' as const, season, count}];
        const left = this.open(plan).map(({asset, key}) => ({
          asset,
          key,
          outcome: 'skipped' as const,
          reasons,
        }));
        finishUnmade({...this.#workshop, sequence: plan.ledger}, left);
        return;
      }
    }
    await this.follow(planned, () => true);
  }

  /** How many of what is meant failed, were held back or wait; not what the plan itself leaves alone. */
  #badIn({plan}: Planning, isMeant: (partition: PlannedPartition) => boolean): number {
    const left: ReadonlySet<string> = passedOver(plan);
    const isBad = (partition: PlannedPartition): boolean => {
      const ref = refOf(partition);
      const outcome = this.#outcomes.get(ref);
      return outcome !== undefined && !isGood(outcome) && !left.has(ref) && isMeant(partition);
    };
    return plan.partitions.filter(isBad).length;
  }

  /** What is planned and open counts as planned; what ended badly before in this run as failed. */
  #progressOf({frame, progress}: Planning, open: readonly PlannedPartition[]): Map<AssetName, Uint8Array> {
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
        if (isFailure(this.#outcomes.get(`${name}@${key}`))) own[ordinal] = PROGRESS.failed;
      });
    }
    return stages;
  }

  end(startedAt: number, known?: 'failed'): RunResult {
    const {ledger, clock, run, emit, stop} = this.#workshop;
    const counts = countOutcomes([...this.#outcomes.values()]);
    const isInterrupted = stop.aborted && !this.#failed.signal.aborted;
    const isBad = (ref: string): boolean => !isGood(this.#outcomes.get(ref)) && !this.#kept.has(ref);
    const isGoodRun = ![...this.#outcomes.keys()].some(isBad);
    const status = known ?? (isInterrupted ? 'interrupted' : isGoodRun ? 'succeeded' : 'failed');
    const endedAt = clock();
    ledger.endRun(run, {endedAt, status, counts});
    emit({kind: 'run-ended', at: endedAt, run, counts, durationMs: endedAt - startedAt});
    return {run, counts, isGood: isGoodRun, isInterrupted};
  }
}

/** The season of a date or a season; undefined of `all`. */
function seasonOfKey(asset: AssetFrame, key: string): string | undefined {
  const ordinal = asset.ordinalOf.get(key);
  const season = ordinal === undefined ? '' : seasonOf(asset, ordinal);
  return season === '' ? undefined : season;
}

/** A partition that the plan would not make: it waits or is parked, and ends as skipped with that reason. */
function unresolved({frame}: Stage, {asset, key, action, reasons}: PlannedPartition): readonly Untried[] {
  if (action !== 'wait' && action !== 'skip') return [];
  const found = frameOf(frame, asset);
  const ordinal = found.ordinalOf.get(key);
  return ordinal === undefined ? [] : [{asset: found, ordinal, outcome: 'skipped', reasons}];
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
