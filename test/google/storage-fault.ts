/** Faults that the test server shows on request: what goes wrong, at which operation, after how many right ones. */
export type StorageOperation =
  | 'objects.insert'
  | 'objects.get'
  | 'objects.media'
  | 'objects.list'
  | 'objects.delete'
  | 'objects.patch'
  | 'uploads.start'
  | 'uploads.put'
  | 'uploads.status'
  | 'uploads.delete'
  | 'buckets.get'
  | 'buckets.permissions';

export type Trouble =
  /** An answer of that status; `after`: although it was done. */
  | {readonly kind: 'status'; readonly status: number; readonly when: 'before' | 'after'}
  /** The connection breaks without an answer. */
  | {readonly kind: 'reset'; readonly when: 'before' | 'after'}
  | {readonly kind: 'slow'; readonly ms: number}
  /** The connection breaks after so many bytes of the body of the answer. */
  | {readonly kind: 'truncate'; readonly bytes: number}
  /** One bit of the bytes is another: of those that come up, or of those that are read. */
  | {readonly kind: 'flip'}
  /** Of a chunk only so many bytes arrive, then the connection breaks. */
  | {readonly kind: 'cut'; readonly bytes: number}
  /** Of a chunk only so many bytes are kept, and the answer says so. */
  | {readonly kind: 'keep'; readonly bytes: number};

export interface StorageFault {
  readonly on: StorageOperation | readonly StorageOperation[];
  /** A part of the object's name. */
  readonly name?: string;
  /** Operations that pass first. */
  readonly skip?: number;
  /** How often it happens: once, where nothing is said. */
  readonly times?: number;
  readonly trouble: Trouble;
}

export class StorageFaults {
  readonly #waiting: {readonly fault: StorageFault; skip: number; times: number}[] = [];

  add(fault: StorageFault): void {
    this.#waiting.push({fault, skip: fault.skip ?? 0, times: fault.times ?? 1});
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  /** The trouble that this operation has. */
  take(operation: StorageOperation, name: string): Trouble | undefined {
    for (const waiting of this.#waiting) {
      const {on, name: part = ''} = waiting.fault;
      if (waiting.times === 0 || ![on].flat().includes(operation) || !name.includes(part)) continue;
      if (waiting.skip > 0) {
        waiting.skip--;
        continue;
      }
      waiting.times--;
      return waiting.fault.trouble;
    }
    return undefined;
  }
}
