/**
 * The span of a whole run: what it was and what it came to.
 * It does not deal with the spans within it (work.ts, site.ts, traced-warehouse.ts).
 */
import type {RunResult} from './execute.ts';
import type {RunStart} from './ledger-run.ts';
import type {Trace} from './trace.ts';

export function inRunSpan(
  trace: Trace,
  {id, pipeline, target, command}: RunStart,
  work: () => Promise<RunResult>,
): Promise<RunResult> {
  const attributes = {
    'gameplan.run': id,
    'gameplan.pipeline': pipeline,
    'gameplan.target': target,
    'gameplan.command': command,
  };
  return trace.span({name: 'run', attributes}, async span => {
    const result = await work();
    const {requested, ...outcomes} = result.counts;
    const some = Object.entries(outcomes).filter(([, count]) => count > 0);
    span.set({
      'gameplan.partitions': requested,
      ...Object.fromEntries(some.map(([outcome, count]) => [`gameplan.outcomes.${outcome}`, count])),
    });
    if (!result.isGood) span.fail('Not all that was asked for was made');
    return result;
  });
}
