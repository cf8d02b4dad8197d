/**
 * The three writes to the ledger that make an object: its intent, the last step of the object itself, its outcome. Those
 * of objects that come to the same step at about the same time are made together.
 * It does not deal with tables: their batches are large already.
 */
import type {AssetFrame} from '../planner/frame.ts';
import {type Begun, type Ending, finishTogether} from './finish.ts';
import {Joint} from './joint.ts';
import type {Intent} from './ledger-intent.ts';
import type {Job} from './schedule.ts';
import type {Stage} from './workshop.ts';

/** An object that is being made. */
export interface MakingObject {
  readonly asset: AssetFrame;
  readonly job: Job;
  readonly begun: Begun;
  readonly writes: JointWrites;
}

/** The id of its intent. */
export function intentIdOf({run}: Pick<Stage, 'run'>, {asset, job, begun}: MakingObject): string {
  return `${run}-${asset.asset.name}-${job.key}-${begun.at.toString(36)}`;
}

/** Of one stage. */
export class JointWrites {
  readonly #intents: Joint<Intent>;
  readonly #lastSteps: Joint<() => void>;
  readonly #published: Joint<Ending>;
  readonly #others: Joint<Ending>;

  constructor(stage: Stage) {
    const {ledger} = stage;
    this.#intents = new Joint(intents => ledger.writeIntents(intents));
    this.#lastSteps = new Joint(steps =>
      ledger.whileAlive(() => {
        for (const step of steps) step();
      }),
    );
    this.#published = new Joint(endings => finishTogether(stage, endings));
    this.#others = new Joint(endings => finishTogether(stage, endings));
  }

  /** As `writeIntents` of the ledger. */
  writeIntent(intent: Intent): Promise<void> {
    return this.#intents.ask(intent);
  }

  /** As `whileAlive` of the ledger. Throws what `write` throws, which nobody else hears of. */
  async whileAlive(write: () => void): Promise<void> {
    let fault: {readonly error: unknown} | undefined;
    await this.#lastSteps.ask(() => {
      try {
        write();
      } catch (error) {
        fault = {error};
      }
    });
    if (fault !== undefined) throw fault.error;
  }

  /** As `finish`. What was published is told even by a run that was taken for dead, and nothing else with it. */
  finish(ending: Ending): Promise<void> {
    return (ending.intent === undefined ? this.#others : this.#published).ask(ending);
  }
}
