/**
 * Rules on values: calls, casts, nulls, divisions and orders that give something else in BigQuery.
 * What it refuses by its form is in portable-syntax.ts.
 */
import {COMMON_FUNCTIONS, COMMON_PARTS, DUCKDB_TYPES, UNLIKE_FUNCTIONS} from './portable-functions.ts';
import {type Difference, type Rule, refused, unlike} from './portable-rule.ts';
import type {TokenView} from './token-view.ts';

/** Keywords before brackets. */
const NO_CALLS = new Set([
  ...[
    'as',
    'in',
    'and',
    'or',
    'not',
    'on',
    'over',
    'using',
    'when',
    'then',
    'else',
    'case',
    'select',
    'from',
    'join',
  ],
  ...[
    'where',
    'by',
    'having',
    'qualify',
    'all',
    'distinct',
    'filter',
    'values',
    'union',
    'except',
    'intersect',
    'any',
  ],
  ...[
    'exclude',
    'replace',
    'between',
    'like',
    'is',
    'limit',
    'rollup',
    'cube',
    'sets',
    'with',
    'interval',
    'some',
  ],
  ...[
    'materialized',
    'group',
    'end',
    'array',
    'lateral',
    'offset',
    'decimal',
    'numeric',
    'varchar',
    'returning',
  ],
]);

export const calls: Rule = (view, at, {library}) => {
  const name = view.word(at);
  if (name === '' || view.text(at + 1) !== '(') return undefined;
  // A type in a cast, or a window or a CTE that is named, is no call.
  if (view.word(at - 1) === 'as') return undefined;
  if (name === 'cast') return cast(view, at);
  const other = UNLIKE_FUNCTIONS.get(name);
  if (other !== undefined) return other;
  if (NO_CALLS.has(name) || library.has(name)) return undefined;
  if (COMMON_FUNCTIONS.has(name)) return undefined;
  return unlike(
    'is not known to mean the same on both engines: use those of docs/bigquery.md, or write an override',
  );
};

const cast = (view: TokenView, at: number): Difference | undefined => {
  const type = typeOf(view, at);
  const own = DUCKDB_TYPES.get(type);
  return own === undefined ? undefined : refused(`to ${type.toUpperCase()} is of DuckDB alone: write ${own}`);
};

/** The type that a cast gives, lower case. */
function typeOf(view: TokenView, at: number): string {
  const end = view.close(at + 1);
  for (let i = end - 1; i > at; i--)
    if (view.word(i) === 'as' && view.opening(i) === at + 1) return view.word(i + 1);
  return '';
}

const ROUNDING = new Set([
  'round',
  'floor',
  'ceil',
  'ceiling',
  'trunc',
  'sum',
  'count',
  'countif',
  'extract',
  'rounded',
]);
const DOUBLE = new Set([
  'avg',
  'sqrt',
  'safe_divide',
  'exp',
  'ln',
  'log10',
  'pow',
  'power',
  'stddev',
  'float64',
  'double',
]);

/** Doubles are rounded otherwise, and written otherwise. */
export const casts: Rule = (view, at, {doubles}) => {
  if (view.word(at) !== 'cast' || view.text(at + 1) !== '(') return undefined;
  const type = typeOf(view, at);
  const isWhole = type === 'int64' || type === 'bigint' || type === 'integer' || type === 'int';
  if (!isWhole && type !== 'string' && type !== 'varchar') return undefined;
  const first = view.word(at + 2);
  // The whole of what is cast is rounded.
  const isRounded = ROUNDING.has(first) && view.word(view.close(at + 3) + 1) === 'as';
  if (isWhole && isRounded) return undefined;
  for (let i = at + 2; i < view.close(at + 1); i++) {
    const isDouble =
      DOUBLE.has(view.word(i)) ||
      doubles.has(view.word(i)) ||
      view.text(i) === '/' ||
      (view.kind(i) === 'number' && /[.e]/i.test(view.text(i)));
    if (!isDouble) continue;
    return isWhole
      ? unlike(
          'of a double to a whole number rounds halves to even in DuckDB and away from zero in BigQuery: write CAST(ROUND(x) AS INT64)',
        )
      : unlike(
          'of a double to text is written otherwise by each engine: cast whole numbers, such as ROUND(x) to INT64, first',
        );
  }
  return undefined;
};

export const nullable: Rule = (view, at) => {
  const name = view.word(at);
  if (view.text(at + 1) !== '(') return undefined;
  if (name === 'countif' && !isKnown(view.word(at - 2)) && !isNullTest(view, at)) {
    return unlike(
      'is null in DuckDB and 0 in BigQuery where its condition is null in every row: write COALESCE(COUNTIF(x), 0)',
    );
  }
  if (name !== 'greatest' && name !== 'least' && name !== 'concat') return undefined;
  const doubtful = view.parts(at + 1).some(([from, to]) => {
    const isLiteral = to === from + 1 && ['string', 'number'].includes(view.kind(from) ?? '');
    return !isLiteral && !isKnown(view.word(from));
  });
  if (!doubtful) return undefined;
  const mend = {greatest: 'greater_of(a, b)', least: 'lesser_of(a, b)', concat: 'a || b'}[name];
  return unlike(
    `leaves nulls out in DuckDB and is null in BigQuery: write ${mend}, or COALESCE around what may be null`,
  );
};

function isKnown(word: string): boolean {
  return word === 'coalesce' || word === 'ifnull';
}

/** Whether all that is counted is `x IS NULL` or `x IS NOT NULL`, which is never null. */
function isNullTest(view: TokenView, at: number): boolean {
  const end = view.close(at + 1);
  return view.word(end - 1) === 'null' && ['is', 'not'].includes(view.word(end - 2)) && end - at < 8;
}

export const division: Rule = (view, at) => {
  if (view.text(at) !== '/') return undefined;
  const divisor = view.text(at + 1);
  if (view.kind(at + 1) === 'number' && Number(divisor) !== 0) return undefined;
  return unlike('by 0 is an error in BigQuery and infinite or null in DuckDB: write safe_divide(a, b)');
};

export const extracts: Rule = (view, at) => {
  if (view.word(at) !== 'extract' || view.text(at + 1) !== '(') return undefined;
  const part = view.word(at + 2);
  if (COMMON_PARTS.has(part)) return undefined;
  if (['dow', 'isodow', 'dayofweek', 'weekday'].includes(part)) {
    return refused(
      `(${part.toUpperCase()} ...) counts days otherwise or is refused: write weekday_of(d), where 1 is Monday`,
    );
  }
  return refused(
    `(${part.toUpperCase()} ...) is not the same on both: of parts only ${[...COMMON_PARTS].join(', ')} are`,
  );
};

const ENDS_ORDER = new Set(['rows', 'range', 'groups', 'limit', 'offset', 'qualify', 'union', 'fetch']);

/** Marked at each item of an ORDER BY that says nothing of nulls, where the order decides what a row is. */
export const orders: Rule = (view, at, {isOrdered}) => {
  const by = orderAbove(view, at);
  if (by === undefined) return undefined;
  const depth = view.opening(by);
  // The rows of a table have no order of their own.
  if (depth < 0 && !isOrdered && view.limit < at) return undefined;
  const end = depth < 0 ? view.tokens.length : view.close(depth);
  for (let i = at; i < end; i++) {
    if (view.word(i) === 'nulls') return undefined;
    if (view.opening(i) === depth && (view.text(i) === ',' || ENDS_ORDER.has(view.word(i)))) break;
  }
  return unlike(
    'in ORDER BY does not say where nulls stand: last in DuckDB, first in BigQuery; write NULLS FIRST or NULLS LAST',
  );
};

/** The BY of the list whose item begins here. */
function orderAbove(view: TokenView, at: number): number | undefined {
  const by = view.clause(at);
  const isItem = by === at - 1 || view.text(at - 1) === ',';
  return isItem && view.word(by) === 'by' && view.word(by - 1) === 'order' ? by : undefined;
}
