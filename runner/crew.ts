/**
 * Who may share work: runs and workers of the same project, program and places, and the queue that they share.
 * It does not deal with what is handed out (spread.ts) nor with how it is made (worker.ts).
 */
import {createHash, randomUUID} from 'node:crypto';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import type {Pipeline} from '../planner/pipeline.ts';
import type {Sources} from '../planner/sources.ts';
import type {Assignment} from './assignment.ts';
import {noQueue, unreachableQueue} from './crew-error.ts';
import {ledgerName, ledgerPlace} from './ledger-place.ts';
import type {Pulse} from './liveness.ts';
import {postgresError} from './postgres-error.ts';
import {failureOf} from './postgres-failure.ts';
import {WorkQueue} from './queue.ts';

export interface CrewOptions {
  /** Absolute folder of the project. */
  readonly root: string;
  readonly pipeline: Pipeline;
  readonly sources: Sources;
  /** Names the program's own code, or its version where it was not built. */
  readonly program: string;
}

/** What a member of a crew shares with the others. */
export interface Crew {
  readonly identity: string;
  readonly queue: WorkQueue<Assignment>;
}

/** Throws a `CrewError`, or a `LedgerError` where the ledger could not be used either. */
export async function joinCrew(
  options: CrewOptions,
  {pulse, warn}: {readonly pulse: Pulse; readonly warn: (text: string) => void},
): Promise<Crew> {
  const place = ledgerPlace(options);
  if (place.kind !== 'postgres') throw noQueue(options.pipeline.target.name);
  const identity = identityOf(options);
  const {url, schema} = place;
  try {
    return {identity, queue: await WorkQueue.open({url, schema, name: `work-${identity}`, pulse, warn})};
  } catch (error) {
    throw queueError(ledgerName(place), error);
  }
}

/** SQLSTATEs of who may not come in, of a database that is not there, and of a server without room. */
const OF_LEDGER = /^(28|3D000|53)/;

/** What keeps the ledger itself from being used is told as of the ledger. */
function queueError(ledger: string, error: unknown): Error {
  const failure = failureOf(error);
  if (failure.isLost || OF_LEDGER.test(failure.code)) return postgresError(ledger, failure);
  return unreachableQueue(ledger, failure.message);
}

/**
 * A hash of all that two processes must have in common to make the same of a partition: the program, the manifest with
 * what it took from elsewhere, every query and module, warehouse and store. Secrets and who asks Google are not in it.
 */
function identityOf({root, pipeline, sources, program}: CrewOptions): string {
  const hash = createHash('sha256');
  const add = (...texts: readonly string[]): void => {
    for (const text of texts) hash.update(`${text.length}:`).update(text);
  };
  const {name, target, calendars, hash: manifest} = pipeline;
  add(program, name, manifest, target.name, warehouseOf({root, pipeline}), storeOf({root, pipeline}));
  for (const {source} of calendars.values()) if (source.kind === 'list') add(JSON.stringify(source.entries));
  for (const {path, text} of sources.queries.values()) add(path, text);
  for (const [function_, text] of sources.functions) add(function_, text);
  for (const module of sources.modules.values()) add(module.path, module.hash);
  return hash.digest('hex').slice(0, 16);
}

/** Of a file nothing: whoever hands work out makes its tables itself. */
function warehouseOf({pipeline: {target}}: Pick<CrewOptions, 'root' | 'pipeline'>): string {
  const {warehouse} = target;
  if (warehouse.engine === 'duckdb') return 'duckdb';
  return JSON.stringify([warehouse.project, warehouse.datasetPrefix, warehouse.endpoint ?? null]);
}

/** A folder is known by what lies in it, since it may have another path on another machine, or be another one there. */
function storeOf({root, pipeline: {target}}: Pick<CrewOptions, 'root' | 'pipeline'>): string {
  const {store} = target;
  if (store.kind === 'gcs') return JSON.stringify([store.bucket, store.prefix, store.endpoint ?? null]);
  const folder = resolve(root, store.path);
  const file = join(folder, MARK);
  mkdirSync(folder, {recursive: true});
  try {
    writeFileSync(file, `${randomUUID()}\n`, {flag: 'wx'});
  } catch (error) {
    // Somebody was here before.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFileSync(file, 'utf8');
}

/** Names a folder of objects. */
const MARK = '.gameplan-store';
