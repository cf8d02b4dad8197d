/**
 * `gameplan metrics`: what `serve` tells at /metrics, for those who run no server. Reads the ledger alone.
 */
import {WHOLE_REQUEST} from '../../planner/plan.ts';
import {allSamples, stateSamples} from '../../report/metrics.ts';
import {metricsText} from '../../report/metrics-text.ts';
import {readMeasured, withPlan} from '../../report/project-ledger.ts';
import type {Command} from '../command.ts';
import {nowFlag, projectFlags} from '../flags.ts';
import {replaceOut} from '../out-file.ts';
import {openProject} from '../project.ts';
import {EXIT} from '../world.ts';

export const metricsCommand: Command = {
  name: 'metrics',
  summary: 'counts and durations as Prometheus reads them',
  arguments: [],
  flags: [
    ...projectFlags,
    {
      flags: '--out <file>',
      description: 'write them there, whole or not at all, for a collector of text files',
    },
    nowFlag,
  ],
  examples: ['gameplan metrics', 'gameplan metrics --out /var/lib/node_exporter/gameplan.prom'],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const now = options.now ?? world.now();
    const {states, plan} = withPlan(project, {now, request: WHOLE_REQUEST}, planned => ({
      states: stateSamples(planned),
      plan: planned.plan,
    }));
    const {pipeline, target} = plan;
    const about = {pipeline, target, version: world.version, mistakes: 0};
    const text = metricsText(allSamples(states, readMeasured(project, world.now), about));
    if (options.out === undefined) world.write(text);
    else replaceOut(world, {flag: '--out', file: options.out, text});
    return EXIT.done;
  },
};
