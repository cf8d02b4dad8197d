/**
 * The process: the one place that reads the clock, the environment and the terminal, and sets the exit code.
 * It does not deal with any command.
 */
import {runProgram} from './program.ts';
import {EXIT, type World} from './world.ts';

declare const GAMEPLAN_VERSION: string;

const {stdout, stderr, env, argv} = process;
const args = argv.slice(2);

// A reader that has seen enough (`gameplan plan | head`) is no failure.
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.done);
  });
}

const world: World = {
  write: text => void stdout.write(text),
  complain: text => void stderr.write(text),
  env,
  cwd: process.cwd(),
  isTerminal: stdout.isTTY === true && env['TERM'] !== 'dumb',
  columns: () => (stdout.isTTY === true ? stdout.columns : numberOf(env['COLUMNS'])),
  isColored: stdout.isTTY === true && env['TERM'] !== 'dumb' && (env['NO_COLOR'] ?? '') === '',
  now: () => Date.now(),
  commandLine: ['gameplan', ...args].join(' '),
  onInterrupt: listener => {
    process.on('SIGINT', listener);
    process.on('SIGTERM', listener);
    return () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    };
  },
};

process.exitCode = await runProgram(args, world, version());

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The build writes it in; a source tree has none. */
function version(): string {
  return typeof GAMEPLAN_VERSION === 'string' ? GAMEPLAN_VERSION : '0.0.0-source';
}
