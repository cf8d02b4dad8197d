/**
 * What happens in a run, as lines of the log: the events of `--json` with a severity, a sentence, and the span they
 * belong to where spans are sent. It does not deal with where lines go (log.ts).
 */
import {counted, durationText} from '../planner/amount.ts';
import {unreachable} from '../planner/unreachable.ts';
import type {Event} from '../runner/event.ts';
import {eventObject} from './events-json.ts';
import type {LogLine} from './log.ts';
import {printCounts} from './print-outcomes.ts';
import type {Watcher} from './watch.ts';
import type {WatchedRun} from './watchers.ts';

export function logOf({run, world: {log}}: WatchedRun): Promise<Watcher> | undefined {
  if (log === undefined) return undefined;
  return Promise.resolve({
    emit: (event, span) => {
      const {kind, at, ...about} = eventObject(event);
      const ids = span === undefined ? {} : {trace_id: span.trace, span_id: span.span};
      log({...sentenceOf(event), event: kind, run, ...about, ...ids});
    },
    end: () => undefined,
  });
}

function sentenceOf(event: Event): Pick<LogLine, 'severity' | 'message'> {
  switch (event.kind) {
    case 'run-started':
      return info(
        `Run ${event.run} of ${event.pipeline} (${event.target}) began: ${partitions(event.requested)}`,
      );
    case 'replanned':
      return info(`Planned anew after the calendar was settled: ${partitions(event.requested)}`);
    case 'batch-started':
      return {severity: 'DEBUG', message: `${event.asset} began ${partitions(event.keys.length)}`};
    case 'retrying':
      return warning(`${event.asset}@${event.key} is tried again: ${event.error}`);
    case 'partition-ended':
      return endOf(event);
    case 'interrupted':
      return warning(
        event.times === 1
          ? 'Asked to end: nothing more starts'
          : 'Asked again to end: what is at work is cancelled',
      );
    case 'waiting':
      return info(`Waits for the warehouse, which ${event.holder} holds`);
    case 'spreading':
      return info(
        event.workers === 0
          ? 'No worker is at work: the run makes everything itself'
          : `Hands out work to ${counted(event.workers, 'worker')}`,
      );
    case 'run-ended': {
      const {failed, quarantined} = event.counts;
      const message = `Run ${event.run} ended in ${durationText(event.durationMs)}: ${printCounts(event.counts)}`;
      return {severity: failed + quarantined > 0 ? 'ERROR' : 'INFO', message};
    }
    default:
      return unreachable(event);
  }
}

function endOf({asset, key, outcome, error, warnings}: Extract<Event, {kind: 'partition-ended'}>) {
  const ref = `${asset}@${key}`;
  if (outcome === 'failed' || outcome === 'quarantined')
    return {severity: 'ERROR', message: `${ref} ${outcome}: ${error ?? 'nothing is known of why'}`} as const;
  if (warnings.length > 0) return warning(`${ref} ${outcome}, with warnings: ${warnings.join('; ')}`);
  return info(`${ref} ${outcome}`);
}

function partitions(count: number): string {
  return counted(count, 'partition');
}

function info(message: string): Pick<LogLine, 'severity' | 'message'> {
  return {severity: 'INFO', message};
}

function warning(message: string): Pick<LogLine, 'severity' | 'message'> {
  return {severity: 'WARNING', message};
}
