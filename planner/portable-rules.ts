/**
 * The constructs of a query that BigQuery refuses or reads as something else, each with its place and what to write.
 * It does not deal with files or diagnostics (portability.ts).
 */
import {duckdbTokens} from './duckdb-tokens.ts';
import {reused} from './portable-alias.ts';
import type {About, Difference, Rule} from './portable-rule.ts';
import {aliases, index, intervals, symbols, texts, words} from './portable-syntax.ts';
import {calls, casts, division, extracts, nullable, orders} from './portable-values.ts';
import {TokenView} from './token-view.ts';

/** Offsets into the text. */
interface Finding extends Difference {
  readonly start: number;
  readonly end: number;
}

/** The first that finds something at a token is told. */
const RULES: readonly Rule[] = [
  symbols,
  texts,
  words,
  calls,
  casts,
  nullable,
  extracts,
  division,
  index,
  intervals,
  aliases,
  reused,
  orders,
];

/** In the order of their places. */
export function notPortable(text: string, about: About): readonly Finding[] {
  const view = new TokenView(duckdbTokens(text));
  return view.tokens.flatMap((token, at) => {
    for (const rule of RULES) {
      const found = rule(view, at, about);
      if (found !== undefined) return [{...found, start: token.start, end: token.start + token.text.length}];
    }
    return [];
  });
}
