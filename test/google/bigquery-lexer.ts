/**
 * GoogleSQL as tokens, each with its place: https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical.
 * It does not deal with what they mean.
 */
import {BigqueryError} from './bigquery-error.ts';

export interface Token {
  /** `name`: a bare word; `quoted`: a name in backticks; `param`: `@name`. */
  readonly kind: 'name' | 'quoted' | 'string' | 'number' | 'param' | 'symbol';
  /** As written. */
  readonly text: string;
  /** Without quotes and escapes; a bare word in upper case. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const SPACE = /(?:\s+|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const STRING = /([rRbB]{0,2})("""|'''|"|')/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const PARAM = /@@?([A-Za-z_][A-Za-z0-9_]*)/y;
const SYMBOL = /\|\||<>|!=|<=|>=|=>|->|[-+*/%()[\]{},.;:<>=?!|&^~]/y;

/** Line and column of an offset, counted from 1, as messages give them. */
export function placeOf(sql: string, offset: number): string {
  const before = sql.slice(0, offset).split('\n');
  return `[${before.length}:${(before.at(-1) ?? '').length + 1}]`;
}

export function syntaxError(sql: string, offset: number, message: string): BigqueryError {
  return new BigqueryError('invalidQuery', `Syntax error: ${message} at ${placeOf(sql, offset)}`);
}

export function tokenize(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = matchEnd(SPACE, sql, 0);
  while (at < sql.length) {
    const token = nextToken(sql, at);
    tokens.push(token);
    at = matchEnd(SPACE, sql, token.end);
  }
  return tokens;
}

function matchEnd(pattern: RegExp, sql: string, at: number): number {
  pattern.lastIndex = at;
  const match = pattern.exec(sql);
  return match === null ? at : at + match[0].length;
}

function nextToken(sql: string, start: number): Token {
  STRING.lastIndex = start;
  const opening = STRING.exec(sql);
  if (opening !== null) return stringToken(sql, start, opening[1] ?? '', opening[2] ?? '');
  if (sql[start] === '`') return quotedToken(sql, start);
  for (const [kind, pattern] of [
    ['name', NAME],
    ['number', NUMBER],
    ['param', PARAM],
    ['symbol', SYMBOL],
  ] as const) {
    const end = matchEnd(pattern, sql, start);
    if (end === start) continue;
    const text = sql.slice(start, end);
    const value = kind === 'name' ? text.toUpperCase() : kind === 'param' ? text.slice(1) : text;
    return {kind, text, value, start, end};
  }
  throw syntaxError(sql, start, `Illegal input character ${JSON.stringify(sql[start])}`);
}

function quotedToken(sql: string, start: number): Token {
  const close = sql.indexOf('`', start + 1);
  if (close < 0) throw syntaxError(sql, start, 'Unclosed identifier literal');
  if (close === start + 1) throw syntaxError(sql, start, 'Invalid empty identifier');
  const text = sql.slice(start, close + 1);
  return {kind: 'quoted', text, value: text.slice(1, -1), start, end: close + 1};
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

function stringToken(sql: string, start: number, prefix: string, quote: string): Token {
  const isRaw = /r/i.test(prefix);
  let at = start + prefix.length + quote.length;
  let value = '';
  while (!sql.startsWith(quote, at)) {
    const character = sql[at];
    if (character === undefined || (character === '\n' && quote.length === 1))
      throw syntaxError(sql, start, 'Unclosed string literal');
    if (character !== '\\') {
      value += character;
      at += 1;
    } else if (isRaw) {
      value += sql.slice(at, at + 2);
      at += 2;
    } else {
      const unicode = /^\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))/.exec(sql.slice(at, at + 6));
      const next = sql[at + 1] ?? '';
      value +=
        unicode === null
          ? (ESCAPES[next] ?? next)
          : String.fromCharCode(Number.parseInt(unicode[1] ?? unicode[2] ?? '', 16));
      at += unicode === null ? 2 : unicode[0].length;
    }
  }
  const end = at + quote.length;
  return {kind: 'string', text: sql.slice(start, end), value, start, end};
}

/** The statements of a script, without the semicolons. */
export function statementsOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const statements: Token[][] = [[]];
  for (const token of tokens)
    if (token.kind === 'symbol' && token.text === ';') statements.push([]);
    else statements.at(-1)?.push(token);
  return statements.filter(({length}) => length > 0);
}

export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'name' && words.includes(token.value);
}

export function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text;
}

/** The index of the bracket that closes the one at `open`. */
export function closing(sql: string, tokens: readonly Token[], open: number, end = tokens.length): number {
  let depth = 0;
  for (let i = open; i < end; i++) {
    const token = tokens[i];
    if (token?.kind !== 'symbol') continue;
    if ('([{'.includes(token.text)) depth += 1;
    if (')]}'.includes(token.text)) depth -= 1;
    if (depth === 0) return i;
  }
  throw syntaxError(sql, sql.trimEnd().length, 'Unexpected end of statement');
}

/** The stretches of `[from, to)` between the commas that stand in no bracket. */
export function splitAtCommas(
  tokens: readonly Token[],
  from: number,
  to: number,
): readonly (readonly [number, number])[] {
  if (from >= to) return [];
  const parts: [number, number][] = [];
  let depth = 0;
  let start = from;
  for (let i = from; i < to; i++) {
    const token = tokens[i];
    if (token?.kind !== 'symbol') continue;
    if ('([{'.includes(token.text)) depth += 1;
    else if (')]}'.includes(token.text)) depth -= 1;
    else if (token.text === ',' && depth === 0) {
      parts.push([start, i]);
      start = i + 1;
    }
  }
  parts.push([start, to]);
  return parts;
}
