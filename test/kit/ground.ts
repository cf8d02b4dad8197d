/**
 * Where trials take place: what a project has made, kept under a name and laid out again, in DuckDB and a folder or in
 * BigQuery and a bucket. It does not deal with what is tried.
 */
import {cpSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {unreachable} from '../../planner/unreachable.ts';
import {fileLedger, type LedgerPlace} from '../../runner/ledger-place.ts';
import {BUCKET, type Google, googleTargets, PROJECT, startGoogle} from './google.ts';
import {LedgersInPostgres} from './ledger-ground.ts';

export type TrialEngine = 'duckdb' | 'bigquery';

/** What a script is told by `--engine`; throws for another word. */
export function trialEngine(said: string): TrialEngine {
  if (said === 'duckdb' || said === 'bigquery') return said;
  throw new Error(`There is no engine '${said}': duckdb or bigquery.`);
}

export type TrialLedger = 'sqlite' | 'postgres';

/** What a script is told by `--ledger`; throws for another word. */
export function trialLedger(said: string): TrialLedger {
  if (said === 'sqlite' || said === 'postgres') return said;
  throw new Error(`There is no ledger '${said}': sqlite or postgres.`);
}

/** A place of its own for one trial, in what the manifest says of targets. */
export interface Plot {
  readonly targets: object;
  /** A table's name for `Project.query`. */
  table(asset: string): string;
  /** A file's path is relative to the project's folder. */
  readonly ledger: LedgerPlace;
}

/** Folders are those of projects. */
export interface Ground {
  readonly engine: TrialEngine;
  /** A new one, empty but for what was kept under the name. */
  plot(root: string, from?: string): Promise<Plot>;
  keep(root: string, plot: Plot, name: string): Promise<void>;
  /** What nobody uses any more goes. */
  clear(plot: Plot): Promise<void>;
  close(): Promise<void>;
}

export async function openGround(engine: TrialEngine, ledger: TrialLedger = 'sqlite'): Promise<Ground> {
  const ground = await groundOf(engine);
  return ledger === 'sqlite' ? ground : await LedgersInPostgres.open(ground);
}

async function groundOf(engine: TrialEngine): Promise<Ground> {
  switch (engine) {
    case 'duckdb':
      return new Folders();
    case 'bigquery':
      return new Prefixes(await startGoogle());
    default:
      return unreachable(engine);
  }
}

/** All that was made lies in the project's own folder. */
class Folders implements Ground {
  readonly engine: TrialEngine = 'duckdb';
  readonly #kept = mkdtempSync(join(tmpdir(), 'gameplan-kept-'));

  async plot(root: string, from?: string): Promise<Plot> {
    rmSync(join(root, '.gameplan'), {recursive: true, force: true});
    if (from !== undefined) cpSync(join(this.#kept, from), join(root, '.gameplan'), {recursive: true});
    return {
      targets: {local: {warehouse: {engine: 'duckdb', memory_limit: '256MB'}}},
      table: asset => asset,
      ledger: fileLedger('.gameplan/ledger.sqlite'),
    };
  }

  async keep(root: string, _: Plot, name: string): Promise<void> {
    cpSync(join(root, '.gameplan'), join(this.#kept, name), {recursive: true});
  }

  async clear(): Promise<void> {
    // The next plot of the folder clears it.
  }

  async close(): Promise<void> {
    rmSync(this.#kept, {recursive: true, force: true});
  }
}

/** Every plot has a prefix of its own: a job of a killed process that is still at work touches no other. */
class Prefixes implements Ground {
  readonly engine: TrialEngine = 'bigquery';
  readonly #google: Google;
  readonly #folders = new Folders();
  readonly #prefixes = new WeakMap<Plot, string>();
  #count = 0;

  constructor(google: Google) {
    this.#google = google;
  }

  async plot(root: string, from?: string): Promise<Plot> {
    await this.#folders.plot(root, from);
    const prefix = `plot${++this.#count}_`;
    if (from !== undefined) await this.#copy(keptPrefix(from), prefix);
    const plot: Plot = {
      targets: googleTargets(this.#google, prefix),
      table: asset => `\`${PROJECT}.${prefix}${asset}\``,
      ledger: fileLedger('.gameplan/prod/ledger.sqlite'),
    };
    this.#prefixes.set(plot, prefix);
    return plot;
  }

  async keep(root: string, plot: Plot, name: string): Promise<void> {
    await this.#folders.keep(root, plot, name);
    await this.#copy(this.#prefixOf(plot), keptPrefix(name));
  }

  async clear(plot: Plot): Promise<void> {
    const prefix = this.#prefixOf(plot);
    await this.#google.bigquery.dropDatasets(prefix);
    const bucket = this.#google.storage.bucket(BUCKET);
    for (const name of namesBelow(bucket.names(), prefix)) bucket.delete(name, new URLSearchParams());
  }

  async close(): Promise<void> {
    await this.#folders.close();
    await this.#google.close();
  }

  #prefixOf(plot: Plot): string {
    const prefix = this.#prefixes.get(plot);
    if (prefix === undefined) throw new Error('a plot of another ground');
    return prefix;
  }

  async #copy(from: string, to: string): Promise<void> {
    await this.#google.bigquery.copyDatasets(from, to);
    const bucket = this.#google.storage.bucket(BUCKET);
    const nothing = new URLSearchParams();
    for (const name of namesBelow(bucket.names(), from)) {
      const {bytes, contentType, metadata} = bucket.get(name, nothing);
      bucket.insert(`${to}${name.slice(from.length)}`, bytes, {contentType, metadata}, nothing);
    }
  }
}

function keptPrefix(name: string): string {
  return `kept_${name}_`;
}

function namesBelow(names: readonly string[], prefix: string): readonly string[] {
  return names.filter(name => name.startsWith(`${prefix}/`));
}
