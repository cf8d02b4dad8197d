/** Follows a plan with the runner's own schedule, ending what is at work in a random order. */
import {type AssetFrame, keyAt} from '../../planner/frame.ts';
import type {Outcome} from '../../planner/ledger.ts';
import type {PlanRequest} from '../../planner/plan.ts';
import {ordinalsRead} from '../../planner/window.ts';
import {Schedule, type Untried} from '../../runner/schedule.ts';
import type {Toy} from './toy.ts';

export interface ShuffledRun {
  /** In the order in which they ended. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly requested: number;
  /** Partitions that ran or ended twice, or began while something that they read was still to come. */
  readonly faults: readonly string[];
}

/** `next` gives numbers from 0 to 1, which choose what ends next. */
export function shuffledRun(
  toy: Toy,
  next: () => number,
  request: Partial<PlanRequest>,
  hooks: {readonly fails: (ref: string) => boolean; readonly made: (ref: string, version: string) => void},
): ShuffledRun {
  const {plan, frame, progress} = toy.planned(request);
  const open = plan.partitions.filter(({action}) => action === 'run' || action === 'run-if');
  const pending = new Set(open.map(({asset, key}) => `${asset}@${key}`));
  const schedule = new Schedule(frame, open, progress, {gates: frame.quality, order: 'oldest'});
  const outcomes = new Map<string, Outcome>();
  const faults: string[] = [];
  const atWork: {asset: AssetFrame; ordinal: number}[] = [];
  const end = (asset: AssetFrame, ordinal: number, outcome: Outcome): void => {
    const ref = `${asset.asset.name}@${keyAt(asset, ordinal)}`;
    if (outcomes.has(ref)) faults.push(`${ref} ended twice`);
    outcomes.set(ref, outcome);
    pending.delete(ref);
  };
  const endUntried = (all: readonly Untried[]): void => {
    for (const {asset, ordinal, outcome} of all) end(asset, ordinal, outcome);
  };
  for (;;) {
    endUntried(schedule.settle());
    const take = () => schedule.take({hasRoom: () => true, load: () => 0, isBusy: atWork.length > 0});
    for (let batch = take(); batch !== undefined; batch = take()) {
      for (const {ordinal} of batch.jobs) {
        faults.push(...early(batch.asset, ordinal, pending), ...unsatisfied(batch.asset, ordinal, outcomes));
        atWork.push({asset: batch.asset, ordinal});
      }
    }
    const [work] = atWork.splice(Math.floor(next() * atWork.length), 1);
    if (work === undefined) break;
    const {asset, ordinal} = work;
    const ref = `${asset.asset.name}@${keyAt(asset, ordinal)}`;
    const outcome = toy.make(asset, ordinal, hooks.fails(ref), version => hooks.made(ref, version));
    end(asset, ordinal, outcome);
    schedule.end(asset, ordinal, outcome !== 'failed');
  }
  endUntried(schedule.cancelRest());
  return {outcomes, requested: open.length, faults};
}

function early(asset: AssetFrame, ordinal: number, pending: ReadonlySet<string>): readonly string[] {
  return asset.edges.flatMap(({upstream, reads}) =>
    ordinalsRead(reads, ordinal)
      .map(i => `${upstream.asset.name}@${keyAt(upstream, i)}`)
      .filter(ref => pending.has(ref))
      .map(ref => `${asset.asset.name}@${keyAt(asset, ordinal)} began before the end of ${ref}`),
  );
}

/** What a partition needs all of, and what came to nothing in this run. A gap that was signed off is not needed. */
function unsatisfied(
  asset: AssetFrame,
  ordinal: number,
  outcomes: ReadonlyMap<string, Outcome>,
): readonly string[] {
  return asset.edges
    .filter(({edge}) => edge.required && edge.atLeast === undefined)
    .flatMap(({upstream, reads}) =>
      ordinalsRead(reads, ordinal)
        .filter(i => upstream.accepted[i] !== 1)
        .map(i => `${upstream.asset.name}@${keyAt(upstream, i)}`)
        .filter(ref => ['failed', 'skipped', 'quarantined'].includes(outcomes.get(ref) ?? ''))
        .map(ref => `${asset.asset.name}@${keyAt(asset, ordinal)} began though ${ref} came to nothing`),
    );
}
