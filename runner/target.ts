/**
 * Opens what a target names: ledger at once, warehouse and store when first needed, sites and modules as they are
 * asked for; and closes them together. It does not deal with what is done there.
 */
import type {Pipeline} from '../planner/pipeline.ts';
import type {Sources} from '../planner/sources.ts';
import {CodeHost} from './code-host.ts';
import type {Event} from './event.ts';
import type {Ledger} from './ledger.ts';
import {openLedger} from './ledger-open.ts';
import {ledgerPlace} from './ledger-place.ts';
import {PULSE, type Pulse} from './liveness.ts';
import {openStore} from './open-store.ts';
import {openWarehouse, type WarehouseOptions, warehouseFile} from './open-warehouse.ts';
import {Secrets} from './secrets.ts';
import {createSites} from './site.ts';
import type {Store} from './store.ts';
import {NO_TRACE, type Trace} from './trace.ts';
import type {Warehouse} from './warehouse.ts';
import type {Workshop} from './workshop.ts';

export interface TargetOptions {
  /** Absolute folder of the project; paths of the manifest are relative to it. */
  readonly root: string;
  readonly pipeline: Pipeline;
  readonly sources: Sources;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** How long to wait for a warehouse file that another process holds. Milliseconds. */
  readonly waitMs: number;
  /** Is told what a user should know of the ledger. */
  readonly warn?: (text: string) => void;
  /** How a session shows that it lives. */
  readonly pulse?: Pulse;
  /** Hears what takes time. */
  readonly trace?: Trace;
}

export interface RunOptions {
  readonly run: string;
  readonly emit: (event: Event) => void;
  readonly stop: AbortSignal;
  readonly cancel: AbortSignal;
  readonly acceptCalendar: boolean;
}

export interface OpenTarget {
  readonly ledger: Ledger;
  /** Opens the warehouse at the first call. */
  warehouse(waitMs?: number): Promise<Warehouse>;
  store(): Store;
  workshop(run: RunOptions): Workshop;
  close(): Promise<void>;
}

/** Throws a `LedgerError` where the ledger cannot be opened. */
export function openTarget(options: TargetOptions): OpenTarget {
  const {root, pipeline, sources, clock, warn, pulse = PULSE, trace = NO_TRACE} = options;
  const ledger = openLedger({
    place: ledgerPlace({root, pipeline}),
    pipeline: pipeline.name,
    beside: warehouseFile({root, pipeline}),
    warn,
    now: clock,
  });
  const sites = createSites({sites: pipeline.sites, purse: {ledger, clock}, trace});
  const code = new CodeHost(root, new Secrets(pipeline.sites.values()));
  let warehouse: Promise<Warehouse> | undefined;
  let store: Store | undefined;
  let current: string | undefined;
  const openers = {
    waitMs: options.waitMs,
    async warehouse(waitMs: number = options.waitMs): Promise<Warehouse> {
      warehouse ??= open({root, pipeline, waitMs, run: current}, trace);
      const opening = warehouse;
      try {
        return await opening;
      } catch (error) {
        // What is locked now may be free later.
        if (warehouse === opening) warehouse = undefined;
        throw error;
      }
    },
    async closeWarehouse(): Promise<void> {
      if (warehouse === undefined) return;
      const opened = await warehouse;
      warehouse = undefined;
      await opened.close();
    },
    store(): Store {
      store ??= openStore({root, pipeline, now: clock});
      return store;
    },
  };
  return {
    ledger,
    ...openers,
    workshop: run => {
      current = run.run;
      return {
        ...run,
        ...openers,
        pulse,
        trace,
        pipeline,
        sources,
        ledger,
        clock,
        client: (site, {asset, signal, onRetry, spender}) =>
          // A request gets its share of the attempt's time, so that its retries fit into it.
          sites.client(site, {
            signal,
            onRetry,
            spender,
            retries: asset.retries,
            timeoutMs: asset.timeout / (asset.retries + 1),
          }),
        shareAmong: runs => sites.shareAmong(runs),
        code,
      };
    },
    close: async () => {
      await code.close();
      await sites.close();
      ledger.close();
      if (warehouse === undefined) return;
      // An open that failed was told to whoever asked for it.
      const opened = await warehouse.catch(() => undefined);
      await opened?.close();
    },
  };
}

async function open(options: WarehouseOptions, trace: Trace): Promise<Warehouse> {
  const warehouse = await openWarehouse({...options, trace});
  if (trace === NO_TRACE) return warehouse;
  const {tracedWarehouse} = await import('./traced-warehouse.ts');
  return tracedWarehouse(warehouse, trace);
}
