/**
 * Names and types as DuckDB writes them: quoting, physical tables, column types.
 * It does not deal with statements; nothing else may put a name into SQL unquoted.
 */
import type {ColumnType} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import {tablePlace} from './table-key.ts';

/** An identifier, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string literal, whatever is in it. For names of tables and settings; values are bound. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** With its catalog: a file called `raw.duckdb` would make `raw.games` ambiguous. */
export function tableName(catalog: string, asset: string): string {
  const {schema, table} = tablePlace(asset);
  return `${quoted(catalog)}.${quoted(schema)}.${quoted(table)}`;
}

/** A relation of one connection's own. */
export function temporary(name: string): string {
  return `temp.main.${quoted(name)}`;
}

export function duckdbType(type: ColumnType): string {
  switch (type) {
    case 'bool':
      return 'BOOLEAN';
    case 'int64':
      return 'BIGINT';
    case 'float64':
      return 'DOUBLE';
    case 'string':
      return 'VARCHAR';
    case 'date':
      return 'DATE';
    case 'timestamp':
      return 'TIMESTAMP';
    default:
      return unreachable(type);
  }
}
