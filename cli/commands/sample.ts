/**
 * `gameplan sample`: a few published rows of a table, without SQL. Reads one partition of the warehouse.
 */
import type {AssetRecord} from '../../planner/ledger.ts';
import {hasTable} from '../../planner/making.ts';
import type {AssetName} from '../../planner/pipeline.ts';
import {didYouMean} from '../../planner/suggest.ts';
import {jsonText} from '../../report/frame-view.ts';
import {type Project, withSnapshot} from '../../report/project-ledger.ts';
import type {Row} from '../../runner/asset.ts';
import type {Command, Invocation} from '../command.ts';
import {jsonFlag, projectFlags, waitFlag, whole} from '../flags.ts';
import {parseRef} from '../partition-ref.ts';
import {openProject} from '../project.ts';
import {printCsv, printTable, rowsJson, type TableData} from '../table.ts';
import {screenOf} from '../view.ts';
import {withWarehouse} from '../warehouse.ts';
import {EXIT, Refusal, UsageError} from '../world.ts';

const ROWS = 20;

export const sampleCommand: Command = {
  name: 'sample',
  summary: 'a few published rows of a table, of its newest partition or of another',
  arguments: [['<partition>', 'ASSET or ASSET@KEY, such as raw.games or raw.games@2024-01-15']],
  flags: [
    ...projectFlags,
    waitFlag,
    {flags: '--limit <n>', description: `at most so many rows (default: ${ROWS})`, parse: whole},
    jsonFlag,
    {flags: '--csv', description: 'print CSV'},
  ],
  examples: ['gameplan sample raw.games', 'gameplan sample raw.games@2024-01-15 --limit 5 --csv'],
  run: async invocation => {
    const {args, options, world} = invocation;
    if (options.json === true && options.csv === true) throw new UsageError('--json and --csv: choose one.');
    const project = await openProject(invocation);
    const {asset, key} = publishedIn(project, args[0] ?? '');
    const table = await read(invocation, project, {asset, key});
    if (options.csv === true) world.write(printCsv(table));
    else if (options.json === true)
      world.write(jsonText({asset, key, columns: table.columns, rows: rowsJson(table)}));
    else world.write(`${asset}@${key}\n\n${printTable(table, screenOf(world).paint)}`);
    if (table.rows.length === 0 && options.json !== true && options.csv !== true)
      world.complain('It has no rows.\n');
    return EXIT.done;
  },
};

interface Published {
  readonly asset: AssetName;
  readonly key: string;
}

/** What is meant, if its rows may be read: those of a partition that nobody counts as published may be anything. */
function publishedIn(project: Project, text: string): Published {
  const {assets} = project.pipeline;
  const named = text.includes('@') ? parseRef(text, project.pipeline) : undefined;
  const name = named?.asset ?? [...assets.keys()].find(each => each === text);
  const asset = name === undefined ? undefined : assets.get(name);
  if (asset === undefined)
    throw new UsageError(`No asset named '${text}'.${didYouMean(text, assets.keys())}`);
  if (!hasTable(asset.making.kind)) {
    const where =
      asset.making.kind === 'export' ? ` 'gameplan explain ${asset.name}@KEY' says where one lies.` : '';
    throw new Refusal(
      `error: '${asset.name}' has no table: its partitions are objects in the store.${where}\n`,
    );
  }
  const key = withSnapshot(project, ledger => newestOf(ledger.find(asset.name), named?.key));
  if (key !== undefined) return {asset: asset.name, key};
  throw new Refusal(`error: Nothing is published of '${text}'; 'gameplan plan ${asset.name}' says why.\n`);
}

function newestOf(record: AssetRecord | undefined, wanted: string | undefined): string | undefined {
  let newest: string | undefined;
  for (const [row, key] of (record?.keys ?? []).entries()) {
    if (record?.published[row] !== 1 || (wanted !== undefined && key !== wanted)) continue;
    if (newest === undefined || key > newest) newest = key;
  }
  return newest;
}

async function read(
  {options}: Invocation,
  project: Project,
  {asset: name, key}: Published,
): Promise<TableData> {
  const asset = project.pipeline.assets.get(name);
  if (asset === undefined) throw new Error(`Internal error: no asset '${name}'`);
  const limit = options.limit ?? ROWS;
  const {tableOf} = await import('../../runner/workshop.ts');
  const table = tableOf(asset);
  const rows = await withWarehouse(project, {options}, async warehouse => {
    const found: Row[] = [];
    const stop = new AbortController();
    for await (const page of warehouse.rows({table, keys: [key]}, stop.signal)) {
      found.push(...page.slice(0, limit - found.length));
      if (found.length >= limit) break;
    }
    return found;
  });
  const columns = table.columns.map(column => column.name);
  return {columns, rows: rows.map(row => columns.map(column => row[column] ?? null))};
}
