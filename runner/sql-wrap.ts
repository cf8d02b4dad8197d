/**
 * The wrapped query: an asset's own text inside the relations it may read, cut to its windows and keys.
 * It does not deal with running it, nor with whether the text reads only its edges (query-facts.ts tells).
 */

import type {Dialect, Embedded, Relation} from './sql-dialect.ts';
import type {TableSpec} from './warehouse.ts';

interface Wrapped {
  readonly sql: string;
  readonly embedded: Embedded;
}

/** `before` SELECT ... FROM ( query ) with the relations in scope. `query` must parse as one statement on its own. */
export function wrap(
  {relation, openEnded}: Dialect,
  parts: {
    readonly before: string;
    readonly relations: readonly Relation[];
    /** Left out: the query as it stands, in its own order, which not every engine keeps of rows after FROM. */
    readonly select?: string;
    readonly query: string;
    readonly path: string;
    readonly after?: string;
  },
): Wrapped {
  const relations = parts.relations.map(({name, sql}) => relation(name, sql));
  const head = `${parts.before}WITH ${relations.join(',\n')}\n${parts.select === undefined ? '' : `SELECT ${parts.select} FROM `}(\n`;
  return {
    sql: `${head}${openEnded(parts.query)}\n)${parts.select === undefined ? '' : ' AS result'}${parts.after ?? ''}`,
    embedded: {path: parts.path, text: parts.query, start: Buffer.byteLength(head)},
  };
}

/** The declared columns, cast to their types, in their order. `actual` are the query's own names. */
export function castColumns(
  {quoted, literal, type: typeOf}: Dialect,
  table: TableSpec,
  actual: readonly string[],
  constants: Readonly<Record<string, string>> = {},
): string {
  const spelled = new Map(actual.map(name => [name.toLowerCase(), name]));
  return table.columns
    .map(({name, type}) => {
      const constant = Object.hasOwn(constants, name) ? constants[name] : undefined;
      if (constant !== undefined) return `CAST(${literal(constant)} AS ${typeOf(type)}) AS ${quoted(name)}`;
      const source = spelled.get(name.toLowerCase()) ?? name;
      return `CAST(result.${quoted(source)} AS ${typeOf(type)}) AS ${quoted(name)}`;
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
