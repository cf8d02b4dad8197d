/**
 * Asks a warehouse what the queries of a plan would read, without running any.
 * It does not deal with prices, nor with what judging and publishing their rows reads besides.
 */
import {groupWork, inBatches, spread} from '../planner/batches.ts';
import {engineOf} from '../planner/engine.ts';
import {type Frame, frameOf} from '../planner/frame.ts';
import type {AssetName} from '../planner/pipeline.ts';
import type {Planned} from '../planner/plan.ts';
import type {Sources} from '../planner/sources.ts';
import {specsOf} from './inputs.ts';
import {type StageQuery, type Warehouse, WarehouseError} from './warehouse.ts';
import {isTable, queryOf} from './workshop.ts';

export interface AssetBytes {
  readonly asset: AssetName;
  readonly queries: number;
  /** Of them, how many were asked about; of the others it is taken that they read as much. */
  readonly asked: number;
  /** An upper bound of what the queries bill on what is there now. */
  readonly bytes: number;
  /** Whether it reads what is itself yet to be made, which is not counted. */
  readonly isPartial: boolean;
  /** Why it could not be asked. */
  readonly error: string | undefined;
}

/** Questions about one asset; they cost nothing, but take a moment each. */
const MOST_ASKED = 20;

/** In topological order; assets that are made without a query are left out. */
export async function queryBytes(
  {frame, plan}: Pick<Planned, 'frame' | 'plan'>,
  {sources, warehouse}: {readonly sources: Sources; readonly warehouse: Warehouse},
): Promise<readonly AssetBytes[]> {
  const work = groupWork(plan.groups);
  const found: AssetBytes[] = [];
  for (const [name, planned] of work) {
    const asset = frameOf(frame, name);
    const {making} = asset.asset;
    if (making.kind !== 'sql' && making.kind !== 'export') continue;
    const ordinals = [...planned.run, ...planned['run-if']].map(key => asset.ordinalOf.get(key) ?? -1);
    const batches = inBatches(asset, ordinals);
    const asked = spread(batches, MOST_ASKED);
    const query = queryOf(sources, making.query);
    const isPartial = asset.edges.some(
      ({upstream}) => isTable(upstream.asset) && work.has(upstream.asset.name),
    );
    const about = {asset: name, queries: batches.length, asked: asked.length, isPartial};
    try {
      let bytes = 0;
      for (const batch of asked)
        bytes += await billedFor(frame, warehouse, {...specsOf(asset, batch), ...query});
      const all = Math.ceil((bytes * batches.length) / Math.max(1, asked.length));
      found.push({...about, bytes: all, error: undefined});
    } catch (error) {
      if (!(error instanceof WarehouseError) || !ITS_OWN.has(error.kind)) throw error;
      found.push({...about, bytes: 0, error: error.message});
    }
  }
  return found;
}

/** Faults of one query, which keep no other from being asked. */
const ITS_OWN: ReadonlySet<WarehouseError['kind']> = new Set(['query', 'statement', 'shape', 'other']);

/** At least so much for each table that is read. */
async function billedFor({pipeline}: Frame, warehouse: Warehouse, request: StageQuery): Promise<number> {
  const {bytes} = (await warehouse.estimate(request)) ?? {bytes: 0};
  const tables = new Set(request.inputs.filter(({keys}) => keys.length > 0).map(({table}) => table.name));
  const least = engineOf(pipeline.target.warehouse).jobs?.leastBilled ?? 0;
  return Math.max(bytes, tables.size * least);
}
