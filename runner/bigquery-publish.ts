/**
 * Puts staged rows before readers: one script, one transaction, under a job id that comes from the intent, so that after
 * a crash the job's own record decides. Nothing is copied between tables: a copy job could not share the transaction.
 * It does not deal with whether rows may be published.
 */
import {isDate, isSeason} from '../planner/duration.ts';
import {jobStem} from './bigquery-job-id.ts';
import type {TableWrite} from './bigquery-limits.ts';
import {OWN, type Place, quoted, referenceOf, tableSql, tableText} from './bigquery-name.ts';
import type {BigqueryParameters} from './bigquery-parameters.ts';
import type {Bill, Statements} from './bigquery-statements.ts';
import {keyList} from './sql-dialect.ts';
import {partitionColumn} from './table-key.ts';
import {type TableSpec, WarehouseError} from './warehouse.ts';

/** Partitions that one job may write: https://cloud.google.com/bigquery/quotas#query_jobs */
const MOST_PARTITIONS = 4000;

/**
 * The stem of the job that writes what an intent speaks of. A project has one list of jobs for all its targets: another
 * one with the same intent, as after its ledger was copied, must not take this one's job for its own.
 */
export function publishStem({datasetPrefix}: Place, intent: string): string {
  return jobStem({asset: `${datasetPrefix}${OWN}`, key: '', step: 'publish', intent});
}

/** Statements with their parameters, and what they do to tables. */
export interface Piece {
  readonly sql: readonly string[];
  readonly parameters: BigqueryParameters;
  readonly writes: readonly TableWrite[];
}

const NOTHING: Piece = {sql: [], parameters: {}, writes: []};

/** Runs pieces as one transaction: all or nothing. */
export async function transact(
  statements: Statements,
  pieces: readonly Piece[],
  about: {
    readonly asset: string;
    /** Of `publishStem`. */
    readonly stem: string;
    readonly bill?: Bill | undefined;
  },
): Promise<void> {
  const sql = pieces.flatMap(piece => piece.sql);
  if (sql.length === 0) return;
  await statements.run(
    {
      sql: ['BEGIN TRANSACTION', ...sql, 'COMMIT TRANSACTION', ''].join(';\n'),
      parameters: Object.assign({}, ...pieces.map(({parameters}) => parameters)),
    },
    {...about, step: 'publish', writes: pieces.flatMap(({writes}) => writes)},
  );
}

/** Old rows of these keys go, staged ones come. */
export function replacement(
  place: Place,
  spec: TableSpec,
  {keys, rows}: {readonly keys: readonly string[]; readonly rows: string},
): Piece {
  if (keys.length === 0) return NOTHING;
  if (keys.length > MOST_PARTITIONS) {
    throw new WarehouseError(
      'query',
      `${keys.length} partitions of ${spec.name} are more than one job may write (${MOST_PARTITIONS}): give the asset a smaller 'batch'.`,
    );
  }
  const table = referenceOf(place, spec);
  const target = tableSql(table);
  const columns = spec.columns.map(({name}) => quoted(name)).join(', ');
  const column = partitionColumn(spec.partitioning);
  // Whole partitions by a list of dates: nothing is scanned for it.
  const where = column === undefined ? 'TRUE' : `${quoted(column)} IN UNNEST(@replaced)`;
  return {
    sql: [
      `DELETE FROM ${target} WHERE ${where}`,
      `INSERT INTO ${target} (${columns}) SELECT ${columns} FROM ${rows} WHERE ${where}`,
    ],
    parameters: column === undefined ? {} : {replaced: keyList(spec.partitioning, keys)},
    writes: [{table: tableText(table), statements: 2, isChange: true}],
  };
}

/** Rows of these keys go. A key of another slicing than the table's has no rows in it. */
export function deletion(place: Place, spec: TableSpec, keys: readonly string[]): Piece {
  const {kind} = spec.partitioning;
  const column = partitionColumn(spec.partitioning);
  const own = keys.filter(key => (kind === 'date' ? isDate(key) : kind === 'season' && isSeason(key)));
  if (own.length === 0 || column === undefined) return NOTHING;
  const table = referenceOf(place, spec);
  return {
    sql: [`DELETE FROM ${tableSql(table)} WHERE ${quoted(column)} IN UNNEST(@deleted)`],
    parameters: {deleted: keyList(spec.partitioning, own)},
    writes: [{table: tableText(table), statements: 1, isChange: true}],
  };
}
