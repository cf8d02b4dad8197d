/**
 * What a command may touch of the process that runs it; main.ts builds the real one.
 * It does not deal with files and databases: those are opened by what a command asks for (project.ts, workshop.ts).
 */
import type {Readable} from 'node:stream';

import type {Log} from './log.ts';

export interface World {
  /** To standard output. */
  readonly write: (text: string) => void;
  /** To standard error. */
  readonly complain: (text: string) => void;
  /** Standard input, for a command that others speak to. */
  readonly input: () => Readable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Columns of the terminal, now. */
  readonly columns: () => number | undefined;
  readonly isColored: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Where lines of JSON about what happens go; undefined: nobody asked for them. */
  readonly log?: Log;
  /** Names the program's own code, for what is kept between commands; undefined: it was not built, nothing is kept. */
  readonly build: string | undefined;
  /** How this program is started as another process, before its arguments. */
  readonly self: readonly [string, ...string[]];
  /** Absolute folder of the built web page. */
  readonly web: string;
  /** Absolute folder of the project that `init` writes. */
  readonly template: string;
  readonly version: string;
  /** As the user typed it, for the record of runs. */
  readonly commandLine: string;
  /** Asks a question that is answered by yes or no. Where nobody is there to answer, the command itself is the answer. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Who is at work, as git or the system knows them. */
  readonly user: () => string | undefined;
  /** Listens to interrupts; returns how to stop listening. */
  readonly onInterrupt: (listener: () => void) => () => void;
}

/** What the user typed cannot be done: exit code 64. The message says what to type instead. */
export class UsageError extends Error {}

/** Something the user must mend, already said in full: exit code 1. `text` ends with a line break. */
export class Refusal extends Error {
  readonly text: string;

  constructor(text: string) {
    super(text);
    this.text = text;
  }
}

/** Exit codes; documented in the README. */
export const EXIT = {done: 0, wrong: 1, work: 2, usage: 64, interrupted: 130} as const;
