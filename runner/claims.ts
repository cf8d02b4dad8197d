/**
 * Several runs on one ledger: what a batch must claim before it starts, and what the others record meanwhile, which
 * the frame is kept true to.
 * It does not deal with the warehouse's file, which one process alone can open (door.ts).
 */
import {isCovered} from '../planner/coverage.ts';
import {digestAt, digestToDepth} from '../planner/digest.ts';
import {type AssetFrame, frameOf} from '../planner/frame.ts';
import {type AssetGraph, buildGraph} from '../planner/graph.ts';
import type {AssetName, Pipeline} from '../planner/pipeline.ts';
import {CODE} from '../planner/state.ts';
import {bringForward} from './finish.ts';
import type {News} from './ledger.ts';
import type {Claim} from './ledger-session.ts';
import {buryDead, holderText, Watch} from './liveness.ts';
import type {Batch, Job} from './schedule.ts';
import {settleIntents} from './settle.ts';
import type {Stage, Workshop} from './workshop.ts';

/** What may start of a batch, and what others hold. */
export interface Admission {
  readonly jobs: readonly Job[];
  readonly held: readonly Job[];
}

/** Between two hearings of what concerns nothing that is claimed. Milliseconds. */
const HEARING_MS = 1_000;

/** Of one run, over all its stages. */
export class Claims {
  readonly #watch: Watch;
  /** Who held a partition when it was last asked for, by `asset@key`. */
  readonly #holders = new Map<string, string>();
  #heardAt = performance.now();
  readonly #assets: Pipeline['assets'];
  #graph: AssetGraph | undefined;
  readonly #upstream = new Map<AssetName, readonly AssetName[]>();

  constructor({pipeline, pulse, clock}: Pick<Workshop, 'pipeline' | 'pulse' | 'clock'>) {
    this.#assets = pipeline.assets;
    this.#watch = new Watch(pulse, {clock});
  }

  /** Takes for dead what is dead; returns whether anything was. */
  buryDead({ledger}: Pick<Workshop, 'ledger'>): boolean {
    return buryDead(ledger, this.#watch);
  }

  /**
   * Claims what nobody else holds, once everything is known that others have recorded of it and of what it reads.
   * Undefined: the frame has changed, so that the batch is to be judged anew.
   */
  async admit(stage: Stage, {asset, jobs}: Batch): Promise<Admission | undefined> {
    const {name} = asset.asset;
    const keys = jobs.map(({key}) => key);
    const upstream = this.#upstreamOf(asset);
    const claim = (): Claim => stage.ledger.claim({asset: name, keys, upstream, since: stage.heard});
    let found = claim();
    if (found.held.size > 0 && this.buryDead(stage)) found = claim();
    if (found.isUnsettled) await settleIntents(stage.ledger, stage, name);
    if (found.isBehind || found.isUnsettled) {
      hearNews(stage);
      return undefined;
    }
    if (found.isUpToDate) stage.heard = found.sequence;
    for (const [key, run] of found.held) this.#holders.set(`${name}@${key}`, run);
    const isHeld = ({key}: Job): boolean => found.held.has(key);
    return {jobs: jobs.filter(job => !isHeld(job)), held: jobs.filter(isHeld)};
  }

  /**
   * Hears what others recorded that concerned nothing which was claimed: every second, or at once. Only while no batch
   * is taken up.
   */
  catchUp(stage: Stage, {atOnce}: {readonly atOnce: boolean}): void {
    if (!atOnce && performance.now() - this.#heardAt < HEARING_MS) return;
    hearNews(stage);
    this.#heardAt = performance.now();
  }

  /** Whatever becomes of any partition of these may change what a claim is to be judged by. */
  #upstreamOf(asset: AssetFrame): readonly AssetName[] {
    const {name} = asset.asset;
    let found = this.#upstream.get(name);
    if (found === undefined) {
      this.#graph ??= buildGraph(this.#assets);
      const upstream = this.#graph.upstreamOf(name);
      // A table's other partitions may be of its former making, or be dropped with it.
      found = asset.asset.making.kind === 'files' ? upstream : [...upstream, name];
      this.#upstream.set(name, found);
    }
    return found;
  }

  /** Who holds a partition, for people; undefined where no run does. */
  holderOf({ledger}: Pick<Workshop, 'ledger'>, asset: AssetName, key: string): string | undefined {
    const run = this.#holders.get(`${asset}@${key}`);
    if (run === undefined) return undefined;
    const session = ledger.otherSessions().find(each => each.run === run);
    return session === undefined ? `run ${run}` : holderText(session);
  }
}

/** Brings the frame forward by what other runs have recorded. */
export function hearNews(stage: Stage): void {
  const {sequence, news} = stage.ledger.newsSince(stage.heard);
  stage.heard = sequence;
  stage.sequence = Math.max(stage.sequence, sequence);
  const known = news.filter(({asset}) => stage.frame.assets.has(asset as AssetName));
  for (const each of known) tell(stage, each);
  // Only now all versions are those of the ledger, and digests with them.
  for (const each of known) judgeAnew(stage, each);
  if (known.length > 0) stage.frame.quality.forget();
}

function tell(stage: Stage, {asset, key, row}: News): void {
  const found = frameOf(stage.frame, asset as AssetName); // of those in the frame
  const ordinal = found.ordinalOf.get(key);
  if (ordinal === undefined) return;
  stage.demand.hear(found, ordinal, row);
  if (!row.published) {
    found.published[ordinal] = 0;
    if (found.state[ordinal] !== CODE.accepted) found.state[ordinal] = CODE.missing;
    return;
  }
  const {version, trust, expected, found: held, absent} = row;
  const coverage = expected < 0 ? undefined : {expected, found: held, absent};
  bringForward(stage, found, ordinal, {version, trust, coverage});
}

function judgeAnew(stage: Stage, {asset, key, row}: News): void {
  const found = frameOf(stage.frame, asset as AssetName); // of those in the frame
  const ordinal = found.ordinalOf.get(key);
  if (ordinal === undefined || !row.published) return;
  found.state[ordinal] = isUpToDate(found, ordinal, row)
    ? isCovered(found, ordinal)
      ? CODE.fresh
      : CODE.partial
    : CODE.stale;
}

function isUpToDate(asset: AssetFrame, ordinal: number, {fingerprint, digest, trust}: News['row']): boolean {
  if (fingerprint.hash !== asset.fingerprint.hash) return false;
  const isCut = asset.asset.cascade !== undefined;
  return digest === (isCut ? digestToDepth(asset, ordinal, trust.depth) : digestAt(asset, ordinal));
}
