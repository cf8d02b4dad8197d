/**
 * What `gameplan copy` is asked for: two targets of one manifest, and which partitions of the first are meant.
 * It does not deal with what becomes of them (planner/carry.ts), nor with carrying them.
 */
import {resolve} from 'node:path';
import {type CarryOrder, type CarryPlan, planCarry} from '../planner/carry.ts';
import {classify} from '../planner/classify.ts';
import {formatDiagnostics} from '../planner/diagnostic.ts';
import {type AssetFrame, type Frame, frameOf} from '../planner/frame.ts';
import type {Pipeline, StoreTarget} from '../planner/pipeline.ts';
import {type PlanRequest, WHOLE_REQUEST} from '../planner/plan.ts';
import {matchesKey, parseAssetRange} from '../planner/range-text.ts';
import {hasLedger, type Project, readWholeSnapshot} from '../report/project-ledger.ts';
import {ledgerName, ledgerPlace} from '../runner/ledger-place.ts';
import {warehouseName} from '../runner/open-warehouse.ts';
import type {Invocation} from './command.ts';
import {openProject} from './project.ts';
import {rangeOf, selectionOf} from './request.ts';
import {Refusal, UsageError, type World} from './world.ts';

export interface Copying {
  readonly source: Project;
  readonly destination: Project;
  readonly order: CarryOrder;
  readonly now: number;
  /** What is left to be carried, by the ledgers as they are then. */
  plan(): CarryPlan;
}

export async function copyAsked(invocation: Invocation): Promise<Copying> {
  const {args, options, world} = invocation;
  const {from, to, ...rest} = options;
  if (from === undefined || to === undefined)
    throw new UsageError("say from which target to which: 'gameplan copy --from local --to prod'.");
  if (from === to)
    throw new UsageError(`--from ${from} --to ${to}: that is one target, and nothing to copy.`);
  const source = await openProject({world, options: {...rest, target: from}});
  const destination = await openProject({world, options: {...rest, target: to}});
  refuseShared(source, destination);
  if (!hasLedger(source))
    throw new Refusal(
      `error: Target '${from}' has no ledger at '${ledgerName(source.pipeline.target.ledger)}': nothing was made there, and nothing can be copied.\n`,
    );
  const now = options.now ?? world.now();
  const frame = classify({...source, ledger: readWholeSnapshot(source, world.now), now});
  const request: PlanRequest = {
    ...WHOLE_REQUEST,
    ...chosen(args, frame, world),
    range: rangeOf(
      {
        ...(options.dates === undefined ? {} : {dates: options.dates}),
        ...(options.season === undefined ? {} : {season: options.season}),
      },
      world,
    ),
    force: options.force === true,
  };
  const order: CarryOrder = {from, source: frame, request, isStaleMeant: options.stale === true};
  const plan = (): CarryPlan =>
    planCarry(order, {...destination, ledger: readWholeSnapshot(destination, world.now), now});
  return {source, destination, order, now, plan};
}

/** Selectors of assets, or ASSET@RANGE, of which several may be given. */
function chosen(
  args: readonly string[],
  frame: Frame,
  world: World,
): Pick<PlanRequest, 'selection' | 'only'> {
  const {pipeline} = frame;
  const ranged = args.filter(arg => arg.includes('@'));
  if (ranged.length === 0) return {selection: selectionOf(args, pipeline, world), only: undefined};
  const [plain] = args.filter(arg => !arg.includes('@'));
  if (plain !== undefined)
    throw new UsageError(
      `'${plain}' selects assets and '${ranged[0]}' partitions: give only the one or the other.`,
    );
  const only = new Map<string, Set<string>>();
  for (const text of ranged) {
    const {asset, keys} = keysMeant(text, frame, world);
    only.set(asset, new Set([...(only.get(asset) ?? []), ...keys]));
  }
  return {selection: undefined, only};
}

function keysMeant(
  text: string,
  frame: Frame,
  world: World,
): {readonly asset: string; readonly keys: readonly string[]} {
  const {asset, patterns, diagnostics} = parseAssetRange(text, frame.pipeline);
  if (asset === undefined || patterns === undefined) {
    const told = formatDiagnostics(diagnostics, {color: world.isColored});
    throw new UsageError(`these partitions cannot be read:\n${told.trimEnd()}`);
  }
  const found: AssetFrame = frameOf(frame, asset);
  return {asset, keys: found.keys.filter(key => matchesKey(patterns, key))};
}

/** What two targets share is there already, and would only be written over. */
function refuseShared(source: Project, destination: Project): void {
  const [one, other] = [source.pipeline.target, destination.pipeline.target];
  const place = ({root, pipeline: {target}}: Project): string =>
    target.warehouse.engine === 'duckdb'
      ? resolve(root, target.warehouse.path)
      : warehouseName(target.warehouse);
  const shared =
    ledgerName(ledgerPlace(source)) === ledgerName(ledgerPlace(destination))
      ? `the ledger '${ledgerName(one.ledger)}'`
      : place(source) === place(destination) && place(source) !== resolve(source.root, ':memory:')
        ? `the warehouse '${warehouseName(one.warehouse)}'`
        : hasObjects(source.pipeline) &&
            storePlace(source, one.store) === storePlace(destination, other.store)
          ? 'their store'
          : undefined;
  if (shared === undefined) return;
  throw new Refusal(
    `error: Targets '${one.name}' and '${other.name}' share ${shared}: give each its own, then copy from the one to the other.\n`,
  );
}

function hasObjects({assets}: Pipeline): boolean {
  return [...assets.values()].some(({making: {kind}}) => kind === 'files' || kind === 'export');
}

function storePlace({root}: Project, store: StoreTarget): string {
  return store.kind === 'folder' ? resolve(root, store.path) : `gs://${store.bucket}/${store.prefix}`;
}
