/** What is asked of one bucket of objects; gcs-client.ts asks Cloud Storage. */

export interface BucketObject {
  readonly name: string;
  /** Another one after each write; decimal digits. */
  readonly generation: string;
  readonly size: number;
  /** Base64. */
  readonly crc32c: string;
  /** Milliseconds since 1970. */
  readonly updated: number;
}

/** `from` (inclusive) and `to` (exclusive) in the order of UTF-8 bytes; with `delimiter`, folders instead of what is in them. */
export interface BucketRange {
  readonly prefix: string;
  readonly from?: string;
  readonly to?: string;
  readonly delimiter?: '/';
}

export interface BucketPage {
  readonly objects: readonly BucketObject[];
  /** Each with its prefix and a slash at the end. */
  readonly folders: readonly string[];
}

/** All of it throws a `StoreError`. */
export interface ObjectBucket {
  readonly name: string;
  /** Undefined where there is no such object. */
  stat(name: string): Promise<BucketObject | undefined>;
  /** Held against its checksum. Undefined where there is no such object. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** `over`: the generation that is written over; undefined: there must be none. The same bytes there already are ours. */
  write(name: string, bytes: Uint8Array, about?: {readonly over?: string | undefined}): Promise<BucketObject>;
  /** A new object out of pieces, of which a chunk is held in memory. It appears whole or not at all. */
  writeStream(
    name: string,
    pieces: AsyncIterable<Uint8Array>,
    about?: {readonly signal?: AbortSignal},
  ): Promise<BucketObject>;
  list(range: BucketRange): AsyncGenerator<BucketPage>;
  /** That very generation; one that is gone is no mistake. */
  remove(object: Pick<BucketObject, 'name' | 'generation'>): Promise<void>;
  /** Where the bucket lies, in lower case, such as `us-west2`. */
  location(): Promise<string>;
}
