/**
 * What a wrapped query reads in BigQuery: keys, windows and upstream tables cut to their keys, with their parameters.
 * It does not deal with the wrapping (sql-wrap.ts).
 */
import type {Column} from '../planner/pipeline.ts';
import {QUALITY_COLUMN} from '../planner/quality.ts';
import {bigqueryType, type Place, quoted, referenceOf, tableSql, typeOfField} from './bigquery-name.ts';
import type {Shape} from './bigquery-tables.ts';
import {refuseOtherThanDate} from './column-value.ts';
import {keyList, type Parameter, type Parameters, type Relation, type Scope} from './sql-dialect.ts';
import {keyType, partitionColumn} from './table-key.ts';
import {
  type InputSpec,
  type PartitionSpec,
  type StageRequest,
  type TableSpec,
  WarehouseError,
} from './warehouse.ts';

export interface Scoped extends StageRequest {
  readonly place: Place;
  /** Of tables that lack some of the declared columns. */
  readonly shapes: ReadonlyMap<string, Shape>;
}

/** Refuses a name that stands for two things. */
export function scopeOf(scoped: Scoped): Scope {
  const {table, partitions, inputs} = scoped;
  const relations: Relation[] = [partitionsRelation(table, partitions)];
  const parameters: Record<string, Parameter> = {
    gameplan_partitions: partitionsParameter(table, partitions),
  };
  for (const [index, input] of inputs.entries()) {
    relations.push({name: input.edge, sql: inputSql(scoped, input, index)});
    if (isCut(input)) parameters[`keys_${index}`] = keyList(input.table.partitioning, input.keys);
    if (input.window === undefined) continue;
    relations.push(windowRelation(input, index));
    Object.assign(parameters, windowParameters(table, input, index));
  }
  refuseTwice(table, relations);
  return {relations, parameters};
}

function refuseTwice(table: TableSpec, relations: readonly Relation[]): void {
  const seen = new Set<string>();
  for (const {name} of relations) {
    if (seen.has(name.toLowerCase()))
      throw new WarehouseError(
        'query',
        `${table.name} would read two things named '${name}'; rename one edge.`,
      );
    seen.add(name.toLowerCase());
  }
}

function partitionsRelation(
  {partitioning: {kind}}: TableSpec,
  partitions: readonly PartitionSpec[],
): Relation {
  const columns = {date: 'p.key AS game_date, p.season', season: 'p.key AS season', all: 'p.key'}[kind];
  const quality = showsQuality(partitions) ? `, p.${QUALITY_COLUMN}` : '';
  return {name: 'partitions', sql: `SELECT ${columns}${quality} FROM UNNEST(@gameplan_partitions) AS p`};
}

function showsQuality(partitions: readonly PartitionSpec[]): boolean {
  return partitions.some(({quality}) => quality !== undefined);
}

function partitionsParameter({partitioning}: TableSpec, partitions: readonly PartitionSpec[]): Parameter {
  const type = keyType(partitioning) === 'date' ? 'DATE' : 'STRING';
  return {
    type: 'structs',
    fields: [
      {name: 'key', type, values: partitions.map(({key}) => key)},
      {name: 'season', type: 'STRING', values: partitions.map(({season}) => season)},
      ...(showsQuality(partitions)
        ? [
            {
              name: QUALITY_COLUMN,
              type: 'INT64' as const,
              values: partitions.map(({quality}) => quality ?? null),
            },
          ]
        : []),
    ],
  };
}

function isCut({keys, table}: InputSpec): boolean {
  return keys.length > 0 && partitionColumn(table.partitioning) !== undefined;
}

/** An edge's table in its declared columns, cut to its keys: a list parameter lets BigQuery leave other partitions alone. */
function inputSql({place, shapes}: Scoped, input: InputSpec, index: number): string {
  const {table, keys} = input;
  // The table of an upstream that never ran does not exist, and a soft edge may still name it.
  if (keys.length === 0) return emptySql(table.columns);
  if (keyType(table.partitioning) === 'date') keys.forEach(refuseOtherThanDate);
  const shape = shapes.get(table.name);
  const columns = table.columns.map(column => columnSql(column, shape)).join(', ');
  const cut = isCut(input)
    ? ` WHERE ${quoted(partitionColumn(table.partitioning) ?? '')} IN UNNEST(@keys_${index})`
    : '';
  return `SELECT ${columns} FROM ${tableSql(referenceOf(place, table))}${cut}`;
}

/** No rows of these columns. */
export function emptySql(columns: readonly Column[]): string {
  const nulls = columns.map(({name, type}) => `CAST(NULL AS ${bigqueryType(type)}) AS ${quoted(name)}`);
  return `SELECT ${nulls.join(', ')} FROM UNNEST([1]) WHERE FALSE`;
}

/** A column as it is declared, of a table of this shape; undefined: it has it so. */
export function columnSql({name, type}: Column, shape: Shape | undefined): string {
  if (shape === undefined) return quoted(name);
  const field = shape.get(name.toLowerCase());
  if (field !== undefined && typeOfField(field) === bigqueryType(type)) return quoted(name);
  return `CAST(${field === undefined ? 'NULL' : quoted(name)} AS ${bigqueryType(type)}) AS ${quoted(name)}`;
}

/** A row for each pair of a key and what it reads: stretches laid over members. */
function windowRelation({edge, window}: InputSpec, index: number): Relation {
  const columns = ['s.key', 'm.upstream_key'];
  if (window?.members.teams !== undefined) columns.push('m.team');
  if (window?.members.gameIds !== undefined) columns.push('m.game_id');
  return {
    name: `${edge}_window`,
    sql: `SELECT ${columns.join(', ')} FROM UNNEST(@stretches_${index}) AS s JOIN UNNEST(@members_${index}) AS m ON m.position >= s.first AND m.position < s.past`,
  };
}

function windowParameters(
  {partitioning}: TableSpec,
  {table: upstream, window}: InputSpec,
  index: number,
): Parameters {
  if (window === undefined) return {};
  const typeOf = (of: TableSpec['partitioning']): 'DATE' | 'STRING' =>
    keyType(of) === 'date' ? 'DATE' : 'STRING';
  const {members, stretches} = window;
  const {teams, gameIds} = members;
  return {
    [`members_${index}`]: {
      type: 'structs',
      fields: [
        {name: 'position', type: 'INT64', values: members.positions},
        {name: 'upstream_key', type: typeOf(upstream.partitioning), values: members.upstreamKeys},
        ...(teams === undefined ? [] : [{name: 'team', type: 'STRING' as const, values: teams}]),
        ...(gameIds === undefined ? [] : [{name: 'game_id', type: 'STRING' as const, values: gameIds}]),
      ],
    },
    [`stretches_${index}`]: {
      type: 'structs',
      fields: [
        {name: 'key', type: typeOf(partitioning), values: stretches.keys},
        {name: 'first', type: 'INT64', values: stretches.from},
        {name: 'past', type: 'INT64', values: stretches.to},
      ],
    },
  };
}
