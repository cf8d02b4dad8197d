/**
 * Reads where the data of an asset lies that others make: a table of the warehouse, or objects of the store.
 * It does not deal with when it is looked at (manifest-clock.ts), nor with how (runner/observe.ts).
 */
import {readPath} from './manifest-partition.ts';
import {keyAt, type Path, report, type Scope} from './manifest-scope.ts';
import type {Making, Partitioning} from './pipeline.ts';
import type {RawAsset} from './schema.ts';

/** A table's own name: up to three parts, each of letters, digits, '_' and '-'. */
const TABLE = /^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*){1,2}$/;

/** Undefined, and said, where it cannot be told. */
export function readExternal(
  scope: Scope,
  path: Path,
  {table, objects, date}: NonNullable<RawAsset['external']>,
  partitioning: Partitioning,
): Making | undefined {
  if ((table === undefined) === (objects === undefined)) {
    return report(
      scope,
      table === undefined ? 'missing-key' : 'misplaced-key',
      keyAt(scope, path),
      "What others make is either a 'table' or 'objects': give one of them.",
    );
  }
  if (date !== undefined && (table === undefined || partitioning.kind !== 'date')) {
    report(
      scope,
      'misplaced-key',
      keyAt(scope, [...path, 'date']),
      `'date' names the column of a table that is partitioned by date, and this is ${table === undefined ? 'no table' : `partitioned by '${partitioning.kind}'`}: remove it.`,
    );
  }
  if (objects !== undefined) {
    const place = readPath(scope, [...path, 'objects'], objects, {partitioning, folder: true});
    return place === undefined ? undefined : {kind: 'external-objects', path: place};
  }
  if (table !== undefined && TABLE.test(table)) return {kind: 'external-table', table};
  return report(
    scope,
    'bad-name',
    [...path, 'table'],
    `'${table}' is no table of a warehouse: write it with its schema or dataset, such as 'shop_raw.orders'.`,
  );
}
