/**
 * The warehouse as a run holds it: opened when there is work for it, and let go while there is none, or between two
 * batches when another run waits for it. On opening, what dead runs left open is settled.
 * It does not deal with leases (claims.ts).
 */
import type {Frame} from '../planner/frame.ts';
import type {Heart} from './heart.ts';
import {buryDead, Watch} from './liveness.ts';
import {refuseOtherWarehouse} from './same-warehouse.ts';
import {settleIntents} from './settle.ts';
import {type Warehouse, WarehouseError} from './warehouse.ts';
import type {Workshop} from './workshop.ts';

/** How long it is kept although another run waits, how long it is kept without work, and between tries. Milliseconds. */
const LEAST_HOLD_MS = 3_000;
const IDLE_MS = 2_000;
export const POLL_MS = 200;

/** How long a run that let the warehouse go waits to get it back, at least. Milliseconds. */
const LONG_WAIT_MS = 600_000;

export class Door {
  readonly #workshop: Workshop;
  readonly #heart: Heart;
  #warehouse: Warehouse | undefined;
  #openedAt = 0;
  #workedAt = 0;
  #nextTry = 0;
  #wasOpen = false;
  #refusal: WarehouseError | undefined;
  readonly #watch: Watch;

  constructor(workshop: Workshop, heart: Heart) {
    this.#workshop = workshop;
    this.#heart = heart;
    this.#watch = new Watch(workshop.pulse, workshop);
  }

  get isOpen(): boolean {
    return this.#warehouse !== undefined;
  }

  /** Why it could not be opened when it was last tried. */
  get refusal(): WarehouseError | undefined {
    return this.#refusal;
  }

  /** How long this run waits for it while there is nothing else to do. */
  get patienceMs(): number {
    return this.#wasOpen ? Math.max(LONG_WAIT_MS, this.#workshop.waitMs) : this.#workshop.waitMs;
  }

  /** Tries once, unless it was just let go for somebody else; false while another process holds it. */
  async tryOpen(frame: Frame): Promise<boolean> {
    if (this.#warehouse !== undefined) return true;
    if (performance.now() < this.#nextTry) return false;
    try {
      this.#warehouse = await this.#workshop.warehouse(0);
    } catch (error) {
      if (!(error instanceof WarehouseError) || error.kind !== 'locked') throw error;
      if (!this.#heart.isWaiting) this.#tell(error.holder ?? 'another process');
      this.#refusal = error;
      this.#heart.isWaiting = true;
      return false;
    }
    this.#heart.isWaiting = false;
    this.#wasOpen = true;
    this.#openedAt = performance.now();
    this.#workedAt = this.#openedAt;
    await settleIntents(this.#workshop.ledger, this.#workshop);
    await refuseOtherWarehouse(this.#workshop, this.#warehouse, frame);
    return true;
  }

  #tell(holder: string): void {
    const {emit, clock} = this.#workshop;
    emit({kind: 'waiting', at: clock(), holder});
  }

  /** Whether no batch is to begin, because another run waits. */
  get isAskedFor(): boolean {
    return this.#isHeldAlone && this.#heart.isAwaited && performance.now() - this.#openedAt > LEAST_HOLD_MS;
  }

  /** Tells that a batch has ended, or is at work. */
  worked(): void {
    this.#workedAt = performance.now();
  }

  /** Nobody waits for one that many may hold, and one in memory would be gone. */
  get #isHeldAlone(): boolean {
    return this.#warehouse?.isExclusive === true;
  }

  /** Lets it go where another waits or nothing was done with it for a while. Only while no batch is at work. */
  async rest(): Promise<void> {
    if (!this.#isHeldAlone) return;
    const isAskedFor = this.isAskedFor;
    // One that died while it waited would be waited for at every turn.
    if (isAskedFor) buryDead(this.#workshop.ledger, this.#watch);
    if (!isAskedFor && performance.now() - this.#workedAt < IDLE_MS) return;
    this.#warehouse = undefined;
    await this.#workshop.closeWarehouse();
    // Whoever waits looks every tenth of a second.
    if (isAskedFor) this.#nextTry = performance.now() + 1_000;
  }
}
