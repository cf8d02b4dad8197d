/**
 * What it costs to load and validate a project of many assets: whole processes of `validate`, the first time and
 * unchanged, beside `--version`, which only starts; of the first time the manifest alone as a function, and of that
 * what the YAML parser takes. Five sizes, to see whether it grows in a straight line.
 * `npm run bench -- manifest [SIZE…]`
 */
import {spawnSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {parseDocument} from 'yaml';
import {parseManifest} from '../planner/manifest.ts';
import {median} from './filled.ts';
import {writeManyAssets} from './many-assets.ts';

const FIRST_ROUNDS = 3;
const AGAIN_ROUNDS = 5;
const asked = process.argv.slice(2).map(Number);
const sizes = asked.length > 0 ? asked : [1_000, 2_000, 4_000, 7_000, 10_000];
const gameplan = join(import.meta.dirname, '..', 'bin', 'gameplan.js');

function seconds(work: () => void): number {
  const startedAt = performance.now();
  work();
  return (performance.now() - startedAt) / 1000;
}

interface Spent {
  readonly wall: number;
  /** Of the processor, in the process and the kernel: what a busy machine does not change. */
  readonly cpu: number;
}

/** What a whole process takes, by GNU time. */
function run(root: string, ...args: readonly string[]): Spent {
  const startedAt = performance.now();
  const child = spawnSync('/usr/bin/time', ['-f', 'CPU %U %S', process.execPath, gameplan, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  if (child.error !== undefined) throw child.error;
  if (child.status !== 0) throw new Error(`${args.join(' ')} failed: ${child.stdout}${child.stderr}`);
  const [, user, system] = /CPU (\S+) (\S+)/.exec(child.stderr) ?? [];
  return {wall: (performance.now() - startedAt) / 1000, cpu: Number(user) + Number(system)};
}

const times = (rounds: number, work: () => number) => median(Array.from({length: rounds}, work));

function spent(rounds: number, work: () => Spent): Spent {
  const all = Array.from({length: rounds}, work);
  return {wall: median(all.map(({wall}) => wall)), cpu: median(all.map(({cpu}) => cpu))};
}

const rows = sizes.map(assets => {
  const {root, manifest, remove} = writeManyAssets(assets);
  try {
    run(root, '--version');
    const start = spent(AGAIN_ROUNDS, () => run(root, '--version'));
    const first = spent(FIRST_ROUNDS, () => {
      rmSync(join(root, '.gameplan'), {recursive: true, force: true});
      return run(root, 'validate');
    });
    const again = spent(AGAIN_ROUNDS, () => run(root, 'validate'));
    const plan = spent(FIRST_ROUNDS, () => run(root, 'plan'));
    const file = {path: 'pipeline.yaml', text: manifest};
    const pure = times(FIRST_ROUNDS, () =>
      seconds(() => {
        const {pipeline, diagnostics} = parseManifest({file, target: undefined, env: {}});
        if (pipeline === undefined) throw new Error(diagnostics[0]?.message);
      }),
    );
    const yaml = times(FIRST_ROUNDS, () =>
      seconds(() => parseDocument(manifest, {uniqueKeys: false, prettyErrors: false})),
    );
    return {assets, megabytes: manifest.length / 1e6, start, first, again, plan, manifest: pure, yaml};
  } finally {
    remove();
  }
});

console.log(
  `Seconds (of the processor in brackets), medians of ${FIRST_ROUNDS} (first, plan, functions) and ${AGAIN_ROUNDS}: npm run bench -- manifest`,
);
const WIDTH = 13;
const heads = ['MB', '--version', 'first', 'unchanged', 'plan', 'parseManifest', 'its YAML parser alone'];
console.log(`assets  ${heads.map(head => head.padStart(Math.max(WIDTH, head.length))).join('  ')}`);
for (const {assets, megabytes, ...row} of rows) {
  const cells = [megabytes, row.start, row.first, row.again, row.plan, row.manifest, row.yaml];
  const texts = cells.map((cell, i) => {
    const text =
      typeof cell === 'number' ? cell.toFixed(2) : `${cell.wall.toFixed(2)} (${cell.cpu.toFixed(2)})`;
    return text.padStart(Math.max(WIDTH, heads[i]?.length ?? 0));
  });
  console.log(`${String(assets).padStart(6)}  ${texts.join('  ')}`);
}
console.log(JSON.stringify({bench: 'manifest', sizes: rows}));
