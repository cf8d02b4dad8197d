/**
 * What follows from how an asset is made: whether it has a table, and whether its input is the world outside.
 * It does not deal with what each kind of making does (runner).
 */
import type {Making} from './pipeline.ts';

type Kind = Making['kind'];

/** Whether its partitions are rows of a table. */
export function hasTable(kind: Kind): boolean {
  return kind !== 'files' && kind !== 'export' && kind !== 'external-objects';
}

/** Whether others make it: what lies there is looked at, and never written. */
export function isExternal(kind: Kind): boolean {
  return kind === 'external-table' || kind === 'external-objects';
}

/** Whether its input is the world outside, which only the clock asks again. */
export function isOutside(kind: Kind): boolean {
  return kind === 'files' || isExternal(kind);
}
