/**
 * `gameplan runs` and `gameplan runs show ID`: history, outcomes, failures, durations. Reads the ledger alone.
 */
import type {Command} from '../command.ts';
import {jsonFlag, projectFlags, whole} from '../flags.ts';
import {printRun, printRuns} from '../print-runs.ts';
import {findRun, openProject, readRuns} from '../project.ts';
import {jsonText, screenOf} from '../view.ts';
import {EXIT, Refusal} from '../world.ts';

const showCommand: Command = {
  name: 'show',
  summary: 'one run: its outcomes by asset, and every failure with its cause',
  arguments: [['<id>', 'the id of a run, as `gameplan runs` lists it; `last` for the newest']],
  flags: [...projectFlags, jsonFlag],
  examples: ['gameplan runs show last', 'gameplan runs show last --json'],
  run: async invocation => {
    const {args, options, world} = invocation;
    const [wanted = 'last'] = args;
    const project = await openProject(invocation);
    const id = wanted === 'last' ? readRuns(project, 1, world.now)[0]?.id : wanted;
    const run = id === undefined ? undefined : findRun(project, id, world.now);
    if (id === undefined) {
      throw new Refusal(
        `error: There is no run in ${project.pipeline.target.ledger} yet; 'gameplan materialize' starts one.\n`,
      );
    }
    if (run === undefined) {
      throw new Refusal(
        `error: There is no run '${wanted}' in ${project.pipeline.target.ledger}; 'gameplan runs' lists them.\n`,
      );
    }
    world.write(options.json === true ? jsonText(run) : printRun({run, ...screenOf(world)}));
    return EXIT.done;
  },
};

export const runsCommand: Command = {
  name: 'runs',
  summary: 'the last runs: outcomes, failures, durations',
  arguments: [],
  flags: [
    ...projectFlags,
    {flags: '--limit <n>', description: 'how many (default: 20)', parse: whole},
    jsonFlag,
  ],
  examples: ['gameplan runs', 'gameplan runs --limit 100 --json', 'gameplan runs show last'],
  subcommands: [showCommand],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const runs = readRuns(project, options.limit ?? 20, world.now);
    world.write(
      options.json === true ? jsonText(runs) : printRuns({runs, now: world.now(), ...screenOf(world)}),
    );
    return EXIT.done;
  },
};
