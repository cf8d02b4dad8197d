/**
 * Reasons of many partitions as one: what is alike is said once, with its upstream partitions counted together.
 * It does not deal with words (sentence.ts) nor with which partitions are told together (plan-group.ts).
 */
import {type Note, type PartitionRef, type Reason, splitRef} from './reason.ts';

/** Reasons with the same likeness can be merged. */
export function likeness(reason: Reason): string {
  switch (reason.kind) {
    case 'upstream-changed':
    case 'upstream-arrived':
    case 'upstream-lost':
    case 'source-changed':
      // All of one edge, and so of one asset.
      return `${reason.kind} ${assetOf(reason.upstream[0] ?? '@')}`;
    case 'upstream-planned':
    case 'upstream-missing':
      return `${reason.kind} ${assetOf(reason.upstream)}`;
    case 'upstream-exempt':
    case 'upstream-accepted':
    case 'upstream-not-due':
    case 'upstream-failed':
    case 'upstream-other':
    case 'upstream-partial':
    case 'gate':
    case 'better-source':
    case 'if-source-fails':
      return `${reason.kind} ${assetOf(reason.upstream)}`;
    case 'parked':
    case 'last-attempt-failed':
    case 'last-attempt-quarantined':
      return `${reason.kind} ${causeOf(reason.error)}`;
    case 'site-closed':
      return `${reason.kind} ${reason.site} ${causeOf(reason.because)}`;
    case 'carried':
      return `${reason.kind} ${reason.from}`;
    case 'refresh':
      return `${reason.kind} ${reason.until?.at ?? ''}`;
    case 'quality-changed':
    case 'below-coverage':
    case 'games-not-final':
    case 'not-yet':
      return reason.kind;
    default:
      return JSON.stringify(reason);
  }
}

/** One reason for several that are alike. `planned`: how many partitions of an asset the plan makes. */
export function mergeAlike(reasons: readonly Reason[], planned: (asset: string) => number): Reason {
  const [first, second] = reasons;
  if (first === undefined) throw new Error('Internal error: no reason to merge');
  if (second === undefined) return first;
  switch (first.kind) {
    case 'upstream-changed':
    case 'upstream-arrived':
    case 'upstream-lost':
    case 'source-changed':
      return {kind: first.kind, ...mergeNamed(all(reasons, first.kind))};
    case 'upstream-planned': {
      const {upstream, sum} = mergeCounted(all(reasons, first.kind));
      return {kind: first.kind, upstream, count: Math.min(sum, Math.max(1, planned(assetOf(upstream))))};
    }
    case 'upstream-missing': {
      const {upstream, least} = mergeCounted(all(reasons, first.kind));
      return {kind: first.kind, upstream, count: least};
    }
    case 'upstream-other':
    case 'upstream-failed': {
      const {upstream, least} = mergeCounted(all(reasons, first.kind));
      return {kind: first.kind, upstream, count: least};
    }
    case 'upstream-partial':
      return leastOf(all(reasons, first.kind), ({held, expected}) => held / expected);
    case 'gate':
      return leastOf(all(reasons, first.kind), ({score}) => score);
    case 'below-coverage': {
      const parts = all(reasons, first.kind);
      return {
        kind: first.kind,
        found: sumOf(parts.map(({found}) => found)),
        expected: sumOf(parts.map(({expected}) => expected)),
        absent: parts.flatMap(({absent}) => absent),
      };
    }
    case 'schema-changed':
      return {...first, partitions: reasons.length};
    case 'games-not-final':
      return {kind: first.kind, games: sumOf(all(reasons, first.kind).map(({games}) => games))};
    case 'not-yet':
      return {kind: first.kind, dueAt: Math.min(...all(reasons, first.kind).map(({dueAt}) => dueAt))};
    default:
      return first;
  }
}

/** Notes with the same likeness can be merged. */
export function noteLikeness(note: Note): string {
  return 'upstream' in note ? `${note.kind} ${assetOf(note.upstream)}` : note.kind;
}

/** One note for several that are alike. */
export function mergeNotes(notes: readonly Note[]): Note {
  const [first] = notes;
  if (first === undefined) throw new Error('Internal error: no note to merge');
  if (first.kind !== 'built-on-stale') return first;
  const {upstream, least} = mergeCounted(
    notes.flatMap(note => (note.kind === 'built-on-stale' ? [note] : [])),
  );
  return {kind: first.kind, upstream, count: least};
}

/** Reasons that name some of their partitions and count all: exact where each names all of its own. */
function mergeNamed(
  reasons: readonly {readonly upstream: readonly PartitionRef[]; readonly count: number}[],
) {
  const named = [...new Set(reasons.flatMap(({upstream}) => upstream))].toSorted();
  return {upstream: named.slice(0, 1), count: Math.max(named.length, ...reasons.map(({count}) => count))};
}

/** Reasons that name their first partition and count all. Those with the same first one overlap; `least` is certain. */
function mergeCounted(reasons: readonly {readonly upstream: PartitionRef; readonly count: number}[]) {
  const most = new Map<PartitionRef, number>();
  for (const {upstream, count} of reasons) most.set(upstream, Math.max(count, most.get(upstream) ?? 0));
  const [upstream] = [...most.keys()].toSorted();
  if (upstream === undefined) throw new Error('Internal error: no upstream partition to merge');
  return {upstream, sum: sumOf([...most.values()]), least: Math.max(most.size, ...most.values())};
}

/** The one that says least, and how many differ. */
function leastOf<R extends {readonly upstream: PartitionRef; readonly count: number}>(
  reasons: readonly R[],
  share: (reason: R) => number,
): R {
  const least = reasons.reduce((best, each) => (share(each) < share(best) ? each : best));
  return {...least, count: new Set(reasons.map(each => `${each.upstream} ${share(each)}`)).size};
}

function all<K extends Reason['kind']>(reasons: readonly Reason[], kind: K): Extract<Reason, {kind: K}>[] {
  return reasons.filter((reason): reason is Extract<Reason, {kind: K}> => reason.kind === kind);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function assetOf(ref: PartitionRef): string {
  return splitRef(ref).asset;
}

/** Two errors that differ only in their numbers (dates, ids, counts) have one cause. */
export function causeOf(error: string): string {
  return error.replace(/\d+/g, '#');
}
