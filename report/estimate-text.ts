/**
 * How long a plan may take, as people read it.
 * It does not estimate (planner/estimate.ts).
 */

import {counted} from '../planner/amount.ts';
import {type Estimate, secondsOf} from '../planner/estimate.ts';

/** Empty where nothing is planned, or nothing that was made before. */
/** `isBilled`: what it bills is told apart. */
export function estimateSentence(estimate: Estimate, isBilled: boolean): string {
  const {run, runIf, known, unknown, atOnce, engine} = estimate;
  if (known === 0) return '';
  const [sure, most] = [secondsOf(run, atOnce), secondsOf(run, atOnce) + secondsOf(runIf, atOnce)];
  const more = secondsOf(runIf, atOnce) > 0 ? `, up to ${lasting(most)} if inputs change,` : '';
  const left =
    unknown === 0 ? '' : ` Not counted: ${counted(unknown, 'partition')} of assets that were never made.`;
  const about = sure < 1 ? 'Under 1 s' : `About ${lasting(sure)}`;
  const billed = isBilled ? '' : '; 0 B billed';
  return `${about}${more} on ${engine} (from the last runs)${billed}.${left}`;
}

/** `4 s`, `3 min`, `2.5 h`; two digits are more than an estimate knows. */
function lasting(seconds: number): string {
  if (seconds < 1) return '1 s';
  if (seconds < 100) return `${Number(seconds.toPrecision(2))} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Number((seconds / 3600).toPrecision(2))} h`;
}

/** Seconds, rounded; additive changes only. */
export function estimateJson(estimate: Estimate, isBilled: boolean): object {
  const seconds = (work: Estimate['run']): number => Number(secondsOf(work, estimate.atOnce).toFixed(3));
  const {run, runIf, known, unknown} = estimate;
  return {
    seconds: seconds(run),
    secondsIf: seconds(runIf),
    known,
    unknown,
    ...(isBilled ? {} : {bytesBilled: 0}),
  };
}
