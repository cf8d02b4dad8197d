/**
 * A plan that was written down to be applied later: what was asked, what is to be done, and what that stands on.
 * It does not deal with files (plan-text.ts, cli/plan-path.ts) nor with whether it still holds (plan-changes.ts).
 */
import {digestsOf} from './digest.ts';
import {type AssetFrame, type Frame, frameOf, stateAt} from './frame.ts';
import {hexAt, sha256Of} from './hash.ts';
import type {AssetRecord, Fingerprint} from './ledger.ts';
import {markRead} from './marks.ts';
import type {AssetName, PartitionKey} from './pipeline.ts';
import type {Plan, PlannedPartition, PlanRequest} from './plan.ts';
import type {State} from './state.ts';

/** The first key of every plan file, and its value. */
export const PLAN_FORMAT = 'gameplan plan';
export const PLAN_VERSION = 1;

/** What was asked for: selectors as typed, everything else as read. */
export type Question = Omit<PlanRequest, 'selection' | 'only' | 'all'> & {
  readonly selectors: readonly string[];
  /** Keys by asset. */
  readonly only?: Readonly<Record<string, readonly string[]>>;
  readonly acceptCalendar: boolean;
};

/** What a partition was when the plan was made. */
export interface Standing {
  readonly state: State;
  /** 16 hex digits; absent where nothing is published. */
  readonly version?: string;
}

/** A partition with an action, and what it stands on. */
export type ListedPartition = PlannedPartition &
  Standing & {
    /** Of what it would read, as the ledger had it; absent for a key that nothing declares. 16 hex digits. */
    readonly digest?: string;
  };

export interface PlanFile {
  readonly format: typeof PLAN_FORMAT;
  readonly version: typeof PLAN_VERSION;
  /** A hash of all that follows. */
  readonly id: string;
  readonly pipeline: string;
  readonly target: string;
  readonly now: string;
  readonly manifest: string;
  readonly calendar: string;
  readonly ledger: number;
  readonly settled: boolean;
  readonly question: Question;
  readonly actions: Plan['actions'];
  /** Of every asset that is listed or read by what is listed. */
  readonly fingerprints: Readonly<Record<string, Fingerprint>>;
  /** In topological order, then by key. */
  readonly partitions: readonly ListedPartition[];
  /** By asset and key: what the listed partitions read. */
  readonly inputs: Readonly<Record<string, Readonly<Record<string, Standing>>>>;
}

export type PlanBody = Omit<PlanFile, 'id' | 'format' | 'version'>;

/** The file of a plan; `frame` is the one that it was made from. */
export function planFileOf(plan: Plan, frame: Frame, question: Question): PlanFile {
  const listed = plan.partitions.filter(({action}) => action !== undefined);
  const inputs = inputsOf(listed, frame);
  const names = new Set<string>([...listed.map(({asset}) => asset), ...Object.keys(inputs)]);
  const body: PlanBody = {
    pipeline: plan.pipeline,
    target: plan.target,
    now: plan.now,
    manifest: plan.manifest,
    calendar: plan.calendar,
    ledger: plan.ledger,
    settled: plan.settled,
    question,
    actions: plan.actions,
    fingerprints: Object.fromEntries(
      [...frame.assets.values()]
        .filter(({asset}) => names.has(asset.name))
        .map(({asset, fingerprint}) => [asset.name, fingerprint]),
    ),
    partitions: [...Map.groupBy(listed, ({asset}) => asset)].flatMap(([asset, partitions]) =>
      listedOf(frameOf(frame, asset), partitions),
    ),
    inputs,
  };
  return {format: PLAN_FORMAT, version: PLAN_VERSION, id: idOf(body), ...body};
}

/** The id that a file with this content has: a change by hand shows. */
export function idOf(body: PlanBody): string {
  return sha256Of(piecesOf(body));
}

function* piecesOf({partitions, inputs, ...head}: PlanBody): Generator<string> {
  yield JSON.stringify(head);
  for (const partition of partitions) yield `\n${JSON.stringify(partition)}`;
  for (const entry of Object.entries(inputs)) yield `\n${JSON.stringify(entry)}`;
}

function listedOf(found: AssetFrame, partitions: readonly PlannedPartition[]): readonly ListedPartition[] {
  const digests = digestsByKey(found, partitions);
  return partitions.map(({asset, key, state, action, reasons, notes}) => {
    const ordinal = found.ordinalOf.get(key);
    const digest = digests.get(key);
    const version =
      ordinal === undefined
        ? found.orphans.filter(orphan => orphan.key === key).map(({row}) => versionAt(found.record, row))[0]
        : standingAt(found, ordinal).version;
    return {
      asset,
      key,
      state,
      action,
      reasons,
      notes,
      ...(version === undefined ? {} : {version}),
      ...(digest === undefined ? {} : {digest}),
    };
  });
}

/** The digests of what is declared among `partitions`, together: one by one each window would be summed anew. */
export function digestsByKey(
  asset: AssetFrame,
  partitions: readonly {readonly key: PartitionKey}[],
): ReadonlyMap<string, string> {
  const declared = partitions.flatMap(({key}) => {
    const ordinal = asset.ordinalOf.get(key);
    return ordinal === undefined ? [] : [{key, ordinal}];
  });
  const digests = digestsOf(
    asset,
    declared.map(({ordinal}) => ordinal),
  );
  return new Map(declared.map(({key}, index) => [key, hexAt(digests, index)]));
}

function versionAt(record: AssetRecord | undefined, row: number): string | undefined {
  return record === undefined ? undefined : hexAt(record.version, row);
}

export function standingAt(asset: AssetFrame, ordinal: number): Standing {
  const state = stateAt(asset, ordinal);
  return asset.published[ordinal] === 1 ? {state, version: hexAt(asset.version, ordinal)} : {state};
}

function inputsOf(listed: readonly PlannedPartition[], frame: Frame): PlanFile['inputs'] {
  const read = new Map<AssetName, Uint8Array>();
  for (const [name, partitions] of Map.groupBy(listed, ({asset}) => asset)) {
    const {edges, keys, ordinalOf} = frameOf(frame, name);
    const own = new Uint8Array(keys.length);
    for (const {key} of partitions) {
      const ordinal = ordinalOf.get(key);
      if (ordinal !== undefined) own[ordinal] = 1;
    }
    for (const {upstream, reads} of edges) {
      const marks = read.get(upstream.asset.name) ?? new Uint8Array(upstream.keys.length);
      read.set(upstream.asset.name, marks);
      markRead(reads, own, marks);
    }
  }
  const inputs: Record<string, Record<string, Standing>> = {};
  for (const [name, asset] of frame.assets) {
    const marks = read.get(name);
    if (marks === undefined) continue;
    const standings: Record<string, Standing> = {};
    asset.keys.forEach((key, ordinal) => {
      if (marks[ordinal] === 1) standings[key] = standingAt(asset, ordinal);
    });
    if (Object.keys(standings).length > 0) inputs[name] = standings;
  }
  return inputs;
}
