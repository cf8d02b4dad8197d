/**
 * `gameplan adopt`: takes over partitions that lie in warehouse or store already, recorded with who and why. Nothing is
 * fetched, made again or copied.
 */
import {classify} from '../../planner/classify.ts';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import type {AssetName, Pipeline} from '../../planner/pipeline.ts';
import {parseSelectedRange} from '../../planner/selected-range.ts';
import {jsonText, keyOrderOf} from '../../report/frame-view.ts';
import {headOf} from '../../report/head.ts';
import {type Project, readWholeSnapshot} from '../../report/project-ledger.ts';
import type {AdoptedAsset, AdoptionOrder} from '../../runner/adopt.ts';
import type {Command, Invocation} from '../command.ts';
import {jsonFlag, nowFlag, projectFlags, purposeFlags, waitFlag} from '../flags.ts';
import {adoptedJson, printAdopted} from '../print-adopt.ts';
import {openProject, withTarget} from '../project.ts';
import {runId} from '../run-id.ts';
import {screenOf} from '../view.ts';
import {withWarehouse} from '../warehouse.ts';
import {purposeOf} from '../who.ts';
import {EXIT, UsageError} from '../world.ts';

export const adoptCommand: Command = {
  name: 'adopt',
  summary: 'take over partitions that lie in the warehouse or store already; nothing is made again',
  arguments: [
    ['<assets@range>', "a selector of assets and their keys, such as '+stats.totals@2021-10-19..2024-06-20'"],
  ],
  flags: [
    ...projectFlags,
    ...purposeFlags.filter(({flags}) => flags !== '--yes'),
    {
      flags: '--from <path>',
      description:
        "where the objects of one fetch lie, such as 'old/scores/{game_date}/' (default: its path)",
    },
    {flags: '--anyway', description: 'also what does not pass its checks'},
    {flags: '--dry-run', description: 'say what could be taken over and write nothing'},
    waitFlag,
    nowFlag,
    jsonFlag,
  ],
  examples: [
    "gameplan adopt '+stats.totals@2021-10-19..2024-06-20' --dry-run",
    "gameplan adopt '*@*' --reason 'the platform before this one made it'",
    "gameplan adopt landing.scores@2023-10-24..2024-06-17 --from 'old/scores/{game_date}/' --reason 'fetched by the old jobs'",
  ],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation);
    const order = orderOf(invocation, project.pipeline);
    const run = options.dryRun === true ? undefined : runId(world.now());
    const adopted = await (run === undefined
      ? survey(project, invocation, order)
      : take(project, invocation, order, run));
    const ledger = readWholeSnapshot(project, world.now);
    const frame = classify({...project, ledger, now: order.now});
    const view = {head: headOf(frame), keyOrder: keyOrderOf(frame), adopted, run, ...screenOf(world)};
    world.write(options.json === true ? jsonText(adoptedJson(view)) : printAdopted(view));
    const isWrong = adopted.some(({refused, problem}) => refused.length > 0 || problem !== undefined);
    return isWrong ? EXIT.wrong : EXIT.done;
  },
};

function orderOf({args, options, world}: Invocation, pipeline: Pipeline): AdoptionOrder {
  const selected = parseSelectedRange(args[0] ?? '', pipeline);
  if ('diagnostics' in selected) {
    const told = formatDiagnostics(selected.diagnostics, {color: world.isColored});
    throw new UsageError(`these partitions cannot be selected:\n${told.trimEnd()}`);
  }
  const purpose = options.dryRun === true ? {by: '', why: ''} : purposeOf('adopt', options, world);
  return {
    ...selected,
    ...purpose,
    from: fromOf(options.from, selected.assets, pipeline),
    anyway: options.anyway === true,
    now: options.now ?? world.now(),
    command: world.commandLine,
  };
}

/** A place is that of one fetch, and of one key alone. */
function fromOf(
  from: string | undefined,
  assets: ReadonlySet<AssetName>,
  pipeline: Pipeline,
): string | undefined {
  if (from === undefined) return undefined;
  const [name, second] = assets;
  const asset = name === undefined ? undefined : pipeline.assets.get(name);
  if (asset?.making.kind !== 'files' || second !== undefined)
    throw new UsageError("--from says where the objects of one 'files' asset lie: select that asset alone.");
  const used = [...from.matchAll(/\{([^{}]*)\}/g)].map(([, slot]) => slot ?? '');
  const {kind} = asset.partitioning;
  const known = {date: ['game_date', 'season', 'key'], season: ['season', 'key'], all: ['key']}[kind];
  const strange = used.find(slot => !known.includes(slot));
  if (strange !== undefined)
    throw new UsageError(`'{${strange}}' stands for nothing in --from: write {${known.join('}, {')}}.`);
  const tells = {date: ['game_date', 'key'], season: ['season', 'key'], all: used}[kind];
  if (kind !== 'all' && !used.some(slot => tells.includes(slot)))
    throw new UsageError(`--from '${from}' is one place for all keys: add {${tells[0]}}.`);
  return from.endsWith('/') ? from : `${from}/`;
}

async function survey(
  project: Project,
  {options, world}: Invocation,
  order: AdoptionOrder,
): Promise<readonly AdoptedAsset[]> {
  const {surveyAll} = await import('../../runner/adopt.ts');
  const {openStore} = await import('../../runner/open-store.ts');
  const store = openStore({...project, now: world.now});
  const snapshot = readWholeSnapshot(project, world.now);
  return await withWarehouse(project, {options}, warehouse =>
    surveyAll({...project, snapshot, clock: world.now, warehouse, store}, order),
  );
}

function take(
  project: Project,
  {options, world}: Invocation,
  order: AdoptionOrder,
  run: string,
): Promise<readonly AdoptedAsset[]> {
  return withTarget(project, {options, world}, async target => {
    const {adopt} = await import('../../runner/adopt.ts');
    return await adopt({...project, ...target, run, clock: world.now}, order);
  });
}
