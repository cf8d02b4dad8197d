/**
 * `gameplan clean`: deletes what no plan needs and is older than the manifest's `retention` keeps it, and writes a
 * warehouse anew that has much room to give back.
 */
import {existsSync} from 'node:fs';
import {bytesText, counted} from '../../planner/amount.ts';
import {jsonText} from '../../report/frame-view.ts';
import {hasLedger, ownedBy, type Project} from '../../report/project-ledger.ts';
import type {Finds} from '../../runner/clean.ts';
import {openLedger} from '../../runner/ledger-open.ts';
import {ledgerPlace} from '../../runner/ledger-place.ts';
import {mayHaveWarehouse, warehouseFile, warehouseName} from '../../runner/open-warehouse.ts';
import type {Warehouse} from '../../runner/warehouse.ts';
import type {Command, Invocation} from '../command.ts';
import {jsonFlag, projectFlags, waitFlag} from '../flags.ts';
import {openProject, waitOf} from '../project.ts';
import {withWarehouse} from '../warehouse.ts';
import {EXIT, Refusal, UsageError} from '../world.ts';

/** A smaller file is not worth it, nor one with less room in it. */
const LEAST_BYTES = 16 * 1024 * 1024;
const LEAST_FREE = 0.25;

export const cleanCommand: Command = {
  name: 'clean',
  summary: "delete what no plan needs, as the manifest's `retention` says, and compact the warehouse",
  arguments: [],
  flags: [
    ...projectFlags,
    {flags: '--dry-run', description: 'say what would be deleted, and touch nothing'},
    {flags: '--compact', description: 'write the warehouse anew however little room it has to give back'},
    waitFlag,
    jsonFlag,
  ],
  examples: ['gameplan clean --dry-run', 'gameplan clean', 'gameplan clean --compact --json'],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    if (!hasLedger(project))
      throw new Refusal('error: Nothing has been made yet, so there is nothing to clean.\n');
    const {target} = project.pipeline;
    if (options.compact === true && warehouseFile(project) === undefined)
      throw new UsageError(
        `--compact is for a warehouse that is a file, and that of target '${target.name}' is ${warehouseName(target.warehouse)}: leave it out.`,
      );
    const isDry = options.dryRun === true;
    const finds = await clean(invocation, project, isDry);
    const warehouse = await compact(invocation, project, isDry);
    world.write(
      options.json === true
        ? jsonText(cleanJson(isDry, finds, warehouse))
        : cleanText(isDry, finds, warehouse),
    );
    return EXIT.done;
  },
};

async function clean(invocation: Invocation, project: Project, isDry: boolean): Promise<Finds> {
  const {world} = invocation;
  const {deleteFinds, findCleanable} = await import('../../runner/clean.ts');
  const {openStore} = await import('../../runner/open-store.ts');
  const store = openStore({...project, now: world.now});
  const ledger = openLedger({...ownedBy(project), place: ledgerPlace(project), now: world.now});
  const work = async (warehouse: Warehouse | undefined): Promise<Finds> => {
    const cleaning = {pipeline: project.pipeline, ledger, store, warehouse, now: world.now()};
    const finds = await findCleanable(cleaning);
    if (!isDry) await deleteFinds(cleaning, finds);
    return finds;
  };
  try {
    if (!mayHaveWarehouse(project)) return await work(undefined);
    return await withWarehouse(project, invocation, work);
  } finally {
    ledger.close();
  }
}

interface Compaction {
  readonly bytes: number;
  readonly free: number;
  /** Undefined: it was not worth it, or nothing is touched. */
  readonly after: number | undefined;
}

async function compact(
  {options}: Invocation,
  project: Project,
  isDry: boolean,
): Promise<Compaction | undefined> {
  const {warehouse} = project.pipeline.target;
  const path = warehouseFile(project);
  if (path === undefined || warehouse.engine !== 'duckdb' || !existsSync(path)) return undefined;
  const {compactFile, measureFile} = await import('../../runner/duckdb-compact.ts');
  const about = {path, memoryLimit: warehouse.memoryLimit, waitMs: waitOf(options)};
  const {bytes, free} = await measureFile(about);
  const isWorthIt = options.compact === true || (bytes >= LEAST_BYTES && free >= bytes * LEAST_FREE);
  return {bytes, free, after: isDry || !isWorthIt ? undefined : await compactFile(about)};
}

function bytesOf(
  finds: Finds,
  kind: 'staging' | 'generation',
): {readonly count: number; readonly bytes: number} {
  const own = finds.leftovers.filter(each => each.kind === kind);
  return {count: own.length, bytes: own.reduce((sum, {bytes}) => sum + bytes, 0)};
}

/** Additive changes only. */
function cleanJson(isDry: boolean, finds: Finds, warehouse: Compaction | undefined): object {
  return {
    version: 1,
    dryRun: isDry,
    staging: bytesOf(finds, 'staging'),
    generations: bytesOf(finds, 'generation'),
    quarantine: finds.held.map(({asset, key, kept}) => ({asset, key, rows: kept})),
    history: finds.history,
    warehouse: warehouse ?? null,
  };
}

function cleanText(isDry: boolean, finds: Finds, warehouse: Compaction | undefined): string {
  const [staging, generations] = [bytesOf(finds, 'staging'), bytesOf(finds, 'generation')];
  const {runs, attempts, events, tries} = finds.history;
  const lines = [
    `staging      ${counted(staging.count, 'leftover')}, ${bytesText(staging.bytes)}`,
    `generations  ${counted(generations.count, 'older fetch', 'older fetches')}, ${bytesText(generations.bytes)}`,
    `quarantine   ${counted(finds.held.length, 'partition')}`,
    `history      ${counted(runs, 'run')}, ${counted(attempts, 'attempt')}, ${counted(events, 'event')}, ${counted(tries, 'try', 'tries')}`,
    ...warehouseLine(warehouse),
  ];
  return `${isDry ? 'Would delete' : 'Deleted'}:\n${lines.map(line => `  ${line}\n`).join('')}`;
}

function warehouseLine(warehouse: Compaction | undefined): readonly string[] {
  if (warehouse === undefined) return [];
  const {bytes, free, after} = warehouse;
  const size = `warehouse    ${bytesText(bytes)}`;
  if (after === undefined) return [`${size}, ${bytesText(free)} of it free; not compacted`];
  return [`${size}, compacted to ${bytesText(after)}`];
}
