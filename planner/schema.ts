/**
 * The shape of `pipeline.yaml` as a zod schema: which keys there are and what kind of value each takes.
 * It does not deal with what values mean together; texts in their own notation are read by the manifest's modules.
 */
import * as z from 'zod';
import {SIZE_HINT, TIME_HINT} from './duration.ts';
import {alerts} from './schema-alerts.ts';
import {count, date, duration, file, named, object, percentage, text, texts} from './schema-shape.ts';
import {siteShape, target} from './schema-target.ts';
import {WINDOW_HINT} from './window-text.ts';

const partitionBy = z.union([
  z.enum(['game_date', 'season', 'all']),
  object({
    calendar: text('A calendar of this manifest.').optional(),
    by: z.enum(['game_date', 'season']),
    column: text("The table's column that holds the key.").optional(),
  }),
]);

const seasons = object({
  from: text('The first season, such as 2021-22.'),
  rolls_over: text('Month and day (MM-DD) on which the next season begins.'),
});

const calendar = object({
  asset: text("The asset whose table gives the calendar's entries.").optional(),
  date: text('Its column with the game date.').optional(),
  season: text('Its column with the season.').optional(),
  game: text("Its column with the game's id.").optional(),
  teams: texts('Its columns with the teams that play.').optional(),
  where: text('A condition over its columns, as SQL.').optional(),
  status: text('Its column that says scheduled, final, postponed or cancelled.').optional(),
  starts_at: text('Its column with the time of the start, in UTC.').optional(),
  dates: z
    .union([
      file('A CSV file with the columns date and season'),
      z.array(object({date: date('A key'), season: text('The season that holds it.')})),
    ])
    .optional(),
  timezone: text('The zone of its dates, such as America/New_York.').optional(),
  seasons: seasons.optional(),
});

const edge = z.union([
  text('An asset; the same key of it.'),
  object({
    asset: text('The asset that is read.'),
    window: text(`Which of its keys: ${WINDOW_HINT}.`).optional(),
    required: z.boolean().meta({description: 'False: made without it where it is absent.'}).optional(),
    at_least: percentage('The least share of the window that must be there').optional(),
    through: z.enum(['today']).meta({description: 'The window includes the own key.'}).optional(),
    crosses_seasons: z.boolean().meta({description: 'The window does not end at the season.'}).optional(),
    tracks: z
      .boolean()
      .meta({description: 'False: read as it stands; its changes do not make stale.'})
      .optional(),
  }),
]);

const columnType = z.enum(['bool', 'int64', 'float64', 'string', 'date', 'timestamp']);
const column = z.union([
  columnType,
  object({
    type: columnType,
    unit: text('What its numbers count.').optional(),
    description: text('What it says.').optional(),
  }),
]);

const columns = z.array(z.string().min(1)).min(1);
const checkShape = {
  severity: z.enum(['error', 'warn']).optional(),
  name: text('How messages call it.').optional(),
  penalty: z
    .number()
    .min(0)
    .max(100)
    .meta({description: 'Points of quality that a partition loses where it does not hold; only with warn.'})
    .optional(),
};
/** A check has exactly one of these kinds; `manifest-check.ts` sees to it. */
const check = object({
  not_null: columns.optional(),
  unique: columns.optional(),
  accepted_values: object({
    column: z.string().min(1),
    values: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
  }).optional(),
  range: object({
    column: z.string().min(1),
    min: z.number().optional(),
    max: z.number().optional(),
  }).optional(),
  regex: object({
    column: z.string().min(1),
    pattern: text('A regular expression (RE2) that the whole text matches.'),
  }).optional(),
  zero_share: object({
    column: z.string().min(1),
    at_most: percentage('The largest share of its values that may be 0'),
  }).optional(),
  freshness: object({
    column: z.string().min(1),
    within: duration('How old its newest value may be when the partition is made'),
  }).optional(),
  sum_equals: object({
    column: z.string().min(1),
    of: text('An edge (or its asset) whose sums on the same key are compared.'),
    to: text("Its column; left out where it has the check's column.").optional(),
    by: columns
      .meta({description: 'Columns of both that make the groups; left out: the partition.'})
      .optional(),
    tolerance: z.number().min(0).meta({description: 'How far two sums may lie apart.'}).optional(),
  }).optional(),
  rows: object({
    min: count('Rows of a partition.').optional(),
    max: count('Rows of a partition.').optional(),
    of: text('An edge (or its asset) whose rows of the same key are compared.').optional(),
    at_least: percentage('The least share of its rows').optional(),
  }).optional(),
  covers: object({at_least: percentage("The least share of the calendar's games").optional()}).optional(),
  sql: file('A query that returns the rows that are wrong').optional(),
  ...checkShape,
});

const due = z.union([
  z.enum(['final', 'scheduled']),
  object({
    days_before: count('Days before the key.').optional(),
    days_after: count('Days after the key.').optional(),
    at: text(`A time of that day: ${TIME_HINT}.`),
  }),
]);

const source = object({
  name: text('How plans, tries and the column _source call it.'),
  upstream: z
    .union([
      text('The asset that has the rows, or the objects of which they are made.'),
      named('What its query reads, by name.', '^[a-z][a-z0-9_]*$', edge),
    ])
    .meta({description: 'An asset, or for a source with sql what its query reads.'}),
  sql: file('A query over its upstream that makes the rows').optional(),
  quality: z.number().min(0).max(100).meta({description: 'The most that its rows can score.'}).optional(),
  checks: z.array(check).meta({description: 'What its rows must pass to be an answer.'}).optional(),
});

const asset = object({
  files: file('TypeScript that puts objects into the store').optional(),
  rows: file('TypeScript that returns rows').optional(),
  sql: file('A query').optional(),
  export: object({
    format: z.enum(['json', 'ndjson', 'csv']),
    path: text("The object's place in the store."),
  }).optional(),
  external: object({
    table: text('A table of the warehouse that others write, as dataset.table or schema.table.').optional(),
    date: text("The table's column that holds the date; game_date where nothing is said.").optional(),
    objects: text('A folder of the store that others write, with {game_date}, {season} or {key}.').optional(),
  })
    .meta({description: 'Made elsewhere: observed, and never written.'})
    .optional(),
  path: text("The objects' folder in the store, with {game_date}, {season} or {key}.").optional(),
  description: text('What the asset holds.').optional(),
  partition_by: partitionBy.optional(),
  start: date('Its first date').optional(),
  end: date('Its last date').optional(),
  due: due.optional(),
  refresh: object({
    every: duration('How long a fetch holds'),
    until: text(
      "How long after the due time it is fetched again, or 'first start' or 'last start' of the date's games.",
    ).optional(),
  }).optional(),
  live_for: duration('How long after its due time the source still shows it').optional(),
  skip_first: text("Days from each season's first key that are exempt, such as '14 days'.").optional(),
  upstream: named('What it reads, by the name that its query uses.', '^[a-z][a-z0-9_]*$', edge).optional(),
  sources: z
    .array(source)
    .min(1)
    .meta({description: 'Where its rows may come from, the best first.'})
    .optional(),
  take: z.enum(['first', 'fill']).optional(),
  improve: object({
    every: duration('How often better sources are asked again'),
    until: duration('How long after the partition was made').optional(),
  }).optional(),
  on_missing: z.enum(['gap', 'fail', 'empty', 'placeholder']).optional(),
  gate: object({
    quality: z.number().min(0).max(100).meta({description: 'The least score of what it needs.'}),
  }).optional(),
  site: text('Where its requests go.').optional(),
  columns: named('The columns of its table.', '^[a-z_][a-z0-9_]*$', column).optional(),
  key: texts('The columns that tell rows apart.').optional(),
  covers: object({
    column: text("The column with the game's id; left out for files.").optional(),
    at_least: percentage("The least share of the calendar's games").optional(),
    rows_per_game: object({min: count('A game with fewer rows counts as absent.', 1)}).optional(),
  }).optional(),
  empty: z.enum(['error', 'allowed']).optional(),
  protect: z
    .union([
      z.boolean(),
      object({from: z.enum(['first start', 'last start'])}).meta({
        description: "Until that moment of the date's games it follows its inputs, from then on it is kept.",
      }),
    ])
    .meta({description: 'True: what was published is made again only with --allow-protected.'})
    .optional(),
  checks: z.array(check).optional(),
  batch: z.union([count('Partitions of one statement.', 1), z.literal('season')]).optional(),
  bigquery: object({
    grain: z
      .enum(['day', 'month', 'none'])
      .meta({description: "Which dates lie together in one of the table's partitions; day by default."})
      .optional(),
    cluster: texts('Columns by which rows are kept together, at most 4, the first the most.').optional(),
    require_partition_filter: z
      .boolean()
      .meta({description: 'True: a query must say which dates it reads.'})
      .optional(),
    max_bytes_billed: text(`The most that one of its jobs may bill: ${SIZE_HINT}.`).optional(),
  })
    .meta({
      description: 'How its table is laid out in BigQuery; its rows are the same whatever is said here.',
    })
    .optional(),
  group: text('Selected with group:NAME.').optional(),
  tags: texts('Selected with tag:NAME.').optional(),
  owner: text('Whom to ask.').optional(),
  retries: count('How often a transient failure is tried again.').optional(),
  timeout: duration('For one attempt').optional(),
  memory: text(`The most memory its code may use: ${SIZE_HINT}.`).optional(),
  pool: text('Bounds how many batches of its members are at work at once.').optional(),
  concurrency: count('Its own batches at work at once.', 1).optional(),
  isolate: z
    .enum(['thread', 'process'])
    .meta({description: 'Where its code runs; a process bounds buffers too.'})
    .optional(),
});

export const manifestSchema = object({
  name: text("The pipeline's name."),
  start: date('No partition before it').optional(),
  end: date('The last date').optional(),
  known_gaps: file('The accepted gaps').optional(),
  calendars: z.record(z.string(), calendar).optional(),
  targets: z.record(z.string(), target).optional(),
  sites: z.record(z.string(), object(siteShape)).optional(),
  limits: object({
    fetches: count('Fetches at work at once.', 1).optional(),
    batches: count('Batches of tables at work at once.', 1).optional(),
  }).optional(),
  retention: object({
    staging: duration('How long what was never committed is kept').optional(),
    quarantine: duration('How long rows that checks held back are kept').optional(),
    generations: count('How many fetches of a partition are kept; all where nothing is said.', 1).optional(),
    history: duration(
      'How long runs, attempts and events are kept; for ever where nothing is said',
    ).optional(),
  }).optional(),
  pools: z.record(z.string(), count('Batches of its members at work at once.', 1)).optional(),
  defaults: object({
    retries: count('How often a transient failure is tried again.').optional(),
    timeout: duration('For one attempt').optional(),
    partition_by: partitionBy.optional(),
  }).optional(),
  healing: object({
    auto_within: duration('The age up to which heal makes a partition').optional(),
    retry_budget: count('Failed runs with the same inputs after which a partition is parked.', 1).optional(),
    at_most: z
      .union([count('Partitions of one pass.', 1), text("Likewise, such as '200 partitions'.")])
      .optional(),
    quiet: text("Hours without healing in the calendar's zone, such as '17:00-23:30'.").optional(),
    schedule: text(
      "When 'serve --heal' heals, as cron says it, in the calendar's zone: five fields, or six with seconds before them. Hourly, at minute 15, where nothing is said.",
    ).optional(),
    ping: text(
      'A URL that each pass tells how it ended, with /start and /fail below it, as healthchecks.io takes them. It may stand in a variable.',
    ).optional(),
  }).optional(),
  alerts: alerts.optional(),
  assets: named('The tables and objects.', '^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$', asset),
});

export type RawManifest = z.infer<typeof manifestSchema>;
export type RawAsset = z.infer<typeof asset>;
export type RawCalendar = z.infer<typeof calendar>;
export type RawSite = z.infer<ReturnType<typeof object<typeof siteShape>>>;
export type RawEdge = z.infer<typeof edge>;
export type RawSource = z.infer<typeof source>;
export type RawCheck = z.infer<typeof check>;
export type RawPartitionBy = z.infer<typeof partitionBy>;

/** The manifest's JSON Schema, for editors. */
export function manifestJsonSchema(): unknown {
  return {...z.toJSONSchema(manifestSchema), title: 'gameplan pipeline'};
}
