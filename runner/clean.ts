/**
 * Housekeeping: finds what no plan needs and is older than the manifest keeps it, and deletes it. Safe beside runs at
 * work and when killed, since each piece goes whole and none is needed. It does not decide how long (manifest).
 */
import type {Pipeline} from '../planner/pipeline.ts';
import type {Ledger} from './ledger.ts';
import type {History} from './ledger-history.ts';
import {PULSE, Watch} from './liveness.ts';
import type {Leftover, Store} from './store.ts';
import type {HeldBack, Warehouse} from './warehouse.ts';

export interface Finds {
  readonly leftovers: readonly Leftover[];
  readonly held: readonly HeldBack[];
  readonly history: History;
}

export interface Cleaning {
  readonly pipeline: Pick<Pipeline, 'retention'>;
  readonly ledger: Ledger;
  readonly store: Store;
  /** Undefined where there is none yet. */
  readonly warehouse: Warehouse | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const NO_HISTORY: History = {runs: 0, attempts: 0, events: 0, tries: 0};

export async function findCleanable({pipeline, ledger, store, warehouse, now}: Cleaning): Promise<Finds> {
  const {staging, quarantine, generations, history} = pipeline.retention;
  // What a run at work has put is committed when it has put all.
  const watch = new Watch(PULSE, {clock: () => now});
  const alive = ledger.otherSessions().filter(session => !watch.isDead(session));
  const before = Math.min(now - staging, ...alive.map(({startedAt}) => startedAt));
  const held = (await warehouse?.heldBack()) ?? [];
  return {
    leftovers: await store.leftovers({before, keep: generations}),
    held: quarantine === undefined ? [] : held.filter(({at}) => at < now - quarantine),
    history: history === undefined ? NO_HISTORY : ledger.countHistory(now - history),
  };
}

export async function deleteFinds(
  {pipeline, ledger, store, warehouse, now}: Cleaning,
  {leftovers, held, history}: Finds,
): Promise<void> {
  await store.remove(leftovers);
  if (held.length > 0) await warehouse?.releaseHeld(held);
  const {history: kept} = pipeline.retention;
  if (kept !== undefined && Object.values(history).some(count => count > 0)) ledger.deleteHistory(now - kept);
}
