/**
 * A warehouse whose work shows as spans: what is asked of it, of which table. The text of a query is not told, its file
 * is. It is made only where somebody hears of spans.
 */
import type {Attributes, Trace} from './trace.ts';
import type {Warehouse} from './warehouse.ts';

const SYSTEMS: Readonly<Record<string, string>> = {duckdb: 'duckdb', bigquery: 'gcp.bigquery'};

/** What shows; the rest is looked up, or over at once. */
const SHOWN: ReadonlySet<string | symbol> = new Set<keyof Warehouse>([
  'stageQuery',
  'stageRows',
  'gather',
  'stagePublished',
  'audit',
  'findUnchanged',
  'publish',
  'writeReceipts',
  'holdBack',
  'versions',
  'read',
  'select',
  'readQuery',
]);

export function tracedWarehouse(warehouse: Warehouse, trace: Trace): Warehouse {
  const system = SYSTEMS[warehouse.engine] ?? warehouse.engine;
  const known = new Map<string | symbol, unknown>();
  const traced = (name: string, method: (...all: unknown[]) => Promise<unknown>) => {
    return (...all: unknown[]): Promise<unknown> => {
      const attributes = {'db.system.name': system, 'db.operation.name': name, ...aboutOf(all[0])};
      return trace.span({name, isClient: true, attributes}, () => method.apply(warehouse, all));
    };
  };
  return new Proxy(warehouse, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name, target);
      if (typeof found !== 'function') return found;
      const method = found as (...all: unknown[]) => Promise<unknown>; // those of SHOWN are
      if (!known.has(name))
        known.set(name, SHOWN.has(name) ? traced(String(name), method) : method.bind(target));
      return known.get(name);
    },
  });
}

/** The table that a request is about, the file of its query, and how many keys. */
function aboutOf(request: unknown): Attributes {
  const table = at(request, 'table') ?? at(at(request, 'staged') ?? request, 'table');
  const name = at(table, 'name');
  const file = at(request, 'queryPath');
  const keys = at(request, 'keys') ?? at(request, 'partitions');
  return {
    ...(typeof name === 'string' ? {'db.collection.name': name} : {}),
    ...(typeof file === 'string' ? {'db.query.summary': file} : {}),
    ...(Array.isArray(keys) ? {'gameplan.partitions': keys.length} : {}),
  };
}

function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
