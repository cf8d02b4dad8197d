/**
 * A staging of DuckDB as the statements that judge it see it.
 * It does not deal with those statements (sql-*.ts).
 */
import {duckdbDialect} from './duckdb-dialect.ts';
import {bindParameters} from './duckdb-key.ts';
import {runQuery} from './duckdb-read.ts';
import {ROWS} from './duckdb-relations.ts';
import {bindInputs, bindWindows, type Staging, scopeOf} from './duckdb-staging.ts';
import type {Judged} from './sql-dialect.ts';

export function judgedOf(staging: Staging): Judged {
  const {session, table, partitions, inputs} = staging;
  return {
    dialect: duckdbDialect,
    table,
    partitions,
    inputs,
    rows: ROWS,
    query: async (sql, {parameters = {}, embedded} = {}) =>
      (
        await runQuery(session, sql, {
          bound: bindParameters(parameters),
          ...(embedded === undefined ? {} : {embedded}),
        })
      ).rows,
    refuseFragments: text => session.refuseFragments(text),
    withInputs: async (isRead, work) => {
      await bindWindows(staging);
      await session.transaction(async () => {
        await bindInputs(staging, isRead);
        await work();
      });
    },
    scope: () => scopeOf(staging),
  };
}
