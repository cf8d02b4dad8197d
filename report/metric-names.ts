/**
 * Every metric that is told: its name, what it is, and by what it is split. Names are never changed, only added.
 * Values of labels come from the manifest or from closed sets, so that no metric grows with the number of dates.
 * It does not deal with values (metrics.ts).
 */

export type MetricType = 'gauge' | 'counter' | 'histogram' | 'summary';

export interface Metric {
  readonly type: MetricType;
  readonly labels: readonly string[];
  /** One sentence without a full stop. */
  readonly help: string;
}

export const METRICS = {
  gameplan_info: {
    type: 'gauge',
    labels: ['pipeline', 'target', 'version'],
    help: 'Always 1: which pipeline and target, and the version of gameplan that tells of them',
  },
  gameplan_manifest_mistakes: {
    type: 'gauge',
    labels: [],
    help: 'Mistakes of the manifest as it lies there now; above 0 what is told is of the last one that had none',
  },
  gameplan_partitions: {
    type: 'gauge',
    labels: ['asset', 'state'],
    help: 'Partitions in each state; a partition has exactly one',
  },
  gameplan_planned_partitions: {
    type: 'gauge',
    labels: ['action'],
    help: 'Partitions that a plan over everything would run, make if an input changes, wait for, skip or drop',
  },
  gameplan_games_expected: {
    type: 'gauge',
    labels: ['asset'],
    help: 'Games that the partitions of an asset with coverage should hold; accepted ones are left out',
  },
  gameplan_games_held: {
    type: 'gauge',
    labels: ['asset'],
    help: 'Games that they do hold',
  },
  gameplan_published_partitions: {
    type: 'gauge',
    labels: ['asset', 'tier'],
    help: 'Published partitions by tier of quality',
  },
  gameplan_gaps: {
    type: 'gauge',
    labels: ['asset', 'standing'],
    help: 'Partitions that are not there or lack games: open ones, and those that are signed off',
  },
  gameplan_oldest_gap_timestamp_seconds: {
    type: 'gauge',
    labels: ['asset'],
    help: 'Since when the oldest open gap is one; absent where there is none. Its age is time() minus this',
  },
  gameplan_parked_partitions: {
    type: 'gauge',
    labels: ['asset'],
    help: 'Partitions that failed too often with the same inputs and are not tried for now',
  },
  gameplan_runs_at_work: {
    type: 'gauge',
    labels: [],
    help: 'Runs and corrections whose processes live',
  },
  gameplan_runs_total: {
    type: 'counter',
    labels: ['kind', 'status'],
    help: 'Runs that have ended, or died before their end',
  },
  gameplan_run_duration_seconds: {
    type: 'histogram',
    labels: ['kind'],
    help: 'From the start to the end of a run that has ended',
  },
  gameplan_last_run_timestamp_seconds: {
    type: 'gauge',
    labels: ['status'],
    help: 'When the last run of a plan ended that ended so',
  },
  gameplan_last_pass_timestamp_seconds: {
    type: 'gauge',
    labels: ['outcome'],
    help: 'When the last pass of healing ended that ended so; one with nothing to do is one too',
  },
  gameplan_attempts_total: {
    type: 'counter',
    labels: ['asset', 'outcome'],
    help: 'What partitions came to in all runs',
  },
  gameplan_attempt_duration_seconds: {
    type: 'histogram',
    labels: ['asset'],
    help: 'What a partition that was tried took: its share of its batch',
  },
  gameplan_attempt_retries_total: {
    type: 'counter',
    labels: ['asset'],
    help: 'Requests that were tried again within attempts',
  },
  gameplan_written_rows_total: {
    type: 'counter',
    labels: ['asset'],
    help: 'Rows of attempts that published new ones',
  },
  gameplan_source_tries_total: {
    type: 'counter',
    labels: ['asset', 'source', 'outcome'],
    help: 'What came of asking a source for a partition',
  },
  gameplan_source_try_duration_seconds: {
    type: 'summary',
    labels: ['asset', 'source'],
    help: 'What asking it took',
  },
  gameplan_billed_bytes_total: {
    type: 'counter',
    labels: ['asset'],
    help: 'Bytes that the warehouse billed; absent where it bills nothing',
  },
  gameplan_slot_seconds_total: {
    type: 'counter',
    labels: ['asset'],
    help: 'Seconds of slots that BigQuery spent',
  },
  gameplan_pool_in_use: {
    type: 'gauge',
    labels: ['kind', 'pool'],
    help: 'Partitions and batches at work, over all runs at their last heartbeat (every 2 seconds): of all, of a site, of a pool',
  },
  gameplan_pool_limit: {
    type: 'gauge',
    labels: ['kind', 'pool'],
    help: 'How many of them may be at work at once in those runs together; absent while no run is at work',
  },
  gameplan_ledger_entries_total: {
    type: 'counter',
    labels: [],
    help: 'Changes that the ledger has recorded',
  },
  gameplan_planned_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    help: 'When the states above were worked out',
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;

/** The lines that a metric may have beside its own name. */
export const SUFFIXES: Readonly<Record<MetricType, readonly string[]>> = {
  gauge: [''],
  counter: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['_sum', '_count'],
};
