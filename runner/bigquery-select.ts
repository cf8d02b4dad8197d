/**
 * Reads plain columns of a table or of a staging, cut to keys and to a condition of the manifest, and whole rows.
 * It does not deal with assets' own queries (sql-wrap.ts).
 */
import type {Row} from './asset.ts';
import {quoted, referenceOf, tableSql} from './bigquery-name.ts';
import type {Parts} from './bigquery-parts.ts';
import {refuseFragments, type Staging} from './bigquery-staging.ts';
import {keyList} from './sql-dialect.ts';
import {partitionColumn} from './table-key.ts';
import {type QueryResult, type SelectRequest, type TableSpec, WarehouseError} from './warehouse.ts';

/** `staging` is that of the request where it reads one. */
export async function select(
  {place, statements}: Parts,
  {from, columns, where, keys}: SelectRequest,
  staging: Staging | undefined,
): Promise<QueryResult> {
  const table = 'table' in from ? from.table : from.staged.table;
  const rows = staging === undefined ? tableSql(referenceOf(place, table)) : staging.rows;
  const column = partitionColumn(table.partitioning);
  const isCut = keys !== 'all' && column !== undefined;
  const conditions = isCut ? [`${quoted(column)} IN UNNEST(@keys)`] : [];
  const names = columns.map(
    (name, i) => `${name === null ? 'NULL' : quoted(name)} AS ${quoted(name ?? `null_${i}`)}`,
  );
  const head = `SELECT ${names.join(', ')} FROM ${rows} WHERE ${[...conditions, ''].join(' AND ')}(\n`;
  const embedded = {
    path: `The condition on ${table.name}`,
    text: where ?? 'TRUE',
    start: Buffer.byteLength(head),
  };
  refuseFragments(embedded);
  return await statements.read(
    {
      sql: `${head}${embedded.text}\n)`,
      parameters: {
        ...staging?.parameters,
        ...(isCut ? {keys: keyList(table.partitioning, keys)} : {}),
      },
      embedded,
    },
    {asset: table.name, step: 'select', bill: staging?.bill},
  );
}

/** Published rows of partitions in the declared columns, a page at a time. */
export async function* readRows(
  {place, statements}: Parts,
  {table, keys}: {readonly table: TableSpec; readonly keys: readonly string[]},
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  const column = partitionColumn(table.partitioning);
  const names = table.columns.map(({name}) => name);
  const cut = column === undefined ? '' : ` WHERE ${quoted(column)} IN UNNEST(@keys)`;
  const statement = {
    sql: `SELECT ${names.map(quoted).join(', ')} FROM ${tableSql(referenceOf(place, table))}${cut}`,
    parameters: column === undefined ? {} : {keys: keyList(table.partitioning, keys)},
  };
  for await (const {rows} of statements.pages(statement, {
    asset: table.name,
    step: 'read',
    signal,
    maximumBytesBilled: table.physical?.maxBytesBilled,
  })) {
    if (signal.aborted) throw new WarehouseError('cancelled', 'Cancelled.');
    yield rows.map(row => Object.fromEntries(names.map((name, i) => [name, row[i] ?? null])));
  }
}
