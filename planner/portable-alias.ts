/**
 * A rule on names that a SELECT gives and uses itself: DuckDB lets the rest of the list and WHERE read them, GoogleSQL
 * knows them after that alone (GROUP BY, HAVING, QUALIFY, ORDER BY). Other rules on names are in portable-syntax.ts.
 */
import {type Rule, refused} from './portable-rule.ts';
import type {TokenView} from './token-view.ts';

const KNOWS_NAMES = new Set(['group', 'having', 'qualify', 'window', 'order', 'limit']);

/** Only where the name can mean nothing else: no column that the query reads has it, and nothing before gave it. */
export const reused: Rule = (view, at, {columns, relations}) => {
  const name = view.word(at);
  if (
    name === '' ||
    columns.has(name) ||
    relations.has(name) ||
    view.text(at - 1) === '.' ||
    view.text(at + 1) === '.'
  )
    return undefined;
  if (view.word(at - 1) === 'as' || view.text(at + 1) === '(') return undefined;
  const given = aliasBefore(view, at, name);
  if (given === undefined) return undefined;
  return refused(
    'is a name that this SELECT gives: BigQuery knows it neither in the rest of its list nor in WHERE; make it in a WITH before',
  );
};

/** Where the SELECT around a word, or one further out, gave the name; undefined too where another gave it as well. */
function aliasBefore(view: TokenView, at: number, name: string): number | undefined {
  const [given, second] = view.aliases(name);
  if (given === undefined || given > at || (second !== undefined && second < at)) return undefined;
  // Names before brackets are of a WITH.
  return view.text(given + 1) !== '(' && isSameSelect(view, given, at) ? given : undefined;
}

function isSameSelect(view: TokenView, given: number, at: number): boolean {
  const depth = view.opening(given);
  if (view.word(view.clause(given)) !== 'select' || (depth >= 0 && at > view.close(depth))) return false;
  let isLater = false;
  for (let i = given; i < at; i++) {
    if (view.opening(i) !== depth) continue;
    if (['select', 'union', 'intersect', 'except'].includes(view.word(i))) return false;
    if (KNOWS_NAMES.has(view.word(i))) isLater = true;
    if (view.word(i) === 'where') isLater = false;
  }
  return !isLater;
}
