/**
 * `gameplan explain ASSET@KEY`: why this partition is what it is, back to the root, and what has to happen; with
 * `--why-not`, which rule kept it out of a plan. Reads the ledger alone.
 */
import {makePlan} from '../../planner/make-plan.ts';
import {type PlanRequest, WHOLE_REQUEST} from '../../planner/plan.ts';
import {remedyOf} from '../../planner/remedy.ts';
import {whyNot} from '../../planner/why-not.ts';
import {explain} from '../../report/explain.ts';
import {explanationJson} from '../../report/explanation-json.ts';
import {jsonText, keyOrderOf, timezoneOf} from '../../report/frame-view.ts';
import {
  type Project,
  readAttempts,
  readTries,
  readVersionsRead,
  withSnapshot,
} from '../../report/project-ledger.ts';
import {workAsked} from '../asked.ts';
import type {Command, Invocation, Options} from '../command.ts';
import {askingFlags, jsonFlag, projectFlags, rangeFlags, workFlags} from '../flags.ts';
import {noSuchKey, parseRef, type Ref} from '../partition-ref.ts';
import {printExplanation} from '../print-explain.ts';
import {printWhyNot, whyNotJson} from '../print-why-not.ts';
import {openProject} from '../project.ts';
import {screenOf} from '../view.ts';
import {EXIT, UsageError} from '../world.ts';

export const explainCommand: Command = {
  name: 'explain',
  summary: 'why a partition is what it is, back to the root',
  arguments: [
    ['<partition>', 'ASSET@KEY, such as raw.games@2024-01-15'],
    ['[assets...]', 'with --why-not: the selectors of the plan that it is not in'],
  ],
  flags: [
    ...projectFlags,
    {flags: '--why-not', description: 'which rule keeps it out of the plan that the flags below ask for'},
    ...rangeFlags,
    ...workFlags,
    jsonFlag,
  ],
  examples: [
    'gameplan explain analytics.player_game_summary@2024-01-15',
    'gameplan explain raw.schedule@2023-24 --json',
    'gameplan explain --why-not raw.games@2024-01-15',
    'gameplan explain --why-not raw.games@2024-01-15 group:raw --from 2024-01-01 --missing-only',
  ],
  run: async invocation => {
    const {args, options, world} = invocation;
    const [ref = '', ...selectors] = args;
    const project = await openProject(invocation);
    const wanted = parseRef(ref, project.pipeline);
    if (options.whyNot === true) return showWhyNot({...invocation, args: selectors}, project, wanted);
    refuseAsking(selectors, options);
    const now = options.now ?? world.now();
    const history = {
      attempts: readAttempts(project, wanted, world.now),
      tries: readTries(project, wanted, world.now),
    };
    const text = withSnapshot(project, ledger => {
      const planned = makePlan({...project, ledger, now, request: {...WHOLE_REQUEST, all: true}});
      const {plan, frame} = planned;
      const partition = plan.partitions.find(({asset, key}) => asset === wanted.asset && key === wanted.key);
      if (partition === undefined) throw noSuchKey(wanted, frame, ledger);
      const read = readVersionsRead(project, partition, world.now);
      const explanation = explain(planned, partition, {...history, read});
      const screen = {keyOrder: keyOrderOf(frame), timezone: timezoneOf(frame), now, ...screenOf(world)};
      return options.json === true
        ? jsonText(explanationJson(explanation))
        : printExplanation({explanation, ...screen});
    });
    world.write(text);
    return EXIT.done;
  },
};

function showWhyNot(invocation: Invocation, project: Project, {asset, key}: Ref): number {
  const {args, options, world} = invocation;
  const now = options.now ?? world.now();
  const asked = workAsked(invocation, project);
  if (asked === undefined) return EXIT.done;
  const request: PlanRequest = {...asked, all: true};
  const text = withSnapshot(project, ledger => {
    const input = {...project, ledger, now, request};
    const planned = makePlan(input);
    const found = whyNot(input, planned, asset, key);
    const steps = 'partition' in found ? remedyOf(planned, found.partition) : [];
    const ref = `${asset}@${key}`;
    if (options.json === true) return jsonText(whyNotJson({ref, found, steps}));
    const words = {selectors: args.join(' '), range: rangeWords(options)};
    return printWhyNot({
      ref,
      found,
      asked: words,
      steps,
      keyOrder: keyOrderOf(planned.frame),
      now,
      ...screenOf(world),
    });
  });
  world.write(text);
  return EXIT.done;
}

function rangeWords({from, to, dates, season}: Options): string {
  return [
    ...(from === undefined ? [] : [`--from ${from}`]),
    ...(to === undefined ? [] : [`--to ${to}`]),
    ...(dates === undefined ? [] : [`--dates ${dates}`]),
    ...(season ?? []).map(each => `--season ${each}`),
  ].join(' ');
}

/** A whole explanation is of what the ledger holds, whatever someone might ask for. */
function refuseAsking(selectors: readonly string[], options: Options): void {
  if (selectors.length > 0 || askingFlags(options).length > 0)
    throw new UsageError('selectors and flags of a plan go with --why-not.');
}
