/**
 * The command line as a process of its own, that goes on when the server is gone: how one is started, what it says, and
 * how it ended. It does not deal with what it is started for (work.ts).
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {setTimeout as delay} from 'node:timers/promises';
import {openSpools, type Spool, type Spools} from './spool.ts';

export interface ChildOptions {
  /** How the command line is started, such as [process.execPath, 'bin/gameplan.js']. */
  readonly self: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long a run may take until it begins. Milliseconds. */
  readonly patienceMs: number;
}

/** The exit code, or the name of the signal or of the error that ended it. */
export type End = number | string;

/** What it said before it ended; more than that nobody kept. */
export interface Ended {
  readonly end: End;
  readonly out: string;
  readonly err: string;
}

/** A run that a process said it began, and whether it said that it ended. */
export interface SaidRun {
  readonly run: string;
  readonly hasEnded: boolean;
}

export interface Child {
  /** The first run that it began; or its end, where it ended without one, or did not begin in time. */
  readonly begun: Promise<{readonly run: string} | Ended>;
  /** With every run that it began. */
  readonly ended: Promise<Ended & {readonly runs: readonly SaidRun[]}>;
  /** Asks it to end, as an interrupt does. */
  interrupt(): void;
  /** Ends it and all that it started. */
  kill(): void;
}

const TAIL_BYTES = 16 * 1024;

/**
 * It has a session of its own, so that Ctrl-C on the server does not reach it, and writes to files, not to the server: a
 * run goes on, and ends as it would have, when the server is gone.
 */
export function startChild(options: ChildOptions, args: readonly string[]): Child {
  const said = openSpools();
  const child = spawnChild(options, args, said);
  if (child instanceof Error) {
    said.close();
    const end = {end: child.message, out: '', err: `${child.message}\n`};
    const nothing = (): void => undefined;
    return {
      begun: Promise.resolve(end),
      ended: Promise.resolve({...end, runs: []}),
      interrupt: nothing,
      kill: nothing,
    };
  }
  child.unref();
  const over = endOf(child);
  const ended = over.then(end => {
    const {out, err} = said;
    const closed = new Set([...out.linesFrom(RUN_ENDED)].map(runIn));
    const runs = [...out.linesFrom(RUN_STARTED)].map(runIn);
    const told = {end, out: out.tail(TAIL_BYTES), err: err.tail(TAIL_BYTES)};
    return {...told, runs: runs.map(run => ({run, hasEnded: closed.has(run)}))};
  });
  const begun = beginOf(child, said, {over, ended, patienceMs: options.patienceMs});
  void Promise.all([begun, ended]).then(() => said.close());
  return {begun, ended, interrupt: () => void child.kill('SIGINT'), kill: () => killAll(child)};
}

async function beginOf(
  child: ChildProcess,
  {out}: Spools,
  {
    over,
    ended,
    patienceMs,
  }: {readonly over: Promise<End>; readonly ended: Promise<Ended>; readonly patienceMs: number},
): Promise<{readonly run: string} | Ended> {
  const impatient = setTimeout(() => child.kill(), patienceMs);
  const run = await firstRunOf(out, over);
  clearTimeout(impatient);
  return run === undefined ? await ended : {run};
}

/** An error is what the system says at once, such as that a text is too long. */
function spawnChild(
  {self: [command, ...before], cwd, env}: ChildOptions,
  args: readonly string[],
  {out, err}: Spools,
): ChildProcess | Error {
  const isLogged = env[LOG] === 'stderr';
  try {
    return spawn(command, [...before, ...args], {
      cwd,
      env: {...childEnvironment(env), ...(isLogged ? {[LOG]: 'fd:3'} : {})},
      detached: true,
      windowsHide: true,
      // What is logged to the server's standard error goes there from here too: its own is for what it says to the page.
      stdio: ['ignore', out.descriptor, err.descriptor, ...(isLogged ? [2] : [])],
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Its session is its own, so all that it started is in one group, which is called by its number. */
function killAll({pid}: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function endOf(child: ChildProcess): Promise<End> {
  return new Promise(resolve => {
    child.once('error', error => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 1));
  });
}

/** How often a file is looked at for its first lines. */
const LOOK_MS = 40;

/** Undefined: it ended without one. */
async function firstRunOf(out: Spool, over: Promise<End>): Promise<string | undefined> {
  let isOver = false;
  void over.then(() => {
    isOver = true;
  });
  for (;;) {
    const wasOver = isOver;
    const [line] = out.linesFrom(RUN_STARTED);
    const run = line === undefined ? undefined : runIn(line);
    if (run !== undefined || wasOver) return run;
    await Promise.race([over, delay(LOOK_MS)]);
  }
}

const RUN_STARTED = '{"kind":"run-started"';
const RUN_ENDED = '{"kind":"run-ended"';

/** Of an event, as cli/events-json.ts writes it. */
function runIn(line: string): string {
  return String((JSON.parse(line) as {readonly run: unknown}).run); // both kinds have one
}

/** What it said to people: events are left out. */
export function withoutEvents(text: string): string {
  return text.replaceAll(/^\{"kind":.*\n/gm, '');
}

const LOG = 'GAMEPLAN_LOG';

/**
 * The tokens open the page and its triggers; what a pipeline runs has no use for them. What is said to standard error is
 * for the page, and must be no log.
 */
export function childEnvironment({
  GAMEPLAN_TOKEN: _,
  GAMEPLAN_TRIGGER_TOKEN: __,
  ...env
}: ChildOptions['env']): NodeJS.ProcessEnv {
  const {[LOG]: log, ...rest} = env;
  // A clone that was brought up to date below a server installs nothing while that is at work (scripts/ensure.mjs).
  const inUse = {GAMEPLAN_IN_USE: '1'};
  return {...rest, ...inUse, ...(log === 'stderr' ? {} : {[LOG]: log}), COLUMNS: '100', NO_COLOR: '1'};
}
