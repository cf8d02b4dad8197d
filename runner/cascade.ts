/**
 * Takes the rows of a batch from the sources of its asset: each in turn, for the partitions that no better one covers.
 * Every try is kept, with what came of it.
 * It does not deal with whether what was taken may be published (judge-rows.ts).
 */
import {acceptedGames} from '../planner/accepted.ts';
import {expectedOf, isEnough} from '../planner/coverage.ts';
import type {Try, TryOutcome} from '../planner/coverage-event.ts';
import type {Trust} from '../planner/ledger.ts';
import type {Cascade} from '../planner/pipeline.ts';
import {sourcesTold} from '../planner/sources-told.ts';
import {gamesOf} from './finish.ts';
import {holdBack} from './hold-back.ts';
import {specsOf} from './inputs.ts';
import {auditOf, errorsIn, refuseForeignRows} from './judge-rows.ts';
import type {Batch, Job} from './schedule.ts';
import {stageSource, whyAbsent} from './source-rows.ts';
import type {StagedBatch, Staging, Taken} from './stage-batch.ts';
import {placeholderRows} from './stand-in.ts';
import type {Audit, AuditResult, Part, Staged, Warehouse} from './warehouse.ts';
import type {Stage} from './workshop.ts';

/** What one source has of one partition, good enough to be taken. */
interface Answer {
  readonly rank: number;
  /** Of the games expected; undefined where none are counted. */
  readonly games: readonly string[] | undefined;
}

interface Open {
  readonly job: Job;
  readonly answers: Answer[];
  readonly tries: Try[];
  isCovered: boolean;
  /** Whether rows were there and checks refused them. */
  rejected: {readonly rank: number; readonly audit: Audit} | undefined;
}

interface SourceStaging {
  readonly staged: Staged;
  readonly audited: AuditResult;
}

interface Walk {
  readonly stage: Stage;
  readonly warehouse: Warehouse;
  readonly asset: Batch['asset'];
  readonly cascade: Cascade;
  /** By rank. */
  readonly stagings: Map<number, SourceStaging>;
  readonly bill: Staging['bill'];
}

/** Undefined where nothing is to be published: every partition has a result, or was put back. */
export async function stageCascade(
  stage: Stage,
  warehouse: Warehouse,
  {batch, results, tries, bill}: Staging & {readonly batch: Batch},
): Promise<StagedBatch | undefined> {
  const {asset} = batch;
  const {cascade} = asset.asset;
  if (cascade === undefined) throw new Error(`Internal error: '${asset.asset.name}' has no sources`);
  const walk: Walk = {stage, warehouse, asset, cascade, stagings: new Map(), bill};
  let kept: Staged | undefined;
  try {
    let open: readonly Open[] = batch.jobs.map(job => ({
      job,
      answers: [],
      tries: [],
      isCovered: false,
      rejected: undefined,
    }));
    for (const rank of cascade.sources.keys()) open = await askSource(walk, open, rank);
    for (const {job, tries: own} of open) tries.set(job.ordinal, own);
    const taking = open.filter(each => mayTake(walk, each, results));
    await holdRejected(walk, open, results);
    if (taking.length === 0) return undefined;
    const staging = await take(walk, taking);
    kept = staging.staged;
    return staging;
  } finally {
    for (const {staged} of walk.stagings.values()) if (staged !== kept) await bill.close(warehouse, staged);
  }
}

/** Asks one source for all that is not covered yet. Returns those that go on: the others were put back. */
async function askSource(walk: Walk, open: readonly Open[], rank: number): Promise<readonly Open[]> {
  const {stage, asset, cascade} = walk;
  const going: Open[] = [];
  const asking: Open[] = [];
  for (const each of open) {
    const {job} = each;
    const absent = each.isCovered ? undefined : whyAbsent(stage, asset, {ordinal: job.ordinal, rank});
    if (absent !== undefined && stage.demand.ask(asset, job, rank)) continue;
    going.push(each);
    if (each.isCovered) continue;
    if (absent === undefined) asking.push(each);
    else
      note(walk, each, {
        rank,
        outcome: absent.failure,
        found: 0,
        detail: absent.detail,
        startedAt: stage.clock(),
      });
  }
  if (asking.length === 0) return going;
  const startedAt = stage.clock();
  const jobs = asking.map(({job}) => job);
  const made = await stageSource(stage, walk.warehouse, {batch: {asset, jobs}, rank});
  for (const each of asking) {
    const failed = made.failed.get(each.job.ordinal);
    if (failed !== undefined)
      note(walk, each, {rank, outcome: failed.failure, found: 0, detail: failed.error, startedAt});
  }
  if (made.staged === undefined) return going;
  const checks = [...asset.asset.checks, ...(cascade.sources[rank]?.checks ?? [])];
  const {staged} = made;
  const audited = await auditOf(stage, walk.warehouse, {staged, batch: {asset, jobs}, checks}).catch(
    async (error: unknown) => {
      await walk.bill.close(walk.warehouse, staged);
      throw error;
    },
  );
  walk.stagings.set(rank, {staged, audited});
  refuseForeignRows({asset, jobs}, audited.foreign);
  const audits = new Map(audited.partitions.map(audit => [audit.key, audit]));
  for (const each of asking) {
    const audit = audits.get(each.job.key);
    if (audit !== undefined && !made.failed.has(each.job.ordinal))
      weigh(walk, each, {rank, audit, startedAt});
  }
  return going;
}

/** Takes what a source gave for what it is. */
function weigh(
  walk: Walk,
  open: Open,
  {rank, audit, startedAt}: {readonly rank: number; readonly audit: Audit; readonly startedAt: number},
): void {
  const wrong = errorsIn(audit.violations);
  const {covered, rows} = audit;
  const found = covered?.length ?? 0;
  const base = {rank, found, startedAt};
  if (
    rows === 0 ||
    (covered !== undefined && found === 0 && gamesOf(walk.asset, open.job.ordinal).length > 0)
  ) {
    const detail = rows === 0 ? 'no rows' : 'rows of none of the games';
    note(walk, open, {...base, outcome: 'empty', detail});
  } else if (wrong !== undefined) {
    open.rejected ??= {rank, audit};
    note(walk, open, {...base, outcome: 'rejected', detail: wrong});
  } else {
    open.answers.push({rank, games: covered});
    const isAlone = covers(walk, open.job, covered);
    open.isCovered = walk.cascade.take === 'fill' ? covers(walk, open.job, gamesIn(open)) : isAlone;
    note(walk, open, {...base, outcome: isAlone ? 'covered' : 'partial', detail: null});
  }
}

/** All that the answers so far hold together; undefined where no games are counted. */
function gamesIn({answers}: Open): readonly string[] | undefined {
  if (answers.some(({games}) => games === undefined)) return undefined;
  return [...new Set(answers.flatMap(({games}) => games ?? []))];
}

/** Whether games are as many as declared, those whose absence is signed off left out. */
function covers({stage, asset}: Walk, {ordinal}: Job, games: readonly string[] | undefined): boolean {
  if (games === undefined) return true;
  const held = new Set(games);
  const accepted = acceptedGames(stage.frame, asset, ordinal);
  const expected = expectedOf(gamesOf(asset, ordinal), {held, accepted});
  return isEnough(held.size, asset.asset.covers?.atLeast ?? 1, expected);
}

function note(
  {stage, asset, cascade}: Walk,
  {job, tries}: Open,
  {
    rank,
    outcome,
    found,
    detail,
    startedAt,
  }: {rank: number; outcome: TryOutcome; found: number; detail: string | null; startedAt: number},
): void {
  const {covers: counted, name} = asset.asset;
  const at = stage.clock();
  tries.push({
    asset: name,
    key: job.key,
    source: cascade.sources[rank]?.name ?? '',
    outcome,
    expected: counted === undefined ? null : gamesOf(asset, job.ordinal).length,
    found: counted === undefined ? null : found,
    detail,
    at,
    durationMs: at - startedAt,
  });
}

/** Gives what no source has its result; false then. */
function mayTake({asset, cascade}: Walk, open: Open, results: Staging['results']): boolean {
  const {job, answers, tries, isCovered, rejected} = open;
  const standsIn = cascade.onMissing === 'empty' || cascade.onMissing === 'placeholder';
  if (isCovered || (answers.length > 0 && cascade.onMissing !== 'fail')) return true;
  if (answers.length === 0 && standsIn && rejected === undefined) return true;
  if (rejected !== undefined)
    results.set(job.ordinal, {outcome: 'quarantined', error: sourcesTold('No source passed', tries)});
  else {
    const lead =
      answers.length > 0 ? (`No source covers ${asset.asset.name}@${job.key}` as const) : 'No source has it';
    results.set(job.ordinal, {outcome: 'failed', failure: 'empty', error: sourcesTold(lead, tries)});
  }
  return false;
}

/** Of what no source could give, the rows of the best that checks refused are kept for reading. */
async function holdRejected(walk: Walk, open: readonly Open[], results: Staging['results']): Promise<void> {
  for (const [rank, {staged}] of walk.stagings) {
    const judged = open.flatMap(({job, rejected}) =>
      rejected?.rank === rank && results.has(job.ordinal) ? [{job, audit: rejected.audit}] : [],
    );
    await holdBack(walk.stage, {warehouse: walk.warehouse, staged, results}, judged);
  }
}

/** One staging for all: that of a source where everything is taken from it, else rows of several brought together. */
async function take(walk: Walk, taking: readonly Open[]): Promise<StagedBatch> {
  const {asset, warehouse, stage} = walk;
  const picked = taking.map(open => pick(walk, open));
  const batch: Batch = {asset, jobs: taking.map(({job}) => job)};
  const taken = new Map(picked.map(({taken}, index) => [taking[index]?.job.ordinal ?? -1, taken]));
  const ranks = new Set(picked.flatMap(({games}) => [...games.keys()]));
  const [only] = ranks;
  const isWhole = picked.every(
    ({games, rows}) => rows.length === 0 && games.size === 1 && games.get(only ?? -1) === 'all',
  );
  const single = ranks.size === 1 && isWhole ? walk.stagings.get(only ?? -1) : undefined;
  if (single !== undefined) return {...single, batch, taken};
  const ordinals = batch.jobs.map(({ordinal}) => ordinal);
  const staged = await warehouse.gather(
    {
      ...specsOf(asset, ordinals, edge => edge.source === undefined),
      parts: [...ranks].flatMap(rank => partOf(walk, rank, {taking, picked})),
      rows: picked.flatMap(({rows}) => rows),
    },
    stage.cancel,
  );
  return {staged, batch, audited: undefined, taken};
}

interface Picked {
  readonly taken: Taken;
  /** By rank of the source. */
  readonly games: ReadonlyMap<number, readonly string[] | 'all'>;
  readonly rows: ReturnType<typeof placeholderRows>;
}

function pick({asset, cascade}: Walk, open: Open): Picked {
  const {job, answers, isCovered} = open;
  const games = new Map<number, readonly string[] | 'all'>();
  if (answers.length === 0) {
    const rows = cascade.onMissing === 'placeholder' ? placeholderRows(asset, job.ordinal) : [];
    const trust: Trust = {sources: [], depth: cascade.sources.length, ceiling: 0, warned: []};
    return {taken: {trust, standsIn: true}, games, rows};
  }
  if (cascade.take === 'first') games.set(bestOf(answers).rank, 'all');
  else {
    const had = new Set<string>();
    for (const answer of answers) {
      const more = (answer.games ?? []).filter(game => !had.has(game));
      for (const game of more) had.add(game);
      if (more.length > 0) games.set(answer.rank, more);
    }
    const [sole] = games.keys();
    if (games.size === 1 && sole !== undefined) games.set(sole, 'all');
  }
  const used = [...games].toSorted(([a], [b]) => a - b);
  const sources = used.map(([rank, of]) => ({name: cascade.sources[rank]?.name ?? '', games: of}));
  const ceiling = Math.min(...used.map(([rank]) => cascade.sources[rank]?.quality ?? 100));
  // What is not covered may yet be, by any source: all of them are its inputs.
  const depth = isCovered ? open.tries.length : cascade.sources.length;
  return {taken: {trust: {sources, depth, ceiling, warned: []}, standsIn: false}, games, rows: []};
}

/** The one with the most games, of several the one that ranks first; the last where it alone covers. */
function bestOf(answers: readonly Answer[]): Answer {
  return answers.reduce((best, each) =>
    (each.games?.length ?? Number.POSITIVE_INFINITY) > (best.games?.length ?? Number.POSITIVE_INFINITY)
      ? each
      : best,
  );
}

function partOf(
  walk: Walk,
  rank: number,
  {taking, picked}: {readonly taking: readonly Open[]; readonly picked: readonly Picked[]},
): readonly Part[] {
  const from = walk.stagings.get(rank)?.staged;
  if (from === undefined) return [];
  const own = picked.flatMap(({games}, index) => {
    const of = games.get(rank);
    const key = taking[index]?.job.key;
    return of === undefined || key === undefined ? [] : [{key, of}];
  });
  return [
    {
      from,
      keys: own.flatMap(({key, of}) => (of === 'all' ? [key] : [])),
      games: own.flatMap(({key, of}) => (of === 'all' ? [] : of.map(game => ({key, game})))),
      gameColumn: walk.asset.asset.covers?.column,
    },
  ];
}
