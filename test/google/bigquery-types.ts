/**
 * Types as a query writes them, such as ARRAY<STRUCT<a INT64>>, in DuckDB's words.
 * It does not deal with types of the REST interface (bigquery-schema.ts).
 */
import {BigqueryError} from './bigquery-error.ts';
import {closing, isSymbol, isWord, placeOf, type Token} from './bigquery-lexer.ts';
import {quotedName, scalarType} from './bigquery-schema.ts';

export interface ParsedType {
  /** As DuckDB writes it; undefined for ANY TYPE. */
  readonly sql: string | undefined;
  /** The index of the first token after it. */
  readonly next: number;
}

export function parseType(sql: string, tokens: readonly Token[], at: number): ParsedType {
  const token = tokens[at];
  if (isWord(token, 'ANY')) return {sql: undefined, next: at + 2};
  if (isWord(token, 'ARRAY')) {
    const element = parseType(sql, tokens, at + 2);
    return {sql: `${element.sql}[]`, next: element.next + 1};
  }
  if (isWord(token, 'STRUCT')) return structType(sql, tokens, at + 2);
  const found = token === undefined ? undefined : scalarType(token.value);
  if (found === undefined)
    throw new BigqueryError(
      'invalidQuery',
      `Type not found: ${token?.text} at ${placeOf(sql, token?.start ?? 0)}`,
    );
  const next = isSymbol(tokens[at + 1], '(') ? closing(sql, tokens, at + 1) + 1 : at + 1;
  return {sql: found, next};
}

function structType(sql: string, tokens: readonly Token[], from: number): ParsedType {
  const fields: string[] = [];
  let at = from;
  while (!isSymbol(tokens[at], '>')) {
    const isNamed =
      !isSymbol(tokens[at + 1], ',') && !isSymbol(tokens[at + 1], '>') && !isSymbol(tokens[at + 1], '<');
    const token = tokens[at];
    const name =
      isNamed && token !== undefined
        ? token.kind === 'quoted'
          ? token.value
          : token.text
        : `_field_${fields.length + 1}`;
    const type = parseType(sql, tokens, isNamed ? at + 1 : at);
    fields.push(`${quotedName(name)} ${type.sql}`);
    at = isSymbol(tokens[type.next], ',') ? type.next + 1 : type.next;
    if (at >= tokens.length) break;
  }
  return {sql: `STRUCT(${fields.join(', ')})`, next: at + 1};
}
