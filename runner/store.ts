/**
 * What the runner asks of a store of objects, whatever it is. A fetch is a generation: a folder of objects whose
 * manifest object, written last, is the commit and the receipt. Only `drop` deletes a committed generation.
 */
export interface StoredObjectInfo {
  readonly name: string;
  readonly size: number;
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string;
  /** Where in the store it lies, where others put it; undefined: in its generation. */
  readonly place?: string | undefined;
}

/** The manifest object of one generation of one partition. */
export interface Generation {
  readonly asset: string;
  readonly key: string;
  /** Sorts by time. */
  readonly id: string;
  readonly intent: string;
  readonly run: string;
  readonly fingerprint: string;
  /** The parts of the fingerprint. */
  readonly parts?: Readonly<Record<string, string>> | undefined;
  readonly digest: string;
  /** Version of the calendar entry, where it entered the digest. */
  readonly entry?: string | undefined;
  /** 64 bits over names and bytes, 16 hex digits; independent of order. */
  readonly version: string;
  readonly objects: readonly StoredObjectInfo[];
  readonly expected: number | null;
  readonly found: number | null;
  readonly absent: readonly string[];
  readonly at: number;
  /** Of objects that were taken over: who did, and why. */
  readonly by?: string | undefined;
  readonly why?: string | undefined;
  /** Of what was carried from another target: when it was made there. Milliseconds since 1970. */
  readonly carried?: {readonly publishedAt: number; readonly madeAt: number} | undefined;
}

/** An object that may be anybody's. */
export interface SeenObject {
  /** Below the folder that was looked at. */
  readonly name: string;
  readonly size: number;
  /** Another one where the bytes are others. */
  readonly version: string;
}

/** Does the last step of a write, or rejects where this process may not write any more. */
export type Guard = (write: () => void) => Promise<void>;

/** A folder or file of a store that no plan needs. */
export interface Leftover {
  /** `staging`: never committed. `generation`: committed, and older than those that are kept. */
  readonly kind: 'staging' | 'generation';
  /** Within the store. */
  readonly path: string;
  readonly bytes: number;
}

/** An open, uncommitted generation. */
export interface Draft {
  readonly id: string;
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Counts an object that lies at its own place as one of the generation. Whatever drops that leaves it there. */
  refer(object: StoredObjectInfo & {readonly place: string}): void;
  readonly objects: readonly StoredObjectInfo[];
  /** The version that a commit would have. */
  version(): string;
  commit(receipt: Omit<Generation, 'id' | 'objects' | 'version'>, guard?: Guard): Promise<Generation>;
  /** Removes what was put. */
  discard(): Promise<void>;
}

/** What lies in a store under a prefix. */
export interface Listing {
  /** The newest committed generation of each folder that has one. */
  readonly generations: readonly {readonly path: string; readonly generation: Generation}[];
  /** Objects at fixed places. */
  readonly objects: readonly string[];
  /** Folders whose newest generation cannot be told, because its manifest is damaged. */
  readonly damaged: readonly {readonly path: string; readonly error: StoreError}[];
}

export interface Store {
  readonly kind: string;
  /** `path` is the partition's folder, such as `league/results/2024-01-15/`. */
  draft(path: string): Promise<Draft>;
  /** The newest committed generation; undefined where there is none. */
  findGeneration(path: string): Promise<Generation | undefined>;
  /** `prefix`: a folder such as `league/`; empty for the whole store. */
  list(prefix: string): Promise<Listing>;
  /**
   * All objects below each of these folders, whoever put them, in the order of their names; not what belongs to a
   * generation. A folder without any is left out.
   */
  look(folders: readonly string[]): Promise<ReadonlyMap<string, readonly SeenObject[]>>;
  read(path: string, generation: string, name: string): Promise<Uint8Array>;
  /** One object at a fixed place, as `replace` wrote it. */
  find(path: string): Promise<Uint8Array | undefined>;
  /** Writes one object at a fixed place, whole or not at all. */
  replace(path: string, bytes: Uint8Array, guard?: Guard): Promise<void>;
  /** What was never committed before a time (milliseconds since 1970), and committed generations beyond so many. */
  leftovers(about: {
    readonly before: number;
    readonly keep: number | undefined;
  }): Promise<readonly Leftover[]>;
  /** Deletes them. One that is gone already is no mistake. */
  remove(leftovers: readonly Leftover[]): Promise<void>;
  /** Deletes all generations of a partition's folder, or the one object at a fixed place. There may be none. */
  drop(path: string): Promise<void>;
}

/** The store refused: a name that leaves it, a full disk, bytes that are not those of the receipt. `message` has cause and mend. */
export class StoreError extends Error {
  /**
   * `credentials`: nobody knows who we are; `denied`: we may not; `absent`: there is no such bucket; `unreachable`: no
   * answer, or none of use, after all that was tried; `taken`: someone else wrote there in the meantime.
   */
  readonly kind:
    | 'name'
    | 'disk-full'
    | 'unreadable'
    | 'damaged'
    | 'credentials'
    | 'denied'
    | 'absent'
    | 'unreachable'
    | 'taken'
    | 'other';

  constructor(kind: StoreError['kind'], message: string, about: {cause?: unknown} = {}) {
    super(message, {cause: about.cause});
    this.name = 'StoreError';
    this.kind = kind;
  }
}
