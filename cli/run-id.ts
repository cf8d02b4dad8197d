/** The name of a run. It does not deal with what the run does. */
import {randomBytes} from 'node:crypto';

/** Sorts by time: `20260722-130000-4f2a91`. */
export function runId(now: number): string {
  const time = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${time}-${randomBytes(3).toString('hex')}`;
}
