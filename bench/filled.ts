/**
 * A filled target for benchmarks: the demo's own, copied aside so that measuring changes nothing.
 * It does not fill one: `npm run demo` does.
 */
import {cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseManifest} from '../planner/manifest.ts';
import type {DuckdbWarehouse, Pipeline} from '../planner/pipeline.ts';
import type {Sources} from '../planner/sources.ts';
import {readProject} from '../runner/project.ts';

export interface Filled {
  readonly root: string;
  readonly target: string;
  readonly pipeline: Pipeline;
  readonly sources: Sources;
  remove(): void;
}

const project = join(import.meta.dirname, '..');

/** The first of the demo's targets that is filled; throws with the command that fills one. */
export async function copyFilled(): Promise<Filled> {
  const target = ['recorded', 'simulated'].find(name =>
    existsSync(join(project, '.gameplan', name, 'warehouse.duckdb')),
  );
  if (target === undefined) throw new Error('Nothing is filled yet: run `npm run demo` first.');
  const root = mkdtempSync(join(tmpdir(), 'gameplan-bench-'));
  for (const name of ['assets', 'known-gaps', 'node_modules', 'package.json', 'package-lock.json']) {
    symlinkSync(join(project, name), join(root, name));
  }
  cpSync(join(project, 'pipeline.yaml'), join(root, 'pipeline.yaml'));
  cpSync(join(project, '.gameplan', target), join(root, '.gameplan', target), {recursive: true});
  const find = (path: string) => {
    const file = join(root, path);
    return existsSync(file) ? {path, text: readFileSync(file, 'utf8')} : undefined;
  };
  const file = find('pipeline.yaml');
  if (file === undefined) throw new Error('There is no pipeline.yaml.');
  const {pipeline, diagnostics} = parseManifest({
    file,
    target,
    env: process.env,
    knownGaps: find,
    calendarFile: find,
  });
  if (pipeline === undefined) throw new Error(diagnostics.map(({message}) => message).join('\n'));
  const {sources} = await readProject({root, pipeline});
  return {root, target, pipeline, sources, remove: () => rmSync(root, {recursive: true, force: true})};
}

/** The benchmarks measure DuckDB. */
export function duckdbOf({target: {name, warehouse}}: Pipeline): DuckdbWarehouse {
  if (warehouse.engine !== 'duckdb') throw new Error(`Target '${name}' has no DuckDB file.`);
  return warehouse;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
