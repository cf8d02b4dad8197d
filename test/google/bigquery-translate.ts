/**
 * A GoogleSQL query or DML statement in DuckDB's SQL, token by token: what both write alike passes through.
 * It does not deal with scripts and DDL (bigquery-script.ts), nor judge types: that is the reference evaluator's part.
 */
import {BigqueryError} from './bigquery-error.ts';
import {type Argument, callOf, isPartOfDate} from './bigquery-functions.ts';
import {
  closing,
  isSymbol,
  isWord,
  placeOf,
  splitAtCommas,
  syntaxError,
  type Token,
} from './bigquery-lexer.ts';
import {added, type Pieces, textOf} from './bigquery-pieces.ts';
import {quotedName, quotedText} from './bigquery-schema.ts';
import {parseType} from './bigquery-types.ts';

/** What the names of a statement stand for. */
export interface Names {
  /** The relation for a path such as [project, dataset, table], as it stands after FROM, and the alias that it implies. */
  readonly table: (path: readonly string[], at: Token) => {readonly sql: string; readonly alias: string};
  /** A parameter's value as an expression. */
  readonly parameter: (name: string, at: Token) => string;
  /** Of functions made by CREATE TEMP FUNCTION, in upper case. */
  readonly functions: ReadonlySet<string>;
  /** Script variables in upper case, as expressions. */
  readonly variables: ReadonlyMap<string, string>;
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#reserved_keywords, but for those that may follow AS. */
const RESERVED = new Set(
  `ALL AND ANY ASC AT BETWEEN BY CASE COLLATE CREATE CROSS CUBE CURRENT DEFAULT DEFINE DESC DISTINCT ELSE END ESCAPE
  EXCEPT EXCLUDE FETCH FOLLOWING FOR FROM FULL GROUP GROUPING GROUPS HASH HAVING IGNORE IN INNER INTERSECT INTO IS JOIN
  LATERAL LEFT LIKE LIMIT LOOKUP MERGE NATURAL NEW NO NOT NULLS OF ON OR ORDER OUTER OVER PARTITION PRECEDING PROTO
  QUALIFY RANGE RECURSIVE RESPECT RIGHT ROLLUP ROWS SET SOME TABLESAMPLE THEN TO TREAT UNBOUNDED UNION USING WHEN WHERE
  WINDOW WITHIN`.split(/\s+/),
);

/** Names in GoogleSQL that DuckDB keeps for itself. */
const NOT_NAMES_IN_DUCKDB = new Set(
  `ANALYSE ANALYZE ASYMMETRIC BOTH CHECK COLUMN CONSTRAINT DEFERRABLE DO FOREIGN INITIALLY LAMBDA LEADING ONLY PIVOT
  PLACING PRIMARY REFERENCES RETURNING SHOW SUMMARIZE SYMMETRIC TABLE TRAILING UNIQUE UNPIVOT VARIADIC ANTI SEMI ASOF
  POSITIONAL ISNULL NOTNULL GLOB SIMILAR`.split(/\s+/),
);

/** After these no table follows a comma any more. */
const ENDS_FROM = [
  'WHERE',
  'GROUP',
  'HAVING',
  'QUALIFY',
  'WINDOW',
  'ORDER',
  'LIMIT',
  'SELECT',
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'SET',
  'WHEN',
];

const NOT_CALLS = new Set(
  'AND OR NOT IN AS ON BY USING OVER WHEN THEN ELSE SELECT FROM WHERE HAVING QUALIFY WITH UNION ALL DISTINCT EXCEPT INTERSECT VALUES BETWEEN LIKE IS JOIN LIMIT CASE INTO INSERT WINDOW SET REPLACE ANY SOME RETURN ROLLUP CUBE SETS EXISTS END'.split(
    ' ',
  ),
);

export function translate(sql: string, tokens: readonly Token[], names: Names): Pieces {
  return new Translator(sql, tokens, names).statement();
}

/** Where the walk through one bracket stands. */
interface Level {
  clause: 'from' | 'other';
  expectsTable: boolean;
  /** Such as `UNION ALL`; once there is one, another needs brackets. */
  setOperation?: string;
}

class Translator {
  readonly #sql: string;
  readonly #tokens: readonly Token[];
  readonly #names: Names;
  /** In upper case; of WITH clauses anywhere in the statement. */
  readonly #local: ReadonlySet<string>;
  readonly #isMerge: boolean;

  constructor(sql: string, tokens: readonly Token[], names: Names) {
    this.#sql = sql;
    this.#tokens = tokens;
    this.#names = names;
    this.#isMerge = isWord(tokens[0], 'MERGE');
    const isCte = (i: number) =>
      isWord(tokens[i + 1], 'AS') &&
      isSymbol(tokens[i + 2], '(') &&
      (isWord(tokens[i - 1], 'WITH', 'RECURSIVE') || isSymbol(tokens[i - 1], ','));
    this.#local = new Set(
      tokens
        .filter((_, i) => isCte(i))
        .map(nameOf)
        .map(name => name.toUpperCase()),
    );
  }

  statement(): Pieces {
    const [first, second] = this.#tokens;
    const end = this.#tokens.length;
    if (isWord(first, 'INSERT', 'MERGE', 'DELETE', 'UPDATE')) {
      if (isWord(first, 'DELETE', 'UPDATE') && !this.#tokens.some(token => isWord(token, 'WHERE')))
        throw new BigqueryError(
          'invalidQuery',
          `${first?.value} must have a WHERE clause at ${placeOf(this.#sql, first?.start ?? 0)}`,
        );
      const isShort = !isWord(second, 'INTO', 'FROM');
      const verb =
        {INSERT: 'INSERT INTO', MERGE: 'MERGE INTO', DELETE: 'DELETE FROM', UPDATE: 'UPDATE'}[
          first?.value ?? ''
        ] ?? '';
      return [
        {text: `${verb} `, at: first?.start},
        ...this.#walk(isShort ? 1 : 2, end, {clause: 'other', expectsTable: true}),
      ];
    }
    return this.#walk(0, end, {clause: 'other', expectsTable: false});
  }

  #walk(from: number, to: number, level: Level): Pieces {
    const pieces: Pieces[number][] = [];
    let i = from;
    while (i < to) {
      const step = this.#step(i, to, level);
      pieces.push(...step.pieces);
      i = step.next;
    }
    return pieces;
  }

  #expression(from: number, to: number): Pieces {
    return this.#walk(from, to, {clause: 'other', expectsTable: false});
  }

  #step(i: number, to: number, level: Level): Step {
    const token = this.#token(i);
    if (level.expectsTable) {
      level.expectsTable = false;
      const table = this.#tablePosition(i, to);
      if (table !== undefined) return table;
    }
    this.#follow(i, level);
    switch (token.kind) {
      case 'string':
        return one(token, quotedText(token.value), i);
      case 'number':
        return one(token, /^\d*\.\d*$/.test(token.text) ? `${token.text}e0` : token.text, i);
      case 'param':
        return one(token, this.#names.parameter(token.value, token), i);
      case 'quoted':
        return one(token, quotedName(token.value), i);
      case 'symbol':
        return this.#isSecondWith(i) ? this.#throughAnother(i, to) : this.#symbol(i, to);
      case 'name':
        return this.#word(i, to);
    }
  }

  /** `WITH a AS (…) (WITH b …)`: DuckDB takes no second WITH for the same query. */
  #isSecondWith(i: number): boolean {
    const [before, bracket, after] = [this.#tokens[i - 1], this.#tokens[i], this.#tokens[i + 1]];
    return isSymbol(before, ')') && isSymbol(bracket, '(') && isWord(after, 'WITH');
  }

  /** DuckDB keeps the order of rows that come from a query after FROM. */
  #throughAnother(i: number, to: number): Step {
    const {pieces, next} = this.#symbol(i, to);
    return {pieces: [{text: 'SELECT * FROM ', at: this.#token(i).start}, ...pieces], next};
  }

  #token(i: number): Token {
    const token = this.#tokens[i];
    if (token === undefined) throw syntaxError(this.#sql, this.#sql.length, 'Unexpected end of script');
    return token;
  }

  /** Whether a table is named next. */
  #follow(i: number, level: Level): void {
    const token = this.#token(i);
    if (isWord(token, 'FROM') && !isWord(this.#tokens[i - 1], 'DISTINCT')) {
      level.clause = 'from';
      level.expectsTable = true;
    } else if (isWord(token, 'JOIN', 'INTO')) level.expectsTable = true;
    else if (isWord(token, 'USING') && this.#isMerge && level.clause === 'other') level.expectsTable = true;
    else if (isSymbol(token, ',') && level.clause === 'from') level.expectsTable = true;
    else if (isWord(token, ...ENDS_FROM)) level.clause = 'other';
    const next = this.#tokens[i + 1];
    if (!isWord(token, 'UNION', 'EXCEPT', 'INTERSECT') || !isWord(next, 'ALL', 'DISTINCT')) return;
    const operation = `${token.value} ${next?.value}`;
    level.setOperation ??= operation;
    if (level.setOperation === operation) return;
    const why =
      'Different set operations cannot be used in the same query without using parentheses for grouping';
    throw syntaxError(this.#sql, token.start, why);
  }

  #tablePosition(i: number, to: number): Step | undefined {
    const token = this.#token(i);
    if (isSymbol(token, '(')) return this.#joinInBrackets(i);
    if (isWord(token, 'UNNEST')) return this.#unnest(i, to);
    if (token.kind !== 'name' && token.kind !== 'quoted') return undefined;
    const path = token.kind === 'quoted' ? token.value.split('.') : [token.text];
    let next = i + 1;
    while (isSymbol(this.#tokens[next], '.')) {
      const part = this.#token(next + 1);
      path.push(...(part.kind === 'quoted' ? part.value.split('.') : [part.text]));
      next += 2;
    }
    const [only = ''] = path;
    if (path.length === 1 && this.#local.has(only.toUpperCase())) return one(token, quotedName(only), i);
    const {sql, alias} = this.#names.table(path, token);
    const hasAlias = isWord(this.#tokens[next], 'AS') || (next < to && isAlias(this.#token(next)));
    const isTarget = isWord(this.#tokens[0], 'INSERT', 'UPDATE', 'DELETE') && i <= 2;
    const implied = hasAlias || isTarget ? '' : ` AS ${quotedName(alias)}`;
    return {pieces: [{text: ` ${sql}${implied}`, at: token.start}], next};
  }

  #joinInBrackets(i: number): Step | undefined {
    if (isWord(this.#tokens[i + 1], 'SELECT', 'WITH') || isSymbol(this.#tokens[i + 1], '(')) return undefined;
    const close = closing(this.#sql, this.#tokens, i);
    return {
      pieces: [
        ...added(' ('),
        ...this.#walk(i + 1, close, {clause: 'from', expectsTable: true}),
        ...added(')'),
      ],
      next: close + 1,
    };
  }

  /** `UNNEST(array) [AS] alias [WITH OFFSET [AS] name]`: the alias is the element. */
  #unnest(i: number, to: number): Step {
    const close = closing(this.#sql, this.#tokens, i + 1);
    const series = this.#series(i + 2, close);
    const array = series ?? [...added('unnest('), ...this.#expression(i + 2, close), ...added(')')];
    let next = close + 1;
    const readAlias = (fallback: string): string => {
      if (isWord(this.#tokens[next], 'AS')) next += 1;
      else if (next >= to || !isAlias(this.#token(next))) return fallback;
      next += 1;
      return nameOf(this.#token(next - 1));
    };
    const alias = readAlias('f0_');
    const element = quotedName(alias);
    const at = this.#token(i).start;
    if (!(isWord(this.#tokens[next], 'WITH') && isWord(this.#tokens[next + 1], 'OFFSET')))
      return {
        pieces: [{text: ' ', at}, ...array, ...added(` AS ${quotedName(`_${alias}`)}(${element})`)],
        next,
      };
    next += 2;
    const offset = quotedName(readAlias('offset'));
    const counted = `(SELECT ${element}, "_n" - 1 AS ${offset} FROM `;
    return {
      pieces: [
        {text: ` ${counted}`, at},
        ...array,
        ...added(` WITH ORDINALITY AS "_u"(${element}, "_n")) AS ${quotedName(`_${alias}`)}`),
      ],
      next,
    };
  }

  /** `GENERATE_ARRAY(from, to)` alone: without making the array. */
  #series(from: number, close: number): Pieces | undefined {
    if (!isWord(this.#tokens[from], 'GENERATE_ARRAY')) return undefined;
    if (closing(this.#sql, this.#tokens, from + 1) !== close - 1) return undefined;
    return [...added('generate_series('), ...this.#expression(from + 2, close - 1), ...added(')')];
  }

  #symbol(i: number, to: number): Step {
    const token = this.#token(i);
    switch (token.text) {
      case '(': {
        const close = closing(this.#sql, this.#tokens, i, to);
        return {
          pieces: [{text: ' (', at: token.start}, ...this.#expression(i + 1, close), ...added(')')],
          next: close + 1,
        };
      }
      case '[':
        return this.#brackets(i, to);
      case '*':
        if (isWord(this.#tokens[i + 1], 'EXCEPT') && isSymbol(this.#tokens[i + 2], '('))
          return {pieces: [{text: ' * EXCLUDE', at: token.start}], next: i + 2};
        return one(token, '*', i);
      case '/':
        return this.#division(i, to);
      case ':':
      case '{':
      case '->':
        throw syntaxError(this.#sql, token.start, `Unexpected ${JSON.stringify(token.text)}`);
      default:
        return one(token, token.text, i);
    }
  }

  /** An element of an array, or an array of elements. */
  #brackets(i: number, to: number): Step {
    const token = this.#token(i);
    const close = closing(this.#sql, this.#tokens, i, to);
    const before = this.#tokens[i - 1];
    const isElement =
      before?.kind === 'quoted' ||
      isSymbol(before, ')') ||
      isSymbol(before, ']') ||
      (before?.kind === 'name' && !NOT_CALLS.has(before.value) && before.value !== 'ARRAY') ||
      before?.kind === 'param';
    if (!isElement)
      return {
        pieces: [{text: ' [', at: token.start}, ...this.#expression(i + 1, close), ...added(']')],
        next: close + 1,
      };
    const how = this.#token(i + 1);
    const inner = isWord(how, 'OFFSET', 'SAFE_OFFSET', 'ORDINAL', 'SAFE_ORDINAL')
      ? this.#expression(i + 3, close - 1)
      : this.#expression(i + 1, close);
    const isOrdinal = isWord(how, 'ORDINAL', 'SAFE_ORDINAL');
    return {
      pieces: [{text: '[(', at: token.start}, ...inner, ...added(isOrdinal ? ')]' : ') + 1]')],
      next: close + 1,
    };
  }

  /** By zero it is an error; DuckDB would say Infinity. */
  #division(i: number, to: number): Step {
    const end = this.#endOfOperand(i + 1, to);
    return {
      pieces: [
        {text: ' / bq_divisor(', at: this.#token(i).start},
        ...this.#expression(i + 1, end),
        ...added(')'),
      ],
      next: end,
    };
  }

  #endOfOperand(from: number, to: number): number {
    let at = from;
    while (isSymbol(this.#tokens[at], '-') || isSymbol(this.#tokens[at], '+')) at += 1;
    if (isWord(this.#tokens[at], 'CASE')) {
      let depth = 0;
      for (; at < to; at++) {
        if (isWord(this.#tokens[at], 'CASE')) depth += 1;
        if (isWord(this.#tokens[at], 'END') && --depth === 0) return at + 1;
      }
    }
    if (!isSymbol(this.#tokens[at], '(')) at += 1;
    while (at < to) {
      const token = this.#tokens[at];
      if (isSymbol(token, '(') || isSymbol(token, '[')) at = closing(this.#sql, this.#tokens, at, to) + 1;
      else if (isSymbol(token, '.')) at += 2;
      else if (isWord(token, 'OVER')) at += isSymbol(this.#tokens[at + 1], '(') ? 1 : 2;
      else break;
    }
    return at;
  }

  #word(i: number, to: number): Step {
    const token = this.#token(i);
    const next = this.#tokens[i + 1];
    const before = this.#tokens[i - 1];
    const isPart = isSymbol(before, '.');
    if ((isPart || isWord(before, 'AS')) && RESERVED.has(token.value) && !isSymbol(next, '('))
      throw syntaxError(this.#sql, token.start, `Unexpected keyword ${token.value}`);
    if (isPart) return one(token, quotedIfKept(token), i);
    const special = this.#special(i, to);
    if (special !== undefined) return special;
    if (isSymbol(next, '(') && !NOT_CALLS.has(token.value)) return this.#call(i, to);
    const variable = isSymbol(next, '.') ? undefined : this.#names.variables.get(token.value);
    if (variable !== undefined) return one(token, variable, i);
    return one(token, quotedIfKept(token), i);
  }

  /** Words that mean something of their own here. */
  #special(i: number, to: number): Step | undefined {
    const token = this.#token(i);
    const next = this.#tokens[i + 1];
    switch (token.value) {
      case 'DATE':
      case 'TIMESTAMP':
      case 'DATETIME':
      case 'TIME':
      case 'NUMERIC':
      case 'BIGNUMERIC':
      case 'JSON':
        if (next?.kind !== 'string') return undefined;
        return {
          pieces: [
            {
              text: ` CAST(${quotedText(next.value)} AS ${parseType(this.#sql, this.#tokens, i).sql})`,
              at: token.start,
            },
          ],
          next: i + 2,
        };
      case 'CAST':
      case 'SAFE_CAST':
        return isSymbol(next, '(') ? this.#cast(i, to) : undefined;
      case 'EXTRACT':
        return isSymbol(next, '(') ? this.#extract(i, to) : undefined;
      case 'STRUCT':
      case 'ARRAY':
        return this.#construct(i, to);
      case 'INTERVAL':
        return next?.kind === 'number' || next?.kind === 'string' ? undefined : this.#interval(i, to);
      case 'IN':
        return isWord(next, 'UNNEST') ? this.#inUnnest(i, to) : undefined;
      case 'UNION':
        if (!isWord(next, 'ALL', 'DISTINCT'))
          throw syntaxError(this.#sql, next?.start ?? token.end, 'Expected keyword ALL or keyword DISTINCT');
        return isWord(next, 'DISTINCT')
          ? {pieces: [{text: ' UNION', at: token.start}], next: i + 2}
          : undefined;
      case 'EXCEPT':
      case 'INTERSECT':
        return isWord(next, 'DISTINCT')
          ? {pieces: [{text: ` ${token.value}`, at: token.start}], next: i + 2}
          : undefined;
      case 'INSERT':
        return isWord(next, 'ROW')
          ? {pieces: [{text: ' INSERT *', at: token.start}], next: i + 2}
          : undefined;
      case 'EXCLUDE':
      case 'FILTER':
        if (isSymbol(next, '(')) throw syntaxError(this.#sql, token.start, `Unexpected "("`);
        return undefined;
      default:
        return undefined;
    }
  }

  #inUnnest(i: number, to: number): Step {
    const close = closing(this.#sql, this.#tokens, i + 2, to);
    return {
      pieces: [
        {text: ' IN (SELECT unnest(', at: this.#token(i).start},
        ...this.#expression(i + 3, close),
        ...added('))'),
      ],
      next: close + 1,
    };
  }

  /** `INTERVAL n DAY`, where n is not a literal. */
  #interval(i: number, to: number): Step {
    const end = this.#endOfOperand(i + 1, to);
    const unit = this.#token(end);
    return {
      pieces: [
        ...added(' (INTERVAL 1 '),
        {text: unit.value, at: unit.start},
        ...added(') * ('),
        ...this.#expression(i + 1, end),
        ...added(')'),
      ],
      next: end + 1,
    };
  }

  #cast(i: number, to: number): Step {
    const token = this.#token(i);
    const close = closing(this.#sql, this.#tokens, i + 1, to);
    const as = this.#lastAtTop(i + 2, close, 'AS');
    const {sql} = parseType(this.#sql, this.#tokens, as + 1);
    const isSafe = token.value === 'SAFE_CAST';
    const value = this.#expression(i + 2, as);
    const macro =
      sql === 'BIGINT'
        ? isSafe
          ? 'bq_safe_int64'
          : 'bq_int64'
        : sql === 'VARCHAR'
          ? 'bq_string'
          : undefined;
    const pieces: Pieces =
      macro === undefined
        ? [{text: isSafe ? ' TRY_CAST(' : ' CAST(', at: token.start}, ...value, ...added(` AS ${sql})`)]
        : [{text: ` ${macro}(`, at: token.start}, ...value, ...added(')')];
    return {pieces, next: close + 1};
  }

  #lastAtTop(from: number, to: number, word: string): number {
    let depth = 0;
    for (let i = to - 1; i >= from; i--) {
      const token = this.#tokens[i];
      if (token?.kind === 'symbol' && ')]'.includes(token.text)) depth += 1;
      if (token?.kind === 'symbol' && '(['.includes(token.text)) depth -= 1;
      if (depth === 0 && isWord(token, word)) return i;
    }
    throw syntaxError(this.#sql, this.#token(to).start, `Expected keyword ${word} but got ")"`);
  }

  #extract(i: number, to: number): Step {
    const close = closing(this.#sql, this.#tokens, i + 1, to);
    const part = this.#token(i + 2);
    const value = this.#expression(i + 4, close);
    const name =
      {DAYOFWEEK: 'dow', DAYOFYEAR: 'doy', ISOWEEK: 'week', ISOYEAR: 'isoyear'}[part.value] ??
      part.value.toLowerCase();
    if (part.value === 'WEEK')
      return {
        pieces: [...added(' CAST(strftime('), ...value, ...added(", '%U') AS BIGINT)")],
        next: close + 1,
      };
    if (part.value === 'DATE')
      return {pieces: [...added(' CAST('), ...value, ...added(' AS DATE)')], next: close + 1};
    const after = part.value === 'DAYOFWEEK' ? ') + 1)' : '))';
    return {
      pieces: [{text: ` (date_part('${name}', `, at: this.#token(i).start}, ...value, ...added(after)],
      next: close + 1,
    };
  }

  #construct(i: number, to: number): Step | undefined {
    const token = this.#token(i);
    const next = this.#tokens[i + 1];
    if (isSymbol(next, '<')) {
      const type = parseType(this.#sql, this.#tokens, i);
      const close = closing(this.#sql, this.#tokens, type.next, to);
      const isArray = token.value === 'ARRAY';
      const [open, shut] = isArray ? ['[', ']'] : ['row(', ')'];
      return {
        pieces: [
          {text: ` CAST(${open}`, at: token.start},
          ...this.#expression(type.next + 1, close),
          ...added(`${shut} AS ${type.sql})`),
        ],
        next: close + 1,
      };
    }
    if (token.value === 'ARRAY') return isSymbol(next, '[') ? {pieces: [], next: i + 1} : undefined;
    if (!isSymbol(next, '(')) return undefined;
    const close = closing(this.#sql, this.#tokens, i + 1, to);
    const fields = splitAtCommas(this.#tokens, i + 2, close).map(([from, end], n) => {
      const isNamed = isWord(this.#tokens[end - 2], 'AS');
      const last = this.#token(end - 1);
      const isPath =
        (last.kind === 'name' || last.kind === 'quoted') &&
        (end - from === 1 || isSymbol(this.#tokens[end - 2], '.'));
      const name = isNamed || isPath ? nameOf(last) : `_field_${n + 1}`;
      return [
        ...added(`${n === 0 ? '' : ', '}${quotedName(name)} := `),
        ...this.#expression(from, isNamed ? end - 2 : end),
      ];
    });
    return {
      pieces: [{text: ' struct_pack(', at: token.start}, ...fields.flat(), ...added(')')],
      next: close + 1,
    };
  }

  #call(i: number, to: number): Step {
    const token = this.#token(i);
    const close = closing(this.#sql, this.#tokens, i + 1, to);
    if (token.value === 'ARRAY_AGG' || token.value === 'STRING_AGG') return this.#gather(i, close);
    if (this.#names.functions.has(token.value))
      return this.#plainCall(token, quotedName(token.text.toLowerCase()), i, close);
    const found = callOf(token.value);
    if (found === undefined)
      throw new BigqueryError(
        'invalidQuery',
        `Function not found: ${token.text} at ${placeOf(this.#sql, token.start)}`,
      );
    if ('rename' in found) return this.#plainCall(token, found.rename, i, close);
    const args = splitAtCommas(this.#tokens, i + 2, close).map(([from, end], n) =>
      this.#argument(token.value, n, from, end),
    );
    return {pieces: [{text: ' ', at: token.start}, ...found.build(args)], next: close + 1};
  }

  #plainCall(token: Token, name: string, i: number, close: number): Step {
    return {
      pieces: [{text: ` ${name}(`, at: token.start}, ...this.#expression(i + 2, close), ...added(')')],
      next: close + 1,
    };
  }

  #argument(name: string, n: number, from: number, end: number): Argument {
    const words = this.#tokens.slice(from, end).map(({value}) => value.toUpperCase());
    if (isPartOfDate(name, n)) return {pieces: [], words};
    if (isWord(this.#tokens[from], 'INTERVAL')) return {pieces: this.#expression(from + 1, end - 1), words};
    return {pieces: this.#expression(from, end), words};
  }

  /** `ARRAY_AGG([DISTINCT] x [IGNORE NULLS] [ORDER BY ...] [LIMIT n])`. */
  #gather(i: number, close: number): Step {
    const token = this.#token(i);
    const at = (word: string) => this.#findAtTop(i + 2, close, word);
    const limit = at('LIMIT') ?? close;
    const ignore = at('IGNORE') ?? at('RESPECT');
    const isIgnored = isWord(this.#tokens[ignore ?? -1], 'IGNORE');
    const order = at('ORDER') ?? limit;
    const value = this.#expression(i + 2, ignore ?? order);
    const name = token.value === 'ARRAY_AGG' ? 'array_agg' : 'string_agg';
    const bare = isWord(this.#tokens[i + 2], 'DISTINCT') ? this.#expression(i + 3, ignore ?? order) : value;
    const filter = isIgnored ? [...added(' FILTER (WHERE ('), ...bare, ...added(') IS NOT NULL)')] : [];
    const pieces = [
      {text: ` ${name}(`, at: token.start},
      ...value,
      ...this.#expression(order, limit),
      ...added(')'),
      ...filter,
    ];
    if (limit === close) return {pieces, next: close + 1};
    return {
      pieces: [...added(' ('), ...pieces, ...added(`)[:${textOf(this.#expression(limit + 1, close))}]`)],
      next: close + 1,
    };
  }

  #findAtTop(from: number, to: number, word: string): number | undefined {
    let depth = 0;
    for (let i = from; i < to; i++) {
      const token = this.#tokens[i];
      if (token?.kind === 'symbol' && '(['.includes(token.text)) depth += 1;
      if (token?.kind === 'symbol' && ')]'.includes(token.text)) depth -= 1;
      if (depth === 0 && isWord(token, word)) return i;
    }
    return undefined;
  }
}

interface Step {
  readonly pieces: Pieces;
  readonly next: number;
}

function one(token: Token, text: string, i: number): Step {
  return {pieces: [{text: ` ${text}`, at: token.start}], next: i + 1};
}

export function nameOf(token: Token): string {
  return token.kind === 'quoted' ? token.value : token.text;
}

function quotedIfKept(token: Token): string {
  return NOT_NAMES_IN_DUCKDB.has(token.value) ? quotedName(token.text) : token.text;
}

const NOT_ALIASES = new Set(
  `WHERE GROUP HAVING QUALIFY WINDOW ORDER LIMIT UNION EXCEPT INTERSECT JOIN INNER LEFT RIGHT FULL CROSS ON USING SELECT SET
  WHEN VALUES WITH FOR TABLESAMPLE PIVOT UNPIVOT AS`.split(/\s+/),
);

/** Whether a word after a table or an array names it. */
export function isAlias(token: Token): boolean {
  return token.kind === 'quoted' || (token.kind === 'name' && !NOT_ALIASES.has(token.value));
}
