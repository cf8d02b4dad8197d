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

/** Seconds of a whole process. */
function run(root: string, ...args: readonly string[]): number {
  return seconds(() => {
    const child = spawnSync(process.execPath, [gameplan, ...args], {cwd: root, encoding: 'utf8'});
    if (child.error !== undefined) throw child.error;
    if (child.status !== 0) throw new Error(`${args.join(' ')} failed: ${child.stdout}${child.stderr}`);
  });
}

const times = (rounds: number, work: () => number) => median(Array.from({length: rounds}, work));

const rows = sizes.map(assets => {
  const {root, manifest, remove} = writeManyAssets(assets);
  try {
    run(root, '--version');
    const start = times(AGAIN_ROUNDS, () => run(root, '--version'));
    const first = times(FIRST_ROUNDS, () => {
      rmSync(join(root, '.gameplan'), {recursive: true, force: true});
      return run(root, 'validate');
    });
    const again = times(AGAIN_ROUNDS, () => run(root, 'validate'));
    const plan = times(FIRST_ROUNDS, () => run(root, 'plan'));
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
  `Seconds, medians of ${FIRST_ROUNDS} (first, plan, functions) and ${AGAIN_ROUNDS}: npm run bench -- manifest`,
);
const heads = ['MB', '--version', 'first', 'unchanged', 'plan', 'parseManifest', 'its YAML parser alone'];
console.log(`assets  ${heads.map(head => head.padStart(Math.max(9, head.length))).join('  ')}`);
for (const {assets, megabytes, ...row} of rows) {
  const cells = [megabytes, row.start, row.first, row.again, row.plan, row.manifest, row.yaml];
  const texts = cells.map((cell, i) => cell.toFixed(2).padStart(Math.max(9, heads[i]?.length ?? 0)));
  console.log(`${String(assets).padStart(6)}  ${texts.join('  ')}`);
}
console.log(JSON.stringify({bench: 'manifest', sizes: rows}));
