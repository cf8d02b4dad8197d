/**
 * What plans and the order of a run need to know of an engine, for each that a target can name.
 * It does not deal with how one is asked (runner/open-warehouse.ts).
 */
import type {WarehouseTarget} from './pipeline.ts';

export interface Engine {
  /** For people. */
  readonly name: string;
  /** How many partitions are made together where the asset does not say: by a query, and of rows from code. */
  readonly batch: {readonly query: number; readonly rows: number};
  /** More in one batch are refused by the engine. */
  readonly mostInBatch: number;
  /** Milliseconds that a query may take where neither asset nor manifest says. */
  readonly queryTimeout: number;
  /** Whether each statement costs much whatever it holds: then a batch that may still grow waits for the rest. */
  readonly isPatient: boolean;
}

const ENGINES: Readonly<Record<WarehouseTarget['engine'], Engine>> = {
  duckdb: {
    name: 'DuckDB',
    batch: {query: 1, rows: 100},
    mostInBatch: Number.POSITIVE_INFINITY,
    queryTimeout: 180_000,
    isPatient: false,
  },
  // https://cloud.google.com/bigquery/quotas#partitioned_tables: a job modifies at most 4,000 partitions.
  bigquery: {
    name: 'BigQuery',
    batch: {query: 4_000, rows: 1_000},
    mostInBatch: 4_000,
    queryTimeout: 1_800_000,
    isPatient: true,
  },
};

export function engineOf({engine}: Pick<WarehouseTarget, 'engine'>): Engine {
  return ENGINES[engine];
}
