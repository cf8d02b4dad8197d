/**
 * Who else hears what a run tells, beside what shows it. Each is loaded only where something asks for it.
 * It does not deal with how a run is shown (watch.ts), nor with what any of them does.
 */
import type {Project} from '../report/project-ledger.ts';
import type {Event} from '../runner/event.ts';
import {logOf} from './logged-run.ts';
import {lineageOf} from './openlineage.ts';
import {tracingOf} from './tracing.ts';
import type {Watcher} from './watch.ts';
import type {World} from './world.ts';

/** The run that is to be watched, before it begins. */
export interface WatchedRun {
  readonly project: Project;
  readonly run: string;
  readonly world: Pick<World, 'env' | 'now' | 'complain' | 'version' | 'log'>;
}

/** Undefined: nothing asks for it. */
type Opener = (watched: WatchedRun) => Promise<Watcher> | undefined;

/** In the order in which they hear of an event. */
const OPENERS: readonly Opener[] = [tracingOf, lineageOf, logOf];

/**
 * What shows the run, and all that is asked for beside it, as one. Of those beside it, one that fails is left out from
 * then on, and that is said once: none may stop a run.
 */
export async function watchedBy(
  shown: Watcher,
  watched: WatchedRun,
  openers: readonly Opener[] = OPENERS,
): Promise<Watcher> {
  const opening = openers.flatMap(open => open(watched) ?? []);
  if (opening.length === 0) return shown;
  const {complain} = watched.world;
  const others = new Set<Watcher>();
  for (const each of await Promise.allSettled(opening)) {
    if (each.status === 'fulfilled') others.add(each.value);
    else complain(failed(each.reason));
  }
  const [trace] = [...others].flatMap(other => other.trace ?? []);
  const emit = (event: Event): void => {
    shown.emit(event);
    const span = trace?.ids();
    for (const other of others) {
      try {
        other.emit(event, span);
      } catch (error) {
        others.delete(other);
        complain(failed(error));
      }
    }
  };
  const end = async (): Promise<void> => {
    for (const each of await Promise.allSettled([...others].map(async other => await other.end())))
      if (each.status === 'rejected') complain(failed(each.reason));
    await shown.end();
  };
  return {emit, end, ...(trace === undefined ? {} : {trace})};
}

function failed(error: unknown): string {
  return `warning: The run goes on unwatched: ${error instanceof Error ? error.message : String(error)}\n`;
}
