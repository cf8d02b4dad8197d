// The floor of a game being played: the clock, both benches, who comes in, and who is picked.
// Does not deal with what happens there.
import type {Bench, Line} from './bench.ts';
import type {Happening, Watcher} from './happening.ts';
import type {Random} from './random.ts';

export interface Floor {
  readonly random: Random;
  readonly home: Bench;
  readonly away: Bench;
  readonly watch: Watcher | undefined;
  period: number;
  clock: number;
  /** Seconds played of the whole game. */
  elapsed: number;
  /** The clock at which the next fresh players come. */
  nextChange: number;
}

export function tell(floor: Floor, bench: Bench | undefined, happening: Happening): void {
  if (floor.watch === undefined) return;
  const {period, clock, home, away} = floor;
  floor.watch(happening, {period, clock, home: home.score, away: away.score, side: bench?.side});
}

export function replaceFive(floor: Floor, bench: Bench, next: readonly Line[], visible: boolean): void {
  const leaving = bench.five.filter(line => !next.includes(line));
  const coming = next.filter(line => !bench.five.includes(line));
  bench.five = next;
  if (!visible) return;
  for (const [index, out] of leaving.entries()) {
    const into = coming[index];
    if (into !== undefined) tell(floor, bench, {kind: 'substitution', out, into});
  }
}

export function pick(random: Random, bench: Bench, weight: (line: Line) => number): Line {
  let total = 0;
  for (const line of bench.five) total += weight(line);
  let rest = random() * total;
  for (const line of bench.five) {
    rest -= weight(line);
    if (rest < 0) return line;
  }
  const last = bench.five.at(-1);
  if (last === undefined) throw new Error('Internal error: nobody is on the floor.');
  return last;
}

/** Lets time pass; false when the period ended first. */
export function pass(floor: Floor, seconds: number): boolean {
  const spent = Math.min(seconds, floor.clock);
  for (const line of floor.home.five) line.seconds += spent;
  for (const line of floor.away.five) line.seconds += spent;
  floor.clock -= spent;
  floor.elapsed += spent;
  return spent === seconds && floor.clock > 0;
}

/** Six fouls and out, unless nobody is left to come in. */
export function replaceFouledOut(floor: Floor, bench: Bench): void {
  const out = bench.five.find(line => line.pf >= 6);
  if (out === undefined) return;
  const into = bench.lines.find(line => line.pf < 6 && !bench.five.includes(line));
  if (into === undefined) return;
  replaceFive(
    floor,
    bench,
    bench.five.map(line => (line === out ? into : line)),
    true,
  );
}
