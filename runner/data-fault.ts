/**
 * What can be wrong with the data of a partition, seen from its receipt.
 * It does not deal with how that is found (verify-tables.ts, verify-objects.ts).
 */

/** What is wrong with the data of a partition. */
export type DataFault =
  | {readonly kind: 'rows-changed'; readonly receipt: number; readonly held: number}
  /** No receipt says that the key has rows. */
  | {readonly kind: 'rows-undeclared'; readonly held: number}
  | {readonly kind: 'table-gone'}
  | {readonly kind: 'columns-gone'; readonly columns: readonly string[]}
  /** How its rows were declared was not kept, so that their version cannot be worked out. */
  | {readonly kind: 'not-judged'}
  /** Of what others make: it is not what was observed, or not there. */
  | {readonly kind: 'source-changed' | 'source-gone'}
  | {readonly kind: 'object-gone' | 'object-changed'; readonly object: string};

export interface DataDifference {
  readonly asset: string;
  readonly key: string;
  readonly fault: DataFault;
}
