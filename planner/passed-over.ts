/**
 * What a plan leaves alone knowingly: what is parked or protected, and what waits for nothing but such.
 * It does not deal with what fails or waits for another reason, which is for whoever runs the plan.
 */
import type {Plan, PlannedPartition} from './plan.ts';
import type {PartitionRef, Reason} from './reason.ts';

/** `asset@key` of each. A wait is judged by the first partition that each of its inputs lacks. */
export function passedOver({partitions}: Pick<Plan, 'partitions'>): ReadonlySet<PartitionRef> {
  const found = new Set<PartitionRef>();
  // In topological order, so that what is waited for was judged before.
  for (const {asset, key, action, reasons} of partitions) {
    const isLeft =
      isKept({action, reasons}) || (action === 'skip' && reasons.some(({kind}) => kind === 'parked'));
    if (isLeft || (action === 'wait' && isOnlyFor(found, reasons))) found.add(`${asset}@${key}`);
  }
  return found;
}

/** Whether it stays as it was made because the manifest protects it. */
export function isKept({action, reasons}: Pick<PlannedPartition, 'action' | 'reasons'>): boolean {
  return action === 'skip' && reasons.some(({kind}) => kind === 'protected');
}

function isOnlyFor(found: ReadonlySet<PartitionRef>, reasons: readonly Reason[]): boolean {
  const waits = reasons.flatMap(reason => lackedBy(reason) ?? []);
  return waits.length > 0 && waits.every(upstream => upstream !== 'another' && found.has(upstream));
}

/** What a reason to wait names; `another`: it waits for something else than a partition. */
function lackedBy(reason: Reason): PartitionRef | 'another' | undefined {
  switch (reason.kind) {
    case 'upstream-missing':
    case 'upstream-failed':
    case 'upstream-partial':
      return reason.upstream;
    case 'upstream-other':
    case 'calendar-unsettled':
    case 'gate':
      return 'another';
    default:
      return undefined;
  }
}
