/**
 * Why one partition is what it is: its record, attempts and checks, and what it reads, back to the root.
 * It decides no state (planner/classify.ts) and prints nothing.
 */
import path from 'node:path';
import {acceptancesOf, voidAt} from '../planner/accepted.ts';
import {digestAt} from '../planner/digest.ts';
import {type AssetFrame, type Frame, frameOf, refOf} from '../planner/frame.ts';
import type {GapCause} from '../planner/gap.ts';
import {gapAt} from '../planner/gaps.ts';
import {hexAt} from '../planner/hash.ts';
import {type AssetRecord, OUTCOMES, type Outcome} from '../planner/ledger.ts';
import {type NextRefresh, nextRefreshAt} from '../planner/next-refresh.ts';
import type {Planned, PlannedPartition} from '../planner/plan.ts';
import {keptFrom} from '../planner/protection.ts';
import {bounds} from '../planner/quality.ts';
import {issuesOf, type QualityIssues} from '../planner/quality-issue.ts';
import {seasonOf} from '../planner/range.ts';
import type {PartitionRef} from '../planner/reason.ts';
import {remedyOf, type Step} from '../planner/remedy.ts';
import {STATES, type State} from '../planner/state.ts';
import {type Tier, tierOf} from '../planner/tier.ts';
import {ordinalsRead} from '../planner/window.ts';
import type {RecordedTry} from '../runner/ledger-coverage.ts';
import type {AttemptRecord} from '../runner/ledger-run.ts';
import {placeOf} from '../runner/workshop.ts';
import {windowWords} from './window-words.ts';

export interface Publication {
  readonly version: string;
  readonly rows: number;
  /** Milliseconds since 1970. */
  readonly publishedAt: number;
  readonly durationMs: number;
  readonly fingerprint: string;
  readonly digest: string;
  /** Games found and expected; undefined where the asset declares no coverage. */
  readonly games:
    | {readonly found: number; readonly expected: number; readonly absent: readonly string[]}
    | undefined;
}

export interface LastAttempt {
  readonly at: number;
  readonly outcome: Outcome;
  readonly error: string | undefined;
}

/** What one edge reads: partitions of one upstream asset, and what those read in turn. */
export interface InputNode {
  readonly edge: string;
  readonly asset: string;
  /** Empty where it is the same key. */
  readonly window: string;
  readonly keys: readonly string[];
  readonly states: ReadonlyMap<State, number>;
  /** Of the newest of them. */
  readonly publishedAt: number | undefined;
  /** Where it is one partition. */
  readonly version: string | undefined;
  readonly rows: number | undefined;
  /** Undefined: the asset's own inputs were told above. */
  readonly inputs: readonly InputNode[] | undefined;
}

/** Scores from 0 to 100. */
export interface ExplainedQuality extends QualityIssues {
  /** Undefined where nothing is published. */
  readonly score: number | undefined;
  readonly own: number | undefined;
  readonly tier: Tier | undefined;
  /** The least of what it needs. */
  readonly inputs: number;
  readonly gate: number | undefined;
  readonly edges: readonly {readonly edge: string; readonly asset: string; readonly score: number}[];
}

/** What was signed off of a partition, and what became of that. */
export interface ExplainedAcceptance {
  readonly by: string;
  readonly on: string;
  readonly reason: string;
  readonly until: string | undefined;
  /** Whether its time is over. */
  readonly isExpired: boolean;
  /** Those of its games that it names; empty: the whole partition. */
  readonly games: readonly string[];
  /** What of it is there after all. */
  readonly void: 'all' | readonly string[];
}

export interface VersionRead {
  /** `asset@key`. */
  readonly partition: string;
  readonly version: string;
}

export interface Explanation {
  readonly partition: PlannedPartition;
  readonly kind: string;
  /** Undefined where it takes the rows of others. */
  readonly file: string | undefined;
  /** Where an export writes its object. */
  readonly object: string | undefined;
  /** Whether what is published is kept, and from when on it is, where that is still to come; milliseconds since 1970. */
  readonly isProtected: boolean;
  readonly protectedFrom: number | undefined;
  /** Of a source that moves within the day. */
  readonly nextRefresh: NextRefresh | undefined;
  readonly fingerprint: string;
  readonly digest: string;
  readonly publication: Publication | undefined;
  readonly lastAttempt: LastAttempt | undefined;
  /** The newest first. */
  readonly attempts: readonly AttemptRecord[];
  /** Of its sources, the newest first. */
  readonly tries: readonly RecordedTry[];
  readonly acceptances: readonly ExplainedAcceptance[];
  readonly checks: readonly {readonly name: string; readonly severity: 'error' | 'warn'}[];
  readonly inputs: readonly InputNode[];
  /** Undefined for what is no partition any more. */
  readonly quality: ExplainedQuality | undefined;
  /** Of a gap that begins elsewhere: where, and with which cause. */
  readonly root: {readonly ref: PartitionRef; readonly cause: GapCause} | undefined;
  /** What inputs that changed since were when it was made, where that is on record. */
  readonly read: readonly VersionRead[];
  /** What has to happen until it is up to date. */
  readonly steps: readonly Step[];
}

/** `partition` is one of the plan, which lists everything. */
export function explain(
  planned: Pick<Planned, 'plan' | 'frame'>,
  partition: PlannedPartition,
  history: Pick<Explanation, 'attempts' | 'tries' | 'read'>,
): Explanation {
  const {frame} = planned;
  const found = frameOf(frame, partition.asset);
  const {asset, record} = found;
  const ordinal = found.ordinalOf.get(partition.key);
  const row = ordinal === undefined ? rowOf(record, partition.key) : (found.row[ordinal] ?? -1);
  return {
    partition,
    kind: asset.making.kind,
    file: fileOf(asset.making),
    object: ordinal === undefined ? undefined : objectAt(frame, found, ordinal),
    ...clockOf(frame, found, ordinal),
    fingerprint: found.fingerprint.hash,
    digest: ordinal === undefined ? '' : digestAt(found, ordinal),
    publication: record === undefined || row < 0 ? undefined : publicationAt(record, row),
    lastAttempt: record === undefined || row < 0 ? undefined : lastAttemptAt(record, row),
    ...history,
    acceptances: ordinal === undefined ? [] : acceptancesAt(frame, found, ordinal),
    checks: [
      ...(asset.key.length > 0 ? [{name: `key(${asset.key.join(', ')})`, severity: 'error' as const}] : []),
      ...asset.checks.map(({name, severity}) => ({name, severity})),
    ],
    inputs: ordinal === undefined ? [] : inputsOf(frame, found, [ordinal], new Set()),
    quality: ordinal === undefined ? undefined : qualityOf(frame, found, ordinal),
    root: ordinal === undefined ? undefined : rootOf(frame, found, ordinal),
    steps: remedyOf(planned, partition),
  };
}

function clockOf(
  {now}: Frame,
  asset: AssetFrame,
  ordinal: number | undefined,
): Pick<Explanation, 'isProtected' | 'protectedFrom' | 'nextRefresh'> {
  // What nothing declares any more is kept whenever its games would have begun.
  const from = ordinal === undefined ? 0 : (keptFrom(asset, ordinal) ?? Number.POSITIVE_INFINITY);
  const isToCome = now < from && from < Number.POSITIVE_INFINITY;
  return {
    isProtected: asset.asset.protect !== 'never' && now >= from,
    protectedFrom: isToCome ? from : undefined,
    nextRefresh: ordinal === undefined ? undefined : nextRefreshAt(asset, ordinal, now),
  };
}

function rootOf(frame: Frame, asset: AssetFrame, ordinal: number): Explanation['root'] {
  const gap = gapAt(frame, asset, ordinal);
  if (gap === undefined || gap.state !== 'missing') return undefined;
  const {root, cause} = gap;
  if (root.asset === asset && root.ordinal === ordinal) return undefined;
  return {ref: refOf(root.asset, root.ordinal), cause};
}

function acceptancesAt(frame: Frame, asset: AssetFrame, ordinal: number): readonly ExplainedAcceptance[] {
  const played = new Set((asset.calendar?.games[ordinal] ?? []).map(({id}) => id));
  return acceptancesOf(frame, asset, ordinal).flatMap(({gap, isExpired}) => {
    const games = gap.games.filter(game => played.has(game));
    if (gap.games.length > 0 && games.length === 0) return [];
    const {acceptedBy: by, acceptedOn: on, reason, until} = gap;
    return [{by, on, reason, until, isExpired, games, void: voidAt(asset, ordinal, gap)}];
  });
}

const ISSUES = 20;

function qualityOf(frame: Frame, asset: AssetFrame, ordinal: number): ExplainedQuality {
  const {quality} = frame;
  const {score, own, inputs} = quality.scoresOf(asset);
  const known = (value: number | undefined): number | undefined =>
    value === undefined || Number.isNaN(value) ? undefined : value;
  const found = known(score[ordinal]);
  return {
    score: found,
    own: known(own[ordinal]),
    tier: found === undefined ? undefined : tierOf(found),
    inputs: inputs[ordinal] ?? 100,
    gate: asset.asset.gate,
    edges: asset.edges.filter(bounds).flatMap(edge => {
      const mean = quality.edgeAt(asset, edge, ordinal);
      return mean === undefined ? [] : [{edge: edge.edge.name, asset: edge.upstream.asset.name, score: mean}];
    }),
    ...issuesOf(frame, asset, ordinal, ISSUES),
  };
}

/** Of an asset that takes the rows of others: nothing makes them but the manifest. */
function fileOf(making: AssetFrame['asset']['making']): string | undefined {
  if ('module' in making) return making.module;
  return 'query' in making ? making.query : undefined;
}

/** As it is found from the project's folder, or in its bucket. */
function objectAt({pipeline}: Frame, asset: AssetFrame, ordinal: number): string | undefined {
  if (asset.asset.making.kind !== 'export') return undefined;
  const place = placeOf(asset.asset, asset.keys[ordinal] ?? '', seasonOf(asset, ordinal));
  const {store} = pipeline.target;
  return store.kind === 'folder'
    ? path.posix.join(store.path, place)
    : `gs://${store.bucket}/${store.prefix}${place}`;
}

function rowOf(record: AssetRecord | undefined, key: string): number {
  return record?.keys.indexOf(key) ?? -1;
}

function publicationAt(record: AssetRecord, row: number): Publication | undefined {
  if (record.published[row] !== 1) return undefined;
  const expected = record.expected[row] ?? -1;
  const found = record.found[row] ?? -1;
  return {
    version: hexAt(record.version, row),
    rows: record.rows[row] ?? 0,
    publishedAt: record.publishedAt[row] ?? 0,
    durationMs: record.durationMs[row] ?? 0,
    fingerprint: record.fingerprints[record.fingerprint[row] ?? 0]?.hash ?? '',
    digest: hexAt(record.digest, row),
    games: expected < 0 ? undefined : {found, expected, absent: record.absent.get(row) ?? []},
  };
}

function lastAttemptAt(record: AssetRecord, row: number): LastAttempt | undefined {
  const outcome = OUTCOMES[(record.outcome[row] ?? 0) - 1];
  return outcome === undefined
    ? undefined
    : {at: record.triedAt[row] ?? 0, outcome, error: record.errors.get(row)};
}

/** Goes up from all keys that were read, an asset at a time: a table that many read is told where it first occurs. */
function inputsOf(
  frame: Frame,
  found: AssetFrame,
  ordinals: readonly number[],
  told: Set<string>,
): readonly InputNode[] {
  return found.edges.map(({edge, upstream, reads}) => {
    const source = frameOf(frame, upstream.asset.name);
    const read = [...new Set(ordinals.flatMap(ordinal => ordinalsRead(reads, ordinal)))].toSorted(
      (a, b) => a - b,
    );
    const isTold = told.has(source.asset.name);
    told.add(source.asset.name);
    const [only] = read;
    const row = read.length === 1 && only !== undefined ? (source.row[only] ?? -1) : -1;
    const publication =
      row < 0 || source.record === undefined ? undefined : publicationAt(source.record, row);
    return {
      edge: edge.name,
      asset: source.asset.name,
      window: windowWords(edge),
      keys: read.map(ordinal => source.keys[ordinal] ?? ''),
      states: countStates(source, read),
      publishedAt: newest(source, read),
      version: publication?.version,
      rows: publication?.rows,
      inputs: isTold ? undefined : inputsOf(frame, source, read, told),
    };
  });
}

function countStates(found: AssetFrame, ordinals: readonly number[]): ReadonlyMap<State, number> {
  const counts = new Map<State, number>();
  for (const ordinal of ordinals) {
    const state = STATES[found.state[ordinal] ?? 0] ?? 'missing';
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return counts;
}

function newest({record, row}: AssetFrame, ordinals: readonly number[]): number | undefined {
  const times = ordinals.map(ordinal => record?.publishedAt[row[ordinal] ?? -1] ?? 0);
  const last = times.reduce((most, at) => Math.max(most, at), 0);
  return last === 0 ? undefined : last;
}
