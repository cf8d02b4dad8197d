/**
 * `gameplan explain ASSET@KEY`: why this partition is what it is, back to the root. Reads the ledger alone.
 */
import {type PlannedPartition, WHOLE_REQUEST} from '../../planner/plan.ts';
import {didYouMean} from '../../planner/suggest.ts';
import type {Command} from '../command.ts';
import {explain} from '../explain.ts';
import {jsonFlag, nowFlag, projectFlags} from '../flags.ts';
import {explanationJson, printExplanation} from '../print-explain.ts';
import {openProject, type Project, readAttempts, withPlan} from '../project.ts';
import {jsonText, keyOrderOf, screenOf, timezoneOf} from '../view.ts';
import {EXIT, Refusal, UsageError} from '../world.ts';

export const explainCommand: Command = {
  name: 'explain',
  summary: 'why a partition is what it is, back to the root',
  arguments: [['<partition>', 'ASSET@KEY, such as raw.games@2024-01-15']],
  flags: [...projectFlags, nowFlag, jsonFlag],
  examples: [
    'gameplan explain analytics.player_game_summary@2024-01-15',
    'gameplan explain raw.schedule@2023-24 --json',
  ],
  run: async invocation => {
    const {args, options, world} = invocation;
    const [ref = ''] = args;
    const project = await openProject(invocation);
    const wanted = parseRef(ref, project);
    const now = options.now ?? world.now();
    const request = {...WHOLE_REQUEST, all: true};
    const attempts = readAttempts(project, wanted, world.now);
    const text = withPlan(project, {now, request}, ({plan, frame}) => {
      const explanation = explain(frame, find(plan.partitions, wanted), attempts);
      const screen = {keyOrder: keyOrderOf(frame), timezone: timezoneOf(frame), now, ...screenOf(world)};
      return options.json === true
        ? jsonText(explanationJson(explanation))
        : printExplanation({explanation, ...screen});
    });
    world.write(text);
    return EXIT.done;
  },
};

interface Ref {
  readonly asset: string;
  readonly key: string;
}

function parseRef(text: string, {pipeline}: Project): Ref {
  const at = text.lastIndexOf('@');
  if (at <= 0 || at === text.length - 1) throw new UsageError(`'${text}' is no partition: write ASSET@KEY.`);
  const asset = text.slice(0, at);
  const names: ReadonlySet<string> = new Set(pipeline.assets.keys());
  if (!names.has(asset)) throw new UsageError(`No asset named '${asset}'.${didYouMean(asset, names)}`);
  return {asset, key: text.slice(at + 1)};
}

function find(partitions: readonly PlannedPartition[], {asset, key}: Ref): PlannedPartition {
  const own = partitions.filter(partition => partition.asset === asset);
  const found = own.find(partition => partition.key === key);
  if (found !== undefined) return found;
  throw new Refusal(`error: '${asset}' has no partition '${key}': ${whereabouts(own, key)}.\n`);
}

/** Which keys there are instead. */
function whereabouts(own: readonly PlannedPartition[], key: string): string {
  const [first, last] = [own[0], own.at(-1)];
  if (first === undefined || last === undefined)
    return 'none is known yet; dates are known once the calendar is made';
  // A key of the same form: '2024-01-15' is no season between '2023-24' and '2024-25'.
  const before = own.findLast(partition => partition.key < key);
  const after = own.find(partition => partition.key > key);
  return before === undefined || after === undefined || first.key.length !== key.length
    ? `they go from ${first.key} to ${last.key}`
    : `the nearest are ${before.key} and ${after.key}`;
}
