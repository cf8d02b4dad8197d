/**
 * What is seen of something long: moved and zoomed within the whole of it.
 * Pure. It does not deal with what lies along it: ordinals (strip-layout.ts) or times (run/time-scale.ts).
 */

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface Zoom {
  /** Above 1 shows less. */
  readonly factor: number;
  /** What stays where it is. */
  readonly around: number;
}

/** Nothing shorter than `least` is seen, unless the whole is shorter. */
export function zoomed(seen: Stretch, {factor, around}: Zoom, whole: Stretch, least: number): Stretch {
  const most = whole.to - whole.from;
  const length = Math.min(most, Math.max(Math.min(least, most), (seen.to - seen.from) / factor));
  const share = (around - seen.from) / (seen.to - seen.from);
  return within({from: around - share * length, to: around + (1 - share) * length}, whole);
}

export function moved(seen: Stretch, by: number, whole: Stretch): Stretch {
  return within({from: seen.from + by, to: seen.to + by}, whole);
}

/** Moved, not cut, so that it lies inside. */
function within({from, to}: Stretch, whole: Stretch): Stretch {
  const length = Math.min(to - from, whole.to - whole.from);
  const start = Math.min(Math.max(from, whole.from), whole.to - length);
  return {from: start, to: start + length};
}
