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
  /** Whether many processes may have it open at once. */
  readonly isShared: boolean;
  /** What is sent to it as jobs; undefined where nothing is. */
  readonly jobs: JobRules | undefined;
}

/** How many jobs the work of a plan takes, and what is allowed of them. */
export interface JobRules {
  /** Of each batch, besides those that judge it: rows go aside, and one transaction publishes them. */
  readonly ofBatch: number;
  /** Besides, where partitions of the batch are published already: they are compared with what is there. */
  readonly ofKnownBatch: number;
  /** Besides, of a source, besides those that judge it: its rows go aside before they are taken together. */
  readonly ofSource: number;
  /** Rows from code that one day may bring, in load jobs of a whole project. */
  readonly loadsADay: number;
  /** Partitions that a table may have. */
  readonly partitionsOfTable: number;
  /**
   * Publications of one table, which happen one after another, that are worth a word. No day's quota counts them:
   * they are statements, and rows are loaded into a table of their own.
   */
  readonly manyPublications: number;
  /** Bytes that a query is billed at least for each table that it reads. */
  readonly leastBilled: number;
}

const ENGINES: Readonly<Record<WarehouseTarget['engine'], Engine>> = {
  duckdb: {
    name: 'DuckDB',
    batch: {query: 1, rows: 100},
    mostInBatch: Number.POSITIVE_INFINITY,
    queryTimeout: 180_000,
    isPatient: false,
    isShared: false,
    jobs: undefined,
  },
  // https://cloud.google.com/bigquery/quotas#partitioned_tables: a job modifies at most 4,000 partitions.
  bigquery: {
    name: 'BigQuery',
    batch: {query: 4_000, rows: 1_000},
    mostInBatch: 4_000,
    queryTimeout: 1_800_000,
    isPatient: true,
    isShared: true,
    // https://cloud.google.com/bigquery/quotas: 100,000 load jobs a day and project, 10,000 partitions a table.
    jobs: {
      ofBatch: 2,
      ofKnownBatch: 1,
      ofSource: 1,
      loadsADay: 100_000,
      partitionsOfTable: 10_000,
      manyPublications: 500,
      // https://cloud.google.com/bigquery/pricing#on_demand_pricing
      leastBilled: 10 * 2 ** 20,
    },
  },
};

export function engineOf({engine}: Pick<WarehouseTarget, 'engine'>): Engine {
  return ENGINES[engine];
}
