/**
 * What a batch is billed: the sum over its stagings, each asked just before it is discarded.
 * It does not deal with how that is shared over partitions (planner/billed.ts).
 */
import {addBilled, type Billed} from '../planner/billed.ts';
import type {Staged, Warehouse} from './warehouse.ts';

export class Bill {
  #whole: Billed | undefined;

  /** `before`: what was billed in vain for the same partitions. */
  constructor(before?: Billed) {
    this.#whole = before;
  }

  /** Undefined where the engine bills nothing. */
  get whole(): Billed | undefined {
    return this.#whole;
  }

  /** With what a staging that is still at work was billed so far. */
  with(warehouse: Warehouse, staged: Staged): Billed | undefined {
    return addBilled([this.#whole, warehouse.spent(staged)]);
  }

  /** Counts a staging and discards it. */
  async close(warehouse: Warehouse, staged: Staged): Promise<void> {
    this.#whole = this.with(warehouse, staged);
    await warehouse.discard(staged);
  }
}
