/**
 * Unit tests of SQL assets: fixture rows in, expected rows out, on an empty warehouse in memory, with the windows
 * that the planner itself makes of the fixture's calendar. It does not touch a target, nor read files (test-cases.ts).
 */
import {buildCalendar, type Calendar} from '../planner/calendar.ts';
import {fingerprintOf} from '../planner/fingerprint.ts';
import {type AssetFrame, type EdgeFrame, factorsOf} from '../planner/frame.ts';
import {joinAsset} from '../planner/join-asset.ts';
import type {CalendarGame} from '../planner/ledger.ts';
import type {Asset, CalendarDeclaration, Pipeline} from '../planner/pipeline.ts';
import {Quality, readsQuality} from '../planner/quality.ts';
import type {Sources} from '../planner/sources.ts';
import {resolveReads} from '../planner/window.ts';
import type {Row} from './asset.ts';
import {differences, type RowValues} from './compare-rows.ts';
import {specsOf} from './inputs.ts';
import type {Case} from './test-cases.ts';
import type {StageQuery, Warehouse} from './warehouse.ts';
import {assetOf, isTable, queryOf, tableOf} from './workshop.ts';

export interface CaseResult {
  readonly asset: string;
  readonly name: string;
  /** Empty: it passed. */
  readonly differences: readonly string[];
  readonly durationMs: number;
}

/** Runs one case; a query that fails is a difference too. */
export async function runCase(
  test: Case,
  about: {
    readonly asset: Asset;
    readonly pipeline: Pipeline;
    readonly sources: Sources;
    openWarehouse(): Promise<Warehouse>;
    clock(): number;
  },
): Promise<CaseResult> {
  const startedAt = about.clock();
  const warehouse = await about.openWarehouse();
  const done = (lines: readonly string[]): CaseResult => ({
    asset: about.asset.name,
    name: test.name,
    differences: lines,
    durationMs: about.clock() - startedAt,
  });
  try {
    const {asset} = about;
    const unknown = Object.keys(test.inputs).filter(name => !asset.upstream.some(edge => edge.name === name));
    if (unknown.length > 0)
      return done([`inputs name '${unknown.join("', '")}', which are no edges of ${asset.name}`]);
    await fillInputs(warehouse, test, about);
    return done(await compare(test, about, warehouse));
  } catch (error) {
    return done([error instanceof Error ? error.message : String(error)]);
  } finally {
    await warehouse.close();
  }
}

/** Publishes the rows of all edges. Of two edges to one table the later one's rows stay. */
export async function fillInputs(
  warehouse: Warehouse,
  test: Case,
  {asset, pipeline}: {readonly asset: Asset; readonly pipeline: Pipeline},
): Promise<void> {
  for (const edge of asset.upstream) {
    const upstream = assetOf(pipeline, edge.upstream);
    if (isTable(upstream)) await fill(warehouse, upstream, test, test.inputs[edge.name] ?? []);
  }
}

/**
 * Publishes fixture rows as the partitions that they name, and those of the case's calendar, of which every one counts
 * as published; columns that are left out are null.
 */
async function fill(
  warehouse: Warehouse,
  asset: Asset,
  {calendar}: Case,
  rows: readonly RowValues[],
): Promise<void> {
  const table = tableOf(asset);
  const full = rows.map(row => {
    const foreign = Object.keys(row).find(name => !asset.columns.some(column => column.name === name));
    if (foreign !== undefined)
      throw new Error(`An input row has the column '${foreign}', which ${asset.name} has not.`);
    return Object.fromEntries(asset.columns.map(({name}) => [name, row[name] ?? null])) as Row; // plain values, checked when staged
  });
  const {partitioning} = asset;
  const column = partitioning.kind === 'all' ? undefined : partitioning.column;
  const known = calendar.map(({date, season}) => (partitioning.kind === 'date' ? date : season));
  const keys =
    column === undefined ? ['all'] : [...new Set([...known, ...full.map(row => String(row[column]))])];
  const partitions = keys.map(key => ({key, season: null}));
  const staged = await warehouse.stageRows(
    {table, partitions, inputs: [], rows: [full]},
    new AbortController().signal,
  );
  await warehouse.publish({staged, keys, receipts: []});
  await warehouse.discard(staged);
}

async function compare(
  test: Case,
  about: {asset: Asset; pipeline: Pipeline; sources: Sources},
  warehouse: Warehouse,
): Promise<readonly string[]> {
  const {asset} = about;
  const {columns, rows} = await warehouse.readQuery(requestOf(test, about), new AbortController().signal);
  const actual = rows.map(row => Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null])));
  const key = asset.key.length > 0 ? asset.key : Object.keys(test.expect[0] ?? {});
  return differences(test.expect, actual, {key, tolerance: test.tolerance});
}

/** The asset's query over the windows that the case's calendar gives its partitions. */
export function requestOf(
  test: Case,
  {asset, pipeline, sources}: {asset: Asset; pipeline: Pipeline; sources: Sources},
): StageQuery {
  const {making} = asset;
  if (making.kind !== 'sql' && making.kind !== 'export')
    throw new Error(`${asset.name} has no query to test.`);
  const frame = fixtureFrame(test, asset, pipeline, sources);
  const ordinals = test.partitions.map(key => {
    const ordinal = frame.ordinalOf.get(key);
    if (ordinal === undefined) throw new Error(`Partition '${key}' is not in the case's calendar.`);
    return ordinal;
  });
  const specs = specsOf(frame, ordinals);
  return {
    ...specs,
    ...queryOf(sources, making.query),
    partitions: specs.partitions.map(spec =>
      readsQuality(asset, sources) ? {...spec, quality: test.quality[spec.key] ?? 100} : spec,
    ),
  };
}

/** The asset with its edges resolved over the fixture's calendar; every upstream key counts as published. */
function fixtureFrame(test: Case, asset: Asset, pipeline: Pipeline, sources: Sources): AssetFrame {
  const calendars = new Map<string, Calendar>();
  for (const declaration of pipeline.calendars.values()) {
    calendars.set(declaration.name, fixtureCalendar(test, declaration));
  }
  const bare = (one: Asset): AssetFrame => {
    const calendar = one.partitioning.kind === 'all' ? undefined : calendars.get(one.partitioning.calendar);
    const joined = joinAsset({
      asset: one,
      calendar,
      fingerprint: fingerprintOf(one, sources),
      record: undefined,
      entry: undefined,
      quality: new Quality(),
      showsQuality: false,
    });
    joined.published.fill(1);
    return {...joined, edges: []};
  };
  const own = bare(asset);
  const edges = asset.upstream.map((edge): EdgeFrame => {
    const upstream = bare(assetOf(pipeline, edge.upstream));
    const calendar = own.calendar ?? upstream.calendar;
    const reads = resolveReads(edge, {
      downstream: asset.partitioning,
      upstream: upstream.asset.partitioning,
      calendar,
      downstreamCount: own.keys.length,
      upstreamCount: upstream.keys.length,
      passedOver: undefined,
    });
    return {edge, upstream, reads, factors: factorsOf(edge, reads)};
  });
  return {...own, edges};
}

function fixtureCalendar(test: Case, declaration: CalendarDeclaration): Calendar {
  const entries = test.calendar.map(({date, season}) => ({date, season}));
  const games = test.calendar.flatMap(({date, season, games: played}) =>
    played.map((game): CalendarGame => ({...game, date, season, status: 'final', startsAt: undefined})),
  );
  return buildCalendar(
    {...declaration, source: {kind: 'list', entries}},
    {name: declaration.name, definition: '', games},
    {start: undefined, end: undefined, now: 0},
  );
}
