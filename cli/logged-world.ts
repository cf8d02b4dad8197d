/**
 * A command whose beginning, end and complaints are logged. Where the log is standard error itself, complaints are
 * lines of it and no text stands between them.
 * It does not deal with what happens in a run (logged-run.ts).
 */
import type {Log, LogSeverity} from './log.ts';
import {EXIT, type World} from './world.ts';

/** What ends at once, for a shell that asks at each key, is not worth a line. */
const SILENT = new Set(['complete', 'completion', '--version', '--help']);

export async function logged(
  args: readonly string[],
  world: World,
  run: (world: World) => Promise<number>,
): Promise<number> {
  const {GAMEPLAN_LOG: place, GAMEPLAN_LOG_LEVEL: level} = world.env;
  if (place === undefined || place === '' || SILENT.has(args[0] ?? '')) return await run(world);
  const {openLog} = await import('./log.ts');
  const {cwd, now, complain} = world;
  const log = openLog({place, level, cwd, now, complain});
  const began = performance.now();
  const {commandLine: command} = world;
  log({severity: 'INFO', message: `${command} began`, event: 'command-started', command});
  const code = await run({
    ...world,
    log,
    complain: text => complainTo(log, text, place === 'stderr' ? undefined : complain),
  });
  const durationMs = Math.round(performance.now() - began);
  log({
    severity:
      code === EXIT.done || code === EXIT.work ? 'INFO' : code === EXIT.interrupted ? 'WARNING' : 'ERROR',
    message: `${command} ended with exit code ${code}`,
    event: 'command-ended',
    command,
    code,
    durationMs,
  });
  return code;
}

function complainTo(log: Log, text: string, complain: ((text: string) => void) | undefined): void {
  complain?.(text);
  const message = text.trimEnd();
  if (message !== '') log({severity: severityOf(message), message, event: 'complaint'});
}

function severityOf(text: string): LogSeverity {
  return text.startsWith('warning:') ? 'WARNING' : 'ERROR';
}
