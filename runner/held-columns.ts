/**
 * The columns that a table has against those that are asked for.
 * It does not deal with their types, nor with rows.
 */
import {partitionColumn} from './table-key.ts';
import type {HeldTable, TableSpec} from './warehouse.ts';

/** What `there` (names in lower case) lacks and has besides, and whether it can be cut by key at all. */
export function heldColumns(
  {columns, partitioning}: TableSpec,
  there: ReadonlySet<string>,
): Pick<HeldTable, 'absentColumns' | 'otherColumns'> & {readonly hasKey: boolean} {
  const key = partitionColumn(partitioning);
  const names = columns.map(({name}) => name);
  const asked = new Set([key, ...names].map(name => name?.toLowerCase()));
  const absent = names.filter(name => !there.has(name.toLowerCase()));
  // The key's own column is told by the partitioning: it may not be among those that rows were made with.
  const lost = key === undefined || there.has(key.toLowerCase()) ? [] : [key];
  return {
    hasKey: lost.length === 0,
    absentColumns: [...lost, ...absent],
    otherColumns: [...there].filter(name => !asked.has(name)),
  };
}
