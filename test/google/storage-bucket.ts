/**
 * What one bucket of the test server holds, and Cloud Storage's rules for writing, reading, deleting and listing it.
 * It knows neither HTTP nor uploads in parts (storage-server.ts, storage-upload.ts).
 */
import {createHash} from 'node:crypto';
import {crc32c} from './crc32c.ts';
import {ApiError, invalid, noObject, tooFast, unchanged, unmet} from './storage-error.ts';

export interface StoredObject {
  readonly name: string;
  readonly bytes: Buffer;
  readonly generation: bigint;
  readonly metageneration: number;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly crc32c: string;
  readonly md5Hash: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly updated: number;
}

/** What a client may say of the object that it uploads. */
export interface UploadMetadata {
  readonly contentType?: string | undefined;
  readonly crc32c?: string | undefined;
  readonly md5Hash?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export interface Page {
  readonly items: readonly StoredObject[];
  readonly prefixes: readonly string[];
  readonly nextPageToken: string | undefined;
}

export class StorageBucket {
  readonly name: string;
  readonly location: string;
  readonly denied = new Set<string>();
  /** One mutation of an object within this many milliseconds. */
  readonly #pace: number;
  readonly #objects = new Map<string, StoredObject>();
  readonly #mutated = new Map<string, number>();
  readonly #now: () => number;
  #sorted: readonly string[] | undefined;
  #lastGeneration = 0n;

  constructor(about: {name: string; location: string; pace: number; now: () => number}) {
    this.name = about.name;
    this.location = about.location;
    this.#pace = about.pace;
    this.#now = about.now;
  }

  find(name: string): StoredObject | undefined {
    return this.#objects.get(name);
  }

  get(name: string, query: URLSearchParams): StoredObject {
    const object = this.#objects.get(name);
    const wanted = query.get('generation');
    if (object === undefined || (wanted !== null && BigInt(wanted) !== object.generation))
      throw noObject(this.name, name);
    this.requirePreconditions(name, query);
    return object;
  }

  insert(name: string, bytes: Buffer, about: UploadMetadata, query: URLSearchParams): StoredObject {
    requireName(name);
    this.requirePreconditions(name, query);
    const sums = {crc32c: crc32c(bytes), md5Hash: createHash('md5').update(bytes).digest('base64')};
    if (about.crc32c !== undefined && about.crc32c !== sums.crc32c)
      throw invalid(`Provided CRC32C "${about.crc32c}" doesn't match calculated CRC32C "${sums.crc32c}".`);
    if (about.md5Hash !== undefined && about.md5Hash !== sums.md5Hash)
      throw invalid(
        `Provided MD5 hash "${about.md5Hash}" doesn't match calculated MD5 hash "${sums.md5Hash}".`,
      );
    this.#requirePace(name);
    const at = this.#now();
    const object = {
      name,
      bytes,
      generation: this.#nextGeneration(at),
      metageneration: 1,
      contentType: about.contentType ?? 'application/octet-stream',
      metadata: about.metadata,
      ...sums,
      created: at,
      updated: at,
    };
    if (!this.#objects.has(name)) this.#sorted = undefined;
    this.#objects.set(name, object);
    return object;
  }

  patch(name: string, metadata: Readonly<Record<string, string>>, query: URLSearchParams): StoredObject {
    const before = this.get(name, query);
    this.#requirePace(name);
    const after = {
      ...before,
      metadata,
      metageneration: before.metageneration + 1,
      updated: this.#now(),
    };
    this.#objects.set(name, after);
    return after;
  }

  delete(name: string, query: URLSearchParams): void {
    this.get(name, query);
    this.#requirePace(name);
    this.#objects.delete(name);
    this.#sorted = undefined;
  }

  /** Names in the order of their UTF-8 bytes. */
  names(): readonly string[] {
    this.#sorted ??= [...this.#objects.keys()]
      .map(name => ({name, bytes: Buffer.from(name)}))
      .sort((one, other) => one.bytes.compare(other.bytes))
      .map(({name}) => name);
    return this.#sorted;
  }

  list(query: URLSearchParams, largestPage: number): Page {
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter') ?? '';
    const most = Math.min(Number(query.get('maxResults') ?? largestPage), largestPage);
    if (!(most > 0)) throw invalid('Invalid value for maxResults.');
    const after = tokenOf(query.get('pageToken'));
    const items: StoredObject[] = [];
    const prefixes = new Set<string>();
    let last = '';
    for (const name of this.names()) {
      if (!name.startsWith(prefix) || !isBetween(name, query)) continue;
      const folder = folderOf(name, prefix, delimiter);
      const entry = folder ?? name;
      if (after !== undefined && !isBefore(after, entry)) continue;
      if (folder !== undefined && prefixes.has(folder)) continue;
      if (items.length + prefixes.size === most)
        return {items, prefixes: [...prefixes], nextPageToken: Buffer.from(last).toString('base64url')};
      const object = this.#objects.get(name);
      if (folder !== undefined) prefixes.add(folder);
      else if (object !== undefined) items.push(object);
      last = entry;
    }
    return {items, prefixes: [...prefixes], nextPageToken: undefined};
  }

  /** https://cloud.google.com/storage/docs/request-preconditions */
  requirePreconditions(name: string, query: URLSearchParams): void {
    const object = this.#objects.get(name);
    const generation = object?.generation ?? 0n;
    const metageneration = BigInt(object?.metageneration ?? 0);
    const fails = (key: string, is: bigint, isWanted: boolean): boolean => {
      const said = query.get(key);
      return said !== null && (numberIn(key, said) === is) !== isWanted;
    };
    if (fails('ifGenerationMatch', generation, true)) throw unmet();
    if (fails('ifMetagenerationMatch', metageneration, true)) throw unmet();
    if (fails('ifGenerationNotMatch', generation, false)) throw unchanged();
    if (fails('ifMetagenerationNotMatch', metageneration, false)) throw unchanged();
  }

  #requirePace(name: string): void {
    if (this.#pace === 0) return;
    const before = this.#mutated.get(name);
    const now = this.#now();
    if (before !== undefined && now - before < this.#pace) throw tooFast(this.name, name);
    this.#mutated.set(name, now);
  }

  /** Microseconds, as Cloud Storage's are, and each larger than the one before. */
  #nextGeneration(at: number): bigint {
    const time = BigInt(at) * 1000n;
    this.#lastGeneration = time > this.#lastGeneration ? time : this.#lastGeneration + 1n;
    return this.#lastGeneration;
  }
}

function numberIn(key: string, said: string): bigint {
  if (!/^-?\d+$/.test(said)) throw invalid(`Invalid value for ${key}: ${said}`);
  return BigInt(said);
}

/** https://cloud.google.com/storage/docs/objects#naming */
function requireName(name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0) throw new ApiError(400, 'required', 'Required parameter: name');
  if (bytes > 1024) throw invalid('The maximum object length is 1024 characters, but got a name with more.');
  if (/[\r\n]/.test(name) || name === '.' || name === '..' || name.startsWith('.well-known/acme-challenge/'))
    throw invalid(`Disallowed object name: ${JSON.stringify(name)}`);
}

function isBefore(one: string, other: string): boolean {
  return Buffer.from(one).compare(Buffer.from(other)) < 0;
}

function isBetween(name: string, query: URLSearchParams): boolean {
  const from = query.get('startOffset');
  const to = query.get('endOffset');
  return (from === null || !isBefore(name, from)) && (to === null || isBefore(name, to));
}

function folderOf(name: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const end = name.indexOf(delimiter, prefix.length);
  return end === -1 ? undefined : name.slice(0, end + delimiter.length);
}

function tokenOf(token: string | null): string | undefined {
  return token === null ? undefined : Buffer.from(token, 'base64url').toString();
}
