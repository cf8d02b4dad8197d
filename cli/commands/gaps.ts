/**
 * `gameplan gaps`: what is not there, since when and why, back to the root. Reads the ledger alone.
 */
import {classify} from '../../planner/classify.ts';
import {jsonText, keyOrderOf} from '../../report/frame-view.ts';
import {type GapFilter, gapsAsked, gapsJson} from '../../report/gaps.ts';
import {withSnapshot} from '../../report/project-ledger.ts';
import {type Command, EVERY_ASSET, type Options} from '../command.ts';
import {jsonFlag, nowFlag, oneOf, projectFlags, rangeFlags, span} from '../flags.ts';
import {printGaps} from '../print-gaps.ts';
import {openProject} from '../project.ts';
import {requestOf} from '../request.ts';
import {screenOf} from '../view.ts';
import {EXIT, UsageError} from '../world.ts';
import {reportCommand} from './gaps-report.ts';
import {acceptCommand, reopenCommand} from './gaps-signed.ts';

export const gapsCommand: Command = {
  name: 'gaps',
  summary: 'what is missing, partial or signed off: since when, and why, back to the root',
  arguments: [EVERY_ASSET],
  flags: [
    ...projectFlags,
    ...rangeFlags,
    {
      flags: '--by <what>',
      description: 'asset (default), season or cause',
      ...oneOf('asset', 'season', 'cause'),
    },
    {flags: '--older-than <time>', description: 'only those of at least this age, such as 30d', parse: span},
    {flags: '--open', description: 'only those that nobody signed off'},
    {flags: '--accepted', description: 'only those that are signed off'},
    {flags: '--void', description: 'what was signed off, and is there after all'},
    nowFlag,
    jsonFlag,
  ],
  examples: [
    'gameplan gaps',
    'gameplan gaps --by cause --open',
    'gameplan gaps group:raw --season 2023-24 --older-than 30d',
    'gameplan gaps --void --json',
  ],
  subcommands: [acceptCommand, reopenCommand, reportCommand],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const now = options.now ?? world.now();
    const request = requestOf(invocation, project.pipeline);
    const filter = filterOf(options);
    const text = withSnapshot(project, ledger => {
      const frame = classify({...project, ledger, now});
      const found = gapsAsked(frame, request, filter);
      if (options.json === true) return jsonText(gapsJson(found));
      return printGaps({
        ...found,
        by: byOf(options),
        asked: filter.standing,
        keyOrder: keyOrderOf(frame),
        ...screenOf(world),
      });
    });
    world.write(text);
    return EXIT.done;
  },
};

function byOf({by}: Options): 'asset' | 'season' | 'cause' {
  return by === 'season' || by === 'cause' ? by : 'asset';
}

function filterOf({olderThan, open, accepted, void: isVoid}: Options): GapFilter {
  const asked = [
    ...(open === true ? (['open'] as const) : []),
    ...(accepted === true ? (['accepted'] as const) : []),
    ...(isVoid === true ? (['void'] as const) : []),
  ];
  const [standing] = asked;
  if (asked.length > 1) throw new UsageError(`give one of ${asked.map(each => `--${each}`).join(' and ')}.`);
  return {olderThan, standing};
}
