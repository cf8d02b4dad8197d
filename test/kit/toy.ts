/**
 * A project in memory for tests of the planner: a manifest, its files, a ledger and a clock that is an argument.
 * It makes no rows: the content of a partition is a hash of its definition and of the versions that it reads.
 */
import {calendarDefinition} from '../../planner/calendar.ts';
import {classify} from '../../planner/classify.ts';
import {verdictOn} from '../../planner/correction.ts';
import {isCovered} from '../../planner/coverage.ts';
import {digestAt, digestToDepth, triedDigestAt} from '../../planner/digest.ts';
import {
  type AssetFrame,
  type Frame,
  frameOf,
  isSameKey,
  isValid,
  keyAt,
  setGames,
} from '../../planner/frame.ts';
import {hexAt, sha256, wordFrom} from '../../planner/hash.ts';
import {type LedgerSnapshot, NO_LEASES, type Outcome, PLAIN_TRUST, type Trust} from '../../planner/ledger.ts';
import {makePlan} from '../../planner/make-plan.ts';
import type {AssetName, Pipeline} from '../../planner/pipeline.ts';
import {
  type Plan,
  type Planned,
  type PlannedPartition,
  type PlanRequest,
  WHOLE_REQUEST,
} from '../../planner/plan.ts';
import {judge, PROGRESS} from '../../planner/satisfy.ts';
import type {Sources} from '../../planner/sources.ts';
import {CODE} from '../../planner/state.ts';
import {parkedReason} from '../../planner/want.ts';
import {ordinalsRead} from '../../planner/window.ts';
import type {PartitionOutcome, PublishedOutcome} from '../../runner/ledger-row.ts';
import {LedgerMirror} from './ledger-mirror.ts';
import {gamesOf, parse, sourcesOf, type ToyGames, type ToySpec} from './toy-spec.ts';

const NO_LEDGER: LedgerSnapshot = {
  sequence: 0,
  calendars: new Map(),
  leases: NO_LEASES,
  spending: [],
  assets: [],
  find: () => undefined,
};

export interface Touch {
  /** 16 hex digits; by default what the definition and the inputs give. */
  readonly version?: string;
  readonly absent?: readonly string[];
  readonly trust?: Trust;
  readonly at?: number;
  readonly rows?: number;
  /** Its share of the time of its batch: what ended at the same time with the same share was one batch. */
  readonly durationMs?: number;
}

export class Toy {
  now = Date.parse('2024-02-01T18:00:00Z');
  readonly ledger = new LedgerMirror(NO_LEDGER);
  spec: ToySpec;
  pipeline: Pipeline;
  sources: Sources;

  constructor(spec: ToySpec) {
    this.spec = spec;
    this.pipeline = parse(spec);
    this.sources = sourcesOf(this.pipeline, spec);
  }

  /** Declares something anew; the ledger stays. */
  change(spec: Partial<ToySpec>): void {
    this.spec = {...this.spec, ...spec};
    this.pipeline = parse(this.spec);
    this.sources = sourcesOf(this.pipeline, this.spec);
  }

  at(instant: string): void {
    this.now = Date.parse(instant);
  }

  /** Publishes a whole calendar, and the schedule that it comes from. */
  calendar(games: ToyGames): void {
    const declaration = this.pipeline.calendars.get('nba');
    if (declaration === undefined) throw new Error('This toy has no calendar nba');
    const definition = calendarDefinition(declaration);
    const update = {name: 'nba', definition, games: gamesOf(games, this.now), seasons: 'all' as const};
    this.ledger.applyCalendar(update, this.ledger.sequence + 1);
    if (!this.pipeline.assets.has(name('raw.schedule'))) return;
    for (const key of this.asset('raw.schedule').keys) this.touch('raw.schedule', key);
  }

  frame(): Frame {
    return classify(this);
  }

  asset(asset: string): AssetFrame {
    return frameOf(this.frame(), name(asset));
  }

  planned(request: Partial<PlanRequest> = {}): Planned {
    return makePlan({
      pipeline: this.pipeline,
      sources: this.sources,
      ledger: this.ledger,
      now: this.now,
      request: {...WHOLE_REQUEST, ...request},
    });
  }

  plan(request: Partial<PlanRequest> = {}): Plan {
    return this.planned(request).plan;
  }

  /** What is planned, as `action asset@key`. */
  actions(request: Partial<PlanRequest> = {}): readonly string[] {
    return this.plan(request).partitions.flatMap(({action, asset, key}) =>
      action === undefined ? [] : [`${action} ${asset}@${key}`],
    );
  }

  explain(asset: string, key: string, request: Partial<PlanRequest> = {}): PlannedPartition {
    const found = this.plan({...request, all: true}).partitions.find(
      partition => partition.asset === asset && partition.key === key,
    );
    if (found === undefined) throw new Error(`${asset}@${key} is not in the plan`);
    return found;
  }

  /** The state, the action and the kinds of reasons in one line: `stale run: upstream-changed`. */
  verdict(asset: string, key: string, request: Partial<PlanRequest> = {}): string {
    const {state, action, reasons} = this.explain(asset, key, request);
    const words = [state, ...(action === undefined ? [] : [action])].join(' ');
    return reasons.length === 0 ? words : `${words}: ${reasons.map(({kind}) => kind).join(', ')}`;
  }

  /** Records a success, as a run would that read what is there now. */
  touch(asset: string, key: string, about: Touch = {}): void {
    const found = this.asset(asset);
    this.#record(publication(found, ordinalIn(found, key), about, this));
  }

  fail(asset: string, key: string, about: {error?: string; at?: number; quarantined?: boolean} = {}): void {
    const found = this.asset(asset);
    const ordinal = ordinalIn(found, key);
    const {error = 'HTTP 500', at = this.now, quarantined = false} = about;
    const outcome = quarantined ? 'quarantined' : 'failed';
    this.#record({...attempt(found, ordinal, {at, ledger: this.ledger}), outcome, error});
  }

  forget(asset: string, ...keys: readonly string[]): void {
    this.ledger.forget(name(asset), keys, this.ledger.sequence + 1);
  }

  /** Takes a stale partition as it is, as `gameplan mark --fresh` would; false where that does not apply. */
  mark(asset: string, key: string): boolean {
    const frame = this.frame();
    const found = frameOf(frame, name(asset));
    const ordinal = ordinalIn(found, key);
    const place = {frame, asset: found, ordinal};
    if (verdictOn(place, {kind: 'mark', allowProtected: false}) !== undefined) return false;
    const about = {at: this.now, ledger: this.ledger};
    this.#record({...attempt(found, ordinal, about), outcome: 'unchanged', error: null, marked: true});
    return true;
  }

  /** One attempt at a partition of a frame: recorded, and the frame brought forward. */
  make(
    asset: AssetFrame,
    ordinal: number,
    fails: boolean,
    made: (version: string) => void,
  ): 'succeeded' | 'unchanged' | 'failed' {
    if (fails) {
      const about = {at: this.now, ledger: this.ledger};
      this.#record({...attempt(asset, ordinal, about), outcome: 'failed', error: 'HTTP 500'});
      return 'failed';
    }
    const found = publication(asset, ordinal, {}, this);
    const was = asset.published[ordinal] === 1 ? hexAt(asset.version, ordinal) : undefined;
    const outcome = was === found.version ? 'unchanged' : 'succeeded';
    made(found.version);
    this.#record({...found, outcome});
    bringForward(asset, ordinal, found.version);
    return outcome;
  }

  #record(outcome: PartitionOutcome): void {
    this.ledger.apply([outcome], this.ledger.sequence + 1);
  }

  /**
   * Follows a plan in its order and records what comes of it, by `asset@key`. `about.fails` says which attempts fail;
   * `about.made` hears of each publication, just before the frame is brought forward.
   */
  run(
    request: Partial<PlanRequest> = {},
    about: {
      readonly fails?: (ref: string) => boolean;
      readonly made?: (asset: AssetFrame, ordinal: number, version: string) => void;
    } = {},
  ): ReadonlyMap<string, Outcome> {
    return this.follow(this.planned(request), {...about, force: request.force === true});
  }

  /** Follows a plan that was made before. */
  follow(
    {plan, frame, progress}: Planned,
    about: {
      readonly force?: boolean;
      readonly fails?: (ref: string) => boolean;
      readonly made?: (asset: AssetFrame, ordinal: number, version: string) => void;
    } = {},
  ): ReadonlyMap<string, Outcome> {
    const outcomes = new Map<string, Outcome>();
    for (const {asset: assetName, key, action, state, reasons} of plan.partitions) {
      if (action === undefined) continue;
      const ref = `${assetName}@${key}`;
      const asset = frameOf(frame, assetName);
      const ordinal = ordinalIn(asset, key);
      const stages = progress.get(assetName) ?? new Uint8Array();
      const [verdict] = judge(asset, [ordinal], progress, frame.quality);
      let outcome: Outcome = 'skipped';
      if (action === 'wait' || action === 'skip') {
        outcomes.set(ref, outcome);
        continue;
      }
      const isAsked = about.force === true || reasons.some(({kind}) => kind === 'refresh');
      const isParked =
        action === 'run-if' &&
        parkedReason({pipeline: this.pipeline, now: this.now}, asset, ordinal) !== undefined;
      if (isParked || ((action === 'run-if' || state === 'stale') && !isAsked && !isNeeded(asset, ordinal))) {
        outcome = 'not-needed';
      } else if (verdict?.waits.length === 0) {
        outcome = this.make(asset, ordinal, about.fails?.(ref) === true, version =>
          about.made?.(asset, ordinal, version),
        );
        frame.quality.forget();
      }
      stages[ordinal] = outcome === 'failed' || outcome === 'skipped' ? PROGRESS.failed : PROGRESS.done;
      outcomes.set(ref, outcome);
    }
    return outcomes;
  }
}

export function name(asset: string): AssetName {
  return asset as AssetName; // a test's own name
}

export function ordinalIn(asset: AssetFrame, key: string): number {
  const ordinal = asset.ordinalOf.get(key);
  if (ordinal === undefined) throw new Error(`${asset.asset.name} has no key ${key}`);
  return ordinal;
}

/** Content as a function of the definition and of what is read, whatever edges do not track. */
function versionOf(asset: AssetFrame, ordinal: number): string {
  const inputs = asset.edges.map(({edge, upstream, reads}) => [
    edge.name,
    ...ordinalsRead(reads, ordinal)
      .filter(i => isValid(upstream, i))
      .map(i => `${keyAt(upstream, i)} ${hexAt(upstream.version, i)}`),
  ]);
  const own = [asset.asset.name, keyAt(asset, ordinal), asset.fingerprint.hash];
  return sha256(JSON.stringify([own, inputs])).slice(0, 16);
}

function attempt(asset: AssetFrame, ordinal: number, {at, ledger}: {at: number; ledger: LedgerMirror}) {
  return {
    asset: asset.asset.name,
    key: keyAt(asset, ordinal),
    startedAt: at,
    endedAt: at,
    durationMs: 0,
    reasons: [],
    fingerprint: asset.fingerprint,
    digest: digestAt(asset, ordinal),
    triedDigest: triedDigestAt(asset, ordinal),
    readAt: ledger.sequence,
    entry: asset.entry === undefined ? null : hexAt(asset.entry.version, ordinal),
  };
}

function publication(asset: AssetFrame, ordinal: number, about: Touch, toy: Toy): PublishedOutcome {
  const {absent = [], at = toy.now} = about;
  const {covers, partitioning} = asset.asset;
  const counts = covers !== undefined && partitioning.kind === 'date';
  const games = asset.calendar?.games[ordinal] ?? [];
  return {
    ...attempt(asset, ordinal, {at, ledger: toy.ledger}),
    outcome: 'succeeded',
    error: null,
    version: about.version ?? versionOf(asset, ordinal),
    rows: about.rows ?? 10,
    durationMs: about.durationMs ?? 0,
    expected: counts ? games.length : null,
    found: counts ? games.length - absent.length : null,
    absent,
    trust: about.trust ?? PLAIN_TRUST,
    ...(about.trust === undefined ? {} : {digest: digestToDepth(asset, ordinal, about.trust.depth)}),
  };
}

/** Whether what was planned only for its inputs is to be made after all. */
function isNeeded(asset: AssetFrame, ordinal: number): boolean {
  const {record, row, fingerprint} = asset;
  const digest = digestAt(asset, ordinal);
  const at = row[ordinal] ?? -1;
  if (asset.published[ordinal] === 0) {
    if (record !== undefined && at >= 0 && hexAt(record.triedDigest, at) === digest) {
      const tried = record.fingerprints[record.triedFingerprint[at] ?? 0];
      if (tried?.hash === fingerprint.hash) return false;
    }
    return asset.edges
      .filter(({edge}) => edge.required && isSameKey(edge))
      .every(({upstream, reads}) => ordinalsRead(reads, ordinal).every(i => isValid(upstream, i)));
  }
  if (record === undefined) return true;
  const was = record.fingerprints[record.fingerprint[at] ?? 0];
  return was?.hash !== fingerprint.hash || hexAt(record.digest, at) !== digest;
}

function bringForward(asset: AssetFrame, ordinal: number, version: string): void {
  const {hi, lo} = wordFrom(version);
  asset.published[ordinal] = 1;
  asset.accepted[ordinal] = 0;
  asset.version.hi[ordinal] = hi;
  asset.version.lo[ordinal] = lo;
  const counts = asset.asset.covers !== undefined && asset.asset.partitioning.kind === 'date';
  // A run holds every game, also those that were signed off.
  const games = asset.calendar?.games[ordinal] ?? [];
  const held = counts ? games.length : 1;
  setGames(asset, ordinal, held, held);
  asset.state[ordinal] = isCovered(asset, ordinal) ? CODE.fresh : CODE.partial;
}
