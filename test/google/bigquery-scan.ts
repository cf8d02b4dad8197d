/**
 * How many bytes a statement reads, roughly: of each table the columns that it names, in the partitions that a condition
 * on the partitioning column leaves (https://cloud.google.com/bigquery/docs/querying-partitioned-tables).
 * It does not deal with conditions outside of the query that names the table, nor with what clustering would save.
 */
import {fieldsOf, relationOf, type Table} from './bigquery-catalog.ts';
import {numberOf} from './bigquery-engine.ts';
import {BigqueryError} from './bigquery-error.ts';
import {type Filters, filtersOf} from './bigquery-filter.ts';
import {isSymbol, isWord, type Token} from './bigquery-lexer.ts';
import {columnOf, partitionId} from './bigquery-partition.ts';
import {quotedName} from './bigquery-schema.ts';
import type {Read, Session} from './bigquery-session.ts';
import {rowBytes} from './bigquery-size.ts';

const MEGABYTE = 1024 * 1024;

/** https://cloud.google.com/bigquery/pricing#on_demand_pricing: 10 MB a table and query at least, rounded up to a MB. */
export function billedBytes(bytes: number, tables: number): number {
  if (bytes === 0) return 0;
  return Math.max(Math.ceil(bytes / MEGABYTE), 10 * Math.max(tables, 1)) * MEGABYTE;
}

export interface Scan {
  readonly bytes: number;
  /** Tables that are read, each once. */
  readonly tables: number;
}

/** Refuses what a table that requires a filter refuses. */
export async function scanOf(session: Session, tokens: readonly Token[]): Promise<Scan> {
  const as = tokens.findIndex(token => isWord(token, 'AS'));
  const isCreate = isWord(tokens[0], 'CREATE');
  if (
    !isCreate &&
    !isWord(tokens[0], 'SELECT', 'WITH', 'INSERT', 'UPDATE', 'DELETE', 'MERGE') &&
    !isSymbol(tokens[0], '(')
  )
    return {bytes: 0, tables: 0};
  if (isCreate && tokens.some(token => isWord(token, 'FUNCTION'))) return {bytes: 0, tables: 0};
  const own = isCreate ? tokens.slice(as + 1) : tokens;
  const reads = session.readsOf(own);
  let bytes = 0;
  for (const read of reads) bytes += await bytesOf(session, read);
  return {bytes, tables: new Set(reads.map(({table}) => table)).size};
}

async function bytesOf(session: Session, read: Read): Promise<number> {
  const {table, tokens} = read;
  const role = roleOf(read);
  if (role === 'added to' || table.body.view !== undefined) return 0;
  const {timePartitioning} = table.body;
  const column = timePartitioning === undefined ? undefined : columnOf(timePartitioning);
  const filters = column === undefined ? undefined : filtersOf(session.context.query, read, column);
  if (column !== undefined) checkFilter(session, table, column, filters);
  if (role === 'deleted from' && filters?.isAll === true) return 0;
  const all =
    role === 'changed' || tokens.some((token, i) => isSymbol(token, '*') && !isSymbol(tokens[i - 1], '('));
  const named = new Set(
    tokens
      .filter(({kind}) => kind === 'name' || kind === 'quoted')
      .map(({text}) => text.replaceAll('`', '').toLowerCase()),
  );
  const fields = fieldsOf(table).filter(({name}) => all || named.has(name.toLowerCase()));
  return await numberOf(
    session.connection,
    `SELECT coalesce(sum(${rowBytes(fields)}), 0) FROM ${relationOf(table)}${await kept(session, table, filters)}`,
  );
}

/** What the statement does to a table that it names. */
function roleOf({tokens, at}: Read): 'read' | 'added to' | 'changed' | 'deleted from' {
  const [first] = tokens;
  const target = isWord(tokens[1], 'INTO', 'FROM') ? 2 : 1;
  if (at !== target) return 'read';
  if (isWord(first, 'INSERT')) return 'added to';
  if (isWord(first, 'DELETE')) return 'deleted from';
  if (isWord(first, 'MERGE'))
    return tokens.some((token, i) => isWord(token, 'ON') && isWord(tokens[i + 1], 'FALSE'))
      ? 'deleted from'
      : 'changed';
  return isWord(first, 'UPDATE') ? 'changed' : 'read';
}

/** https://cloud.google.com/bigquery/docs/querying-partitioned-tables#require_a_partition_filter_in_queries */
function checkFilter(
  session: Session,
  {dataset, id, body}: Table,
  column: string,
  filters: Filters | undefined,
): void {
  const isRequired =
    body.requirePartitionFilter === true || body.timePartitioning?.requirePartitionFilter === true;
  if (isRequired && filters === undefined)
    throw new BigqueryError(
      'invalidQuery',
      `Cannot query over table '${session.context.project}.${dataset}.${id}' without a filter over column(s) '${column}' that can be used for partition elimination`,
    );
}

/** The condition that leaves the partitions in which a row can satisfy the filters. */
async function kept(session: Session, table: Table, filters: Filters | undefined): Promise<string> {
  const {timePartitioning} = table.body;
  if (filters === undefined || timePartitioning === undefined) return '';
  const conditions = filters.conditions.map(each => `(${session.translate(each).sql})`);
  const id = partitionId(timePartitioning);
  return ` WHERE ${id} IN (SELECT ${id} FROM ${relationOf(table)} AS ${quotedName(filters.alias)} WHERE ${conditions.join(' AND ')})`;
}
