/**
 * Conditions by which BigQuery would leave out partitions: a comparison of the partitioning column with what does not
 * depend on rows (https://cloud.google.com/bigquery/docs/querying-partitioned-tables#use_a_constant_filter_expression).
 * It does not deal with evaluating them.
 */
import {closing, isSymbol, isWord, type Token} from './bigquery-lexer.ts';
import type {Read} from './bigquery-session.ts';

export interface Filters {
  /** Of the table, as the conditions may call it. */
  readonly alias: string;
  readonly conditions: readonly (readonly Token[])[];
  /** Nothing else decides about a row. */
  readonly isAll: boolean;
}

const ENDS = [
  'GROUP',
  'HAVING',
  'QUALIFY',
  'WINDOW',
  'ORDER',
  'LIMIT',
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'WHEN',
];

/** Undefined where no condition can be used. */
export function filtersOf(
  query: string,
  {tokens, at, end, alias}: Read,
  column: string,
): Filters | undefined {
  const where = isWord(tokens[0], 'MERGE') && at <= 2 ? mergeCondition(tokens) : whereOf(query, tokens, end);
  if (where === undefined) return undefined;
  const all = conjuncts(tokens.slice(where.from, where.to));
  const conditions = all.filter(each => isUsable(each, alias, column));
  return conditions.length === 0 ? undefined : {alias, conditions, isAll: conditions.length === all.length};
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The WHERE of the query whose FROM ends somewhere after `from`, in the same bracket. */
function whereOf(query: string, tokens: readonly Token[], from: number): Stretch | undefined {
  let where: number | undefined;
  let i = from;
  for (; i < tokens.length; i++) {
    const token = tokens[i];
    if (isSymbol(token, '(') || isSymbol(token, '[')) i = closing(query, tokens, i);
    else if (isSymbol(token, ')') || isWord(token, ...ENDS)) break;
    else if (isWord(token, 'WHERE')) where = i + 1;
  }
  return where === undefined ? undefined : {from: where, to: i};
}

/** Of `MERGE ... ON FALSE WHEN NOT MATCHED BY SOURCE AND condition THEN DELETE`, or what follows ON. */
function mergeCondition(tokens: readonly Token[]): Stretch | undefined {
  const on = tokens.findIndex(token => isWord(token, 'ON'));
  const start = isWord(tokens[on + 1], 'FALSE')
    ? tokens.findIndex((token, i) => isWord(token, 'SOURCE') && isWord(tokens[i + 1], 'AND')) + 1
    : on;
  if (start <= 0) return undefined;
  const length = tokens.slice(start).findIndex(token => isWord(token, 'THEN', 'WHEN'));
  return {from: start + 1, to: length < 0 ? tokens.length : start + length};
}

/** Split at the ANDs that stand in no bracket and belong to no BETWEEN. */
function conjuncts(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  let isBetween = false;
  for (const token of tokens) {
    if (token.kind === 'symbol' && '(['.includes(token.text)) depth += 1;
    if (token.kind === 'symbol' && ')]'.includes(token.text)) depth -= 1;
    if (depth === 0 && isWord(token, 'BETWEEN')) isBetween = true;
    if (depth === 0 && isWord(token, 'AND')) {
      if (!isBetween) {
        parts.push([]);
        continue;
      }
      isBetween = false;
    }
    parts.at(-1)?.push(token);
  }
  return parts.filter(({length}) => length > 0);
}

const WORDS = new Set(
  'AND OR NOT IN BETWEEN IS NULL TRUE FALSE DATE TIMESTAMP DATETIME INTERVAL DAY MONTH YEAR AS INT64 STRING UNNEST ARRAY'.split(
    ' ',
  ),
);

/** The column stands alone on its side, and nothing else names a column; no sub-query decides. */
function isUsable(tokens: readonly Token[], alias: string, column: string): boolean {
  let depth = 0;
  let isNamed = false;
  for (const [i, token] of tokens.entries()) {
    if (token.kind === 'symbol' && '(['.includes(token.text)) depth += 1;
    if (token.kind === 'symbol' && ')]'.includes(token.text)) depth -= 1;
    if (token.kind !== 'name' && token.kind !== 'quoted') continue;
    const text = token.text.replaceAll('`', '').toLowerCase();
    const isQualifier = isSymbol(tokens[i + 1], '.') && text === alias.toLowerCase();
    if (text === column.toLowerCase() && depth === 0) isNamed = true;
    else if (
      !isQualifier &&
      !WORDS.has(token.value) &&
      !(isSymbol(tokens[i + 1], '(') && token.value !== 'SELECT')
    )
      return false;
  }
  return isNamed;
}
