/**
 * Makes partitions of a table: stage, judge, compare, publish with the receipts, tell the ledger. One statement or one
 * staging for a whole batch; a batch that fails is halved until the bad partition stands alone.
 */
import {acceptedGames} from '../planner/accepted.ts';
import type {AssetFrame} from '../planner/frame.ts';
import {hexAt} from '../planner/hash.ts';
import type {CalendarGame} from '../planner/ledger.ts';
import {PLAIN_TRUST} from '../planner/ledger.ts';
import {
  calendarColumns,
  calendarsOf,
  gamesFrom,
  lostGames,
  scatteredMessage,
  updateOf,
} from './calendar-copy.ts';
import {
  type Begun,
  type Coverage,
  coverageOf,
  finish,
  gamesHeld,
  gamesOf,
  inputsOf,
  type Result,
} from './finish.ts';
import {dropOtherSlicing, formerOf, hasSameColumns} from './former.ts';
import {holdBack} from './hold-back.ts';
import {inputSpecs, partitionSpecs} from './inputs.ts';
import {type CalendarUpdate, updateCalendar} from './ledger-calendar.ts';
import {foreignMessage, stageRowsOf} from './make-rows.ts';
import type {Batch, Job} from './schedule.ts';
import {errorText, isEveryones, withTimeout} from './timeout.ts';
import {type Audit, type Receipt, type Staged, type Warehouse, WarehouseError} from './warehouse.ts';
import {type Stage, tableOf} from './workshop.ts';

type Results = Map<number, Result>;

/** Makes every partition of the batch and records what each came to. Throws for faults that are everyone's. */
export async function makeTable(stage: Stage, batch: Batch): Promise<void> {
  const begun: Begun = {at: stage.clock(), readAt: stage.sequence};
  const results: Results = new Map();
  let staged: Staged | undefined;
  let published: {readonly intent: string; readonly calendars: readonly CalendarUpdate[]} | undefined;
  let isHalved = false;
  try {
    const warehouse = await stage.warehouse();
    staged = await stageBatch(stage, warehouse, batch, results);
    published = await auditAndPublish(stage, {warehouse, staged, batch, results, begun});
  } catch (error) {
    if (isEveryones(error)) throw error;
    isHalved = batch.jobs.length > 1 && isWorthHalving(stage, error);
    const outcome = stage.cancel.aborted ? 'cancelled' : 'failed';
    for (const {ordinal} of batch.jobs) {
      if (!results.has(ordinal)) results.set(ordinal, {outcome, error: errorText(error)});
    }
  } finally {
    if (staged !== undefined) await (await stage.warehouse()).discard(staged);
  }
  if (isHalved) await halve(stage, batch);
  else finish(stage, batch, results, {begun, ...published});
}

/** A fault of the rows is one partition's; one of the machine is everyone's, and halving it only repeats it. */
function isWorthHalving(stage: Stage, error: unknown): boolean {
  if (stage.cancel.aborted || !(error instanceof WarehouseError)) return false;
  return error.kind === 'query' || error.kind === 'other';
}

async function halve(stage: Stage, {asset, jobs}: Batch): Promise<void> {
  const middle = jobs.length >> 1;
  await makeTable(stage, {asset, jobs: jobs.slice(0, middle)});
  await makeTable(stage, {asset, jobs: jobs.slice(middle)});
}

/** New rows aside; a partition whose code fails gets its result. The caller discards them. */
export async function stageBatch(
  stage: Stage,
  warehouse: Warehouse,
  batch: Batch,
  results: Results,
): Promise<Staged> {
  const {asset} = batch.asset;
  const {making} = asset;
  const ordinals = batch.jobs.map(({ordinal}) => ordinal);
  const request = {
    table: tableOf(asset),
    partitions: partitionSpecs(batch.asset, ordinals),
    inputs: inputSpecs(batch.asset, ordinals),
  };
  if (making.kind === 'rows') return stageRowsOf(stage, {warehouse, batch, request, results});
  if (making.kind !== 'sql') throw new Error(`Internal error: '${asset.name}' has no table`);
  const query = stage.sources.queries.get(making.query)?.text ?? '';
  return withTimeout(stage.cancel, asset.timeout, async signal => {
    const staged = await warehouse.stageQuery({...request, query, queryPath: making.query}, signal);
    // Nobody waits for it any more, so nobody else would give its rows back.
    if (signal.aborted) await warehouse.discard(staged);
    return staged;
  });
}

interface Publishing {
  readonly warehouse: Warehouse;
  readonly staged: Staged;
  readonly batch: Batch;
  readonly results: Results;
  readonly begun: Begun;
}

/** Judges what was staged and publishes what may be; the rest gets its result here. */
async function auditAndPublish(
  stage: Stage,
  publishing: Publishing,
): Promise<{intent: string; calendars: readonly CalendarUpdate[]} | undefined> {
  const {results} = publishing;
  const good: Judged[] = [];
  const all = await judgeStaged(stage, publishing);
  for (const judged of all) {
    const {job, refused} = judged;
    if (refused === undefined) good.push(judged);
    else results.set(job.ordinal, refused);
  }
  const calendars = await readCalendars(stage, publishing, good);
  const kept = good.filter(({job}) => !results.has(job.ordinal));
  await holdBack(stage, publishing, all);
  if (kept.length === 0) return undefined;
  return {intent: await publish(stage, publishing, kept, calendars), calendars};
}

interface Judged {
  readonly job: Job;
  readonly audit: Audit;
  readonly coverage: Coverage | undefined;
  readonly refused: Extract<Result, {error: string}> | undefined;
}

/** Audits what was staged for those that have no result yet. Throws where there are rows that nobody asked for. */
async function judgeStaged(
  stage: Stage,
  {warehouse, staged, batch, results}: Omit<Publishing, 'begun'>,
): Promise<readonly Judged[]> {
  const {asset} = batch.asset;
  const asOf = stage.clock();
  const {partitions, foreign} = await warehouse.audit({
    staged,
    checks: asset.checks.map(check =>
      check.kind === 'sql' ? {...check, text: stage.sources.queries.get(check.query)?.text ?? ''} : check,
    ),
    covers: asset.covers,
    expected: batch.jobs.map(({key, ordinal}) => ({
      key,
      games: gamesOf(batch.asset, ordinal),
      accepted: [...acceptedGames(stage.frame, batch.asset, ordinal)],
      asOf,
    })),
  });
  if (foreign.length > 0) {
    const keys = batch.jobs.map(({key}) => key);
    throw new WarehouseError('query', foreignMessage(asset.name, keys, foreign));
  }
  const audits = new Map(partitions.map(audit => [audit.key, audit]));
  return batch.jobs
    .filter(({ordinal}) => !results.has(ordinal))
    .map(job => {
      const audit = audits.get(job.key);
      if (audit === undefined) throw new Error(`Internal error: no audit of ${asset.name}@${job.key}`);
      const coverage =
        audit.covered === undefined
          ? undefined
          : coverageOf(batch.asset, job.ordinal, new Set(audit.covered));
      return {job, audit, coverage, refused: refusal(batch.asset, job, audit, coverage)};
    });
}

/** By ordinal: why staged rows would not be published. */
export async function refusalsOf(
  stage: Stage,
  staging: Pick<Publishing, 'warehouse' | 'staged' | 'batch'>,
): Promise<ReadonlyMap<number, string>> {
  const judged = await judgeStaged(stage, {...staging, results: new Map()});
  return new Map(
    judged.flatMap(({job, refused}) =>
      refused === undefined ? [] : [[job.ordinal, refused.error] as const],
    ),
  );
}

/** Why the new rows of a partition may not be published; undefined where they may. */
function refusal(
  asset: AssetFrame,
  job: Job,
  audit: Audit,
  coverage: Coverage | undefined,
): Judged['refused'] {
  if (audit.rows === 0 && asset.asset.empty === 'error') {
    return {
      outcome: 'failed',
      error: `No rows for ${job.key}; if that can be right, declare 'empty: allowed'.`,
    };
  }
  const errors = audit.violations.filter(({severity}) => severity === 'error');
  if (errors.length > 0) {
    const error = errors.map(({check, message, examples}) => {
      const example = examples[0] === undefined ? '' : ` (such as ${examples[0]})`;
      return `${check}: ${message}${example}`;
    });
    return {outcome: 'quarantined', error: error.join('; ')};
  }
  const before = gamesHeld(asset, job.ordinal);
  if (coverage !== undefined && coverage.found < before) {
    const error = `The new rows hold ${coverage.found} games where the published ones hold ${before}; more is not replaced by less.`;
    return {outcome: 'quarantined', error};
  }
  return undefined;
}

/** Reads the calendars that this asset gives from the new rows, and refuses keys that would lose known games. */
async function readCalendars(
  stage: Stage,
  {warehouse, staged, batch, results}: Publishing,
  good: readonly {job: Job}[],
): Promise<readonly CalendarUpdate[]> {
  const declared = calendarsOf(stage.pipeline, batch.asset.asset.name);
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
      const lost = lostGames(before, declaration, seasonOfKey(batch.asset, job.key), games);
      if (lost.length > 0)
        results.set(job.ordinal, {outcome: 'quarantined', error: lostMessage(declaration.name, lost)});
    }
    read.push(updateOf(declaration, games, before));
  }
  const seasons = good.flatMap(({job}) => (results.has(job.ordinal) ? [] : [job.key]));
  const updates = read.map(update => cutCalendar(update, batch.asset, seasons));
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
  {warehouse, staged, batch, results, begun}: Publishing,
  kept: readonly {job: Job; audit: Audit; coverage: Coverage | undefined}[],
  calendars: readonly CalendarUpdate[],
): Promise<string> {
  const {asset} = batch;
  const old = (ordinal: number): string => hexAt(asset.version, ordinal);
  // Rows of other columns are other rows, also where their values are the same: their version is no longer theirs.
  const isComparable = ({job: {ordinal}}: {job: Job}): boolean =>
    asset.published[ordinal] === 1 && hasSameColumns(asset, ordinal);
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
  const intent = `${stage.run}-${asset.asset.name}-${kept[0]?.job.key}-${begun.at.toString(36)}`;
  const made: Results = new Map();
  const receipts: Receipt[] = [];
  const replaced: string[] = [];
  for (const {job, audit, coverage} of kept) {
    const isUnchanged = isSame({job, audit}) || equal.has(job.key);
    if (!isUnchanged) replaced.push(job.key);
    const version = isUnchanged ? old(job.ordinal) : audit.version;
    const warnings = audit.violations
      .filter(({severity}) => severity === 'warn')
      .map(({check, message}) => `${check}: ${message}`);
    made.set(job.ordinal, {
      outcome: isUnchanged ? 'unchanged' : 'succeeded',
      version,
      rows: audit.rows,
      coverage,
      trust: PLAIN_TRUST,
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
      fingerprint: asset.fingerprint.hash,
      digest: job.digest,
      expected: coverage?.expected ?? null,
      found: coverage?.found ?? null,
      absent: coverage?.absent ?? [],
      at: stage.clock(),
    });
  }
  const inputs = kept.map(({job}) => ({key: job.key, reasons: job.reasons, ...inputsOf(asset, job, begun)}));
  const keys = kept.map(({job}) => job.key);
  stage.ledger.writeIntent({
    id: intent,
    run: stage.run,
    asset: asset.asset.name,
    keys,
    kind: 'rows',
    payload: {startedAt: begun.at, inputs, calendars},
  });
  const former = formerOf(asset, new Set(kept.map(({job}) => job.ordinal)));
  try {
    await warehouse.publish({staged, keys: replaced, receipts, former});
  } catch (error) {
    // A commit may fail after it has written. What cannot be asked now is asked at the next start.
    const written = await warehouse.receipts([intent]).catch(() => undefined);
    if (written?.length === 0) stage.ledger.closeIntent(intent);
    if (written === undefined || written.length === 0) throw error;
  }
  // Not before: whatever fails above must not leave a partition that looks as if it were published.
  for (const [ordinal, result] of made) results.set(ordinal, result);
  return intent;
}
