/**
 * `gameplan ledger rebuild`: the way out of a ledger that is gone, damaged or not as the receipts say.
 */
import {fingerprintOf} from '../../planner/fingerprint.ts';
import {jsonText} from '../../report/frame-view.ts';
import {ledgerName, ledgerPlace} from '../../runner/ledger-place.ts';
import type {Command} from '../command.ts';
import {jsonFlag, projectFlags, waitFlag} from '../flags.ts';
import {printRestored, restoredCounts} from '../print-restored.ts';
import {openProject} from '../project.ts';
import {runId} from '../run-id.ts';
import {screenOf} from '../view.ts';
import {withWarehouse} from '../warehouse.ts';
import {EXIT, Refusal, UsageError} from '../world.ts';
import {renameCommand} from './ledger-rename.ts';

const rebuildCommand: Command = {
  name: 'rebuild',
  summary: 'write the ledger anew from the receipts beside the data; only history is lost',
  arguments: [],
  flags: [...projectFlags, waitFlag, {flags: '--yes', description: 'do not ask'}, jsonFlag],
  examples: ['gameplan ledger rebuild', 'gameplan ledger rebuild --yes --json'],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const {pipeline, sources, root} = project;
    const {dropGone, openStore, readStandings, replaceLedger, restore, settleBeforeRebuild} = await import(
      '../../runner/receipts.ts'
    );
    const place = ledgerPlace(project);
    const about = {place, pipeline: pipeline.name, now: world.now};
    return await withWarehouse(project, invocation, async warehouse => {
      const store = openStore({root, pipeline, now: world.now});
      await settleBeforeRebuild(about, {warehouse, store});
      const known = [...pipeline.assets.values()].map(asset => fingerprintOf(asset, sources));
      const standings = await readStandings({warehouse, store, known});
      const restored = await restore(pipeline, warehouse, standings);
      const counts = restoredCounts(restored, standings);
      if (options.json !== true) world.write(printRestored(counts, pipeline, screenOf(world).width));
      if (options.yes !== true && !(await world.confirm('Rebuild?')))
        throw new Refusal('Nothing was changed.\n');
      await dropGone(warehouse, standings, {run: runId(world.now()), by: world.user(), at: world.now()});
      const backup = replaceLedger(about, restored);
      world.write(
        options.json === true
          ? jsonText({version: 1, ...counts, ledger: ledgerName(place), backup: backup ?? null})
          : doneText(ledgerName(place), backup),
      );
      return EXIT.done;
    });
  },
};

function doneText(name: string, backup: string | undefined): string {
  const kept = backup === undefined ? 'There was none before.' : `The old one is kept as ${backup}`;
  return `Wrote ${name}\n${kept}\n`;
}

export const ledgerCommand: Command = {
  name: 'ledger',
  summary: 'housekeeping of the ledger',
  arguments: [],
  flags: [],
  examples: ['gameplan ledger rebuild', 'gameplan ledger rename'],
  subcommands: [rebuildCommand, renameCommand],
  run: async () => {
    throw new UsageError("say what to do with it: 'gameplan ledger rebuild' or 'gameplan ledger rename'.");
  },
};
