/**
 * What an engine bills for its work: shared over the partitions of a batch, and expected of a plan by what was billed
 * before. It does not deal with prices (cli/billed-text.ts) nor with where it is kept.
 */
import type {AssetName} from './pipeline.ts';
import type {PlannedPartition} from './plan.ts';

export interface Billed {
  readonly bytesBilled: number;
  /** Milliseconds of slots. */
  readonly slotMs: number;
}

/** Of an asset, over all that was ever tried. */
export interface BilledSoFar extends Billed {
  /** How many attempts that was. */
  readonly attempts: number;
}

/** Shares by weight, or evenly where nothing weighs anything; whole numbers that add up to the whole. */
export function shareBilled({bytesBilled, slotMs}: Billed, weights: readonly number[]): readonly Billed[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const bytes = Math.round(bytesBilled);
  const slots = Math.round(slotMs);
  let [before, byteEnd, slotEnd] = [0, 0, 0];
  return weights.map((weight, i) => {
    before += total > 0 ? weight : 1;
    const isLast = i === weights.length - 1;
    const part = before / (total > 0 ? total : weights.length);
    // Each ends where the next begins, so that nothing is lost or counted twice by rounding.
    const [byteStart, slotStart] = [byteEnd, slotEnd];
    byteEnd = isLast ? bytes : Math.floor(bytes * part);
    slotEnd = isLast ? slots : Math.floor(slots * part);
    return {bytesBilled: byteEnd - byteStart, slotMs: slotEnd - slotStart};
  });
}

export function addBilled(all: readonly (Billed | undefined)[]): Billed | undefined {
  const known = all.filter(each => each !== undefined);
  if (known.length === 0) return undefined;
  return known.reduce<Billed>(
    (sum, each) => ({bytesBilled: sum.bytesBilled + each.bytesBilled, slotMs: sum.slotMs + each.slotMs}),
    {bytesBilled: 0, slotMs: 0},
  );
}

/**
 * Bytes that a plan may be billed, by asset: as many a partition as were billed before, also for those that are made
 * only if their inputs change. An asset that was never billed is left out.
 */
export function expectedBytes(
  planned: readonly PlannedPartition[],
  soFar: ReadonlyMap<string, BilledSoFar>,
): ReadonlyMap<AssetName, number> {
  if (soFar.size === 0) return new Map();
  const counts = new Map<AssetName, number>();
  for (const {asset, action} of planned)
    if (action === 'run' || action === 'run-if') counts.set(asset, (counts.get(asset) ?? 0) + 1);
  return new Map(
    [...counts].flatMap(([asset, count]) => {
      const {bytesBilled, attempts} = soFar.get(asset) ?? {bytesBilled: 0, attempts: 0};
      return attempts === 0 ? [] : [[asset, Math.round((count * bytesBilled) / attempts)] as const];
    }),
  );
}
