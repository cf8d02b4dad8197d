/**
 * The queries of assets as BigQuery runs them: wrapped in what they read, with their output columns, and held to their
 * edges. It does not deal with running them, nor with where their rows go.
 */
import {bigqueryDialect} from './bigquery-dialect.ts';
import {referenceOf, tableText} from './bigquery-name.ts';
import type {Parts} from './bigquery-parts.ts';
import type {TableReference} from './bigquery-rest.ts';
import {scopeOf} from './bigquery-scope.ts';
import {refuseFragments} from './bigquery-staging.ts';
import type {Statement} from './bigquery-statements.ts';
import {isReadable, type Shape, shapeOf} from './bigquery-tables.ts';
import {castColumns, columnMistakes, wrap} from './sql-wrap.ts';
import {partitionColumn} from './table-key.ts';
import {type StageQuery, type StageRequest, type TableSpec, WarehouseError} from './warehouse.ts';

/** Columns of the tables that are read, where they lack some of the declared ones. */
type Shapes = ReadonlyMap<string, Shape>;

/** Lives as long as its warehouse. */
export class Queries {
  readonly #parts: Parts;
  /** Tables that are seen to have their declared columns: nothing takes them away. */
  readonly #readable = new Map<string, string>();
  /** Output columns by query and what it reads: looking costs a request. */
  readonly #outputs = new Map<string, readonly string[]>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A table that was dropped may come again with other columns. */
  forget(table: string): void {
    this.#readable.delete(table);
  }

  /** The query with its declared columns in their types. A difference from the declaration is an error. */
  async declared(request: StageQuery): Promise<{readonly statement: Statement; readonly shapes: Shapes}> {
    const shapes = await this.shapesOf(request);
    const actual = await this.#outputColumns(request, shapes);
    const select = castColumns(bigqueryDialect, request.table, actual, request.constants);
    return {statement: this.#wrapped(request, shapes, select), shapes};
  }

  /** The query with the columns and in the order that it has. */
  async plain(request: StageQuery): Promise<Statement> {
    return this.#wrapped(request, await this.shapesOf(request));
  }

  async shapesOf({inputs}: StageRequest): Promise<Shapes> {
    const {place, tables} = this.#parts;
    const shapes = new Map<string, Shape>();
    for (const {table, keys} of inputs) {
      const declared = JSON.stringify(table.columns.map(({name, type}) => [name, type]));
      if (keys.length === 0 || this.#readable.get(table.name) === declared) continue;
      const there = await tables.find(referenceOf(place, table));
      if (there === undefined) continue;
      const shape = shapeOf(there);
      refuseOtherSlicing(table, shape);
      if (isReadable(shape, table)) this.#readable.set(table.name, declared);
      else shapes.set(table.name, shape);
    }
    return shapes;
  }

  #wrapped(request: StageQuery, shapes: Shapes, select?: string): Statement {
    const {place} = this.#parts;
    const {relations, parameters} = scopeOf({...request, place, shapes});
    const {query, queryPath: path} = request;
    return {
      ...wrap(bigqueryDialect, {
        before: '',
        relations,
        query,
        path,
        ...(select === undefined ? {} : {select}),
      }),
      parameters,
    };
  }

  /** The query's own output columns; a difference from the declaration is an error before anything runs. */
  async #outputColumns(request: StageQuery, shapes: Shapes): Promise<readonly string[]> {
    const {table: declared, query, queryPath, constants = {}} = request;
    const columns = declared.columns.filter(({name}) => !Object.hasOwn(constants, name));
    const table = {...declared, columns};
    const known = outputKey(request, table);
    const cached = this.#outputs.get(known);
    if (cached !== undefined) return cached;
    refuseFragments({path: queryPath, text: query, start: 0});
    const {fields, referencedTables} = await this.#parts.statements.dryRun(this.#wrapped(request, shapes));
    this.#refuseOtherTables(request, referencedTables);
    const actual = fields.map(({name}) => name);
    const mistakes = columnMistakes(table, actual);
    if (mistakes.length > 0) throw new WarehouseError('statement', `${queryPath} ${mistakes.join('; ')}.`);
    this.#outputs.set(known, actual);
    return actual;
  }

  /** What a query reads beside its edges would change without anyone being told. */
  #refuseOtherTables({inputs, queryPath}: StageQuery, referenced: readonly TableReference[]): void {
    const {place} = this.#parts;
    const edges = new Set(inputs.map(({table}) => tableText(referenceOf(place, table))));
    const other = referenced.map(tableText).find(name => !edges.has(name));
    if (other === undefined) return;
    throw new WarehouseError(
      'statement',
      `${queryPath} reads the table '${other}', which is no edge of the asset: declare it under 'upstream' and read it by the name of the edge.`,
    );
  }
}

function refuseOtherSlicing(table: TableSpec, shape: Shape): void {
  const column = partitionColumn(table.partitioning);
  if (column === undefined || shape.has(column.toLowerCase())) return;
  throw new WarehouseError(
    'query',
    `${table.name} holds its key in another column than '${column}' until one of its partitions is made again: materialize it first.`,
  );
}

/** All that a query's columns hang on. */
function outputKey({query, inputs}: StageQuery, {name, columns, partitioning}: TableSpec): string {
  const read = inputs.map(({edge, table, keys, window}) => [
    edge,
    table.name,
    keys.length === 0,
    window === undefined,
  ]);
  return JSON.stringify([query, name, columns, partitioning, read]);
}
