/**
 * `gameplan lineage`: which assets read which. Reads the manifest alone.
 */
import {buildGraph} from '../../planner/graph.ts';
import {assetsOf} from '../../planner/select.ts';
import {jsonText} from '../../report/frame-view.ts';
import {type Command, EVERY_ASSET} from '../command.ts';
import {jsonFlag, projectFlags} from '../flags.ts';
import {lineageJson, printLineage} from '../lineage.ts';
import {openProject} from '../project.ts';
import {selectionOf} from '../request.ts';
import {screenOf} from '../view.ts';
import {EXIT} from '../world.ts';

export const lineageCommand: Command = {
  name: 'lineage',
  summary: 'which assets read which, and through which windows',
  arguments: [EVERY_ASSET],
  flags: [...projectFlags, jsonFlag],
  examples: [
    'gameplan lineage',
    'gameplan lineage +precompute.player_daily_cache',
    'gameplan lineage raw.games+ --json',
  ],
  run: async invocation => {
    const {args, options, world} = invocation;
    const {pipeline} = await openProject(invocation);
    const selection = selectionOf(args, pipeline, world);
    const selected = selection === undefined ? new Set(pipeline.assets.keys()) : assetsOf(selection);
    const view = {pipeline, selected, order: buildGraph(pipeline.assets).order, ...screenOf(world)};
    world.write(options.json === true ? jsonText(lineageJson(view)) : printLineage(view));
    return EXIT.done;
  },
};
