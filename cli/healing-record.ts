/**
 * A pass of healing on record: the ledger and an address outside are told that it began and what came of it.
 * It does not deal with what a pass does (commands/heal.ts).
 */
import {fillIn} from '../planner/manifest-env.ts';
import {type Project, writeLedger} from '../report/project-ledger.ts';
import type {OutcomeCounts} from '../runner/event.ts';
import type {Ledger} from '../runner/ledger.ts';
import type {PassOutcome, PassTrigger} from '../runner/ledger-pass.ts';
import {beginOwn, endOwn, ownProcess, Watch} from '../runner/liveness.ts';
import type {PingKind} from '../runner/ping.ts';
import {runId} from './run-id.ts';
import type {World} from './world.ts';

export interface PassAsked {
  readonly project: Project;
  readonly world: World;
  readonly trigger: PassTrigger;
  readonly by: string | undefined;
}

export interface PassDone {
  readonly outcome: PassOutcome;
  readonly counts: OutcomeCounts;
  /** In a line, for whoever is told outside. */
  readonly text: string;
}

/** As it stands in the ledger. */
export interface Pass {
  readonly id: string;
  readonly trigger: PassTrigger;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: PassOutcome;
}

/** What `work` throws is recorded, and thrown on. */
export async function onRecord<T extends PassDone>(
  asked: PassAsked,
  work: () => Promise<T>,
): Promise<{readonly done: T; readonly pass: Pass}> {
  const {project, world, trigger, by} = asked;
  const startedAt = world.now();
  const id = runId(startedAt);
  const write = <R>(change: (ledger: Ledger) => R): R => writeLedger(project, world.now, change);
  const outside = pinger(asked);
  const started = outside('start', `Pass ${id} began.\n`);
  beginOwn(id);
  try {
    write(ledger => {
      buryPasses(ledger, world.now());
      ledger.beginPass({id, trigger, by, startedAt, ...ownProcess()});
    });
    const done = await work();
    const {outcome, counts} = done;
    const endedAt = world.now();
    write(ledger => ledger.endPass(id, {endedAt, outcome, counts, error: undefined}));
    await started;
    await outside(isWell(outcome) ? 'success' : 'fail', done.text);
    return {done, pass: {id, trigger, startedAt, endedAt, outcome}};
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    tryToEnd(() =>
      write(ledger =>
        ledger.endPass(id, {endedAt: world.now(), outcome: 'broken', counts: undefined, error: text}),
      ),
    );
    await started;
    await outside('fail', 'The pass could not do its work.\n');
    throw error;
  } finally {
    endOwn(id);
  }
}

/** As the exit code says it. */
function isWell(outcome: PassOutcome): boolean {
  return outcome === 'healed' || outcome === 'nothing' || outcome === 'quiet';
}

/** What broke the pass may be the ledger itself: it is told already. */
function tryToEnd(end: () => void): void {
  try {
    end();
  } catch {
    // the first error is the one to mend
  }
}

/** How long one of another machine may be at work before it is taken for dead: nobody can ask for its process. */
const LONGEST_MS = 86_400_000;

/** A pass that was killed says nothing: the next one says it. */
function buryPasses(ledger: Ledger, now: number): void {
  const watch = new Watch({deadMs: LONGEST_MS}, {clock: () => now});
  for (const {id, startedAt, ...process} of ledger.openPasses()) {
    if (!watch.isDead({...process, run: id, beat: 0, beatAt: startedAt})) continue;
    ledger.endPass(id, {endedAt: now, outcome: 'died', counts: undefined, error: undefined});
  }
}

type Tell = (kind: PingKind, text: string) => Promise<void>;

function pinger({project: {pipeline}, world}: PassAsked): Tell {
  const {ping: text} = pipeline.healing;
  if (text === undefined) return async () => undefined;
  const url = fillIn(text, world.env).trim();
  if (url !== '') {
    return async (kind, said) => {
      const {ping} = await import('../runner/ping.ts');
      const problem = await ping(url, kind, said);
      if (problem !== undefined)
        world.complain(`warning: The address of 'healing.ping' was not told of the ${kind}: ${problem}.\n`);
    };
  }
  world.complain(`warning: Nobody outside is told of this pass: '${text}' of 'healing.ping' is not set.\n`);
  return async () => undefined;
}
