/**
 * One query for what is picked of several stagings of the same table.
 * It does not deal with which rows are picked (cascade.ts), nor with running it.
 */
import {quoted} from './bigquery-name.ts';
import {emptySql} from './bigquery-scope.ts';
import type {Staging} from './bigquery-staging.ts';
import {keyList, type Parameter, type Parameters} from './sql-dialect.ts';
import {partitionColumn} from './table-key.ts';
import type {Part, TableSpec} from './warehouse.ts';

/** What is taken of one staging; all of it where nothing is picked. */
export interface Source {
  readonly staging: Staging;
  readonly picked: Omit<Part, 'from'> | undefined;
}

export function gathered(
  table: TableSpec,
  sources: readonly Source[],
): {readonly sql: string; readonly parameters: Parameters} {
  const pieces = sources.flatMap((source, i) => piecesOf(table, source, i));
  return {
    sql: pieces.length === 0 ? emptySql(table.columns) : pieces.map(({sql}) => sql).join('\nUNION ALL\n'),
    parameters: Object.assign({}, ...pieces.map(({parameters}) => parameters)),
  };
}

interface Piece {
  readonly sql: string;
  readonly parameters: Parameters;
}

function piecesOf(
  {columns, partitioning}: TableSpec,
  {staging, picked}: Source,
  i: number,
): readonly Piece[] {
  const names = columns.map(({name}) => `t.${quoted(name)}`).join(', ');
  const all = `SELECT ${names} FROM ${staging.rows} AS t`;
  const column = partitionColumn(partitioning);
  if (picked === undefined) return [{sql: all, parameters: {}}];
  const {keys, games, gameColumn} = picked;
  const pieces: Piece[] = [];
  if (keys.length > 0) {
    pieces.push(
      column === undefined
        ? {sql: all, parameters: {}}
        : {
            sql: `${all} WHERE t.${quoted(column)} IN UNNEST(@part_keys_${i})`,
            parameters: {[`part_keys_${i}`]: keyList(partitioning, keys)},
          },
    );
  }
  if (games.length > 0 && gameColumn !== undefined && column !== undefined) {
    pieces.push({
      sql: `${all} JOIN UNNEST(@part_games_${i}) AS g ON g.key = CAST(t.${quoted(column)} AS STRING) AND g.game = CAST(t.${quoted(gameColumn)} AS STRING)`,
      parameters: {[`part_games_${i}`]: gameList(games)},
    });
  }
  return pieces;
}

function gameList(games: Part['games']): Parameter {
  return {
    type: 'structs',
    fields: [
      {name: 'key', type: 'STRING', values: games.map(({key}) => key)},
      {name: 'game', type: 'STRING', values: games.map(({game}) => game)},
    ],
  };
}
