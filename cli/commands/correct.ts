/**
 * `gameplan forget` and `gameplan mark --fresh`: correct the ledger on purpose, recorded with who and why.
 * Shows what follows before anything is written.
 */

import {counted} from '../../planner/amount.ts';
import {classify} from '../../planner/classify.ts';
import {coneOf} from '../../planner/cone.ts';
import {type Choice, type CorrectionKind, chooseCorrected} from '../../planner/correction.ts';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {type AssetFrame, type Frame, frameOf, keyAt} from '../../planner/frame.ts';
import {parseAssetRange} from '../../planner/range-text.ts';
import {jsonText, keyOrderOf} from '../../report/frame-view.ts';
import {type Project, readWholeSnapshot} from '../../report/project-ledger.ts';
import {ASSET_RANGE, type Command, type Invocation} from '../command.ts';
import {jsonFlag, nowFlag, projectFlags, purposeFlags, waitFlag} from '../flags.ts';
import {
  CORRECTED,
  type CorrectionView,
  correctionJson,
  printCorrection,
  printLeft,
} from '../print-correction.ts';
import {openProject, withTarget} from '../project.ts';
import {runId} from '../run-id.ts';
import {screenOf} from '../view.ts';
import {purposeOf, type Who} from '../who.ts';
import {EXIT, Refusal, UsageError} from '../world.ts';

const flags = [
  ...projectFlags,
  ...purposeFlags,
  {flags: '--allow-protected', description: 'also forget what is protected'},
  {flags: '--dry-run', description: 'show what follows and touch nothing'},
  waitFlag,
  nowFlag,
  jsonFlag,
];

export const forgetCommand: Command = {
  name: 'forget',
  summary: 'count published partitions as missing; their rows stay and nobody reads them',
  arguments: [ASSET_RANGE],
  flags,
  examples: [
    "gameplan forget raw.games@2024-01-15 --reason 'the source was wrong that day'",
    "gameplan forget raw.games@2024-01-01..2024-01-31 --reason 'bad feed' --dry-run",
  ],
  run: invocation => correctLedger('forget', invocation),
};

export const markCommand: Command = {
  name: 'mark',
  summary: "take stale partitions as up to date, as they are: 'mark --fresh'",
  arguments: [ASSET_RANGE],
  flags: [
    ...flags.filter(({flags: name}) => name !== '--allow-protected'),
    {flags: '--fresh', description: "as made from today's definition and inputs"},
  ],
  examples: [
    "gameplan mark stats.totals@2024-01-15 --fresh --reason 'only a column was renamed inside the query'",
    "gameplan mark 'stats.totals@2024-01-*' --fresh --reason 'checked by hand' --yes",
  ],
  run: async invocation => {
    if (invocation.options.fresh === true) return correctLedger('mark', invocation);
    throw new UsageError("say what to mark them as: 'gameplan mark ASSET@RANGE --fresh --reason TEXT'.");
  },
};

async function correctLedger(kind: CorrectionKind, invocation: Invocation): Promise<number> {
  const {args, options, world} = invocation;
  const project = await openProject(invocation);
  const now = options.now ?? world.now();
  const frame = classify({...project, ledger: readWholeSnapshot(project, world.now), now});
  const {asset, choice} = choose(kind, args[0] ?? '', frame, invocation);
  const who = purposeOf(kind, options, world);
  if (choice.ordinals.length === 0) return sayNothing(kind, {asset, choice}, invocation);
  const view = viewOf(kind, {frame, asset, choice, who});
  const show = (run: string | undefined): void => {
    if (options.json === true) world.write(jsonText(correctionJson(view, run)));
  };
  if (options.json !== true) world.write(printCorrection(view, keyOrderOf(frame), screenOf(world)));
  if (options.dryRun === true) {
    show(undefined);
    return EXIT.done;
  }
  const question = kind === 'forget' ? 'Forget?' : 'Mark as fresh?';
  if (options.yes !== true && !(await world.confirm(question))) {
    throw new Refusal('Nothing was changed.\n');
  }
  const run = runId(world.now());
  const done = await apply(project, invocation, {
    ...view,
    run,
    now,
    allowProtected: options.allowProtected === true,
  });
  show(run);
  if (options.json !== true) world.write(doneText(kind, done.length, run, view));
  return EXIT.done;
}

/** Refuses a RANGE that names a partition to which the correction does not apply. */
function choose(
  kind: CorrectionKind,
  text: string,
  frame: Frame,
  {options, world}: Invocation,
): {readonly asset: AssetFrame; readonly choice: Choice} {
  const {asset: name, patterns, diagnostics} = parseAssetRange(text, frame.pipeline);
  if (name === undefined || patterns === undefined) {
    const told = formatDiagnostics(diagnostics, {color: world.isColored});
    throw new UsageError(`these partitions cannot be selected:\n${told.trimEnd()}`);
  }
  const asset = frameOf(frame, name);
  const choice = chooseCorrected(frame, asset, {
    kind,
    patterns,
    allowProtected: options.allowProtected === true,
  });
  const wrong = choice.left.filter(
    ({isRefused, isNamed}) => isRefused && (isNamed || choice.ordinals.length === 0),
  );
  if (wrong.length > 0) throw new Refusal(printLeft(CORRECTED[kind], name, wrong));
  if (choice.ordinals.length === 0 && choice.left.length === 0) {
    throw new Refusal(
      `error: '${text}' means no partition; 'gameplan plan ${name} --all' lists those that there are.\n`,
    );
  }
  return {asset, choice};
}

function sayNothing(
  kind: CorrectionKind,
  {asset, choice}: {readonly asset: AssetFrame; readonly choice: Choice},
  {options, world}: Invocation,
): number {
  const name = asset.asset.name;
  if (options.json === true) {
    world.write(jsonText({version: 1, kind, asset: name, keys: [], run: null}));
  } else
    world.write(
      `Nothing to ${kind}: ${counted(choice.left.length, 'partition')} of ${name} up to date already.\n`,
    );
  return EXIT.done;
}

function viewOf(
  kind: CorrectionKind,
  {frame, asset, choice, who}: {frame: Frame; asset: AssetFrame; choice: Choice; who: Who},
): CorrectionView {
  const {name} = asset.asset;
  const starts = new Map([[name, choice.ordinals]]);
  return {
    kind,
    asset: name,
    keys: choice.ordinals.map(ordinal => keyAt(asset, ordinal)),
    left: choice.left.length,
    // Of what is marked the version stays, and nothing else is compared.
    cone: kind === 'mark' ? [] : coneOf(frame, starts),
    ...who,
  };
}

function apply(
  project: Project,
  {options, world}: Invocation,
  order: CorrectionView & {readonly run: string; readonly now: number; readonly allowProtected: boolean},
): Promise<readonly string[]> {
  return withTarget(project, {options, world}, async target => {
    const {correct} = await import('../../runner/correct.ts');
    return correct(
      {...project, ...target, run: order.run, clock: world.now},
      {...order, command: world.commandLine},
    );
  });
}

function doneText(kind: CorrectionKind, count: number, run: string, {asset, keys}: CorrectionView): string {
  const of = count === keys.length ? `${count}` : `${count} of ${keys.length}`;
  return kind === 'forget'
    ? `Forgot ${of} of ${asset} (run ${run}). 'gameplan materialize' makes what follows.\n`
    : `Marked ${of} of ${asset} as fresh (run ${run}).\n`;
}
