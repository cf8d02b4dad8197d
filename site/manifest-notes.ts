/**
 * What the manifest's schema does not say of its keys: their defaults, and what those mean that carry no description.
 * It does not deal with which keys there are (planner/schema.ts).
 */

interface Note {
  readonly means?: string;
  /** A part of a sentence, without a full stop. */
  readonly default?: string;
}

const checks = 'assets.NAME.checks';

export const MANIFEST_NOTES: Readonly<Record<string, Note>> = {
  start: {default: 'the first date of the calendar'},
  end: {default: 'the last date of the calendar'},
  known_gaps: {default: '`known-gaps.yaml`'},
  calendars: {
    means: 'Which keys there are, with their seasons and games ([a calendar](../assets.md#a-calendar)).',
  },
  'calendars.NAME.dates': {means: 'The keys themselves, where no asset gives them: a CSV file, or a list.'},
  'calendars.NAME.seasons': {means: 'From which season on there are any, and when the next one begins.'},
  'calendars.NAME.timezone': {default: '`UTC`'},
  targets: {
    means: 'Where tables, objects and records lie; `--target` names one, and the first is meant without it.',
  },
  'targets.NAME.warehouse': {means: 'Where tables lie and queries run.', default: '`{engine: duckdb}`'},
  'targets.NAME.warehouse.engine': {means: 'Which kind of warehouse it is.'},
  'targets.NAME.warehouse.credentials': {
    means: 'Who asks Google ([credentials](../bigquery.md#credentials)).',
  },
  'targets.NAME.store': {means: 'Where objects lie.', default: '`{kind: folder}`'},
  'targets.NAME.store.kind': {means: 'Which kind of store it is.'},
  sites: {means: 'Where code that fetches may ask, and how hard.'},
  'sites.NAME.per_minute': {means: 'Requests a minute.', default: '`none`'},
  limits: {means: 'How much of a run is at work at once.'},
  'limits.fetches': {default: '32'},
  'limits.batches': {default: '2'},
  retention: {
    means:
      'How long `gameplan clean` keeps what no plan needs ([housekeeping](../concepts.md#housekeeping)).',
  },
  'retention.staging': {default: '7 days'},
  'retention.quarantine': {default: '90 days'},
  pools: {means: 'Groups of assets that share a number of places: a name, and how many may be at work.'},
  defaults: {means: 'What holds for every asset that says nothing else.'},
  healing: {means: 'What `gameplan heal` may make by itself ([healing](../trust.md#healing)).'},
  'healing.auto_within': {default: '30 days'},
  'healing.retry_budget': {default: '3'},
  'healing.at_most': {means: 'Partitions of one pass, as a number or as `200 partitions`.', default: '200'},
  'assets.NAME.export': {means: 'Writes the rows of its query as objects into the store.'},
  'assets.NAME.export.format': {means: 'How the object is written.'},
  'assets.NAME.partition_by': {
    means: 'What its slices are: dates of a calendar, its seasons, or `all` for one slice.',
    default: '`game_date`',
  },
  'assets.NAME.partition_by.by': {means: 'Dates or seasons of that calendar.'},
  'assets.NAME.due': {
    means: 'When a slice should be there ([due](../concepts.md#due)).',
    default: '`final`; `scheduled` for seasons',
  },
  'assets.NAME.refresh': {
    means: 'When a fetch is made again although nothing changed ([the clock](../concepts.md#the-clock)).',
  },
  'assets.NAME.take': {
    means: 'The first source that covers, or the games that better ones lack from the next.',
    default: '`first`',
  },
  'assets.NAME.improve': {means: 'When better sources are asked again where a lower one was used.'},
  'assets.NAME.on_missing': {means: 'What becomes of it where no source has it.', default: '`gap`'},
  'assets.NAME.gate': {means: 'It waits while its inputs score less ([quality](../trust.md#quality)).'},
  'assets.NAME.covers': {means: 'It is held against the games that the calendar expects.'},
  'assets.NAME.covers.rows_per_game': {means: 'How many rows a game needs to count as there.'},
  'assets.NAME.empty': {means: 'Whether a slice without rows is an error.', default: '`error`'},
  'assets.NAME.protect': {
    means: 'What was published is not made again without `--allow-protected`.',
    default: '`false`',
  },
  'assets.NAME.protect.from': {
    means:
      'From the first or the last start of the games of its date on it is kept; until then it follows its inputs.',
  },
  'assets.NAME.batch': {
    means: 'How many slices one statement makes, or the whole season.',
    default: '1 in DuckDB, 4,000 in BigQuery',
  },
  'assets.NAME.retries': {default: 'that of `defaults`, else 3'},
  'assets.NAME.timeout': {default: 'that of `defaults`, else 3 minutes'},
  'assets.NAME.memory': {default: '1 GiB'},
  'assets.NAME.isolate': {default: '`thread`'},
  'defaults.partition_by': {means: 'As that of an asset.'},
  'assets.NAME.upstream.NAME.tracks': {default: '`true`'},
  'assets.NAME.upstream.NAME.required': {default: '`true`'},
  'assets.NAME.columns.NAME.type': {means: 'What its values are.'},
  [checks]: {
    means: 'What must hold on new rows before readers see them ([checks](../checks.md)). Each has one kind.',
  },
  [`${checks}.severity`]: {
    means: '`error` holds the rows back, `warn` publishes them and says so.',
    default: '`error`',
  },
  [`${checks}.penalty`]: {default: '5'},
  [`${checks}.not_null`]: {means: 'No null in these columns.'},
  [`${checks}.unique`]: {means: 'No two rows with the same values in these columns.'},
  [`${checks}.accepted_values`]: {means: 'The column holds these values and no others.'},
  [`${checks}.accepted_values.column`]: {means: 'The column that is looked at.'},
  [`${checks}.accepted_values.values`]: {means: 'All that it may hold.'},
  [`${checks}.range`]: {means: 'The numbers of the column lie within.'},
  [`${checks}.range.column`]: {means: 'The column that is looked at.'},
  [`${checks}.range.min`]: {means: 'The least that is allowed.'},
  [`${checks}.range.max`]: {means: 'The most that is allowed.'},
  [`${checks}.regex`]: {means: 'The texts of the column match.'},
  [`${checks}.regex.column`]: {means: 'The column that is looked at.'},
  [`${checks}.zero_share`]: {means: 'Not too many values of the column are 0.'},
  [`${checks}.zero_share.column`]: {means: 'The column that is looked at.'},
  [`${checks}.freshness`]: {means: 'The newest value of the column is young enough.'},
  [`${checks}.freshness.column`]: {means: 'The column with the times.'},
  [`${checks}.sum_equals`]: {means: 'The sums of the column are those of another table.'},
  [`${checks}.sum_equals.column`]: {means: 'The column whose sums are compared.'},
  [`${checks}.rows`]: {means: 'A slice has this many rows, or a share of those of another table.'},
  [`${checks}.covers`]: {means: 'The games that the calendar expects are there.'},
};
