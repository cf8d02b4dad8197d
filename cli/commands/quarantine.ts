/**
 * `gameplan quarantine`: the rows that checks held back, and why. Reads the warehouse alone.
 */
import {assetsOf} from '../../planner/select.ts';
import {jsonText} from '../../report/frame-view.ts';
import type {Project} from '../../report/project-ledger.ts';
import type {Command, Invocation} from '../command.ts';
import {jsonFlag, projectFlags, waitFlag, whole} from '../flags.ts';
import {parseRef} from '../partition-ref.ts';
import {heldBackJson, heldJson, heldTable, printHeld, printHeldBack} from '../print-quarantine.ts';
import {openProject} from '../project.ts';
import {selectionOf} from '../request.ts';
import {printCsv} from '../table.ts';
import {screenOf} from '../view.ts';
import {withWarehouse} from '../warehouse.ts';
import {EXIT, Refusal, UsageError} from '../world.ts';

/** Rows on the screen; JSON and CSV give all that are kept. */
const ROWS = 100;

export const quarantineCommand: Command = {
  name: 'quarantine',
  summary: 'the rows that checks held back, and why',
  arguments: [
    ['[assets...]', 'selectors of assets (default: every asset), or one ASSET@KEY to see its rows'],
  ],
  flags: [
    ...projectFlags,
    waitFlag,
    {flags: '--limit <n>', description: `at most so many rows (default: ${ROWS} in a table)`, parse: whole},
    jsonFlag,
    {flags: '--csv', description: 'print the rows as CSV'},
  ],
  examples: [
    'gameplan quarantine',
    'gameplan quarantine raw.player_boxscores@2024-01-15',
    'gameplan quarantine raw.player_boxscores@2024-01-15 --csv > held.csv',
  ],
  run: async invocation => {
    const {args, options, world} = invocation;
    if (options.json === true && options.csv === true) throw new UsageError('--json and --csv: choose one.');
    const project = await openProject(invocation);
    const [ref = ''] = args;
    if (ref.includes('@')) {
      if (args.length > 1) throw new UsageError('give one ASSET@KEY, or selectors of assets.');
      world.write(await heldText(invocation, project, ref));
      return EXIT.done;
    }
    if (options.csv === true) throw new UsageError('--csv prints rows: give one ASSET@KEY.');
    const selected = selectionOf(args, project.pipeline, world);
    const all = await withWarehouse(project, {options}, warehouse => warehouse.heldBack());
    const names: ReadonlySet<string> | undefined = selected && assetsOf(selected);
    const held = all.filter(({asset}) => names?.has(asset) ?? true);
    world.write(
      options.json === true
        ? jsonText(held.map(heldBackJson))
        : printHeldBack(held, {now: world.now(), ...screenOf(world)}),
    );
    return EXIT.done;
  },
};

async function heldText({options, world}: Invocation, project: Project, ref: string): Promise<string> {
  const wanted = parseRef(ref, project.pipeline);
  const limit = options.limit ?? (options.json === true || options.csv === true ? undefined : ROWS);
  const found = await withWarehouse(project, {options}, async warehouse => {
    const all = await warehouse.heldBack();
    const held = all.find(({asset, key}) => asset === wanted.asset && key === wanted.key);
    return held === undefined ? undefined : {held, rows: await warehouse.heldRows(wanted)};
  });
  if (found === undefined) {
    throw new Refusal(
      `error: Nothing is held back of '${wanted.asset}@${wanted.key}'; 'gameplan quarantine' lists what is.\n`,
    );
  }
  const table = heldTable(found.rows.slice(0, limit));
  if (options.csv === true) return printCsv(table);
  if (options.json === true) return jsonText(heldJson(found.held, table));
  return printHeld({held: found.held, table, now: world.now(), ...screenOf(world)});
}
