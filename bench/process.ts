/**
 * Measures a child process as a whole: its time and its peak memory.
 * It does not deal with what the child does.
 */
import {spawnSync} from 'node:child_process';

export interface Measured {
  readonly seconds: number;
  /** NaN where GNU time is not installed. */
  readonly megabytes: number;
  readonly stdout: string;
}

interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are no failure; 0 alone where nothing is said. */
  readonly codes?: readonly number[];
}

/** Runs a script with this Node; throws where it fails. */
export function measure(args: readonly string[], {cwd, env = {}, codes = [0]}: Surroundings = {}): Measured {
  const startedAt = performance.now();
  // GNU time reports the peak of the one child.
  const child = spawnSync('/usr/bin/time', ['-f', 'PEAK %M', process.execPath, ...args], {
    cwd,
    env: {...process.env, ...env},
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (child.error !== undefined) throw child.error;
  if (child.status === null || !codes.includes(child.status))
    throw new Error(`${args.join(' ')} failed: ${child.stdout.slice(-2000)}${child.stderr.slice(-2000)}`);
  const peak = /PEAK (\d+)/.exec(child.stderr)?.[1];
  return {seconds, megabytes: Number(peak ?? Number.NaN) / 1024, stdout: child.stdout};
}
