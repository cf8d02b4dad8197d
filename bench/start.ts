/**
 * What a command costs as a whole process on the demo's filled target: `plan`, `materialize` with nothing to do, and
 * `status`, beside `--version`, which only starts. In turn, medians of nine; the warehouse is moved away meanwhile, so
 * that a command which opened it would fail.
 */
import {renameSync} from 'node:fs';
import {join} from 'node:path';
import {copyFilled, duckdbOf, median} from './filled.ts';
import {type Measured, measure} from './process.ts';

const ROUNDS = 9;
const filled = await copyFilled();
const gameplan = join(import.meta.dirname, '..', 'bin', 'gameplan.js');
const commands = {
  start: ['--version'],
  plan: ['plan', '--target', filled.target],
  'materialize, nothing to do': ['materialize', '--target', filled.target],
  status: ['status', '--target', filled.target],
};

const found = new Map<string, Measured[]>();
try {
  const warehouse = join(filled.root, duckdbOf(filled.pipeline).path);
  renameSync(warehouse, `${warehouse}.away`);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, args] of Object.entries(commands)) {
      const measured = measure([gameplan, ...args], {cwd: filled.root});
      // The first round warms the caches of parsed files and compiled code.
      if (round > 0) found.set(name, [...(found.get(name) ?? []), measured]);
    }
  }
} finally {
  filled.remove();
}
const start = median((found.get('start') ?? []).map(({seconds}) => seconds));
const rows = [...found].map(([name, all]) => {
  const seconds = median(all.map(each => each.seconds));
  return {name, seconds, megabytes: Math.max(...all.map(each => each.megabytes)), ratio: seconds / start};
});
console.log(
  `Whole processes on target '${filled.target}', medians of ${ROUNDS}: seconds, peak MB, over --version`,
);
for (const {name, seconds, megabytes, ratio} of rows) {
  console.log(
    `${name.padEnd(28)}${seconds.toFixed(3).padStart(8)}${megabytes.toFixed(0).padStart(7)}${ratio.toFixed(2).padStart(7)}`,
  );
}
console.log(JSON.stringify({bench: 'start', target: filled.target, commands: rows}));
