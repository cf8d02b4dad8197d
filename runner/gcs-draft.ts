/**
 * An open generation in a bucket: objects are written as they are put, each once, and the manifest object last.
 * It does not deal with what was committed before.
 */
import type {ObjectBucket} from './gcs-bucket.ts';
import {MANIFEST, manifestBytes, ObjectBook} from './generation.ts';
import type {Draft, Generation, Guard, StoredObjectInfo} from './store.ts';
import {segmentsOf} from './store-path.ts';

export class GcsDraft implements Draft {
  readonly id: string;
  readonly #bucket: ObjectBucket;
  readonly #nameOf: (name: string) => string;
  readonly #book = new ObjectBook();
  readonly #writing: Promise<void>[] = [];
  #ended = false;

  /** `nameOf`: the full name of an object of the generation; throws a `StoreError` where it cannot have one. */
  constructor(bucket: ObjectBucket, id: string, nameOf: (name: string) => string) {
    this.id = id;
    this.#bucket = bucket;
    this.#nameOf = nameOf;
  }

  get objects(): readonly StoredObjectInfo[] {
    return this.#book.objects;
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    const writing = this.#write(name, bytes);
    this.#writing.push(writing);
    // Whoever does not wait for it hears of its failure when the generation is committed.
    writing.catch(() => undefined);
    return writing;
  }

  refer(object: StoredObjectInfo & {readonly place: string}): void {
    this.#requireOpen();
    this.#book.refer(object);
  }

  version(): string {
    return this.#book.version();
  }

  async commit(receipt: Omit<Generation, 'id' | 'objects' | 'version'>, guard?: Guard): Promise<Generation> {
    this.#requireOpen();
    this.#ended = true;
    await Promise.all(this.#writing);
    const generation = {...receipt, id: this.id, version: this.version(), objects: this.objects};
    // The guard asks whether we still may, and cannot hold its lock until a server answers. That is enough: a process
    // that loses its lease after this line writes its manifest only into the folder of its own generation, whose id is
    // older than that of whoever took over and looked at what is there, so that the successor's stays the newest.
    await guard?.(() => undefined);
    await this.#bucket.write(this.#nameOf(MANIFEST), manifestBytes(generation));
    return generation;
  }

  async discard(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await Promise.allSettled(this.#writing);
    // Of a write without an answer nobody knows whether it was done.
    for await (const {objects} of this.#bucket.list({prefix: this.#nameOf('')}))
      await Promise.all(objects.map(object => this.#bucket.remove(object)));
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    this.#requireOpen();
    segmentsOf(name, 'object name');
    this.#book.take(name);
    // Whoever put it may go on with the array.
    const own = Uint8Array.from(bytes);
    await this.#bucket.write(this.#nameOf(name), own);
    this.#book.add(name, own);
  }

  #requireOpen(): void {
    if (this.#ended) throw new Error('Internal error: the generation was committed or discarded.');
  }
}
