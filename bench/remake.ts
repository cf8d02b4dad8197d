/**
 * Makes tables of a filled target again from nothing, and measures it.
 * It does not deal with what is compared (the benchmarks do).
 */
import {join} from 'node:path';
import {DuckDBInstance} from '@duckdb/node-api';
import {classify} from '../planner/classify.ts';
import {frameOf} from '../planner/frame.ts';
import type {AssetName} from '../planner/pipeline.ts';
import {WHOLE_REQUEST} from '../planner/plan.ts';
import type {Event} from '../runner/event.ts';
import {materialize} from '../runner/execute.ts';
import {openTarget} from '../runner/target.ts';
import type {Warehouse} from '../runner/warehouse.ts';
import {duckdbOf, type Filled} from './filled.ts';

export interface Remade {
  /** From the first batch's start to the last partition's end. */
  readonly seconds: number;
  /** Of the warehouse's audits, by asset. */
  readonly audits: ReadonlyMap<string, number>;
  /** Of all partitions of an asset, by asset. */
  readonly assets: ReadonlyMap<string, number>;
}

/** From tables that hold nothing. */
export async function remake(
  {root, pipeline, sources}: Pick<Filled, 'root' | 'pipeline' | 'sources'>,
  chosen: readonly AssetName[],
): Promise<Remade> {
  const target = openTarget({root, pipeline, sources, clock: () => Date.now(), waitMs: 5_000});
  const frame = classify({pipeline, sources, ledger: target.ledger.snapshot(), now: Date.now()});
  for (const name of chosen) {
    const at = {startedAt: 0, endedAt: 0, durationMs: 0, reasons: []};
    const outcomes = frameOf(frame, name).keys.map(
      key => ({asset: name, key, ...at, outcome: 'succeeded', error: null, withdrawn: true}) as const,
    );
    target.ledger.recordOutcomes({run: 'bench', outcomes});
  }
  await target.close();
  const instance = await DuckDBInstance.create(join(root, duckdbOf(pipeline).path));
  const connection = await instance.connect();
  for (const name of chosen) await connection.run(`DELETE FROM ${name}`);
  connection.closeSync();
  instance.closeSync();
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  const assets = new Map<string, number>();
  const audits = new Map<string, number>();
  const emit = (event: Event): void => {
    if (event.kind === 'batch-started') first = Math.min(first, performance.now());
    if (event.kind !== 'partition-ended') return;
    last = performance.now();
    assets.set(event.asset, (assets.get(event.asset) ?? 0) + event.durationMs / 1000);
  };
  const again = openTarget({root, pipeline, sources, clock: () => Date.now(), waitMs: 5_000});
  const never = new AbortController().signal;
  const workshop = again.workshop({
    run: `bench-${Date.now()}-${chosen.length}`,
    emit,
    stop: never,
    cancel: never,
    acceptCalendar: false,
  });
  const warehouse = timed(await workshop.warehouse(), audits);
  const alternative = {assets: new Set(chosen), states: undefined};
  const {counts} = await materialize(
    {...workshop, warehouse: async () => warehouse},
    {
      plan: {...WHOLE_REQUEST, selection: [alternative]},
      now: Date.now(),
      command: 'bench',
      concurrency: {fetches: 1, batches: 2},
      failFast: false,
    },
  );
  await again.close();
  if (counts.failed + counts.quarantined + counts.skipped + counts.unchanged > 0)
    throw new Error(`Not all was made: ${JSON.stringify(counts)}`);
  return {seconds: (last - first) / 1000, audits, assets};
}

/** The warehouse with a clock at its audits. */
function timed(warehouse: Warehouse, audits: Map<string, number>): Warehouse {
  const audit: Warehouse['audit'] = async request => {
    const startedAt = performance.now();
    const found = await warehouse.audit(request);
    const {name} = request.staged.table;
    audits.set(name, (audits.get(name) ?? 0) + (performance.now() - startedAt) / 1000);
    return found;
  };
  return new Proxy(warehouse, {
    get: (of, name) => {
      if (name === 'audit') return audit;
      const found: unknown = Reflect.get(of, name);
      return typeof found === 'function' ? found.bind(of) : found;
    },
  });
}
