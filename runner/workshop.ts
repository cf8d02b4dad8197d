/**
 * What the making of a partition has at hand: the target's warehouse and store, sites, modules, the ledger and the
 * frame of the plan that is followed. Things are opened when first needed and closed together.
 */
import type {AssetFrame, Frame} from '../planner/frame.ts';
import {hasTable, isExternal} from '../planner/making.ts';
import type {Asset, AssetName, Pipeline, ProjectPath} from '../planner/pipeline.ts';
import type {Sources} from '../planner/sources.ts';
import type {SiteClient} from './asset.ts';
import type {Carrier} from './carry.ts';
import type {CodeHost} from './code-host.ts';
import type {Event} from './event.ts';
import type {Ledger} from './ledger.ts';
import type {PartitionRow} from './ledger-row.ts';
import type {Pulse} from './liveness.ts';
import type {Job} from './schedule.ts';
import type {ClientOptions} from './site.ts';
import type {Store} from './store.ts';
import type {Trace} from './trace.ts';
import type {TableSpec, Warehouse} from './warehouse.ts';

export type RetryListener = (retry: {
  readonly attempt: number;
  readonly error: string;
  readonly waitMs: number;
}) => void;

export interface Workshop {
  readonly pipeline: Pipeline;
  readonly sources: Sources;
  readonly ledger: Ledger;
  readonly run: string;
  /** Reads the clock; planning does not use it. */
  readonly clock: () => number;
  readonly emit: (event: Event) => void;
  /** Aborted: no partition starts any more. */
  readonly stop: AbortSignal;
  /** Aborted: those at work are cancelled too. */
  readonly cancel: AbortSignal;
  readonly acceptCalendar: boolean;
  readonly pulse: Pulse;
  /** How long to wait for what another process holds. Milliseconds. */
  readonly waitMs: number;
  /**
   * Opened when first needed; may throw a `WarehouseError`, one of kind `locked` after `waitMs` (by default the
   * workshop's own).
   */
  warehouse(waitMs?: number): Promise<Warehouse>;
  /** Until it is needed again. Only one that is held alone: what is in memory would be gone. */
  closeWarehouse(): Promise<void>;
  store(): Store;
  client(
    site: string,
    about: {
      readonly asset: Asset;
      readonly signal: AbortSignal;
      readonly onRetry: RetryListener;
      readonly spender: NonNullable<ClientOptions['spender']>;
    },
  ): SiteClient;
  /** Shares out what sites allow in a minute among so many runs, this one among them. */
  readonly shareAmong: (runs: number) => void;
  /** What partitions are carried from, in place of what makes them. */
  readonly carry?: Carrier | undefined;
  /** Hears what takes time. */
  readonly trace: Trace;
  /** Runs the assets' own code. */
  readonly code: Pick<CodeHost, 'files' | 'rows'>;
}

/** The workshop of one stage of a run: its frame is brought forward as outcomes come in. */
export interface Stage extends Workshop {
  readonly frame: Frame;
  /** Sequence of the ledger that the inputs are read at. */
  sequence: number;
  /** Up to where all that other runs have recorded is known. */
  heard: number;
  readonly demand: Demand;
  /** How often requests of a partition were tried again in this run, by `asset@key`. */
  readonly retried: ReadonlyMap<string, number>;
}

/** What may be asked of the run while a partition is made. */
export interface Demand {
  /** Hears what another run has recorded about a partition: what was judged before is judged anew. */
  hear(asset: AssetFrame, ordinal: number, row: PartitionRow): void;
  /** Asks for a lower source on demand; true where the job is put back until that has ended. */
  ask(asset: AssetFrame, job: Job, rank: number): boolean;
  /** Whether a job is its batch's no more: its partition is made by another one, later. */
  isPutBack(job: Job): boolean;
}

export function tableOf(asset: Asset): TableSpec {
  const {name, making, columns, key, partitioning, physical, description} = asset;
  const own = {columns, key, partitioning};
  return making.kind === 'external-table'
    ? {name: making.table, ...own, isExternal: true}
    : {name, ...own, physical, description};
}

/** The text of a query that the manifest names, and where it stands: that of the target's engine. */
export function queryOf({queries}: Sources, path: ProjectPath): {query: string; queryPath: string} {
  const source = queries.get(path);
  if (source === undefined) throw new Error(`Internal error: query '${path}' was not read`);
  return {query: source.text, queryPath: source.path};
}

export function assetOf(pipeline: Pipeline, name: AssetName): Asset {
  const asset = pipeline.assets.get(name);
  if (asset === undefined) throw new Error(`Internal error: no asset '${name}'`);
  return asset;
}

/** Whether an asset's partitions are rows of a table. */
export function isTable({making}: Asset): boolean {
  return hasTable(making.kind);
}

/** Whether its receipts are rows of the warehouse: others own the place of what is only observed. */
export function hasReceiptRows(asset: Asset): boolean {
  return isTable(asset) || isExternal(asset.making.kind);
}

/** The folder of a partition's objects, or the object of an export. */
export function placeOf(asset: Asset, key: string, season: string): string {
  const {making} = asset;
  if (making.kind !== 'files' && making.kind !== 'export' && making.kind !== 'external-objects') {
    throw new Error(`Internal error: '${asset.name}' has no place in the store`);
  }
  return placeAt(making.path, key, season);
}

/** A path with its placeholders filled in. */
export function placeAt(path: string, key: string, season: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === 'season' ? season : key));
}
