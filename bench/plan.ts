/**
 * What a plan costs: whole processes of `plan`, and the pure function with its read of the ledger, on made projects of
 * fixed seeds; then the pure function over five sizes, to see whether it grows in a straight line.
 * `npm run bench -- plan [NAME…]`; names are those of the first column, or 'slope'.
 */
import {join} from 'node:path';
import {median} from './filled.ts';
import {makeProject, type Shape} from './made-project.ts';
import {measure} from './process.ts';

const gameplan = join(import.meta.dirname, '..', 'bin', 'gameplan.js');
const pure = join(import.meta.dirname, 'plan-pure.ts');
const ROUNDS = 5;

interface Case {
  readonly name: string;
  readonly shape: Shape;
  /** Only the pure function. */
  readonly isPure?: boolean;
}

const CASES: readonly Case[] = [
  {name: 'nba', shape: {assets: 40, dates: 1_059, calendar: 'games', holes: 0.001, corrected: 0.0001}},
  {name: 'holes', shape: {assets: 40, dates: 4_300, calendar: 'games', holes: 0.1, corrected: 0.01}},
  {name: 'wide', shape: {assets: 310, dates: 16_452, calendar: 'list', holes: 0, corrected: 0}},
  {
    name: 'night',
    shape: {assets: 310, dates: 16_452, calendar: 'list', holes: 0, corrected: 0, isLastDateNew: true},
  },
  {
    name: 'every-second',
    shape: {assets: 1, dates: 100_000, calendar: 'list', holes: 0, corrected: 0, every: 2},
  },
  {
    name: 'vast',
    shape: {assets: 10_000, dates: 5_000, calendar: 'list', holes: 0, corrected: 0},
    isPure: true,
  },
];

const SLOPE = [60, 125, 250, 500, 1_000];
const SLOPE_DATES = 5_000;

interface Row {
  readonly name: string;
  readonly partitions: number;
  readonly process: number;
  readonly megabytes: number;
  /** The first time in a process, and the median of the rest. */
  readonly cold: number;
  readonly warm: number;
  readonly counts: Readonly<Record<string, number>>;
}

function run({name, shape, isPure = false}: Case): Row {
  const project = makeProject(shape);
  const {root, now, partitions} = project;
  try {
    const at = new Date(now).toISOString();
    const plan = () => measure([gameplan, 'plan', '--now', at], {cwd: root});
    const rounds = isPure ? [] : Array.from({length: ROUNDS + 1}, plan).slice(1);
    const function_ = measure([
      '--max-old-space-size=4096',
      pure,
      root,
      String(now),
      isPure ? '2' : String(ROUNDS),
    ]);
    const {seconds, counts} = JSON.parse(function_.stdout) as {seconds: number[]; counts: Row['counts']}; // plan-pure.ts wrote it
    const [cold = Number.NaN, ...warm] = seconds;
    return {
      name,
      partitions,
      process: isPure ? Number.NaN : median(rounds.map(each => each.seconds)),
      megabytes: isPure ? function_.megabytes : Math.max(...rounds.map(each => each.megabytes)),
      cold,
      warm: median(warm),
      counts,
    };
  } finally {
    project.remove();
  }
}

const asked = process.argv.slice(2);
const isAsked = (name: string): boolean => asked.length === 0 || asked.includes(name);
const start = median(Array.from({length: ROUNDS}, () => measure([gameplan, '--version']).seconds));
console.log(
  `Medians of ${ROUNDS}: seconds of the whole process, peak MB, seconds of the pure function (first, then warm)`,
);
console.log(`a bare start of the command: ${start.toFixed(3)} s`);
console.log('case            partitions  process  peak MB    cold    warm  counts');
const rows = CASES.filter(({name}) => isAsked(name)).map(each => {
  const row = run(each);
  const cells = [row.process, row.megabytes, row.cold, row.warm].map((value, i) =>
    value.toFixed(i === 1 ? 0 : 3).padStart(8),
  );
  const counts = Object.entries(row.counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count.toLocaleString('en-US')}`);
  console.log(
    `${row.name.padEnd(14)}${row.partitions.toLocaleString('en-US').padStart(12)} ${cells.join('')}  ${counts.join(', ')}`,
  );
  return row;
});

const slope = isAsked('slope')
  ? SLOPE.map(assets => {
      const row = run({
        name: `${assets}`,
        shape: {assets, dates: SLOPE_DATES, calendar: 'list', holes: 0.001, corrected: 0},
        isPure: true,
      });
      const edges = 3 * row.partitions;
      const nanoseconds = (row.warm * 1e9) / edges;
      console.log(
        `${assets.toLocaleString('en-US').padStart(6)} assets x ${SLOPE_DATES}: ${row.warm.toFixed(3)} s, ${nanoseconds.toFixed(1)} ns a partition and edge`,
      );
      return {assets, seconds: row.warm, nanoseconds};
    })
  : [];
console.log(JSON.stringify({bench: 'plan', start, cases: rows, slope}));
