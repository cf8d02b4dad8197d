/**
 * Faults at a chosen call of what a run works with: the warehouse, the store with its drafts, the ledger, the sites.
 * It does not deal with what is run (fault-project.ts) nor with what must hold after it (fault-look.ts).
 */
import {Worker} from 'node:worker_threads';
import {SiteError} from '../../runner/asset.ts';
import {LedgerError} from '../../runner/ledger-error.ts';
import {StoreError} from '../../runner/store.ts';
import {WarehouseError} from '../../runner/warehouse.ts';
import type {Workshop} from '../../runner/workshop.ts';
import type {TrialEngine} from './ground.ts';

export const COMPONENTS = ['warehouse', 'store', 'ledger', 'site'] as const;
export type Component = (typeof COMPONENTS)[number];

/**
 * `before`: the call never happens. `after`: it took effect, and nobody hears of it. `during`: so many microseconds
 * after it began, wherever it is then.
 */
export type Moment = 'before' | 'after' | {readonly afterMicros: number};

export interface Fault {
  readonly component: Component;
  /** Which call of the component, counted from 1. */
  readonly call: number;
  readonly moment: Moment;
  /** A kind of error to throw; killed where none is given. */
  readonly error?: string;
}

/** How often each component was called. */
export type Calls = Readonly<Record<Component, number>>;

/** Errors by component and kind: code treats kinds differently. */
const ERRORS: Readonly<Record<Component, Readonly<Record<string, () => Error>>>> = {
  warehouse: {
    query: () => new WarehouseError('query', 'A row did not fit.'),
    other: () => new WarehouseError('other', 'The warehouse failed.'),
    'disk-full': () => new WarehouseError('disk-full', 'The disk of the warehouse is full.'),
    unreadable: () => new WarehouseError('unreadable', 'BigQuery failed again and again by itself.'),
    denied: () => new WarehouseError('denied', 'Access Denied: Table: User does not have permission.'),
  },
  store: {
    other: () => new StoreError('other', 'The store gave up.'),
    'disk-full': () => new StoreError('disk-full', 'The disk of the store is full.'),
  },
  ledger: {
    busy: () => ledgerError('busy'),
    'disk-full': () => ledgerError('disk-full'),
  },
  site: {
    transient: () => new SiteError('Answered 503.', {url: 'http://league', status: 503, transient: true}),
  },
};

const LOCAL = ['busy', 'disk-full'] as const;

/** A bucket has no disk that may be full, and a folder nobody who may forbid it. */
const KINDS: Readonly<Record<TrialEngine, Readonly<Record<Component, readonly string[]>>>> = {
  duckdb: {
    warehouse: ['query', 'other', 'disk-full'],
    store: ['other', 'disk-full'],
    ledger: LOCAL,
    site: ['transient'],
  },
  bigquery: {
    warehouse: ['query', 'other', 'unreadable', 'denied'],
    store: ['other'],
    ledger: LOCAL,
    site: ['transient'],
  },
};

function ledgerError(kind: 'busy' | 'disk-full'): LedgerError {
  return new LedgerError(kind, {path: 'ledger.sqlite', problem: 'cannot be written', mend: 'Run again.'});
}

/** Counts the calls of a run's tools, and strikes at one of them. */
export class FaultPlan {
  readonly #fault: Fault | undefined;
  readonly #killer: Killer | undefined;
  readonly #counts = {warehouse: 0, store: 0, ledger: 0, site: 0};
  /** The name of the call that was struck. */
  struck: string | undefined;

  private constructor(fault: Fault | undefined, killer: Killer | undefined) {
    this.#fault = fault;
    this.#killer = killer;
  }

  static async of(fault: Fault | undefined): Promise<FaultPlan> {
    const isDuring = fault !== undefined && typeof fault.moment === 'object';
    return new FaultPlan(fault, isDuring ? await Killer.start() : undefined);
  }

  get calls(): Calls {
    return {...this.#counts};
  }

  through = (workshop: Workshop): Workshop => ({
    ...workshop,
    ledger: this.#around('ledger', workshop.ledger),
    warehouse: async () => this.#around('warehouse', await workshop.warehouse()),
    store: () => {
      const store = workshop.store();
      // A store may be spread into another: each of its calls is its own property.
      const calls = Object.entries(store).filter(([, value]) => typeof value === 'function');
      const counted = this.#around('store', store);
      const own = calls.map(([name]) => [name, Reflect.get(counted, name)]);
      return {
        ...store,
        ...Object.fromEntries(own),
        draft: async path => this.#around('store', await store.draft(path)),
      };
    },
    client: (site, about) => this.#around('site', workshop.client(site, about)),
  });

  #around<T extends object>(component: Component, tool: T): T {
    return new Proxy(tool, {
      get: (target, name) => {
        const found: unknown = Reflect.get(target, name, target);
        if (typeof found !== 'function') return found;
        // What was spent is known here: nothing is asked that could fail.
        if (name === 'spent') return found.bind(target);
        return (...given: readonly unknown[]): unknown =>
          this.#strike(component, String(name), () => Reflect.apply(found, target, given));
      },
    });
  }

  #strike(component: Component, name: string, call: () => unknown): unknown {
    const count = ++this.#counts[component];
    const fault = this.#fault;
    if (fault === undefined || fault.component !== component || fault.call !== count) return call();
    this.struck = name;
    if (typeof fault.moment === 'object') {
      this.#killer?.killIn(fault.moment.afterMicros);
      return call();
    }
    const end = (): never => {
      if (fault.error === undefined) killNow();
      throw ERRORS[component][fault.error ?? '']?.() ?? new Error(`no error '${fault.error}'`);
    };
    if (fault.moment === 'before') return isAsync(component, name) ? Promise.resolve().then(end) : end();
    const result = call();
    return result instanceof Promise ? result.then(end, end) : end();
  }
}

/** What returns a promise fails by its promise. */
function isAsync(component: Component, name: string): boolean {
  return component !== 'ledger' && name !== 'draft' && name !== 'version' && name !== 'queryOf';
}

function killNow(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('not killed');
}

/** Kills the process from a thread of its own, so that it dies in the middle of calls that hold the main thread too. */
class Killer {
  readonly #order: Int32Array;

  private constructor(order: Int32Array) {
    this.#order = order;
  }

  static async start(): Promise<Killer> {
    const order = new Int32Array(new SharedArrayBuffer(8));
    const code = `
      const {workerData, parentPort} = require('node:worker_threads');
      parentPort.postMessage('ready');
      Atomics.wait(workerData, 0, 0);
      const until = process.hrtime.bigint() + BigInt(workerData[1]) * 1000n;
      while (process.hrtime.bigint() < until);
      process.kill(process.pid, 'SIGKILL');`;
    const worker = new Worker(code, {eval: true, workerData: order});
    worker.unref();
    await new Promise(resolve => worker.once('message', resolve));
    return new Killer(order);
  }

  killIn(micros: number): void {
    Atomics.store(this.#order, 1, micros);
    Atomics.store(this.#order, 0, 1);
    Atomics.notify(this.#order, 0);
  }
}

export interface Planned extends Fault {
  /** How it is called in a table, such as `kill after`. */
  readonly mode: string;
}

/** Every fault at every call. Moments within a call are spread over its first milliseconds. */
export function everyFault(engine: TrialEngine, calls: Calls): readonly Planned[] {
  return COMPONENTS.flatMap(component =>
    Array.from({length: calls[component]}, (_, i) => faultsAt(engine, component, i + 1)).flat(),
  );
}

/** How long a call may take, in microseconds: of jobs it is longer, and much of it is waiting. */
const WITHIN: Readonly<Record<TrialEngine, number>> = {duckdb: 3_000, bigquery: 60_000};

function faultsAt(engine: TrialEngine, component: Component, call: number): readonly Planned[] {
  const moments = ['before', 'after'] as const;
  const within = component === 'warehouse' || component === 'store' ? WITHIN[engine] : WITHIN.duckdb;
  return [
    ...moments.map(moment => ({component, call, moment, mode: `kill ${moment}`})),
    {component, call, moment: {afterMicros: (call * 7919) % within}, mode: 'kill during'},
    ...KINDS[engine][component].flatMap(error =>
      moments.map(moment => ({component, call, moment, error, mode: `${error} ${moment}`})),
    ),
  ];
}
