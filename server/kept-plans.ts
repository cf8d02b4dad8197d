/**
 * Plans as they were shown, the newest few, and the folder where one is written for the command line.
 * It does not deal with how a plan is made (routes-plan.ts).
 */
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {PlannedPartition} from '../planner/plan.ts';
import type {PlanFile} from '../planner/plan-file.ts';
import type {PlanBody} from './schema/plan.ts';
import {ApiRefusal} from './serving.ts';

/** One plan as it was shown. */
export interface Kept {
  readonly body: PlanBody;
  readonly strips: Uint8Array<ArrayBuffer>;
  readonly partitions: readonly PlannedPartition[];
  /** As `gameplan plan --json` prints it: long, and seldom asked for. */
  readonly json: () => string;
  readonly file: PlanFile;
}

/** So many plans are kept, of so many partitions together: the newest, and that one whatever its size. */
const MOST_KEPT = 12;
export const MOST_PARTITIONS = 500_000;

/** Plans by id, and the folder where those that are materialized are written for the command line. */
export class Plans {
  readonly #kept = new Map<string, Kept>();
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'gameplan-plans-'));

  keep(kept: Kept): void {
    this.#kept.delete(kept.body.id);
    this.#kept.set(kept.body.id, kept);
    let partitions = 0;
    for (const [place, [id, own]] of [...this.#kept].toReversed().entries()) {
      partitions += own.partitions.length;
      if (place > 0 && (place >= MOST_KEPT || partitions > MOST_PARTITIONS)) this.#kept.delete(id);
    }
  }

  get(id: string): Kept {
    const kept = this.#kept.get(id);
    if (kept === undefined) throw new ApiRefusal(404, 'This plan is not kept any more: ask for it anew.');
    return kept;
  }

  /** Where the command line finds it. */
  write({body: {id}, file}: Kept): string {
    mkdirSync(this.#folder, {recursive: true});
    const at = path.join(this.#folder, `plan-${id}.json`);
    writeFileSync(at, JSON.stringify(file));
    return at;
  }

  remove(): void {
    rmSync(this.#folder, {recursive: true, force: true});
  }
}
