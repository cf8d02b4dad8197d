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
  const least = leastOf(level, complain);
  const [, descriptor] = /^fd:(\d+)$/.exec(place) ?? (place === 'stderr' ? ['', '2'] : []);
  const pipe = descriptor === undefined ? undefined : new Pipe(Number(descriptor));
  const file = path.resolve(cwd, place);
  let isBroken = false;
  return ({severity, message, ...fields}) => {
    if (isBroken || LOG_SEVERITIES.indexOf(severity) < least) return;
    const line = `${JSON.stringify({time: new Date(now()).toISOString(), severity, message, ...fields})}\n`;
    try {
      if (pipe === undefined) appendFileSync(file, line);
      else pipe.write(line);
    } catch (error) {
      isBroken = true;
      const why = error instanceof Error ? error.message : String(error);
      // Where standard error itself is gone there is nobody to tell.
      if (place !== 'stderr') complain(`warning: No log is written to ${place}: ${why}\n`);
    }
  };
}

/** Place in `LOG_SEVERITIES` of the least that is told. */
function leastOf(level: string | undefined, complain: LogOptions['complain']): number {
  if (level === undefined || level === '') return LOG_SEVERITIES.indexOf('INFO');
  const names: readonly string[] = LOG_SEVERITIES;
  const found = names.indexOf(level.toUpperCase());
  if (found >= 0) return found;
  const known = names.map(each => each.toLowerCase()).join(', ');
  complain(`warning: GAMEPLAN_LOG_LEVEL is '${level}', which is none of ${known}: all of it is logged.\n`);
  return 0;
}

/** How long a line waits for a reader that is slow, before it is left out. Milliseconds. */
const PATIENCE_MS = 500;
const PAUSE_MS = 5;

/** A pipe whose reader is slow takes a part of a line, or none now (EAGAIN), and is no broken one. */
class Pipe {
  readonly #descriptor: number;
  /** Of a line that was begun: the next one must not stand in it. */
  #rest: Uint8Array = NOTHING;
  /** Nothing is waited for until something is taken again: no run waits for whoever reads its log. */
  #isSlow = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(line: string): void {
    if (this.#rest.length > 0 && !this.#push()) return;
    const bytes = Buffer.from(line);
    this.#rest = bytes;
    if (!this.#push() && this.#rest.length === bytes.length) this.#rest = NOTHING;
  }

  /** Whether all of the rest was taken. */
  #push(): boolean {
    const until = performance.now() + (this.#isSlow ? 0 : PATIENCE_MS);
    for (;;) {
      this.#rest = this.#rest.subarray(writeSome(this.#descriptor, this.#rest));
      const isWhole = this.#rest.length === 0;
      this.#isSlow = !isWhole && performance.now() >= until;
      if (isWhole || this.#isSlow) return isWhole;
      Atomics.wait(NEVER_WOKEN, 0, 0, PAUSE_MS);
    }
  }
}

const NOTHING = new Uint8Array();
const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4));

function writeSome(descriptor: number, bytes: Uint8Array): number {
  try {
    return writeSync(descriptor, bytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
    throw error;
  }
}
