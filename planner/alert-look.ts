/**
 * What there is to tell of a pipeline: old gaps that healing leaves, parked partitions, runs that failed, quality that
 * fell, sources that are down, and that nothing ran. It does not deal with what of it is told when (alert-memory.ts).
 */
import {
  type AlertLine,
  type AlertMemory,
  type Ended,
  EVENTS_MARK,
  type Found,
  type Look,
  WHOLE_RUN,
} from './alert.ts';
import {type Activity, silencesIn} from './alert-silence.ts';
import {judgeSources, type SourceTry} from './alert-sources.ts';
import {causeOf} from './alike.ts';
import type {AssetFrame, Frame} from './frame.ts';
import {refOf} from './frame.ts';
import type {Gap} from './gap.ts';
import {causeSentence} from './gap-sentence.ts';
import {findGaps} from './gaps.ts';
import type {HealingChoice, LeftCause} from './healing.ts';
import type {AssetName} from './pipeline.ts';
import {WHOLE_REQUEST} from './plan.ts';
import {splitRef} from './reason.ts';
import {CODE} from './state.ts';
import {lastTrouble} from './state-reason.ts';

/** What the ledger has on record, as far as it is not marked as looked at. */
export interface Recorded {
  /** Runs that failed or were killed. */
  readonly runs: readonly FailedRun[];
  /** The newest first. */
  readonly tries: readonly SourceTry[];
  readonly fallen: readonly FallenQuality[];
  /** Id of the newest event of any kind. */
  readonly lastEvent: number;
  /** Passes of healing that could do their work, and runs; undefined where none is expected. */
  readonly activity: readonly Activity[] | undefined;
}

export interface FailedRun {
  readonly id: string;
  readonly startedAt: number;
  /** Undefined: it was killed. */
  readonly endedAt: number | undefined;
  readonly requested: number;
  readonly skipped: number;
  readonly cancelled: number;
  readonly failures: readonly {readonly asset: string; readonly key: string; readonly error: string}[];
}

export interface FallenQuality {
  /** Id of the event. */
  readonly event: number;
  readonly asset: string;
  readonly key: string;
  readonly detail: string;
  readonly at: number;
}

export interface Looking {
  readonly frame: Frame;
  readonly choice: Pick<HealingChoice, 'left' | 'only'>;
  readonly recorded: Recorded;
  readonly memory: AlertMemory;
  /** How long nothing may run. Milliseconds. */
  readonly silence: number;
  readonly now: number;
}

/** The mark of a run that was looked at. */
export function runMark(run: string): string {
  return `run ${run}`;
}

export function lookAt(looking: Looking): Look {
  const {recorded, now} = looking;
  const gaps = findGaps(looking.frame, WHOLE_REQUEST).filter(({standing}) => standing === 'open');
  const sources = judgeSources(recorded.tries, looking);
  const quiet = silences(looking);
  return {
    found: [
      ...openedGaps(looking, gaps),
      ...parked(looking),
      ...recorded.runs.flatMap(failed),
      ...recorded.fallen.map(
        ({event, asset, key, detail, at}): Found => ({
          kind: 'quality-fell',
          cause: detail,
          about: asset,
          keys: [key],
          since: at,
          event,
        }),
      ),
      ...sources.found,
      ...quiet,
    ],
    ended: [...endedPartitions(looking, gaps), ...sources.ended],
    marks: new Map([
      ...recorded.runs.map(({id}) => [runMark(id), now] as const),
      ...quiet.flatMap(({once}) => (once === undefined ? [] : [[once, now] as const])),
      [EVENTS_MARK, recorded.lastEvent] as const,
    ]),
  };
}

/** Gaps that are too old for healing, and those of which it knows nothing to make. */
function openedGaps({frame, choice, now}: Looking, gaps: readonly Gap[]): readonly Found[] {
  const left = new Map<string, LeftCause>(choice.left.map(({ref, cause}) => [ref, cause]));
  const isOpened = (gap: Gap): boolean => {
    const {asset, ordinal, root, cause, since} = gap;
    const known = left.get(refOf(asset, ordinal));
    if (known !== undefined) return known === 'too-old';
    if (choice.only.get(asset.asset.name)?.has(asset.keys[ordinal] ?? '') === true) return false;
    const isRoot = root.asset === asset && root.ordinal === ordinal;
    const isOld = since === undefined || now - since > frame.pipeline.healing.autoWithin;
    return isRoot && (cause.kind === 'too-late' || isOld);
  };
  return gaps.filter(isOpened).map(gap => ({
    kind: 'gap-opened',
    cause: causeSentence(gap.cause, undefined),
    about: gap.asset.asset.name,
    keys: [gap.asset.keys[gap.ordinal] ?? ''],
    since: gap.since ?? now,
  }));
}

function parked({frame, choice, now}: Looking): readonly Found[] {
  return choice.left.flatMap(({cause, ref}): readonly Found[] => {
    if (cause !== 'parked') return [];
    const {asset: about, key} = splitRef(ref);
    const asset = assetOf(frame, about);
    const row = asset?.row[asset.ordinalOf.get(key) ?? -1] ?? -1;
    const trouble = lastTrouble(asset?.record, row);
    const error = trouble !== undefined && 'error' in trouble ? trouble.error : 'its last attempts failed';
    return [
      {kind: 'partition-parked', cause: error, about, keys: [key], since: asset?.record?.triedAt[row] ?? now},
    ];
  });
}

/** Partitions that were found before and are no open gaps any more, and are not parked as stale ones. */
function endedPartitions({frame, choice, memory}: Looking, gaps: readonly Gap[]): readonly Ended[] {
  const open = new Set<string>(gaps.map(({asset, ordinal}) => refOf(asset, ordinal)));
  for (const {cause, ref} of choice.left) if (cause === 'parked') open.add(ref);
  return [...memory.lines.values()].flatMap((line: AlertLine): readonly Ended[] => {
    const {kind, about} = line;
    if (kind !== 'gap-opened' && kind !== 'partition-parked') return [];
    const asset = assetOf(frame, about);
    return [...line.waiting, ...line.told].flatMap((key): readonly Ended[] => {
      if (open.has(`${about}@${key}`) || (kind === 'partition-parked' && isInTrouble(asset, key))) return [];
      return [{kind, about, key, isHealed: isThere(asset, key)}];
    });
  });
}

/** Published and not made as asked since: what it was parked for has not ended. */
function isInTrouble(asset: AssetFrame | undefined, key: string): boolean {
  const ordinal = asset?.ordinalOf.get(key);
  if (asset === undefined || ordinal === undefined || asset.published[ordinal] === 0) return false;
  return (
    asset.state[ordinal] === CODE.stale && lastTrouble(asset.record, asset.row[ordinal] ?? -1) !== undefined
  );
}

function isThere(asset: AssetFrame | undefined, key: string): boolean {
  const ordinal = asset?.ordinalOf.get(key);
  return asset !== undefined && ordinal !== undefined && asset.published[ordinal] === 1;
}

/** So many causes of one run are told apart, the largest; the rest is one. */
const MOST_CAUSES = 40;

function failed({failures, cancelled, ...run}: FailedRun): readonly Found[] {
  const brief = {...run, failed: failures.length};
  const once = runMark(run.id);
  const base = {kind: 'run-failed', since: run.startedAt, run: brief, once} as const;
  const asWhole = (cause: string): readonly Found[] => [{...base, cause, about: WHOLE_RUN, keys: [run.id]}];
  if (run.endedAt === undefined) return asWhole('it was killed before it could end');
  if (failures.length === 0) {
    // What only waits is told as a gap once it is old.
    const isFault = cancelled > 0 || run.requested === 0;
    return isFault ? asWhole("a fault ended it early; 'gameplan materialize' says which") : [];
  }
  const causes = [...Map.groupBy(failures, ({error}) => causeOf(error)).values()];
  causes.sort((a, b) => b.length - a.length);
  const rest = causes.slice(MOST_CAUSES).flat();
  const alike = [
    ...causes.slice(0, MOST_CAUSES).map(own => ({cause: own[0]?.error ?? '', own})),
    ...(rest.length === 0 ? [] : [{cause: 'other causes', own: rest}]),
  ];
  return alike.flatMap(({cause, own}) =>
    [...Map.groupBy(own, ({asset}) => asset)].map(([about, each]) => ({
      ...base,
      cause,
      about,
      keys: each.map(({key}) => key),
    })),
  );
}

function silences({recorded: {activity}, silence, now, frame}: Looking): readonly Found[] {
  return silencesIn(activity ?? [], {silence, now}).map(each => ({...each, about: frame.pipeline.name}));
}

function assetOf(frame: Frame, name: string): AssetFrame | undefined {
  return frame.assets.get(name as AssetName); // looked up, whatever it is
}
