/**
 * The jobs of one asset that are ready, given out in the order of their keys, forwards or backwards: a binary heap over
 * ordinals, since sorting tens of thousands again for each that starts costs more than making them.
 * It does not deal with when they become ready (schedule.ts).
 */
import type {Job} from './schedule.ts';

export class ReadyJobs {
  readonly #jobs = new Map<number, Job>();
  /** Ordinals, negated where the newest comes first. May hold some that are gone. */
  readonly #heap: number[] = [];
  readonly #sign: 1 | -1;
  #since = 0;

  constructor(order: 'oldest' | 'newest') {
    this.#sign = order === 'oldest' ? 1 : -1;
  }

  get size(): number {
    return this.#jobs.size;
  }

  /** How long there has been one. Milliseconds. */
  get waitedMs(): number {
    return this.size === 0 ? 0 : performance.now() - this.#since;
  }

  has(ordinal: number): boolean {
    return this.#jobs.has(ordinal);
  }

  values(): Iterable<Job> {
    return this.#jobs.values();
  }

  add(job: Job): void {
    if (this.size === 0) this.#since = performance.now();
    if (!this.#jobs.has(job.ordinal)) this.#push(job.ordinal * this.#sign);
    this.#jobs.set(job.ordinal, job);
  }

  clear(): void {
    this.#jobs.clear();
    this.#heap.length = 0;
  }

  /** The one that comes first. */
  first(): Job | undefined {
    for (;;) {
      const [top] = this.#heap;
      if (top === undefined) return undefined;
      const job = this.#jobs.get(top * this.#sign);
      if (job !== undefined) return job;
      this.#pop();
    }
  }

  /** Takes so many from the front. */
  take(count: number): readonly Job[] {
    const taken: Job[] = [];
    while (taken.length < count) {
      const job = this.first();
      if (job === undefined) break;
      this.remove(job);
      taken.push(job);
    }
    return taken;
  }

  /** Its place in the heap goes when it comes to the front. */
  remove({ordinal}: Job): void {
    this.#jobs.delete(ordinal);
    if (this.#jobs.size === 0) this.#heap.length = 0;
    else if (this.#heap[0] === ordinal * this.#sign) this.#pop();
  }

  #push(value: number): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(value);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = heap[above] ?? 0;
      if (other <= value) break;
      heap[at] = other;
      at = above;
    }
    heap[at] = value;
  }

  #pop(): void {
    const heap = this.#heap;
    const value = heap.pop();
    if (value === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && (heap[below + 1] ?? 0) < (heap[below] ?? 0)) below++;
      const other = heap[below] ?? 0;
      if (other >= value) break;
      heap[at] = other;
      at = below;
    }
    heap[at] = value;
  }
}
