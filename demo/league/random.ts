// Random numbers that depend on a seed and a label only, so that any game can be played apart from the others.
// Does not deal with security: sfc32 (C. Doty-Humphrey's PractRand) is a generator for simulation.

/** The next number, 0 (included) to 1 (not). */
export type Random = () => number;

export function randomOf(seed: number, label: string): Random {
  let a = hash(label, 0x811c9dc5 ^ seed);
  let b = hash(label, 0x01000193 + seed);
  let c = hash(label, 0x9e3779b9 ^ (seed << 7));
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  // The first outputs of near seeds resemble each other.
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** FNV-1a over the label's code units. */
function hash(label: string, basis: number): number {
  let value = basis | 0;
  for (let index = 0; index < label.length; index++) {
    value = Math.imul(value ^ label.charCodeAt(index), 0x01000193);
  }
  return value ^ (value >>> 15);
}

/** A whole number from `low` to `high`, both included. */
export function wholeBetween(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** About normal with mean 0 and deviation 1: twelve uniform numbers less six. */
export function bell(random: Random): number {
  let sum = -6;
  for (let count = 0; count < 12; count++) sum += random();
  return sum;
}

/** The same list in another order (Fisher and Yates). */
export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const copy = [...list];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    // Both indices lie inside the list, which has no holes.
    [copy[last], copy[other]] = [copy[other] as T, copy[last] as T];
  }
  return copy;
}
