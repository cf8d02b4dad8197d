/**
 * A run as JSON lines: each event as it happens, then a summary of outcomes. Additive changes only.
 * It does not deal with where the lines go.
 */
import {OUTCOMES} from '../planner/ledger.ts';
import {reasonJson} from '../report/plan-json.ts';
import type {Event} from '../runner/event.ts';

/** One line, without its end. */
export function eventJson(event: Event): string {
  return JSON.stringify(eventObject(event));
}

/** What that line holds. */
export function eventObject(event: Event): Pick<Event, 'kind' | 'at'> & Readonly<Record<string, unknown>> {
  return event.kind === 'partition-ended' ? {...event, reasons: event.reasons.map(reasonJson)} : event;
}

/** The last line: requested is the sum of the other outcomes. */
export function summaryJson({run, counts, durationMs}: Extract<Event, {kind: 'run-ended'}>): string {
  return JSON.stringify({kind: 'summary', run, ...counts, durationMs});
}

/** The last line where there was nothing to do and no run began. */
export function nothingJson(): string {
  const zeros = Object.fromEntries(OUTCOMES.map(outcome => [outcome, 0]));
  return JSON.stringify({kind: 'summary', run: null, requested: 0, ...zeros, durationMs: 0});
}
