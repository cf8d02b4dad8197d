/**
 * Which partitions of a run failed, were quarantined, or were skipped because of those.
 * It does not deal with whether they can be made now: that is the plan's.
 */
import {splitRef} from '../planner/reason.ts';
import type {AttemptRecord} from '../runner/ledger-run.ts';

/** By asset. A skip counts where what it waited for is among them, however far up that began. */
export function failuresAmong(attempts: readonly AttemptRecord[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const add = ({asset, key}: AttemptRecord): void => {
    found.set(asset, (found.get(asset) ?? new Set()).add(key));
  };
  for (const attempt of attempts)
    if (attempt.outcome === 'failed' || attempt.outcome === 'quarantined' || isForItsSite(attempt))
      add(attempt);
  let open = attempts.filter(({outcome}) => outcome === 'skipped');
  for (let before = Number.POSITIVE_INFINITY; open.length < before; ) {
    before = open.length;
    open = open.filter(attempt => {
      const isBecause = waitedFor(attempt).some(({asset, key}) =>
        key === undefined ? found.has(asset) : found.get(asset)?.has(key) === true,
      );
      if (isBecause) add(attempt);
      return !isBecause;
    });
  }
  return found;
}

/** Its site was closed: as good as failed for whoever wants it made now. */
function isForItsSite({outcome, reasons}: AttemptRecord): boolean {
  return outcome === 'skipped' && reasons.some(({kind}) => kind === 'site-closed' || kind === 'over-budget');
}

/** A wait names the first partition that it lacks; where there are more of them, any key of that asset may be meant. */
function waitedFor({reasons}: AttemptRecord): readonly {asset: string; key: string | undefined}[] {
  return reasons.flatMap(reason => {
    switch (reason.kind) {
      case 'upstream-failed':
        return [splitRef(reason.upstream)];
      case 'upstream-missing':
        return [
          reason.count === 1 ? splitRef(reason.upstream) : {...splitRef(reason.upstream), key: undefined},
        ];
      case 'upstream-partial':
        return [{...splitRef(reason.upstream), key: undefined}];
      default:
        return [];
    }
  });
}
