/**
 * One bucket of Cloud Storage through Google's own client: every write has a precondition, so that a lost answer is
 * asked for again and nothing is written twice or over what someone else wrote. It does not know what objects mean.
 * Nothing is loaded before the first request.
 */
import type {Bucket, Storage} from '@google-cloud/storage';
import PQueue from 'p-queue';
import type {Credentials} from '../planner/pipeline.ts';
import {backOff, PACE, type Patience} from './bigquery-pace.ts';
import {outlook} from './bigquery-reason.ts';
import type {BucketObject, BucketPage, BucketRange, ObjectBucket} from './gcs-bucket.ts';
import {
  AnswerError,
  type AskedOfBucket,
  bucketError,
  isBucketAbsent,
  isGarbled,
  refusalOfBucket,
  SessionGone,
  takenError,
} from './gcs-error.ts';
import {ask, LISTED, listShape, objectShape, save} from './gcs-request.ts';
import {uploadInChunks} from './gcs-upload.ts';
import {googleAuth, isGoogles} from './google-auth.ts';

const GOOGLES = 'https://storage.googleapis.com';

/** Requests at once. */
const CONCURRENCY = 16;

/** One object takes one write a second: the waits must come to more than that. */
const FAR: Patience = {...PACE, attempts: 7};
/** A server on this machine answers at once. */
const NEAR: Patience = {firstBackoff: 10, longestBackoff: 500, attempts: 7};

const MIB = 1 << 20;

export interface BucketOptions {
  readonly bucket: string;
  /** Undefined: Google's own. */
  readonly endpoint: string | undefined;
  readonly credentials: Credentials;
  /** Absolute folder of the project, which the path of a key file starts from. */
  readonly root: string;
  /** Bytes of a chunk of a resumable upload; a multiple of 256 KiB. */
  readonly chunk?: number;
  /** More bytes than these are uploaded in chunks. */
  readonly resumableOver?: number;
  readonly patience?: Patience;
}

export function openBucket(options: BucketOptions): ObjectBucket {
  return new GoogleBucket(options);
}

type Checksum = {update(bytes: Buffer): void; toString(): string};

interface Opened {
  readonly storage: Storage;
  readonly bucket: Bucket;
  checksum(): Checksum;
}

class GoogleBucket implements ObjectBucket {
  readonly name: string;
  readonly #endpoint: string;
  readonly #options: BucketOptions;
  readonly #patience: Patience;
  readonly #queue = new PQueue({concurrency: CONCURRENCY});
  #opened: Promise<Opened> | undefined;

  constructor(options: BucketOptions) {
    this.name = options.bucket;
    this.#options = options;
    this.#endpoint = (options.endpoint ?? GOOGLES).replace(/\/+$/, '');
    this.#patience = options.patience ?? (isGoogles(options.endpoint) ? FAR : NEAR);
  }

  stat(name: string): Promise<BucketObject | undefined> {
    return this.#find({name, action: 'read'}, async ({bucket}) => {
      const [metadata] = await bucket.file(name).getMetadata();
      return objectShape.parse(metadata);
    });
  }

  read(name: string): Promise<Uint8Array | undefined> {
    const object = `b/${encodeURIComponent(this.name)}/o/${encodeURIComponent(name)}`;
    const url = `${this.#endpoint}/storage/v1/${object}?alt=media`;
    return this.#find({name, action: 'read'}, async ({storage, checksum}) => {
      const {status, headers, body} = await ask(storage, {method: 'GET', url, headers: {}}, undefined);
      if (status !== 200) throw new AnswerError(status, body.toString());
      const wanted = /crc32c=([^,\s]+)/.exec(headers.get('x-goog-hash') ?? '')?.[1];
      const sum = checksum();
      sum.update(body);
      if (wanted !== undefined && wanted !== sum.toString())
        throw new AnswerError(503, 'other bytes came than are stored');
      return body;
    });
  }

  async write(
    name: string,
    bytes: Uint8Array,
    {over}: {readonly over?: string | undefined} = {},
  ): Promise<BucketObject> {
    const {checksum} = await this.#open({name, action: 'write'});
    const sum = checksum();
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    sum.update(buffer);
    const crc32c = sum.toString();
    const write = (): Promise<BucketObject> =>
      bytes.byteLength > (this.#options.resumableOver ?? 8 * MIB)
        ? this.#uploadAgain(name, buffer, over)
        : this.#ask({name, action: 'write'}, opened => save(opened.bucket, name, buffer, {crc32c, over}));
    try {
      return await write();
    } catch (error) {
      if (refusalOfBucket(error).status !== 412) throw this.#error(error, {name, action: 'write'});
      // The answer to our own write may have been lost: then our bytes are there.
      const found = await this.stat(name);
      if (found?.crc32c === crc32c && found.size === bytes.byteLength) return found;
      throw takenError(this.#asked({name, action: 'write'}));
    }
  }

  async writeStream(
    name: string,
    pieces: AsyncIterable<Uint8Array>,
    {signal}: {readonly signal?: AbortSignal} = {},
  ): Promise<BucketObject> {
    const {checksum} = await this.#open({name, action: 'write'});
    const sum = checksum();
    let size = 0;
    let broken: unknown;
    const counted = async function* () {
      try {
        for await (const piece of pieces) {
          signal?.throwIfAborted();
          size += piece.byteLength;
          yield piece;
        }
      } catch (error) {
        broken = error;
        throw error;
      }
    };
    try {
      return await this.#upload({name, pieces: counted(), over: undefined, sum, signal});
    } catch (error) {
      // What gives the pieces has its own errors.
      if (error === broken || signal?.aborted === true) throw error;
      const {status} = refusalOfBucket(error);
      const found = status === 412 ? await this.stat(name) : undefined;
      if (found !== undefined && found.size === size && found.crc32c === sum.toString()) return found;
      const asked = this.#asked({name, action: 'write'});
      if (status === 412) throw takenError(asked);
      throw bucketError(error, asked);
    }
  }

  async *list({prefix, from, to, delimiter}: BucketRange): AsyncGenerator<BucketPage> {
    let pageToken: string | undefined;
    do {
      const query = {
        prefix,
        ...(from === undefined ? {} : {startOffset: from}),
        ...(to === undefined ? {} : {endOffset: to}),
        ...(delimiter === undefined ? {} : {delimiter}),
        ...(pageToken === undefined ? {} : {pageToken}),
        autoPaginate: false,
        fields: LISTED,
      };
      const page = await this.#ask({name: prefix, action: 'list'}, async ({bucket}) => {
        const [, , answer] = await bucket.getFiles(query);
        return listShape.parse(answer);
      }).catch(error => {
        throw this.#error(error, {name: prefix, action: 'list'});
      });
      yield {objects: page.items, folders: page.prefixes};
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
  }

  async remove({name, generation}: Pick<BucketObject, 'name' | 'generation'>): Promise<void> {
    await this.#find({name, action: 'remove'}, async ({bucket}) => {
      await bucket.file(name).delete({ifGenerationMatch: generation});
    });
  }

  async location(): Promise<string> {
    const asked = {name: '', action: 'look at'} as const;
    try {
      return await this.#ask(asked, async ({bucket}) => {
        const [{location}] = await bucket.getMetadata();
        return (location ?? '').toLowerCase();
      });
    } catch (error) {
      throw this.#error(error, asked);
    }
  }

  /** What is asked of one object; undefined where there is none. */
  async #find<T>(asked: Asked, action: (opened: Opened) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#ask(asked, action);
    } catch (error) {
      const refusal = refusalOfBucket(error);
      if (refusal.status === 404 && !isBucketAbsent(refusal, asked.action)) return undefined;
      if (refusal.status === 412) throw takenError(this.#asked(asked));
      throw this.#error(error, asked);
    }
  }

  /** Throws what the client throws, after all attempts. */
  async #ask<T>(asked: Asked, action: (opened: Opened) => Promise<T>): Promise<T> {
    const opened = await this.#open(asked);
    return await this.#queue.add(async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await action(opened);
        } catch (error) {
          await this.#pause(error, attempt, undefined);
        }
      }
    });
  }

  /** Throws the error where trying again is of no use. */
  async #pause(error: unknown, attempt: number, signal: AbortSignal | undefined): Promise<void> {
    const refusal = refusalOfBucket(error);
    const isPassing = isGarbled(refusal) || outlook(refusal) === 'again';
    if (!isPassing || attempt >= this.#patience.attempts) throw error;
    await backOff(this.#patience, attempt, signal);
  }

  /** All bytes are here: a session that is gone is begun once more. */
  async #uploadAgain(name: string, bytes: Buffer, over: string | undefined): Promise<BucketObject> {
    const {checksum} = await this.#open({name, action: 'write'});
    const upload = (): Promise<BucketObject> =>
      this.#upload({name, pieces: [bytes], over, sum: checksum(), signal: undefined});
    try {
      return await upload();
    } catch (error) {
      if (!(error instanceof SessionGone)) throw error;
      return await upload();
    }
  }

  async #upload({
    name,
    pieces,
    over,
    sum,
    signal,
  }: {
    readonly name: string;
    readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
    readonly over: string | undefined;
    readonly sum: Checksum;
    readonly signal: AbortSignal | undefined;
  }): Promise<BucketObject> {
    const {storage} = await this.#open({name, action: 'write'});
    const query = new URLSearchParams({uploadType: 'resumable', name, ifGenerationMatch: over ?? '0'});
    const resource = await this.#queue.add(() =>
      uploadInChunks({
        url: `${this.#endpoint}/upload/storage/v1/b/${encodeURIComponent(this.name)}/o?${query}`,
        pieces,
        chunk: this.#options.chunk ?? 8 * MIB,
        request: request => ask(storage, request, signal),
        pause: (error, attempt) => this.#pause(error, attempt, signal),
        checksum: sum,
      }),
    );
    return objectShape.parse(JSON.parse(resource.toString()));
  }

  #open(asked: Asked): Promise<Opened> {
    this.#opened ??= this.#connect();
    return this.#opened.catch(error => {
      throw this.#error(error, asked);
    });
  }

  async #connect(): Promise<Opened> {
    const {bucket, endpoint, credentials, root} = this.#options;
    const {Storage, IdempotencyStrategy, CRC32C} = await import('@google-cloud/storage');
    const storage = new Storage({
      authClient: await googleAuth(credentials, {endpoint, root}),
      apiEndpoint: this.#endpoint,
      useAuthWithCustomEndpoint: true,
      // Trying again is ours: the client's leaves out what was cut off in the middle of a read, and one write that
      // failed without a precondition would switch it off for all others.
      retryOptions: {autoRetry: false, idempotencyStrategy: IdempotencyStrategy.RetryAlways},
    });
    return {storage, bucket: storage.bucket(bucket), checksum: () => new CRC32C()};
  }

  #asked(asked: Asked): AskedOfBucket {
    return {...asked, bucket: this.name, endpoint: this.#endpoint};
  }

  #error(error: unknown, asked: Asked): Error {
    return bucketError(error, this.#asked(asked));
  }
}

type Asked = Pick<AskedOfBucket, 'name' | 'action'>;
