/**
 * Reads plain columns of a table or of a staging, cut to keys and to a condition of the manifest.
 * It does not deal with assets' own queries (duckdb-wrap.ts).
 */

import {bindKeys, keyParameter} from './duckdb-key.ts';
import {quoted, tableName, temporary} from './duckdb-name.ts';
import {runQuery} from './duckdb-read.ts';
import {NEW_ROWS} from './duckdb-relations.ts';
import type {Session} from './duckdb-session.ts';
import {partitionColumn} from './table-key.ts';
import type {QueryResult, SelectRequest, TableSpec} from './warehouse.ts';

/** `session` holds the staging where the request reads one. */
export async function select(
  session: Session,
  catalog: string,
  request: SelectRequest,
): Promise<QueryResult> {
  const {from, columns, where, keys} = request;
  const table: TableSpec = 'table' in from ? from.table : from.staged.table;
  const place = 'table' in from ? tableName(catalog, table.name) : temporary(NEW_ROWS);
  const cut = keys !== 'all' && partitionColumn(table.partitioning) !== undefined;
  const conditions = cut ? [keyParameter(table, 'keys')] : [];
  const names = columns.map(
    (column, i) => `${column === null ? 'NULL' : quoted(column)} AS ${quoted(column ?? `null ${i}`)}`,
  );
  const head = `SELECT ${names.join(', ')} FROM ${place} WHERE ${[...conditions, ''].join(' AND ')}(\n`;
  if (where !== undefined) {
    // Other brackets than those around it below: a text that closes the one kind breaks in the other.
    const alone = `SELECT [\n${where}\n]`;
    await session.refuseFragments({path: `The condition on ${table.name}`, text: alone, start: 0});
  }
  const embedded = {
    path: `The condition on ${table.name}`,
    text: where ?? 'true',
    start: Buffer.byteLength(head),
  };
  const bound = cut ? bindKeys(keys) : undefined;
  return await runQuery(session, `${head}${embedded.text}\n)`, {
    embedded,
    ...(bound === undefined ? {} : {bound}),
  });
}
