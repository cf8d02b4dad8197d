/**
 * Works out the versions of a table's rows anew and compares them with the receipts: one scan for all partitions that
 * were made with the same columns.
 * It does not deal with objects (verify-objects.ts).
 */

import {isDate, isSeason} from '../planner/duration.ts';
import {columnsIn, slicingIn} from '../planner/fingerprint.ts';
import type {Fingerprint} from '../planner/ledger.ts';
import {isExternal} from '../planner/making.ts';
import type {Asset, Column, ColumnType, Partitioning} from '../planner/pipeline.ts';
import type {DataFault} from './data-fault.ts';
import {ZERO_WORD} from './ledger-row.ts';
import {isPublished, type Standing} from './standing.ts';
import type {HeldTable, Warehouse} from './warehouse.ts';
import {isTable} from './workshop.ts';

interface Subject {
  readonly name: string;
  /** Undefined: nothing declares it any more. */
  readonly declared: Asset | undefined;
  /** By key. */
  readonly standings: ReadonlyMap<string, Standing>;
  /** By hash. */
  readonly fingerprints: ReadonlyMap<string, Fingerprint>;
  /** Whether rows are also read of what the engine says that nobody touched since it was published. */
  readonly readsAll: boolean;
}

type Faults = Map<string, DataFault | undefined>;

/** Partitions that were made with the same columns and are sliced alike. */
interface Group {
  readonly columns: readonly Column[];
  readonly keys: readonly string[];
  /** How the table may be sliced; the first way whose column it has. */
  readonly slicings: readonly Partitioning[];
}

/** By key: every partition that was published into the table, and every key that nobody published and has rows. */
export async function tableFaults(warehouse: Warehouse, subject: Subject): Promise<Faults> {
  const {declared, standings, fingerprints} = subject;
  const faults: Faults = new Map();
  const published: [string, Standing][] = [];
  for (const [key, standing] of standings) {
    if (standing.place.kind === 'gone-table') faults.set(key, {kind: 'table-gone'});
    if (standing.place.kind !== 'table' || !isPublished(standing)) continue;
    if (fingerprints.has(standing.receipt.fingerprint)) published.push([key, standing]);
    else faults.set(key, {kind: 'not-judged'});
  }
  const groups = groupsOf(subject, published);
  if (groups.length === 0 && declared !== undefined && isTable(declared) && !isExternal(declared.making.kind))
    groups.push({columns: declared.columns, keys: [], slicings: [declared.partitioning]});
  for (const [index, group] of groups.entries()) {
    // The first is the largest: its scan also finds what nobody published.
    const isFirst = index === 0;
    const {untouched, asked} = await chooseRead(warehouse, subject, {group, isFirst});
    for (const key of untouched) faults.set(key, undefined);
    if (asked.length === 0) continue;
    const held = await read(warehouse, subject.name, group, asked);
    if (held === undefined) break;
    for (const key of group.keys)
      if (!untouched.has(key)) faults.set(key, faultOf(held, standings.get(key), key));
    if (!isFirst) continue;
    for (const [key, {rows}] of held.partitions) {
      const standing = standings.get(key);
      // What was forgotten keeps its rows, and nobody reads them.
      const isKnown = standing?.place.kind === 'table' && standing.receipt.kind !== 'dropped';
      if (!isKnown) faults.set(key, {kind: 'rows-undeclared', held: rows});
    }
  }
  return faults;
}

/** How long after its receipt was written a publication may still be on its way, and clocks may differ. Milliseconds. */
const ON_ITS_WAY = 600_000;

/** Of what the engine says that nobody touched since it was published, no rows need to be read. */
async function chooseRead(
  warehouse: Warehouse,
  {name, standings, readsAll}: Subject,
  {group, isFirst}: {readonly group: Group; readonly isFirst: boolean},
): Promise<{readonly untouched: ReadonlySet<string>; readonly asked: readonly string[] | 'all'}> {
  const [partitioning] = group.slicings;
  const table = {name, columns: group.columns, key: [], partitioning: partitioning ?? {kind: 'all' as const}};
  const modified = readsAll ? undefined : await warehouse.lastModified({table, keys: 'all'});
  if (modified === undefined) return {untouched: new Set(), asked: isFirst ? 'all' : group.keys};
  const untouched = new Set(
    group.keys.filter(key => {
      const at = modified.get(key);
      return at !== undefined && at <= (standings.get(key)?.receipt.publishedAt ?? 0) + ON_ITS_WAY;
    }),
  );
  const unknown = isFirst ? [...modified.keys()].filter(key => !standings.has(key)) : [];
  return {untouched, asked: [...group.keys.filter(key => !untouched.has(key)), ...unknown]};
}

function faultOf(held: HeldTable, standing: Standing | undefined, key: string): DataFault | undefined {
  if (standing === undefined) return undefined;
  if (held.absentColumns.length > 0) return {kind: 'columns-gone', columns: held.absentColumns};
  const {rows, version} = held.partitions.get(key) ?? {rows: 0, version: ZERO_WORD};
  const {receipt} = standing;
  if (rows === receipt.rows && version === receipt.version) return undefined;
  return {kind: 'rows-changed', receipt: receipt.rows, held: rows};
}

/** The largest first. */
function groupsOf(
  {declared, fingerprints}: Subject,
  published: readonly (readonly [string, Standing])[],
): Group[] {
  const groups = new Map<string, {group: Omit<Group, 'keys'>; keys: string[]}>();
  for (const [key, {receipt}] of published) {
    const parts = fingerprints.get(receipt.fingerprint)?.parts ?? {};
    const kind = isDate(key) ? 'date' : isSeason(key) ? 'season' : 'all';
    const name = JSON.stringify([kind, parts['columns'], slicingIn(parts['key'] ?? '').column]);
    const known = groups.get(name);
    if (known !== undefined) {
      known.keys.push(key);
      continue;
    }
    const slicings = [declared?.partitioning, partitioningIn(parts['key'] ?? '')].filter(
      each => each?.kind === kind,
    );
    const columns = columnsFrom(parts['columns'] ?? '');
    groups.set(name, {group: {columns, slicings: slicings.filter(each => each !== undefined)}, keys: [key]});
  }
  return [...groups.values()]
    .map(({group, keys}) => ({...group, keys}))
    .sort((one, other) => other.keys.length - one.keys.length);
}

function columnsFrom(part: string): readonly Column[] {
  return [...columnsIn(part)].map(([name, type]) => ({
    name,
    type: type as ColumnType, // a fingerprint holds no other
    unit: undefined,
    description: undefined,
  }));
}

function partitioningIn(part: string): Partitioning | undefined {
  const {kind, column} = slicingIn(part);
  if (kind === undefined) return undefined;
  if (kind === 'all') return {kind};
  return column === undefined ? undefined : {kind, calendar: '', column};
}

/** Undefined: there is no such table. */
async function read(
  warehouse: Warehouse,
  name: string,
  {columns, slicings}: Group,
  keys: readonly string[] | 'all',
): Promise<HeldTable | undefined> {
  let held: HeldTable | undefined;
  for (const partitioning of slicings) {
    held = await warehouse.versions({table: {name, columns, key: [], partitioning}, keys});
    const isSliced =
      partitioning.kind === 'all' || held?.absentColumns.includes(partitioning.column) !== true;
    if (isSliced) break;
  }
  return held;
}
