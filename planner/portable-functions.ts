/**
 * Which functions mean the same in DuckDB and GoogleSQL, and what to write in place of those that do not, as data.
 * The function library is not in it (runner/functions.ts); what only one engine knows is in neither list.
 */

import {type Difference, refused, unlike} from './portable-rule.ts';

/** Of both engines and of one meaning, for the types that columns have. Keywords that look like calls are among them. */
export const COMMON_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['if', 'ifnull', 'nullif', 'coalesce', 'cast', 'extract', 'exists'],
  ...[
    'count',
    'countif',
    'sum',
    'avg',
    'min',
    'max',
    'greatest',
    'least',
    'concat',
    'any_value',
    'array_agg',
    'string_agg',
    'corr',
    'covar_pop',
    'covar_samp',
  ],
  ...[
    'stddev',
    'stddev_pop',
    'stddev_samp',
    'variance',
    'var_pop',
    'var_samp',
    'bit_and',
    'bit_or',
    'bit_xor',
  ],
  ...['row_number', 'rank', 'dense_rank', 'percent_rank', 'cume_dist', 'ntile', 'lag', 'lead'],
  ...['first_value', 'last_value', 'nth_value'],
  ...[
    'abs',
    'sign',
    'round',
    'floor',
    'ceil',
    'ceiling',
    'trunc',
    'sqrt',
    'cbrt',
    'exp',
    'ln',
    'log10',
    'pow',
    'power',
  ],
  ...['mod', 'acos', 'asin', 'atan', 'atan2', 'cos', 'sin', 'tan'],
  ...[
    'lower',
    'upper',
    'length',
    'trim',
    'ltrim',
    'rtrim',
    'lpad',
    'rpad',
    'left',
    'right',
    'substr',
    'substring',
  ],
  ...['replace', 'repeat', 'reverse', 'starts_with', 'ends_with', 'strpos', 'chr', 'split', 'translate'],
  ...['array_length'],
]);

const DATES = 'takes its parts in another order in BigQuery: write';

/** By name in lower case. */
export const UNLIKE_FUNCTIONS: ReadonlyMap<string, Difference> = new Map([
  ['date_diff', refused(`${DATES} days_between(earlier, later)`)],
  ['datediff', refused('is unknown to BigQuery: write days_between(earlier, later)')],
  ['date_sub', refused(`${DATES} days_between(earlier, later), or days_after(d, -n)`)],
  ['date_add', refused(`${DATES} days_after(d, n)`)],
  ['date_trunc', refused(`${DATES} week_start(d) or month_start(d)`)],
  ['date_part', refused('is unknown to BigQuery: write EXTRACT(YEAR FROM d)')],
  ...['year', 'month', 'day', 'hour', 'minute', 'second', 'quarter'].map(
    part => [part, refused(`is unknown to BigQuery: write EXTRACT(${part.toUpperCase()} FROM d)`)] as const,
  ),
  ...['dayofweek', 'weekday', 'isodow', 'dayname'].map(
    name => [name, refused('is unknown to BigQuery: write weekday_of(d), where 1 is Monday')] as const,
  ),
  ['list', refused('is unknown to BigQuery: write ARRAY_AGG(x)')],
  ['count_if', refused('is unknown to BigQuery: write COALESCE(COUNTIF(x), 0)')],
  ['bool_and', refused('is unknown to BigQuery: write MIN(IF(x, 1, 0)) = 1')],
  ['bool_or', refused('is unknown to BigQuery: write MAX(IF(x, 1, 0)) = 1')],
  ...['first', 'last', 'arg_max', 'arg_min', 'max_by', 'min_by', 'mode', 'median'].map(
    name =>
      [name, refused('has no equal in BigQuery: take the row WHERE ROW_NUMBER() OVER (...) = 1')] as const,
  ),
  ['try_cast', refused('is SAFE_CAST in BigQuery, which DuckDB lacks: write an override')],
  ['unnest', unlike('AS name is a row in DuckDB and a value in BigQuery: write an override')],
  ['ascii', unlike('fails in BigQuery where the text is not ASCII: write an override')],
  ['md5', unlike('gives bytes in BigQuery: write hash_of(text)')],
  ['hash', refused('is unknown to BigQuery: write hash_of(text)')],
  ['log', unlike('is the natural logarithm in BigQuery: write LN(x) or LOG10(x)')],
  ['contains', refused('is unknown to BigQuery: write STRPOS(text, part) > 0')],
  ['isnan', refused('is IS_NAN in BigQuery: write x <> x where NaN can be, or an override')],
  ['isfinite', refused('is unknown to BigQuery: write an override')],
  ['concat_ws', refused('is unknown to BigQuery: write a || sep || b')],
  ['strftime', refused('is unknown to BigQuery: write CAST(EXTRACT(YEAR FROM d) AS STRING) and the like')],
  ['make_date', refused("is unknown to BigQuery: write CAST('2024-01-15' AS DATE) or days_after")],
  ['range', refused('is unknown to BigQuery: read the keys from an edge')],
  ['generate_series', refused('is unknown to BigQuery: read the keys from an edge')],
  ['regexp_matches', refused('is REGEXP_CONTAINS in BigQuery: write LIKE or STARTS_WITH, or an override')],
  ['regexp_replace', unlike('replaces every match in BigQuery and the first in DuckDB: write an override')],
  ['struct_pack', refused('is STRUCT in BigQuery: return columns of their own')],
  ['columns', refused('is unknown to BigQuery: name the columns')],
]);

/** Names of types after AS in a cast, lower case, that BigQuery does not have. */
export const DUCKDB_TYPES: ReadonlyMap<string, string> = new Map([
  ...['double', 'float', 'float4', 'float8', 'real'].map(name => [name, 'FLOAT64'] as const),
  ...['varchar', 'text', 'char', 'bpchar'].map(name => [name, 'STRING'] as const),
  ...[
    'hugeint',
    'uhugeint',
    'uinteger',
    'ubigint',
    'utinyint',
    'usmallint',
    'int1',
    'int2',
    'int4',
    'int8',
    'long',
  ].map(name => [name, 'INT64'] as const),
  ...['logical'].map(name => [name, 'BOOL'] as const),
  ...['timestamptz', 'timestamp_ms', 'timestamp_s', 'timestamp_ns'].map(name => [name, 'TIMESTAMP'] as const),
]);

/** Reserved in GoogleSQL and not in DuckDB: https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical */
export const GOOGLE_RESERVED: ReadonlySet<string> = new Set([
  ...[
    'at',
    'contains',
    'cube',
    'current',
    'define',
    'enum',
    'escape',
    'exclude',
    'extract',
    'following',
    'groups',
  ],
  ...[
    'hash',
    'if',
    'ignore',
    'inner',
    'interval',
    'lookup',
    'merge',
    'new',
    'no',
    'nulls',
    'of',
    'over',
    'partition',
  ],
  ...[
    'preceding',
    'proto',
    'range',
    'recursive',
    'respect',
    'rollup',
    'rows',
    'set',
    'struct',
    'treat',
    'unbounded',
  ],
  ...['within', 'array', 'exists', 'by'],
]);

/** Parts of EXTRACT that differ; those that both have with one meaning are in COMMON_PARTS. */
export const COMMON_PARTS: ReadonlySet<string> = new Set([
  ...['year', 'isoyear', 'quarter', 'month', 'day', 'dayofyear', 'hour', 'minute', 'second'],
]);
