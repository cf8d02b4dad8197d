/**
 * `gameplan schema`: the manifest's JSON Schema, or the columns of assets. Reads no ledger and no warehouse.
 */
import {assetsOf} from '../../planner/select.ts';
import {jsonText} from '../../report/frame-view.ts';
import type {Command} from '../command.ts';
import {jsonFlag, projectFlags} from '../flags.ts';
import {printColumns} from '../print-columns.ts';
import {openProject} from '../project.ts';
import {selectionOf} from '../request.ts';
import {screenOf} from '../view.ts';
import {EXIT} from '../world.ts';

export const schemaCommand: Command = {
  name: 'schema',
  summary: "the columns of assets; without any, the manifest's JSON Schema",
  arguments: [['[assets...]', 'selectors of assets']],
  flags: [...projectFlags, jsonFlag],
  examples: [
    'gameplan schema > pipeline.schema.json',
    'gameplan schema raw.player_boxscores',
    "gameplan schema 'analytics.*' --json",
  ],
  run: async invocation => {
    const {args, options, world} = invocation;
    if (args.length === 0) {
      const {manifestJsonSchema} = await import('../../planner/schema.ts');
      world.write(`${JSON.stringify(manifestJsonSchema(), null, 2)}\n`);
      return EXIT.done;
    }
    const {pipeline} = await openProject(invocation);
    const selection = selectionOf(args, pipeline, world) ?? [];
    const names = assetsOf(selection);
    const assets = [...pipeline.assets.values()].filter(({name}) => names.has(name));
    if (options.json === true) {
      world.write(jsonText(assets.map(({name, columns, key}) => ({asset: name, key, columns}))));
    } else world.write(printColumns(assets, screenOf(world).paint));
    return EXIT.done;
  },
};
