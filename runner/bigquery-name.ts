/**
 * Names and types as BigQuery writes them: quoting, datasets and tables of assets, column types.
 * It does not deal with statements; nothing else may put a name into SQL unquoted.
 */
import type {Column, ColumnType} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import type {Field, TableReference} from './bigquery-rest.ts';
import {tablePlace} from './table-key.ts';
import type {TableSpec} from './warehouse.ts';

/** Where tables of one warehouse lie. */
export interface Place {
  readonly project: string;
  /** Before the name of every dataset. */
  readonly datasetPrefix: string;
}

/** Schemas of gameplan's own tables. */
export const OWN = 'gameplan';
export const STAGINGS = 'gameplan_staging';

/** An identifier, whatever is in it. */
export function quoted(name: string): string {
  return `\`${name.replaceAll(/[\\`]/g, '\\$&')}\``;
}

/** A string literal, whatever is in it. For names and settings; values are bound. */
export function literal(text: string): string {
  const escapes: Readonly<Record<string, string>> = {'\n': '\\n', '\r': '\\r', '\\': '\\\\', "'": "\\'"};
  return `'${text.replaceAll(/[\n\r\\']/g, letter => escapes[letter] ?? letter)}'`;
}

/** The table of an asset: `raw.games` is `games` in the dataset `raw` with the prefix. */
export function tableOf({project, datasetPrefix}: Place, asset: string): TableReference {
  const {schema, table} = tablePlace(asset);
  return {projectId: project, datasetId: `${datasetPrefix}${schema}`, tableId: table};
}

/** The table of a declaration: what others made lies where it says, `dataset.table` or `project.dataset.table`. */
export function referenceOf(place: Place, {name, isExternal}: TableSpec): TableReference {
  if (isExternal !== true) return tableOf(place, name);
  const [tableId = '', datasetId = 'main', projectId = place.project] = name.split('.').toReversed();
  return {projectId, datasetId, tableId};
}

/** As it stands after FROM. */
export function tableSql({projectId, datasetId, tableId}: TableReference): string {
  return [projectId, datasetId, tableId].map(quoted).join('.');
}

/** For people and limits. */
export function tableText({projectId, datasetId, tableId}: TableReference): string {
  return `${projectId}.${datasetId}.${tableId}`;
}

export function bigqueryType(
  type: ColumnType,
): 'BOOL' | 'INT64' | 'FLOAT64' | 'STRING' | 'DATE' | 'TIMESTAMP' {
  switch (type) {
    case 'bool':
      return 'BOOL';
    case 'int64':
      return 'INT64';
    case 'float64':
      return 'FLOAT64';
    case 'string':
      return 'STRING';
    case 'date':
      return 'DATE';
    case 'timestamp':
      return 'TIMESTAMP';
    default:
      return unreachable(type);
  }
}

/** A column as the field of a schema; descriptions hold the unit. */
export function fieldOf({name, type, unit, description}: Column): Field {
  const said = [description, unit === undefined ? undefined : `Unit: ${unit}.`].filter(Boolean).join(' ');
  return {name, type: bigqueryType(type), mode: 'NULLABLE', ...(said === '' ? {} : {description: said})};
}

/** The type of a schema's field in the names of GoogleSQL: schemas may still say `INTEGER`. */
export function typeOfField({type}: Field): string {
  const legacy: Readonly<Record<string, string>> = {INTEGER: 'INT64', FLOAT: 'FLOAT64', BOOLEAN: 'BOOL'};
  return legacy[type] ?? type;
}
