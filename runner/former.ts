/**
 * What published partitions remember of how their asset was declared when they were made: columns, and the slicing.
 * It does not deal with how a table is brought into its declared shape (duckdb-table.ts).
 */
import {columnsIn, slicingIn} from '../planner/fingerprint.ts';
import {type AssetFrame, stateAt} from '../planner/frame.ts';
import type {Fingerprint} from '../planner/ledger.ts';
import {writeDown} from './correct.ts';
import type {Former} from './warehouse.ts';
import type {Stage} from './workshop.ts';

/** Whether a published partition was made with the columns that are declared now. */
export function hasSameColumns(asset: AssetFrame, ordinal: number): boolean {
  const was = fingerprintAt(asset, asset.row[ordinal] ?? -1);
  return was?.parts['columns'] === asset.fingerprint.parts['columns'];
}

function fingerprintAt({record}: AssetFrame, row: number): Fingerprint | undefined {
  return record?.fingerprints[record.fingerprint[row] ?? -1];
}

/** What the table must still hold beside what is declared, once the partitions of `replaced` are made anew. */
export function formerOf(asset: AssetFrame, replaced: ReadonlySet<number>): Former {
  const {record, fingerprint} = asset;
  const {columns: today, key} = fingerprint.parts;
  const others = record?.fingerprints.filter(({parts}) => parts['columns'] !== today || parts['key'] !== key);
  if (record === undefined || others === undefined || others.length === 0) return {columns: []};
  const held = new Set<Fingerprint | undefined>();
  asset.published.forEach((isPublished, ordinal) => {
    if (isPublished === 0 || replaced.has(ordinal) || isMadeAnew(asset, ordinal)) return;
    held.add(fingerprintAt(asset, asset.row[ordinal] ?? -1));
  });
  for (const {row} of asset.orphans) held.add(fingerprintAt(asset, row));
  const parts = [...held].flatMap(was => (was === undefined ? [] : [was.parts]));
  const declared = columnsIn(today ?? '');
  const columns = new Set(parts.flatMap(part => [...columnsIn(part['columns'] ?? '').keys()]));
  const {partitioning} = asset.asset;
  const slicedBy = parts
    .map(part => slicingIn(part['key'] ?? ''))
    .find(was => was.kind === partitioning.kind && was.column !== slicingIn(key ?? '').column);
  return {
    columns: [...columns].filter(name => !declared.has(name)),
    ...(slicedBy?.column === undefined ? {} : {slicedBy: slicedBy.column}),
  };
}

/** What was made by this run, or is up to date, has the columns that are declared. */
function isMadeAnew(asset: AssetFrame, ordinal: number): boolean {
  const state = stateAt(asset, ordinal);
  return state === 'fresh' || state === 'partial';
}

/** By frame: whether the rows of another slicing have gone. */
const resliced = new WeakMap<AssetFrame, Promise<void>>();

/**
 * A table cannot be sliced in two ways. Before the first partition of a new slicing is published, those of the old one
 * go with their receipts, and the ledger is told: else they would look published should the old declaration return.
 */
export async function dropOtherSlicing(stage: Stage, asset: AssetFrame): Promise<void> {
  const known = resliced.get(asset);
  if (known !== undefined) return known;
  const {kind} = asset.asset.partitioning;
  const orphans = asset.orphans.filter(
    ({row}) => slicingIn(fingerprintAt(asset, row)?.parts['key'] ?? '').kind !== kind,
  );
  const work = orphans.length === 0 ? Promise.resolve() : drop(stage, asset, orphans);
  resliced.set(asset, work);
  await work;
}

async function drop(stage: Stage, asset: AssetFrame, orphans: AssetFrame['orphans']): Promise<void> {
  const items = orphans.map(({key, row}) => ({
    key,
    row,
    reasons: [{kind: 'undeclared' as const}],
    inputs: undefined,
  }));
  const isWhole = !asset.published.includes(1);
  const about = {by: undefined, why: undefined, startedAt: stage.clock(), isWhole};
  await writeDown(stage, {kind: 'dropped', asset, items, ...about});
}
