/**
 * Makes partitions of a table: stage, judge, compare, publish with the receipts, tell the ledger. One statement or one
 * staging for a whole batch; a batch that fails is halved until the bad partition stands alone.
 */
import {type Billed, shareBilled} from '../planner/billed.ts';
import type {Try} from '../planner/coverage-event.ts';
import type {AssetFrame} from '../planner/frame.ts';
import {hexAt} from '../planner/hash.ts';
import type {CalendarGame, Trust} from '../planner/ledger.ts';
import {Bill} from './bill.ts';
import {
  calendarColumns,
  calendarsOf,
  gamesFrom,
  lostGames,
  scatteredMessage,
  updateOf,
} from './calendar-copy.ts';
import {eventsOf} from './coverage-log.ts';
import {findEdited} from './edited.ts';
import {type Begun, begin, finish, inputsOf, madeFrom, type Result, sharesOf} from './finish.ts';
import {dropOtherSlicing, formerOf, hasSameColumns} from './former.ts';
import {holdBack} from './hold-back.ts';
import {type Judged, judgeStaged} from './judge-rows.ts';
import {type CalendarUpdate, updateCalendar} from './ledger-calendar.ts';
import type {Batch, Job} from './schedule.ts';
import {type StagedBatch, type Staging, stageBatch} from './stage-batch.ts';
import {StoreError} from './store.ts';
import {errorText, isEveryones} from './timeout.ts';
import {type Audit, type Receipt, type Warehouse, WarehouseError} from './warehouse.ts';
import type {Stage} from './workshop.ts';

type Results = Map<number, Result>;

/**
 * Makes every partition of the batch and records what each came to. Throws for faults that are everyone's. `before`:
 * what was billed for them in vain.
 */
export async function makeTable(stage: Stage, batch: Batch, before?: Billed): Promise<void> {
  const begun = begin(stage);
  const staging: Staging = {results: new Map(), tries: new Map(), bill: new Bill(before)};
  const {results, tries, bill} = staging;
  const going = (): Batch => ({...batch, jobs: batch.jobs.filter(job => !stage.demand.isPutBack(job))});
  let made: StagedBatch | undefined;
  let published: {readonly intent: string; readonly calendars: readonly CalendarUpdate[]} | undefined;
  let isHalved = false;
  try {
    const warehouse = await stage.warehouse();
    made = await stageBatch(stage, warehouse, batch, staging);
    if (made !== undefined)
      published = await auditAndPublish(stage, {
        warehouse,
        made,
        asset: batch.asset,
        results,
        tries,
        bill,
        begun,
      });
  } catch (error) {
    if (isEveryones(error)) throw error;
    const {jobs} = going();
    isHalved = jobs.length > 1 && isWorthHalving(stage, error);
    const outcome = stage.cancel.aborted ? 'cancelled' : 'failed';
    for (const {ordinal} of jobs) {
      if (!results.has(ordinal)) results.set(ordinal, {outcome, error: errorText(error)});
    }
  } finally {
    if (made !== undefined) await bill.close(await stage.warehouse(), made.staged);
  }
  if (isHalved) await halve(stage, going(), bill.whole);
  else if (going().jobs.length > 0)
    finish(stage, {batch: going(), results, begun, tries, billed: bill.whole, ...published});
}

/** A fault of the rows is one partition's; one of the machine is everyone's, and halving it only repeats it. */
function isWorthHalving(stage: Stage, error: unknown): boolean {
  if (stage.cancel.aborted) return false;
  // One object of one partition may be what cannot be read.
  if (error instanceof StoreError) return true;
  if (!(error instanceof WarehouseError)) return false;
  return error.kind === 'query' || error.kind === 'other';
}

/** What the whole was billed in vain counts for both halves. */
async function halve(stage: Stage, {asset, jobs}: Batch, billed: Billed | undefined): Promise<void> {
  const middle = jobs.length >> 1;
  const halves = [jobs.slice(0, middle), jobs.slice(middle)];
  const shares =
    billed &&
    shareBilled(
      billed,
      halves.map(({length}) => length),
    );
  for (const [i, half] of halves.entries()) await makeTable(stage, {asset, jobs: half}, shares?.[i]);
}

interface Publishing {
  readonly warehouse: Warehouse;
  readonly made: StagedBatch;
  readonly asset: AssetFrame;
  readonly results: Results;
  /** By ordinal. */
  readonly tries: ReadonlyMap<number, readonly Try[]>;
  readonly bill: Bill;
  readonly begun: Begun;
}

/** Judges what was staged and publishes what may be; the rest gets its result here. */
async function auditAndPublish(
  stage: Stage,
  publishing: Publishing,
): Promise<{intent: string; calendars: readonly CalendarUpdate[]} | undefined> {
  const {results, warehouse, made} = publishing;
  const good: Judged[] = [];
  const all = await judgeStaged(stage, warehouse, made);
  for (const judged of all) {
    const {job, refused} = judged;
    if (refused === undefined) good.push(judged);
    else results.set(job.ordinal, refused);
  }
  const calendars = await readCalendars(stage, publishing, good);
  const kept = good.filter(({job}) => !results.has(job.ordinal));
  await holdBack(stage, {warehouse, staged: made.staged, results}, all);
  if (kept.length === 0) return undefined;
  return {intent: await publish(stage, publishing, kept, calendars), calendars};
}

/** Reads the calendars that this asset gives from the new rows, and refuses keys that would lose known games. */
async function readCalendars(
  stage: Stage,
  {warehouse, made: {staged}, asset, results}: Publishing,
  good: readonly {job: Job}[],
): Promise<readonly CalendarUpdate[]> {
  const declared = calendarsOf(stage.pipeline, asset.asset.name);
  if (declared.length === 0) return [];
  const known = stage.ledger.snapshot().calendars;
  const keys = good.map(({job}) => job.key);
  const read: CalendarUpdate[] = [];
  for (const declaration of declared) {
    const {source} = declaration;
    const columns = calendarColumns(source);
    const found = await warehouse.select({from: {staged}, columns, where: source.where, keys});
    const games = gamesFrom(declaration, found);
    const before = known.get(declaration.name);
    for (const {job} of stage.acceptCalendar ? [] : good) {
      const lost = lostGames(before, declaration, seasonOfKey(asset, job.key), games);
      if (lost.length > 0)
        results.set(job.ordinal, {outcome: 'quarantined', error: lostMessage(declaration.name, lost)});
    }
    read.push(updateOf(declaration, games, before));
  }
  const seasons = good.flatMap(({job}) => (results.has(job.ordinal) ? [] : [job.key]));
  const updates = read.map(update => cutCalendar(update, asset, seasons));
  const scattered = updates
    .map(update => scatteredMessage(update.name, updateCalendar(known.get(update.name), update).games))
    .find(message => message !== undefined);
  if (scattered === undefined) return updates;
  for (const {job} of good) results.set(job.ordinal, {outcome: 'quarantined', error: scattered});
  return [];
}

/** The season whose games a partition holds; undefined for `all`, which holds those of every season. */
function seasonOfKey({asset}: AssetFrame, key: string): string | undefined {
  return asset.partitioning.kind === 'all' ? undefined : key;
}

/** The seasons of an update that are published with it. */
function cutCalendar(
  update: CalendarUpdate,
  {asset}: AssetFrame,
  seasons: readonly string[],
): CalendarUpdate {
  if (asset.partitioning.kind === 'all') return update;
  return {...update, seasons, games: update.games.filter(({season}) => seasons.includes(season))};
}

function lostMessage(calendar: string, lost: readonly CalendarGame[]): string {
  const some = lost.slice(0, 3).map(({id, date}) => `${id} on ${date}`);
  const more = lost.length > 3 ? ` and ${lost.length - 3} more` : '';
  return `Calendar '${calendar}' would lose ${lost.length} known game${lost.length === 1 ? '' : 's'}: ${some.join(', ')}${more}. If that is right, run again with --accept-calendar.`;
}

/** Writes the intent, then rows and receipts in one transaction. Results are set; the ledger is told by the caller. */
async function publish(
  stage: Stage,
  {warehouse, made: {staged}, asset, results, tries, bill, begun}: Publishing,
  kept: readonly Judged[],
  calendars: readonly CalendarUpdate[],
): Promise<string> {
  const old = (ordinal: number): string => hexAt(asset.version, ordinal);
  // Rows of other columns are other rows, also where their values are the same: their version is no longer theirs.
  const isKnown = ({job: {ordinal}}: {job: Job}): boolean =>
    asset.published[ordinal] === 1 && hasSameColumns(asset, ordinal);
  const edited = await findEdited(warehouse, asset, kept.filter(isKnown));
  const isComparable = (item: {job: Job}): boolean => isKnown(item) && !edited.has(item.job.key);
  const isSame = ({job, audit}: {job: Job; audit: Audit}): boolean =>
    isComparable({job}) && old(job.ordinal) === audit.version;
  const doubtful = kept.filter(item => isComparable(item) && !isSame(item));
  const equal = new Set(
    doubtful.length === 0
      ? []
      : await warehouse.findUnchanged(
          staged,
          doubtful.map(({job}) => job.key),
        ),
  );
  await dropOtherSlicing(stage, asset);
  // Half of a batch that failed begins with the same key, perhaps at the same instant; only their numbers differ.
  const intent = `${stage.run}-${asset.asset.name}-${kept[0]?.job.key}-${kept.length}-${begun.at.toString(36)}`;
  const outcomes: Results = new Map();
  const receipts: Receipt[] = [];
  const replaced: string[] = [];
  for (const {job, audit, coverage, trust} of kept) {
    const isUnchanged = isSame({job, audit}) || equal.has(job.key);
    if (!isUnchanged) replaced.push(job.key);
    const version = isUnchanged ? old(job.ordinal) : audit.version;
    const warnings = audit.violations
      .filter(({severity}) => severity === 'warn')
      .map(({check, message}) => `${check}: ${message}`);
    outcomes.set(job.ordinal, {
      outcome: isUnchanged ? 'unchanged' : 'succeeded',
      version,
      rows: audit.rows,
      coverage,
      trust,
      warnings,
    });
    receipts.push({
      asset: asset.asset.name,
      key: job.key,
      kind: isUnchanged ? 'unchanged' : 'published',
      intent,
      run: stage.run,
      version,
      rows: audit.rows,
      ...madeFrom(inputsOf(asset, job, begun, trust.depth)),
      expected: coverage?.expected ?? null,
      found: coverage?.found ?? null,
      absent: coverage?.absent ?? [],
      ...(isPlain(trust) ? {} : {trust}),
      at: stage.clock(),
    });
  }
  const billed = sharesOf(
    bill.with(warehouse, staged),
    kept.map(({job}) => outcomes.get(job.ordinal)),
  );
  const inputs = kept.map(({job, trust}, i) => ({
    key: job.key,
    reasons: job.reasons,
    billed: billed?.[i],
    ...inputsOf(asset, job, begun, trust.depth),
  }));
  const keys = kept.map(({job}) => job.key);
  stage.ledger.writeIntents([
    {
      id: intent,
      run: stage.run,
      asset: asset.asset.name,
      keys,
      kind: 'rows',
      payload: {
        startedAt: begun.at,
        inputs,
        calendars,
        tries: kept.flatMap(({job}) => tries.get(job.ordinal) ?? []),
        events: kept.flatMap(({job}) =>
          eventsOf(stage, {asset, job, result: outcomes.get(job.ordinal), tried: tries}),
        ),
      },
    },
  ]);
  const former = formerOf(asset, new Set(kept.map(({job}) => job.ordinal)));
  try {
    await warehouse.publish({
      staged,
      keys: replaced,
      receipts,
      fingerprints: [...new Set(inputs.map(({fingerprint}) => fingerprint))],
      former,
      guard: () => stage.ledger.whileAlive(() => undefined),
    });
  } catch (error) {
    // A commit may fail after it has written. What cannot be asked now is asked at the next start.
    const written = await warehouse.receipts([intent]).catch(() => undefined);
    if (written?.length === 0) stage.ledger.closeIntent(intent);
    if (written === undefined || written.length === 0) throw error;
  }
  // Not before: whatever fails above must not leave a partition that looks as if it were published.
  for (const [ordinal, result] of outcomes) results.set(ordinal, result);
  return intent;
}

/** Whether there is nothing to say of where rows came from. */
function isPlain({sources, depth, ceiling, warned}: Trust): boolean {
  return sources.length === 0 && depth === 0 && ceiling === 100 && warned.length === 0;
}
