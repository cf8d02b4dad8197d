/**
 * How recent a partition is for healing: the later of its due time and the last change of an input or of its site.
 * It does not deal with what that allows (healing.ts).
 */
import {fellDueAt} from './due.ts';
import {type AssetFrame, type EdgeFrame, type Frame, frameOf, refOf} from './frame.ts';
import {type AssetRecord, OUTCOMES} from './ledger.ts';
import {readersOf} from './on-demand.ts';
import type {PartitionRef, Reason} from './reason.ts';
import {ordinalsRead} from './window.ts';

export class Ages {
  readonly #frame: Frame;
  /** Why it is planned. */
  readonly #reasonsOf: (ref: PartitionRef) => readonly Reason[];
  readonly #health: ReadonlyMap<string, number>;
  /** By ordinal; NaN where it is not known. */
  readonly #since = new Map<AssetFrame, number[]>();

  constructor(frame: Frame, reasonsOf: (ref: PartitionRef) => readonly Reason[]) {
    this.#frame = frame;
    this.#reasonsOf = reasonsOf;
    this.#health = lastSuccesses(frame);
  }

  /** Milliseconds since 1970; undefined where nothing is known of it. */
  sinceOf(asset: AssetFrame, ordinal: number): number | undefined {
    const known = this.#since.get(asset) ?? [];
    this.#since.set(asset, known);
    known[ordinal] ??= this.#findSince(asset, ordinal) ?? Number.NaN;
    return Number.isNaN(known[ordinal]) ? undefined : known[ordinal];
  }

  #findSince(asset: AssetFrame, ordinal: number): number | undefined {
    const due = dueAt(this.#frame, asset, ordinal);
    const changes = [
      ...asset.edges.map(edge => inputChangedAt(edge, ordinal)),
      this.#healthOf(asset, ordinal),
      ...this.#clockOf(asset, ordinal),
    ].filter(at => at > 0);
    const known = due === undefined ? changes : [due, ...changes];
    return known.length === 0 ? undefined : Math.max(...known);
  }

  /** When a fetch of the same site succeeded after this one failed; 0 where none did. */
  #healthOf({asset, record, row}: AssetFrame, ordinal: number): number {
    const at = row[ordinal] ?? -1;
    if (record === undefined || at < 0 || asset.site === undefined || !hasFailed(record, at)) return 0;
    const success = this.#health.get(asset.site) ?? 0;
    return success > (record.triedAt[at] ?? 0) ? success : 0;
  }

  /** What the clock asks for is as recent as now, or, where a better source is asked again, as what was made of a lower one. */
  #clockOf(asset: AssetFrame, ordinal: number): readonly number[] {
    const reasons = this.#reasonsOf(refOf(asset, ordinal));
    return reasons.flatMap(reason => {
      if (reason.kind === 'refresh') return [this.#frame.now];
      if (reason.kind !== 'better-source') return [];
      return readersOf(this.#frame.pipeline, asset.asset.name).map(({asset: {name}}) => {
        const reader = frameOf(this.#frame, name);
        const own = reader.ordinalOf.get(asset.keys[ordinal] ?? '');
        return own === undefined ? 0 : publishedAt(reader, own);
      });
    });
  }
}

/** A season is alive until its last day. */
function dueAt({now}: Frame, asset: AssetFrame, ordinal: number): number | undefined {
  const due = fellDueAt(asset, ordinal);
  if (due === undefined || asset.asset.partitioning.kind !== 'season') return due;
  return Math.min(now, Math.max(due, lastDay(asset, ordinal) * 86_400_000));
}

export function lastDay({asset, calendar}: AssetFrame, ordinal: number): number {
  if (calendar === undefined || asset.partitioning.kind === 'all') return Number.POSITIVE_INFINITY;
  const days = asset.partitioning.kind === 'date' ? calendar.days : calendar.seasonLastDay;
  return days[ordinal] ?? 0;
}

function inputChangedAt({edge, upstream, reads}: EdgeFrame, ordinal: number): number {
  if (!edge.tracks) return 0;
  return ordinalsRead(reads, ordinal).reduce((last, i) => Math.max(last, publishedAt(upstream, i)), 0);
}

function publishedAt({record, row, published}: AssetFrame, ordinal: number): number {
  return published[ordinal] === 1 ? (record?.publishedAt[row[ordinal] ?? -1] ?? 0) : 0;
}

export function hasFailed({outcome}: AssetRecord, row: number): boolean {
  const last = OUTCOMES[(outcome[row] ?? 0) - 1];
  return last === 'failed' || last === 'quarantined';
}

/** By site, when a fetch of it last succeeded. */
function lastSuccesses({assets}: Frame): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const {asset, record} of assets.values()) {
    if (asset.site === undefined || record === undefined) continue;
    for (let row = 0; row < record.count; row++) {
      const published = record.published[row] === 1 ? (record.publishedAt[row] ?? 0) : 0;
      const isSuccess = !hasFailed(record, row) && (record.outcome[row] ?? 0) > 0;
      const at = Math.max(published, isSuccess ? (record.triedAt[row] ?? 0) : 0);
      if (at > (last.get(asset.site) ?? 0)) last.set(asset.site, at);
    }
  }
  return last;
}
