/**
 * The process: the one place that reads the clock, the environment and the terminal, and sets the exit code.
 * It does not deal with any command.
 */
import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {runProgram} from './program.ts';
import {EXIT, type World} from './world.ts';

declare const GAMEPLAN_VERSION: string;
declare const GAMEPLAN_BUILD: string;

const {stdout, stderr, env, argv} = process;
const args = argv.slice(2);

/** Ctrl-C, the end that a service manager asks for, and a terminal that is closed. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Who hears of interrupts: a run at work. */
const interruptible = new Set<() => void>();
let isUnheard = false;

// A reader that has seen enough (`gameplan plan | head`) is no failure. A run whose terminal is gone ends as one that
// was interrupted: what is at work is finished.
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    isUnheard = true;
    if (interruptible.size === 0) process.exit(EXIT.done);
    for (const listener of interruptible) listener();
  });
}

function writer(stream: NodeJS.WriteStream): (text: string) => void {
  return text => {
    if (!isUnheard) stream.write(text);
  };
}

const world: World = {
  write: writer(stdout),
  complain: writer(stderr),
  input: () => process.stdin,
  env,
  cwd: process.cwd(),
  isTerminal: stdout.isTTY === true && env['TERM'] !== 'dumb',
  columns: () => (stdout.isTTY === true ? stdout.columns : numberOf(env['COLUMNS'])),
  isColored: stdout.isTTY === true && env['TERM'] !== 'dumb' && (env['NO_COLOR'] ?? '') === '',
  now: () => Date.now(),
  build: typeof GAMEPLAN_BUILD === 'string' ? GAMEPLAN_BUILD : undefined,
  self: [process.execPath, ...process.execArgv, argv[1] ?? ''],
  // Beside what was built; a source tree has it where the build puts it.
  web: fileURLToPath(
    new URL(typeof GAMEPLAN_VERSION === 'string' ? './web' : '../dist/web', import.meta.url),
  ),
  // Beside cli/ in a source tree, beside dist/ where it was built.
  template: fileURLToPath(new URL('../template', import.meta.url)),
  version: version(),
  commandLine: ['gameplan', ...args].join(' '),
  confirm: async question => {
    if (process.stdin.isTTY !== true || stdout.isTTY !== true) return true;
    const {createInterface} = await import('node:readline/promises');
    const lines = createInterface({input: process.stdin, output: stderr});
    try {
      return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
    } finally {
      lines.close();
    }
  },
  user: () => firstOf([env['GIT_AUTHOR_NAME'], gitUser(), env['USER'], env['USERNAME'], env['LOGNAME']]),
  onInterrupt: listener => {
    interruptible.add(listener);
    for (const signal of INTERRUPTS) process.on(signal, listener);
    return () => {
      interruptible.delete(listener);
      for (const signal of INTERRUPTS) process.off(signal, listener);
    };
  },
};

process.exitCode = await runProgram(args, world);

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function firstOf(names: readonly (string | undefined)[]): string | undefined {
  return names.map(name => name?.trim()).find(name => name !== undefined && name !== '');
}

/** The name that git signs with here; undefined where there is no git, or it knows none. */
function gitUser(): string | undefined {
  const {stdout: name, status} = spawnSync('git', ['config', 'user.name'], {encoding: 'utf8'});
  return status === 0 ? name : undefined;
}

/** The build writes it in; a source tree has none. */
function version(): string {
  return typeof GAMEPLAN_VERSION === 'string' ? GAMEPLAN_VERSION : '0.0.0-source';
}
