/**
 * What happens, as lines of JSON for machines that collect logs: one a line, with a time, a severity and a sentence.
 * It is beside what people are shown, and off unless `GAMEPLAN_LOG` says where to.
 */
import {appendFileSync, writeSync} from 'node:fs';
import path from 'node:path';

/** As Cloud Logging and most others know them, by weight. */
export const LOG_SEVERITIES = ['DEBUG', 'INFO', 'WARNING', 'ERROR'] as const;
export type LogSeverity = (typeof LOG_SEVERITIES)[number];

export interface LogLine {
  readonly severity: LogSeverity;
  /** A sentence for people. */
  readonly message: string;
  /** What it is about: names as in the events of `--json`. */
  readonly [field: string]: unknown;
}

export type Log = (line: LogLine) => void;

interface LogOptions {
  /** `stderr`, `fd:NUMBER`, or a file, to which lines are added. */
  readonly place: string;
  readonly level: string | undefined;
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told once that it cannot be written. */
  readonly complain: (text: string) => void;
}

/** Each line is written at once and whole, so that several processes may share a file. */
export function openLog({place, level, cwd, now, complain}: LogOptions): Log {
  const least = Math.max(0, LOG_SEVERITIES.indexOf((level ?? 'INFO').toUpperCase() as LogSeverity)); // else the first
  const [, descriptor] = /^fd:(\d+)$/.exec(place) ?? (place === 'stderr' ? ['', '2'] : []);
  const file = path.resolve(cwd, place);
  let isBroken = false;
  return ({severity, message, ...fields}) => {
    if (isBroken || LOG_SEVERITIES.indexOf(severity) < least) return;
    const line = `${JSON.stringify({time: new Date(now()).toISOString(), severity, message, ...fields})}\n`;
    try {
      if (descriptor === undefined) appendFileSync(file, line);
      else writeSync(Number(descriptor), line);
    } catch (error) {
      isBroken = true;
      const why = error instanceof Error ? error.message : String(error);
      // Where standard error itself is gone there is nobody to tell.
      if (place !== 'stderr') complain(`warning: No log is written to ${place}: ${why}\n`);
    }
  };
}
