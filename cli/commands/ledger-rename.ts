/**
 * `gameplan ledger rename`: gives ledger and warehouse to the name that the manifest has now.
 * It does not deal with renamed assets: their partitions are made anew.
 */
import {jsonText} from '../../report/frame-view.ts';
import {hasLedger, openLedger} from '../../runner/ledger-open.ts';
import {ledgerName, ledgerPlace} from '../../runner/ledger-place.ts';
import {mayHaveWarehouse, openWarehouse} from '../../runner/open-warehouse.ts';
import type {Command} from '../command.ts';
import {jsonFlag, projectFlags, waitFlag} from '../flags.ts';
import {openProject, waitOf} from '../project.ts';
import {EXIT, Refusal} from '../world.ts';

export const renameCommand: Command = {
  name: 'rename',
  summary: 'take over the ledger and the warehouse under the name that the manifest has now',
  arguments: [],
  flags: [...projectFlags, waitFlag, {flags: '--yes', description: 'do not ask'}, jsonFlag],
  examples: ['gameplan ledger rename', 'gameplan ledger rename --yes'],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const {name, target} = project.pipeline;
    const place = ledgerPlace(project);
    if (!hasLedger(place))
      throw new Refusal(`error: There is no ledger '${ledgerName(target.ledger)}' to rename.\n`);
    const ledger = openLedger({place, warn: project.warn, now: world.now});
    try {
      const was = ledger.owner();
      if (options.json !== true)
        world.write(
          `The ledger '${ledgerName(target.ledger)}' is of '${was ?? name}', the manifest of '${name}'.\n`,
        );
      if (options.yes !== true && !(await world.confirm(`Take it over as '${name}'?`)))
        throw new Refusal('Nothing was changed.\n');
      // The warehouse first: while only one of them is renamed, every command but this one is refused.
      if (mayHaveWarehouse(project)) {
        const warehouse = await openWarehouse({...project, owner: 'anyone', waitMs: waitOf(options)});
        try {
          await warehouse.rename(name);
        } finally {
          await warehouse.close();
        }
      }
      ledger.rename(name);
      world.write(
        options.json === true
          ? jsonText({version: 1, was: was ?? null, name})
          : `They are of '${name}' now.\n`,
      );
      return EXIT.done;
    } finally {
      ledger.close();
    }
  },
};
