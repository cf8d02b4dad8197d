/**
 * `gameplan worker`: takes work that runs hand out (`materialize --spread`) until it is told to end.
 */
import type {Crew} from '../../runner/crew.ts';
import {ledgerName, ledgerPlace} from '../../runner/ledger-place.ts';
import {ownMachine} from '../../runner/liveness.ts';
import type {Command} from '../command.ts';
import {joinCrewOf} from '../crew.ts';
import {jsonFlag, projectFlags, waitFlag, whole} from '../flags.ts';
import {listenForInterrupts} from '../interrupt.ts';
import {WorkerLog} from '../print-worker.ts';
import {openProject, waitOf} from '../project.ts';
import {runId} from '../run-id.ts';
import {EXIT} from '../world.ts';

export const workerCommand: Command = {
  name: 'worker',
  summary: "take work that 'materialize --spread' hands out, until interrupted",
  arguments: [],
  flags: [
    ...projectFlags,
    {
      flags: '--concurrency <n>',
      description: "how many fetches at once (default: the manifest's `limits.fetches`, or 32)",
      parse: whole,
    },
    {
      flags: '--until-idle',
      description: 'end when no run hands out work and there was none for the time of --wait',
    },
    waitFlag,
    jsonFlag,
  ],
  examples: ['gameplan worker', 'gameplan worker --concurrency 16 --until-idle'],
  run: async invocation => {
    const {options, world} = invocation;
    const project = await openProject(invocation, {bind: true});
    const {limits} = project.pipeline;
    const concurrency = {...limits, fetches: options.concurrency ?? limits.fetches};
    const [{takeWork}, {openTarget}] = await Promise.all([
      import('../../runner/worker.ts'),
      import('../../runner/target.ts'),
    ]);
    const target = openTarget({...project, clock: world.now, waitMs: waitOf(options)});
    const run = runId(world.now());
    const log = new WorkerLog(world, {
      isJson: options.json === true,
      complain: project.warn,
      run,
      ...ownMachine(),
      ledger: ledgerName(ledgerPlace(project)),
    });
    const interrupts = listenForInterrupts(world, times => log.interrupted(times));
    // After all that may fail before it: an open queue keeps the process at work.
    let crew: Crew | undefined;
    try {
      crew = await joinCrewOf(invocation, project);
      const counts = await takeWork(
        target.workshop({
          run,
          emit: () => undefined,
          stop: interrupts.stop,
          cancel: interrupts.cancel,
          acceptCalendar: false,
        }),
        {
          ...crew,
          concurrency,
          command: world.commandLine,
          untilIdleMs: options.untilIdle === true ? waitOf(options) : undefined,
          tell: news => log.hear(news),
        },
      );
      log.end(counts);
    } finally {
      interrupts.end();
      log.close();
      await crew?.queue.close();
      await target.close();
    }
    // To be told to end is how a worker ends; what was at work was finished, unless it was told twice.
    return interrupts.cancel.aborted ? EXIT.interrupted : EXIT.done;
  },
};
