/**
 * What every part of the BigQuery warehouse works with. It does not deal with what the parts do.
 */
import type {Place} from './bigquery-name.ts';
import type {Statements} from './bigquery-statements.ts';
import type {Tables} from './bigquery-tables.ts';

export interface Parts {
  readonly place: Place;
  readonly tables: Tables;
  readonly statements: Statements;
}
