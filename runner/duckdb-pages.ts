/**
 * Reads published rows as TypeScript would give them, a chunk of DuckDB at a time, so that no table is held in memory.
 * It does not deal with what of a table is cut away by a condition (duckdb-select.ts).
 */
import type {Row} from './asset.ts';
import {statementError} from './duckdb-error.ts';
import {bindKeys, keyParameter} from './duckdb-key.ts';
import {quoted, tableName} from './duckdb-name.ts';
import {plainValue} from './duckdb-read.ts';
import type {Session} from './duckdb-session.ts';
import {partitionColumn} from './table-key.ts';
import {type TableSpec, WarehouseError} from './warehouse.ts';

export async function* readPages(
  session: Session,
  catalog: string,
  {table, keys}: {readonly table: TableSpec; readonly keys: readonly string[]},
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  const names = table.columns.map(({name}) => name);
  const isCut = partitionColumn(table.partitioning) !== undefined;
  const where = isCut ? ` WHERE ${keyParameter(table, 'keys')}` : '';
  const sql = `SELECT ${names.map(quoted).join(', ')} FROM ${tableName(catalog, table.name)}${where}`;
  const bound = isCut ? bindKeys(keys) : undefined;
  const result = await session.connection.stream(sql, bound?.values, bound?.types).catch(refuse);
  for (;;) {
    if (signal.aborted) throw new WarehouseError('cancelled', 'Cancelled.');
    const chunk = await result.fetchChunk().catch(refuse);
    if (chunk === null || chunk.rowCount === 0) return;
    const columns = chunk.getColumns().map(values => values.map(plainValue));
    yield Array.from({length: chunk.rowCount}, (_, row) =>
      Object.fromEntries(names.map((name, column) => [name, columns[column]?.[row] ?? null])),
    );
  }
}

function refuse(error: unknown): never {
  throw statementError(error);
}
