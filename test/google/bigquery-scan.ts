/**
 * How many bytes a statement reads, roughly: of each table the columns that it names.
 * It does not deal with what clustering would save; BigQuery's own estimate does not either.
 */
import {fieldsOf, relationOf} from './bigquery-catalog.ts';
import {numberOf} from './bigquery-engine.ts';
import {isSymbol, type Token} from './bigquery-lexer.ts';
import type {Session} from './bigquery-session.ts';
import {rowBytes} from './bigquery-size.ts';

const MEGABYTE = 1024 * 1024;

/** https://cloud.google.com/bigquery/pricing#on_demand_pricing: 10 MB a table and query at least, rounded up to a MB. */
export function billedBytes(bytes: number, tables: number): number {
  if (bytes === 0) return 0;
  return Math.max(Math.ceil(bytes / MEGABYTE), 10 * Math.max(tables, 1)) * MEGABYTE;
}

export async function scannedBytes(session: Session, tokens: readonly Token[]): Promise<number> {
  const named = new Set(
    tokens
      .filter(({kind}) => kind === 'name' || kind === 'quoted')
      .map(({text}) => text.replaceAll('`', '').toLowerCase()),
  );
  const all = tokens.some((token, i) => isSymbol(token, '*') && !isSymbol(tokens[i - 1], '('));
  let bytes = 0;
  for (const table of session.references.values()) {
    if (table.body.view !== undefined) continue;
    const read = fieldsOf(table).filter(({name}) => all || named.has(name.toLowerCase()));
    bytes += await numberOf(
      session.connection,
      `SELECT coalesce(sum(${rowBytes(read)}), 0) FROM ${relationOf(table)}`,
    );
  }
  return bytes;
}
