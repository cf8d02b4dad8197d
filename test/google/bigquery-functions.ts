/**
 * GoogleSQL's functions as DuckDB's: https://cloud.google.com/bigquery/docs/reference/standard-sql/functions-all.
 * It does not deal with syntax around calls; a function that is not listed here is reported as not found.
 */
import {added, type Pieces, textOf} from './bigquery-pieces.ts';
import {quotedText} from './bigquery-schema.ts';

/** The same under the same name. */
const SAME = new Set(
  `ABS ACOS ANY_VALUE ARRAY ASIN ATAN ATAN2 AVG BIT_AND BIT_COUNT BIT_OR BIT_XOR CEIL CEILING CHR COALESCE CORR COS COUNT
  COUNTIF COVAR_POP COVAR_SAMP CUME_DIST DENSE_RANK ERROR EXISTS EXP FIRST_VALUE FLOOR IF IFNULL INSTR LAG LAST_VALUE LEAD
  LEFT LENGTH LN LOG10 LOWER LPAD LTRIM MAX MIN NTH_VALUE NTILE NULLIF PERCENT_RANK POW POWER RANK REPEAT REPLACE REVERSE
  RIGHT ROUND ROW_NUMBER RPAD RTRIM SIGN SIN SQRT STDDEV STDDEV_POP STDDEV_SAMP STRING_AGG SUBSTR SUBSTRING SUM TAN TRIM
  TRUNC UPPER VARIANCE VAR_POP VAR_SAMP GROUPING`.split(/\s+/),
);

/** The same under another name, or one of the macros below. */
const RENAMED: Readonly<Record<string, string>> = {
  APPROX_COUNT_DISTINCT: 'approx_count_distinct',
  ARRAY_CONCAT: 'list_concat',
  ARRAY_LENGTH: 'len',
  ARRAY_REVERSE: 'list_reverse',
  ARRAY_TO_STRING: 'array_to_string',
  CHAR_LENGTH: 'length',
  CONCAT: 'bq_concat',
  CONTAINS_SUBSTR: 'contains',
  DATETIME: 'bq_datetime',
  DATE_FROM_UNIX_DATE: 'bq_date_from_unix_date',
  DIV: 'bq_div',
  ENDS_WITH: 'ends_with',
  FARM_FINGERPRINT: 'bq_farm_fingerprint',
  FORMAT: 'printf',
  GENERATE_ARRAY: 'generate_series',
  GENERATE_UUID: 'bq_generate_uuid',
  GREATEST: 'bq_greatest',
  IEEE_DIVIDE: 'bq_ieee_divide',
  IS_INF: 'isinf',
  IS_NAN: 'isnan',
  JSON_EXTRACT_SCALAR: 'json_extract_string',
  JSON_QUERY: 'bq_json_query',
  JSON_VALUE: 'json_extract_string',
  LEAST: 'bq_least',
  LOGICAL_AND: 'bool_and',
  LOGICAL_OR: 'bool_or',
  MD5: 'bq_md5',
  MOD: 'bq_mod',
  REGEXP_CONTAINS: 'regexp_matches',
  SAFE_DIVIDE: 'bq_safe_divide',
  SHA256: 'bq_sha256',
  SPLIT: 'string_split',
  STARTS_WITH: 'starts_with',
  STRING: 'bq_string',
  STRPOS: 'strpos',
  TIMESTAMP: 'bq_timestamp',
  TIMESTAMP_MICROS: 'bq_timestamp_micros',
  TIMESTAMP_MILLIS: 'bq_timestamp_millis',
  TIMESTAMP_SECONDS: 'bq_timestamp_seconds',
  TO_HEX: 'bq_to_hex',
  TO_JSON: 'to_json',
  TO_JSON_STRING: 'bq_to_json_string',
  UNIX_DATE: 'bq_unix_date',
  UNIX_MICROS: 'epoch_us',
  UNIX_MILLIS: 'epoch_ms',
  UNIX_SECONDS: 'bq_unix_seconds',
};

/** What every connection knows besides DuckDB's own functions. */
export const MACROS: readonly string[] = [
  "bq_divisor(x) AS CASE WHEN x = 0 THEN error('division by zero') ELSE x END",
  'bq_safe_divide(a, b) AS CAST(a AS DOUBLE) / nullif(CAST(b AS DOUBLE), 0)',
  'bq_ieee_divide(a, b) AS CAST(a AS DOUBLE) / CAST(b AS DOUBLE)',
  'bq_div(a, b) AS a // bq_divisor(b)',
  'bq_mod(a, b) AS a % bq_divisor(b)',
  "bq_int64(x) AS CASE WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN CAST(round(TRY_CAST(x AS DOUBLE)) AS BIGINT) ELSE CAST(x AS BIGINT) END",
  "bq_safe_int64(x) AS CASE WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN TRY_CAST(round(TRY_CAST(x AS DOUBLE)) AS BIGINT) WHEN typeof(x) = 'VARCHAR' AND NOT regexp_matches(trim(CAST(x AS VARCHAR)), '^[+-]?([0-9]+|0[xX][0-9a-fA-F]+)$') THEN NULL ELSE TRY_CAST(x AS BIGINT) END",
  String.raw`bq_string(x) AS CASE WHEN typeof(x) = 'DOUBLE' THEN regexp_replace(CAST(x AS VARCHAR), '\.0$', '') WHEN typeof(x) LIKE 'DECIMAL%' THEN regexp_replace(CAST(x AS VARCHAR), '\.?0+$', '') ELSE CAST(x AS VARCHAR) END`,
  'bq_concat(a) AS a, (a, b) AS a || b, (a, b, c) AS a || b || c, (a, b, c, d) AS a || b || c || d, (a, b, c, d, e) AS a || b || c || d || e, (a, b, c, d, e, f) AS a || b || c || d || e || f, (a, b, c, d, e, f, g) AS a || b || c || d || e || f || g, (a, b, c, d, e, f, g, h) AS a || b || c || d || e || f || g || h',
  ...['greatest', 'least'].map(
    name =>
      `bq_${name}(a) AS a, ` +
      ['a, b', 'a, b, c', 'a, b, c, d', 'a, b, c, d, e', 'a, b, c, d, e, f']
        .map(list => {
          const isNull = list.split(', ').map(each => `${each} IS NULL`);
          return `(${list}) AS CASE WHEN ${isNull.join(' OR ')} THEN NULL ELSE ${name}(${list}) END`;
        })
        .join(', '),
  ),
  'bq_farm_fingerprint(x) AS CASE WHEN x IS NOT NULL THEN CAST(CAST(hash(CAST(x AS VARCHAR)) AS HUGEINT) - 9223372036854775808 AS BIGINT) END',
  "bq_to_json_string(x) AS coalesce(CAST(to_json(x) AS VARCHAR), 'null')",
  'bq_json_query(x, p) AS CAST(json_extract(x, p) AS VARCHAR)',
  'bq_sha256(x) AS unhex(sha256(x))',
  'bq_md5(x) AS unhex(md5(x))',
  'bq_to_hex(x) AS lower(hex(x))',
  'bq_generate_uuid() AS CAST(uuid() AS VARCHAR)',
  'bq_timestamp(x) AS CAST(x AS TIMESTAMPTZ)',
  'bq_datetime(x) AS CAST(x AS TIMESTAMP)',
  'bq_timestamp_micros(x) AS CAST(make_timestamp(CAST(x AS BIGINT)) AS TIMESTAMPTZ)',
  'bq_timestamp_millis(x) AS CAST(make_timestamp(CAST(x AS BIGINT) * 1000) AS TIMESTAMPTZ)',
  'bq_timestamp_seconds(x) AS CAST(make_timestamp(CAST(x AS BIGINT) * 1000000) AS TIMESTAMPTZ)',
  'bq_unix_seconds(x) AS epoch_us(x) // 1000000',
  "bq_unix_date(x) AS date_diff('day', DATE '1970-01-01', x)",
  "bq_date_from_unix_date(x) AS DATE '1970-01-01' + CAST(x AS INTEGER)",
  'bq_date(x) AS CAST(x AS DATE), (y, m, d) AS make_date(y, m, d)',
  "bq_week(x) AS CAST(date_trunc('week', x + INTERVAL 1 DAY) AS DATE) - 1",
];

/** An argument: what it translates to, and the words it was written as, in upper case. */
export interface Argument {
  readonly pieces: Pieces;
  readonly words: readonly string[];
}

function call(name: string, ...args: readonly Pieces[]): Pieces {
  return [
    ...added(`${name}(`),
    ...args.flatMap((each, i) => (i === 0 ? each : [...added(', '), ...each])),
    ...added(')'),
  ];
}

const NOTHING: Pieces = added('NULL');

function argument(args: readonly Argument[], i: number): Pieces {
  return args[i]?.pieces ?? NOTHING;
}

/** `INTERVAL n PART`, as it stands in DATE_ADD and its like, with the number in brackets. */
function interval({pieces, words}: Argument | undefined = {pieces: NOTHING, words: []}): Pieces {
  const unit = words.at(-1) ?? 'DAY';
  return [...added('(INTERVAL 1 '), ...added(unit), ...added(') * ('), ...pieces, ...added(')')];
}

type Build = (args: readonly Argument[]) => Pieces;

function cast(pieces: Pieces, type: string): Pieces {
  return [...added('CAST('), ...pieces, ...added(` AS ${type})`)];
}

function shifted(type: string, sign: '+' | '-'): Build {
  return args => cast([...cast(argument(args, 0), type), ...added(` ${sign} `), ...interval(args[1])], type);
}

/** Sunday starts BigQuery's WEEK. */
function difference(type: string): Build {
  return args => {
    const part = args[2]?.words[0] ?? 'DAY';
    const [later, earlier] = [cast(argument(args, 0), type), cast(argument(args, 1), type)];
    if (part !== 'WEEK')
      return call(
        'date_diff',
        added(quotedText(part === 'ISOWEEK' ? 'week' : part.toLowerCase())),
        earlier,
        later,
      );
    const sunday = (day: Pieces) => [...call('bq_week', day), ...added(' + 1')];
    return call('date_diff', added("'week'"), sunday(earlier), sunday(later));
  };
}

function dateTruncated(args: readonly Argument[]): Pieces {
  const part = args[1]?.words[0] ?? 'DAY';
  if (part === 'WEEK') return call('bq_week', argument(args, 0));
  return cast(
    call(
      'date_trunc',
      added(quotedText(part === 'ISOWEEK' ? 'week' : part.toLowerCase())),
      argument(args, 0),
    ),
    'DATE',
  );
}

/** Whole units that have passed, where DuckDB's date_diff counts the boundaries crossed. */
function timeDifference(args: readonly Argument[]): Pieces {
  const part = (args[2]?.words[0] ?? 'SECOND').toLowerCase();
  return call('date_sub', added(quotedText(part)), argument(args, 1), argument(args, 0));
}

const BUILT: Readonly<Record<string, Build>> = {
  CURRENT_DATE: () => added('CAST(now() AS DATE)'),
  CURRENT_TIMESTAMP: () => added('now()'),
  CURRENT_DATETIME: () => added('CAST(now() AS TIMESTAMP)'),
  DATE: args => call('bq_date', ...args.map(({pieces}) => pieces)),
  DATE_ADD: shifted('DATE', '+'),
  DATE_SUB: shifted('DATE', '-'),
  DATETIME_ADD: shifted('TIMESTAMP', '+'),
  DATETIME_SUB: shifted('TIMESTAMP', '-'),
  TIMESTAMP_ADD: shifted('TIMESTAMPTZ', '+'),
  TIMESTAMP_SUB: shifted('TIMESTAMPTZ', '-'),
  DATE_DIFF: difference('DATE'),
  DATETIME_DIFF: difference('TIMESTAMP'),
  TIMESTAMP_DIFF: timeDifference,
  DATE_TRUNC: dateTruncated,
  TIMESTAMP_TRUNC: args =>
    call('date_trunc', added(quotedText((args[1]?.words[0] ?? 'DAY').toLowerCase())), argument(args, 0)),
  FORMAT_DATE: args => call('strftime', argument(args, 1), argument(args, 0)),
  FORMAT_TIMESTAMP: args => call('strftime', argument(args, 1), argument(args, 0)),
  PARSE_DATE: args => cast(call('strptime', argument(args, 1), argument(args, 0)), 'DATE'),
  PARSE_TIMESTAMP: args => cast(call('strptime', argument(args, 1), argument(args, 0)), 'TIMESTAMPTZ'),
  REGEXP_EXTRACT: args => {
    const group = /(^|[^\\])\((?!\?)/.test(textOf(argument(args, 1))) ? '1' : '0';
    return call(
      'nullif',
      call('regexp_extract', argument(args, 0), argument(args, 1), added(group)),
      added("''"),
    );
  },
  REGEXP_REPLACE: args =>
    call('regexp_replace', argument(args, 0), argument(args, 1), argument(args, 2), added("'g'")),
  LOG: args =>
    args.length === 1 ? call('ln', argument(args, 0)) : call('log', argument(args, 1), argument(args, 0)),
  PERCENTILE_CONT: args => call('quantile_cont', argument(args, 0), argument(args, 1)),
  GENERATE_DATE_ARRAY: args => [
    ...call(
      'list_transform',
      call(
        'generate_series',
        cast(argument(args, 0), 'DATE'),
        cast(argument(args, 1), 'DATE'),
        args.length < 3 ? added('INTERVAL 1 DAY') : interval(args[2]),
      ),
      added('lambda each: CAST(each AS DATE)'),
    ),
  ],
};

/** The functions whose last argument is a part of a date, so that it is read as a word. */
export function isPartOfDate(name: string, i: number): boolean {
  if (/^(?:DATE|DATETIME|TIMESTAMP)_DIFF$/.test(name)) return i === 2;
  return /^(?:DATE|DATETIME|TIMESTAMP)_TRUNC$/.test(name) && i === 1;
}

/** Undefined where BigQuery, as far as this server knows, has no such function. */
export function callOf(name: string): {readonly rename: string} | {readonly build: Build} | undefined {
  const build = BUILT[name];
  if (build !== undefined) return {build};
  if (SAME.has(name)) return {rename: name.toLowerCase()};
  const rename = RENAMED[name];
  return rename === undefined ? undefined : {rename};
}
