/**
 * The wrapped query: an asset's own text inside the relations it may read, cut to its windows and keys.
 * It does not deal with running it, nor with whether the text reads only its edges (query-facts.ts tells).
 */

import type {Column} from '../planner/pipeline.ts';
import {QUALITY_COLUMN} from '../planner/quality.ts';
import type {Embedded} from './duckdb-error.ts';
import {duckdbType, literal, quoted, tableName, temporary} from './duckdb-name.ts';
import type {Shape} from './duckdb-table.ts';
import type {InputSpec, TableSpec} from './warehouse.ts';

/** Names of the temporary tables of one staging; a connection holds one staging at a time. */
export const PARTITIONS = 'gameplan_partitions';
export const NEW_ROWS = 'gameplan_new_rows';
export const keysName = (input: number): string => `gameplan_keys_${input}`;
export const MEMBERS = 'gameplan_members';
export const STRETCHES = 'gameplan_stretches';
export const windowName = (input: number): string => `gameplan_window_${input}`;

/** A name that a query can read, and what it stands for. */
export interface Relation {
  readonly name: string;
  readonly sql: string;
}

interface Wrapped {
  readonly sql: string;
  readonly embedded: Embedded;
}

/** What `partitions` tells a query: the keys to be made, with their season, and how good their inputs are. */
export function partitionsRelation(table: TableSpec, showsQuality: boolean): Relation {
  const columns = {date: 'key AS game_date, season', season: 'key AS season', all: 'key'}[
    table.partitioning.kind
  ];
  const quality = showsQuality ? `, ${QUALITY_COLUMN}` : '';
  return {name: 'partitions', sql: `SELECT ${columns}${quality} FROM ${temporary(PARTITIONS)}`};
}

/** Which upstream keys belong to which key. */
export function windowRelation(edge: string, index: number): Relation {
  return {name: `${edge}_window`, sql: `SELECT * FROM ${temporary(windowName(index))}`};
}

/**
 * An edge's table in its declared columns, cut by a condition. `catalog` is the warehouse's own. `shape` is what the
 * table has where that is something else: what it lacks is null, as in rows that were made before it was declared.
 */
export function inputSql(
  catalog: string,
  {table, keys}: InputSpec,
  condition: string | undefined,
  shape: Shape | undefined,
): string {
  // The table of an upstream that never ran does not exist, and a soft edge may still name it.
  if (keys.length === 0)
    return `SELECT ${table.columns.map(column => columnSql(column, new Map())).join(', ')} WHERE false`;
  const columns = table.columns.map(column => columnSql(column, shape));
  const where = condition === undefined ? '' : ` WHERE ${condition}`;
  return `SELECT ${columns.join(', ')} FROM ${tableName(catalog, table.name)}${where}`;
}

/** A column as it is declared, of a table of this shape; undefined: it has it so. */
export function columnSql({name, type}: Column, shape: Shape | undefined): string {
  if (shape === undefined) return quoted(name);
  const value = shape.has(name.toLowerCase()) ? quoted(name) : 'NULL';
  return `CAST(${value} AS ${duckdbType(type)}) AS ${quoted(name)}`;
}

/** `before` SELECT ... FROM ( query ) with the relations in scope. `query` must parse as one statement on its own. */
export function wrap(parts: {
  readonly before: string;
  readonly relations: readonly Relation[];
  readonly select: string;
  readonly query: string;
  readonly path: string;
  readonly after?: string;
}): Wrapped {
  // Inlined: a table that is read twice is better scanned twice with its own filters than copied whole.
  const relations = parts.relations.map(({name, sql}) => `${quoted(name)} AS NOT MATERIALIZED (${sql})`);
  const head = `${parts.before}WITH ${relations.join(',\n')}\nSELECT ${parts.select} FROM (\n`;
  return {
    sql: `${head}${withoutSemicolons(parts.query)}\n) AS result${parts.after ?? ''}`,
    embedded: {path: parts.path, text: parts.query, start: Buffer.byteLength(head)},
  };
}

/** The declared columns, cast to their types, in their order. `actual` are the query's own names. */
export function castColumns(
  table: TableSpec,
  actual: readonly string[],
  constants: Readonly<Record<string, string>> = {},
): string {
  const spelled = new Map(actual.map(name => [name.toLowerCase(), name]));
  return table.columns
    .map(({name, type}) => {
      const constant = Object.hasOwn(constants, name) ? constants[name] : undefined;
      if (constant !== undefined)
        return `CAST(${literal(constant)} AS ${duckdbType(type)}) AS ${quoted(name)}`;
      const source = spelled.get(name.toLowerCase()) ?? name;
      return `CAST(result.${quoted(source)} AS ${duckdbType(type)}) AS ${quoted(name)}`;
    })
    .join(', ');
}

/** A sentence on each difference between what a query returns and what its asset declares; names match without case. */
export function columnMistakes(table: TableSpec, actual: readonly string[]): readonly string[] {
  const declared = new Set(table.columns.map(column => column.name.toLowerCase()));
  const seen = new Set<string>();
  const mistakes: string[] = [];
  for (const name of actual) {
    const folded = name.toLowerCase();
    if (!declared.has(folded)) {
      mistakes.push(
        `returns the column '${name}', which ${table.name} does not declare; declare it or leave it out`,
      );
    }
    seen.add(folded);
  }
  for (const {name} of table.columns) {
    if (!seen.has(name.toLowerCase()))
      mistakes.push(`lacks the column '${name}' that ${table.name} declares`);
  }
  return mistakes;
}

const SKIPPED_OR_SEMICOLON =
  /[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|(\$\w*\$)[\s\S]*?\1|;/g;

/** A statement's final semicolon would end it inside the brackets; a space keeps every offset. */
export function withoutSemicolons(query: string): string {
  return query.replaceAll(SKIPPED_OR_SEMICOLON, token => (token === ';' ? ' ' : token));
}
