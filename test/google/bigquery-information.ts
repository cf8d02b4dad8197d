/**
 * INFORMATION_SCHEMA of a dataset: PARTITIONS, TABLES and COLUMNS
 * (https://cloud.google.com/bigquery/docs/information-schema-partitions).
 * It does not deal with the other views.
 */
import type {DuckDBConnection} from '@duckdb/node-api';
import {fieldsOf, relationOf, type Table} from './bigquery-catalog.ts';
import {rowsOf} from './bigquery-engine.ts';
import {partitionId} from './bigquery-partition.ts';
import {quotedText} from './bigquery-schema.ts';
import {rowBytes} from './bigquery-size.ts';
import type {World} from './bigquery-world.ts';

export const INFORMATION: readonly string[] = ['PARTITIONS', 'TABLES', 'COLUMNS'];

const COLUMNS: Readonly<Record<string, string>> = {
  PARTITIONS:
    'table_catalog VARCHAR, table_schema VARCHAR, table_name VARCHAR, partition_id VARCHAR, total_rows BIGINT, total_logical_bytes BIGINT, total_billable_bytes BIGINT, last_modified_time TIMESTAMPTZ, storage_tier VARCHAR',
  TABLES:
    'table_catalog VARCHAR, table_schema VARCHAR, table_name VARCHAR, table_type VARCHAR, creation_time TIMESTAMPTZ',
  COLUMNS:
    'table_catalog VARCHAR, table_schema VARCHAR, table_name VARCHAR, column_name VARCHAR, ordinal_position BIGINT, is_nullable VARCHAR, data_type VARCHAR, is_partitioning_column VARCHAR, clustering_ordinal_position BIGINT',
};

/** Makes a temporary table of that name with what the view holds now. */
export async function fillInformation(
  world: World,
  connection: DuckDBConnection,
  name: string,
  dataset: string,
  view: string,
): Promise<void> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${name} (${COLUMNS[view]})`);
  const tables = [...(world.catalog.datasets.get(dataset)?.tables.values() ?? [])];
  const rows: string[] = [];
  for (const table of tables) {
    const start = `${quotedText(world.catalog.project)}, ${quotedText(dataset)}, ${quotedText(table.id)}`;
    const own =
      view === 'PARTITIONS'
        ? await partitionRows(connection, table)
        : view === 'TABLES'
          ? [tableRow(table)]
          : columnRows(table);
    rows.push(...own.map(row => `(${start}, ${row})`));
  }
  if (rows.length > 0) await connection.run(`INSERT INTO ${name} VALUES ${rows.join(', ')}`);
}

function at(milliseconds: number): string {
  return `TIMESTAMPTZ '${new Date(milliseconds).toISOString()}'`;
}

async function partitionRows(connection: DuckDBConnection, table: Table): Promise<readonly string[]> {
  const {timePartitioning, view} = table.body;
  if (view !== undefined) return [];
  const id = timePartitioning === undefined ? 'NULL' : partitionId(timePartitioning);
  const {rows} = await rowsOf(
    connection,
    `SELECT ${id} AS p, count(*), coalesce(sum(${rowBytes(fieldsOf(table))}), 0) FROM ${relationOf(table)} GROUP BY ALL`,
  );
  const byId = new Map(
    rows.map(([p, count, bytes]) => [
      p === null ? undefined : String(p),
      {count: Number(count), bytes: Number(bytes)},
    ]),
  );
  const ids = timePartitioning === undefined ? [undefined] : [...table.partitions.keys()].sort();
  return ids.map(each => {
    const {count, bytes} = byId.get(each) ?? {count: 0, bytes: 0};
    const modified = each === undefined ? table.modified : (table.partitions.get(each) ?? table.modified);
    return `${each === undefined ? 'NULL' : quotedText(each)}, ${count}, ${bytes}, ${bytes}, ${at(modified)}, 'ACTIVE'`;
  });
}

function tableRow({body, created}: Table): string {
  return `${body.view === undefined ? "'BASE TABLE'" : "'VIEW'"}, ${at(created)}`;
}

function columnRows(table: Table): readonly string[] {
  const {timePartitioning, clustering} = table.body;
  return fieldsOf(table).map(({name, type, mode}, i) => {
    const place = clustering?.fields.indexOf(name) ?? -1;
    const googleType = {INTEGER: 'INT64', FLOAT: 'FLOAT64', BOOLEAN: 'BOOL'}[type] ?? type;
    return [
      quotedText(name),
      i + 1,
      mode === 'REQUIRED' ? "'NO'" : "'YES'",
      quotedText(mode === 'REPEATED' ? `ARRAY<${googleType}>` : googleType),
      timePartitioning?.field === name ? "'YES'" : "'NO'",
      place < 0 ? 'NULL' : place + 1,
    ].join(', ');
  });
}
