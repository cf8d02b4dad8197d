/**
 * What the bench must know of a tool: how it is installed, how a project is written for it, and what it can be asked.
 * Packages go into a folder of their own, with versions that are written here; never into the project's.
 */
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {PeerGraph} from './graph.ts';

/**
 * `load`: read the project with nothing cached; `load again`: with what the tool keeps for that. `plan`: which
 * partitions are missing; `plan, stale too`: of each partition whether it is missing, stale or fresh.
 */
export const QUESTIONS = ['load', 'load again', 'plan', 'plan, stale too', 'status'] as const;
export type Question = (typeof QUESTIONS)[number];

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

export interface Peer {
  readonly name: string;
  /** The packages with their versions, as pip or npm is given them. */
  readonly packages: readonly string[];
  readonly kind: 'pip' | 'npm';
  /** What the project's folder keeps of the last load. */
  readonly caches: readonly string[];
  /** `tools` is the folder that the packages are in. */
  write(graph: PeerGraph, folder: string, tools: string): void;
  /** Brings its state to what the graph says is filled. */
  fill(tools: string): Command | undefined;
  /** A text says why the tool has no answer. */
  ask(question: Question, tools: string): Command | string;
}

/** The folder with the peer's packages, or why there is none. */
export function install({name, packages, kind}: Peer, under: string): {tools: string} | {skipped: string} {
  const tools = join(under, [name.toLowerCase(), ...packages].join('-').replaceAll(/[^a-z0-9.-]+/g, '_'));
  const done = join(tools, 'installed');
  if (existsSync(done)) return {tools};
  rmSync(tools, {recursive: true, force: true});
  mkdirSync(tools, {recursive: true});
  // With a package of its own npm does not look for one further up.
  if (kind === 'npm') writeFileSync(join(tools, 'package.json'), '{"private": true}\n');
  const steps: readonly Command[] =
    kind === 'pip'
      ? [
          {file: 'python3', args: ['-m', 'venv', tools]},
          {file: join(tools, 'bin', 'pip'), args: ['install', '--quiet', ...packages]},
        ]
      : [{file: 'npm', args: ['install', '--prefix', tools, '--no-audit', '--no-fund', ...packages]}];
  for (const {file, args} of steps) {
    const {status, stderr, error} = spawnSync(file, args, {encoding: 'utf8', cwd: tools});
    if (status === 0) continue;
    const why = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
    return {skipped: `cannot be installed (${file} ${args.join(' ')}): ${why}`};
  }
  writeFileSync(done, '');
  return {tools};
}
