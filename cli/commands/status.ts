/**
 * `gameplan status`: where every asset stands, by season, and the last run. Reads the ledger alone.
 */
import {priceOf} from '../../report/billed-text.ts';
import {jsonText} from '../../report/frame-view.ts';
import {readRecorded, withPlan} from '../../report/project-ledger.ts';
import {readSizes} from '../../report/sizes.ts';
import {statusJson, statusOf} from '../../report/status.ts';
import {type Command, EVERY_ASSET} from '../command.ts';
import {jsonFlag, nowFlag, projectFlags, rangeFlags} from '../flags.ts';
import {printStatus} from '../print-status.ts';
import {openProject} from '../project.ts';
import {requestOf} from '../request.ts';
import {screenOf} from '../view.ts';
import {EXIT} from '../world.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'coverage by asset and season: every state, and the last run',
  arguments: [EVERY_ASSET],
  flags: [...projectFlags, ...rangeFlags, nowFlag, jsonFlag],
  examples: ['gameplan status', 'gameplan status group:analytics --season 2024-25', 'gameplan status --json'],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const now = options.now ?? world.now();
    const request = requestOf(invocation, project.pipeline);
    const about = readRecorded(project, world.now);
    const status = withPlan(project, {now, request}, planned => statusOf(planned, about));
    const price = priceOf(project.pipeline);
    const sizes = readSizes(project);
    world.write(
      options.json === true
        ? jsonText({...statusJson(status, price), sizes})
        : printStatus({status, sizes, price, now, ...screenOf(world)}),
    );
    return EXIT.done;
  },
};
