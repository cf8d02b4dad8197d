/**
 * Rules on syntax: operators, quotes, clauses and names that BigQuery refuses or reads as something else.
 * What values come of calls and casts is in portable-values.ts.
 */
import {GOOGLE_RESERVED} from './portable-functions.ts';
import {type Difference, type Rule, refused, unlike} from './portable-rule.ts';
import type {TokenView} from './token-view.ts';

const SYMBOLS: ReadonlyMap<string, Difference> = new Map([
  ['::', refused('is a cast in DuckDB alone: write CAST(x AS TYPE)')],
  ['//', refused('is no operator of BigQuery: write CAST(FLOOR(safe_divide(a, b)) AS INT64)')],
  ['%', refused('is no operator of BigQuery: write MOD(a, b)')],
  ['**', refused('is no operator of BigQuery: write POW(a, b)')],
  ['^', unlike('is a power in DuckDB and an exclusive or in BigQuery: write POW(a, b)')],
  ['==', refused('is no operator of BigQuery: write =')],
  ['#', refused('begins a comment in BigQuery: name the column')],
  ['{', refused('makes a struct in DuckDB alone: return columns of their own')],
  ['->', refused('is of DuckDB alone: write an override for JSON and lambdas')],
  ['->>', refused('is of DuckDB alone: write an override for JSON')],
  ...['~', '!~', '~~', '!~~', '~*', '~~*', '~~~'].map(
    symbol => [symbol, refused('is no operator of BigQuery: write LIKE or STARTS_WITH')] as const,
  ),
  ...['@>', '<@', '&&', '^@', ':='].map(
    symbol => [symbol, refused('is of DuckDB alone: write an override')] as const,
  ),
]);

export const symbols: Rule = (view, at) =>
  view.kind(at) === 'symbol' ? SYMBOLS.get(view.text(at)) : undefined;

export const texts: Rule = (view, at) => {
  const text = view.text(at);
  switch (view.kind(at)) {
    case 'name':
      return refused('is a text in BigQuery and a name in DuckDB: use a name that needs no quotes');
    case 'odd':
      return refused("is a text in DuckDB alone: write it as '...'");
    case 'string':
      if (text.includes('\\'))
        return unlike('holds a backslash, which begins an escape in BigQuery: write CHR(92)');
      return text.slice(1, -1).includes("''")
        ? refused('holds a doubled quote, which BigQuery reads as two texts: write CHR(39)')
        : undefined;
    case 'number':
      if (text.includes('_'))
        return refused('holds an underscore, which BigQuery refuses: write the digits alone');
      return /^[\d.]+$/.test(text) && text.includes('.')
        ? unlike(`is a decimal in DuckDB and a double in BigQuery: write ${text}e0`)
        : undefined;
    default:
      return undefined;
  }
};

const WORDS: ReadonlyMap<string, (view: TokenView, at: number) => Difference | undefined> = new Map([
  [
    'exclude',
    (v, at) =>
      v.text(at - 1) === '*'
        ? refused('is EXCEPT in BigQuery, which DuckDB refuses: name the columns')
        : undefined,
  ],
  [
    'rename',
    (v, at) => (v.text(at - 1) === '*' ? refused('is of DuckDB alone: name the columns') : undefined),
  ],
  ['ilike', () => refused('is no operator of BigQuery: write LOWER(x) LIKE LOWER(y)')],
  [
    'similar',
    (v, at) => (v.word(at + 1) === 'to' ? refused('TO is no operator of BigQuery: write LIKE') : undefined),
  ],
  [
    'glob',
    (v, at) => (v.kind(at + 1) === 'string' ? refused('is no operator of BigQuery: write LIKE') : undefined),
  ],
  [
    'filter',
    (v, at) =>
      v.word(at + 2) === 'where'
        ? refused('(WHERE ...) is refused: put IF(condition, x, NULL) into the aggregate')
        : undefined,
  ],
  [
    'distinct',
    (v, at) =>
      v.word(at + 1) === 'on'
        ? refused('ON is of DuckDB alone: take the row WHERE ROW_NUMBER() OVER (...) = 1')
        : undefined,
  ],
  ...['union', 'intersect', 'except'].map(
    word =>
      [
        word,
        (v: TokenView, at: number) =>
          ['all', 'distinct', 'by'].includes(v.word(at + 1)) || v.text(at - 1) === '*'
            ? undefined
            : refused(`needs ALL or DISTINCT in BigQuery: write ${word.toUpperCase()} DISTINCT`),
      ] as const,
  ),
  [
    'all',
    (v, at) =>
      v.word(at - 1) === 'by' && v.word(at - 2) === 'order'
        ? refused('after ORDER BY is of DuckDB alone: name the columns')
        : undefined,
  ],
  [
    'from',
    (v, at) =>
      at === 0 || v.text(at - 1) === '('
        ? refused('before SELECT is of DuckDB alone: begin with SELECT')
        : undefined,
  ],
  ...['asof', 'positional', 'semi', 'anti', 'natural'].map(
    word =>
      [
        word,
        (v: TokenView, at: number) =>
          isJoin(v, at) ? refused('JOIN is refused: say the condition, or use EXISTS') : undefined,
      ] as const,
  ),
  ['lateral', () => refused('is of DuckDB alone: write a join')],
  [
    'values',
    (v, at) =>
      v.text(at + 1) === '('
        ? refused('as a table is refused: write one SELECT a row, with UNION ALL between')
        : undefined,
  ],
  [
    'fetch',
    (v, at) =>
      v.word(at + 1) === 'first' || v.word(at + 1) === 'next'
        ? refused('is refused: write LIMIT')
        : undefined,
  ],
  [
    'materialized',
    (v, at) => (v.text(at + 1) === '(' ? refused('is of DuckDB alone: leave it out') : undefined),
  ],
]);

function isJoin(view: TokenView, at: number): boolean {
  return [1, 2].some(far => view.word(at + far) === 'join');
}

export const words: Rule = (view, at) =>
  view.text(at - 1) === '.' ? undefined : WORDS.get(view.word(at))?.(view, at);

export const index: Rule = (view, at) => {
  if (view.text(at) !== '[') return undefined;
  const before = view.tokens[at - 1];
  const isIndex =
    before !== undefined && (before.kind === 'word' || before.kind === 'name' || /[)\]]/.test(before.text));
  const isKeyword = ['in', 'unnest', 'select', 'then', 'else', 'as', 'by', 'and', 'or', 'not'].includes(
    view.word(at - 1),
  );
  if (isIndex && !isKeyword)
    return unlike('counts from 1 in DuckDB and from 0 in BigQuery: write an override');
  const isMade = Array.from({length: view.close(at) - at}, (_, i) => view.word(at + i)).includes('for');
  return isMade ? refused('with FOR makes a list in DuckDB alone: write an override') : undefined;
};

const UNITS = new Set([
  'year',
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'week',
  'quarter',
  'millisecond',
  'microsecond',
]);

export const intervals: Rule = (view, at) => {
  if (view.word(at) !== 'interval' || view.text(at + 1) === '' || view.text(at + 1) === ',') return undefined;
  if (view.kind(at + 1) === 'string' && !UNITS.has(view.word(at + 2))) {
    return refused("without a unit is of DuckDB alone: write days_after(d, n), or INTERVAL '1' DAY");
  }
  const isFrame = ['preceding', 'following'].some(word => [3, 4].some(far => view.word(at + far) === word));
  if (isFrame)
    return refused('in a frame is refused: BigQuery takes numbers there; order by days_between(d0, d)');
  return unlike('added to a date gives a time in DuckDB and a date in BigQuery: write days_after(d, n)');
};

/** Behind AS: a reserved word, or a name that the same SELECT reads a table by. */
export const aliases: Rule = (view, at, {relations}) => {
  if (view.word(at - 1) !== 'as' || view.word(at) === '' || view.text(at + 1) === '(') return undefined;
  const name = view.word(at);
  if (isCastType(view, at)) return undefined;
  if (GOOGLE_RESERVED.has(name)) return refused('is a word of GoogleSQL and cannot be a name: use another');
  if (!relations.has(name) || view.word(view.clause(at)) !== 'select') return undefined;
  const from = view.next(at, new Set(['from', 'union']));
  if (from === undefined || view.word(from) !== 'from') return undefined;
  const end =
    view.next(
      from + 1,
      new Set(['where', 'group', 'having', 'qualify', 'window', 'order', 'limit', 'union']),
    ) ?? endOf(view, from);
  for (let i = from + 1; i < end; i++) {
    const isRead = view.opening(i) === view.opening(from) && view.word(i) === name;
    if (isRead && (['from', 'join'].includes(view.word(i - 1)) || view.text(i - 1) === ',')) {
      return unlike(
        'names a column and a table that this SELECT reads: BigQuery takes it for the row of the table; use another name',
      );
    }
  }
  return undefined;
};

function endOf(view: TokenView, at: number): number {
  const depth = view.opening(at);
  return depth < 0 ? view.tokens.length : view.close(depth);
}

/** Whether AS stands in a cast. */
function isCastType(view: TokenView, at: number): boolean {
  const open = view.opening(at);
  return open > 0 && ['cast', 'try_cast'].includes(view.word(open - 1));
}
