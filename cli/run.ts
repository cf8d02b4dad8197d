/**
 * Runs what a command asks for: opens the target, listens for interrupts, and shows the run by a watcher.
 * It does not deal with what is asked (asked.ts) nor with how a run is shown (watch.ts).
 */
import type {Frame} from '../planner/frame.ts';
import type {Concurrency} from '../planner/pipeline.ts';
import {keyOrderOf, rankIn} from '../report/frame-view.ts';
import type {Project} from '../report/project-ledger.ts';
import type {KeyOrder} from '../report/ranges.ts';
import {widthOf} from '../report/text.ts';
import type {Carrier} from '../runner/carry.ts';
import type {Crew} from '../runner/crew.ts';
import type {RunResult, Work} from '../runner/execute.ts';
import type {Spread} from '../runner/spread.ts';
import {NO_TRACE} from '../runner/trace.ts';
import type {Asked} from './asked.ts';
import type {Invocation} from './command.ts';
import {joinCrewOf} from './crew.ts';
import {listenForInterrupts} from './interrupt.ts';
import type {Retry} from './print-progress.ts';
import {waitOf} from './project.ts';
import {runId} from './run-id.ts';
import {screenOf} from './view.ts';
import {type Watcher, watchOnTerminal, watchQuietly} from './watch.ts';
import {watchedBy} from './watchers.ts';
import type {Who} from './who.ts';

export async function runAsked(
  {options, world}: Invocation,
  {
    project,
    now,
    work,
    acceptCalendar,
  }: Pick<Asked, 'project' | 'now' | 'acceptCalendar'> & {readonly work: Work},
  {
    who,
    watcher: shown,
    carry,
  }: {
    readonly who: Partial<Who>;
    readonly watcher: Watcher;
    /** Of a copy: what has what is carried. */
    readonly carry?: Carrier;
  },
): Promise<RunResult> {
  const [{materialize}, {openTarget}] = await Promise.all([
    import('../runner/execute.ts'),
    import('../runner/target.ts'),
  ]);
  const {limits} = project.pipeline;
  const run = runId(world.now());
  const watcher = await watchedBy(shown, {project, run, world});
  const {trace = NO_TRACE} = watcher;
  const target = openTarget({...project, clock: world.now, waitMs: waitOf(options), trace});
  const interrupts = listenForInterrupts(world, times =>
    watcher.emit({kind: 'interrupted', at: world.now(), times}),
  );
  let crew: Crew | undefined;
  try {
    if (options.spread === true) crew = await joinCrewOf({world}, project);
    const workshop = target.workshop({
      run,
      emit: watcher.emit,
      stop: interrupts.stop,
      cancel: interrupts.cancel,
      acceptCalendar,
    });
    const concurrency = {...limits, fetches: options.concurrency ?? limits.fetches};
    return await materialize(
      {...workshop, carry},
      {
        plan: work,
        now,
        command: world.commandLine,
        concurrency,
        spread: crew && (await spreadTo(crew, {concurrency, warn: project.warn})),
        order: options.order ?? 'oldest',
        bySeason: options.bySeason === true,
        failFast: options.failFast === true,
        ...who,
      },
    );
  } finally {
    interrupts.end();
    await crew?.queue.close();
    await target.close();
    await watcher.end();
  }
}

async function spreadTo(
  {queue, identity}: Crew,
  about: {readonly concurrency: Concurrency; readonly warn: (text: string) => void},
): Promise<Spread> {
  const {Spread: Made} = await import('../runner/spread.ts');
  return new Made({queue, identity, ...about});
}

/**
 * For people. The order of keys is needed only where something failed, and is drawn from the ledger as it is then.
 */
export function watcherFor(
  {world}: Pick<Invocation, 'world'>,
  {project, frame}: {readonly project: Project; readonly frame: <T>(use: (frame: Frame) => T) => T},
  retry: Retry,
): Watcher {
  let order: ((asset: string) => KeyOrder) | undefined;
  const watch = world.isTerminal ? watchOnTerminal : watchQuietly;
  return watch({
    keyOrder: asset => {
      order ??= frame(keyOrderOf);
      return order(asset);
    },
    rank: rankIn(project.pipeline),
    paint: screenOf(world).paint,
    write: world.write,
    width: () => widthOf(world.columns()),
    now: world.now,
    retry,
  });
}
