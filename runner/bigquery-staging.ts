/**
 * New rows that nobody reads yet: a table of their own, with the keys and inputs they were asked for.
 * It does not deal with filling it (bigquery.ts), judging (sql-audit.ts) or publishing (bigquery-publish.ts).
 */
import {bigqueryDialect} from './bigquery-dialect.ts';
import type {BigqueryParameters} from './bigquery-parameters.ts';
import type {TableReference} from './bigquery-rest.ts';
import {type Scoped, scopeOf} from './bigquery-scope.ts';
import type {Bill, Statements} from './bigquery-statements.ts';
import type {Embedded, Judged} from './sql-dialect.ts';
import {WarehouseError} from './warehouse.ts';

export interface Staging extends Scoped {
  /** Its own table; undefined where published rows stand for new ones. */
  readonly held: TableReference | undefined;
  /** What stands after FROM for its rows, and what that needs. */
  readonly rows: string;
  readonly parameters: BigqueryParameters;
  readonly bill: Bill;
}

/** As the statements that judge it see it. */
export function judgedOf(statements: Statements, staging: Staging): Judged {
  const {table, partitions, inputs, rows, bill} = staging;
  const scope = scopeOf(staging);
  return {
    dialect: bigqueryDialect,
    table,
    partitions,
    inputs,
    rows,
    query: (sql, {parameters = {}, embedded} = {}) =>
      statements.rows(
        {sql, parameters: {...staging.parameters, ...parameters}, embedded},
        {asset: table.name, step: 'audit', bill},
      ),
    refuseFragments: async text => refuseFragments(text),
    withInputs: async (_, work) => await work(),
    scope: () => scope,
  };
}

const SKIPPED =
  /[rRbB]{0,2}("""|''')[\s\S]*?\1|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\//g;

/** Refuses a text that is not one whole statement: only such a one stays inside the brackets put around it. */
export function refuseFragments({path, text}: Embedded): void {
  const bare = text.replaceAll(SKIPPED, skipped => (/^(--|#|\/\*)/.test(skipped) ? '' : "''")).trim();
  if (bare === '') throw new WarehouseError('statement', `${path} is empty; write a SELECT.`);
  const body = bare.replace(/;\s*$/, '');
  const statements = body.split(';').length;
  if (statements > 1)
    throw new WarehouseError('statement', `${path} holds ${statements} statements; leave one SELECT.`);
  let open = 0;
  for (const letter of body) {
    if (letter === '(' || letter === '[') open += 1;
    if (letter === ')' || letter === ']') open -= 1;
    if (open < 0) break;
  }
  if (open !== 0)
    throw new WarehouseError('statement', `${path} has a bracket without its other half; mend it.`);
}
