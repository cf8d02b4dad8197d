/**
 * Whether those who are told of what goes wrong can be: what of them is not set here. It sends nothing; `gameplan alerts
 * test` does.
 */
import {reach} from './alert-receivers.ts';
import type {Examined} from './doctor.ts';
import type {Finding} from './finding.ts';

/** A receiver that is off stops nothing, so it is a warning at most. */
export function examineAlerts({pipeline, env}: Examined): readonly Finding[] {
  return pipeline.alerts.receivers.map((receiver): Finding => {
    const reached = reach(receiver, env);
    const about = {check: 'alerts', of: receiver.kind} as const;
    if (reached.address !== undefined)
      return {...about, verdict: 'ok', says: "is set; 'gameplan alerts test' sends a sample"};
    return {
      ...about,
      verdict: 'warn',
      says: reached.why,
      mend: 'What is to be told waits until it is mended, a week at most.',
    };
  });
}
