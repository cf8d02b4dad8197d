/**
 * What a pass of healing costs that has nothing to do, on 40 assets x 4,300 dates that are all filled: whole processes
 * of `heal` beside `plan` and a bare start, and the work within (`bench/heal-pure.ts`).
 * `npm run bench -- heal`
 */
import {join} from 'node:path';
import {readProject} from '../runner/project.ts';
import {median} from './filled.ts';
import {makeProject} from './made-project.ts';
import {measure} from './process.ts';

const gameplan = join(import.meta.dirname, '..', 'bin', 'gameplan.js');
const pure = join(import.meta.dirname, 'heal-pure.ts');
const ROUNDS = 7;

const shape = {assets: 40, calendar: 'games', holes: 0, corrected: 0} as const;
const small = makeProject({...shape, dates: 10});
const {modules} = (await readProject(small)).sources;
small.remove();
const project = makeProject({...shape, dates: 4_300, modules});
try {
  const {root, now, partitions} = project;
  const at = ['--now', new Date(now).toISOString()];
  // The first one fills what is kept between commands.
  const seconds = (...args: readonly string[]) =>
    median(
      Array.from({length: ROUNDS + 1}, () => measure([gameplan, ...args], {cwd: root}).seconds).slice(1),
    );
  const start = seconds('--version');
  const plan = seconds('plan', ...at);
  const heal = seconds('heal', ...at);
  const said = measure([gameplan, 'heal', ...at], {cwd: root}).stdout.trim();
  const within = JSON.parse(measure([pure, root, String(now), String(ROUNDS)]).stdout) as {
    readonly cold: number;
    readonly warm: number;
  }; // heal-pure.ts wrote it
  console.log(`${partitions.toLocaleString('en-US')} partitions; ${said}`);
  console.log(`Medians of ${ROUNDS}, in seconds:`);
  const rows = [
    ['a bare start', start],
    ['gameplan plan', plan],
    ['gameplan heal', heal],
    ['work of a pass, first in its process', within.cold],
    ['work of a pass, again', within.warm],
  ] as const;
  for (const [name, value] of rows) console.log(`  ${name.padEnd(38)}${value.toFixed(3)}`);
  console.log(JSON.stringify({bench: 'heal', partitions, start, plan, heal, ...within}));
} finally {
  project.remove();
}
