/**
 * How bytes come into a bucket of the test server: in one request, in one with its metadata, or in a session that can
 * be resumed (https://cloud.google.com/storage/docs/performing-resumable-uploads).
 */
import {randomBytes} from 'node:crypto';
import type {IncomingHttpHeaders} from 'node:http';
import {z} from 'zod';
import type {StorageBucket, StoredObject, UploadMetadata} from './storage-bucket.ts';
import {ApiError, invalid} from './storage-error.ts';

/** Of all chunks but the last. */
const CHUNK = 256 * 1024;

const metadataShape = z.object({
  name: z.string().optional(),
  contentType: z.string().optional(),
  crc32c: z.string().optional(),
  md5Hash: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
});

export type SaidMetadata = z.infer<typeof metadataShape>;

export function metadataIn(text: string): SaidMetadata {
  if (text.trim() === '') return {};
  try {
    return metadataShape.parse(JSON.parse(text));
  } catch {
    throw new ApiError(400, 'parseError', 'Parse Error');
  }
}

/** The two parts of a multipart/related body: metadata in JSON, and the bytes. */
export function multipart(contentType: string, body: Buffer): {metadata: SaidMetadata; bytes: Buffer} {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (boundary === undefined) throw invalid('Missing boundary in multipart body.');
  const mark = Buffer.from(`--${boundary}`);
  const parts: Buffer[] = [];
  let at = body.indexOf(mark);
  while (at !== -1) {
    const next = body.indexOf(Buffer.from(`\r\n--${boundary}`), at + mark.length);
    if (next === -1) break;
    parts.push(body.subarray(at + mark.length, next));
    at = next + 2;
  }
  const [first, second] = parts.map(partOf);
  if (first === undefined || second === undefined || parts.length !== 2)
    throw invalid('Multipart body must have two parts.');
  const metadata = metadataIn(first.body.toString());
  return {metadata: {contentType: second.contentType, ...metadata}, bytes: second.body};
}

function partOf(part: Buffer): {contentType: string | undefined; body: Buffer} {
  const end = part.indexOf('\r\n\r\n');
  if (end === -1) throw invalid('A part of the multipart body has no headers.');
  const headers = part.subarray(0, end).toString();
  return {
    contentType: /^content-type:\s*(.+)$/im.exec(headers)?.[1]?.trim(),
    body: part.subarray(end + 4),
  };
}

/** `X-Goog-Hash: crc32c=...,md5=...` */
export function hashesIn(headers: IncomingHttpHeaders): Pick<UploadMetadata, 'crc32c' | 'md5Hash'> {
  const said = [headers['x-goog-hash'] ?? []].flat().join(',');
  return {crc32c: /crc32c=([^,\s]+)/.exec(said)?.[1], md5Hash: /md5=([^,\s]+)/.exec(said)?.[1]};
}

export type Progress =
  | {readonly kind: 'complete'; readonly object: StoredObject}
  | {readonly kind: 'incomplete'; readonly received: number};

/** One resumable upload. The object appears with its last byte, or never. */
export class UploadSession {
  readonly id = randomBytes(12).toString('hex');
  readonly bucket: StorageBucket;
  readonly name: string;
  readonly #metadata: UploadMetadata;
  readonly #query: URLSearchParams;
  readonly #chunks: Buffer[] = [];
  #received = 0;
  #object: StoredObject | undefined;

  constructor(bucket: StorageBucket, name: string, metadata: UploadMetadata, query: URLSearchParams) {
    bucket.requirePreconditions(name, query);
    this.bucket = bucket;
    this.name = name;
    this.#metadata = metadata;
    this.#query = query;
  }

  get progress(): Progress {
    if (this.#object !== undefined) return {kind: 'complete', object: this.#object};
    return {kind: 'incomplete', received: this.#received};
  }

  /** `isWhole`: the request came to its end. What came of one that did not is kept, to a multiple of 256 KiB. */
  put(bytes: Buffer, headers: IncomingHttpHeaders, isWhole: boolean): Progress {
    if (this.#object !== undefined) return this.progress;
    const range = rangeIn(headers['content-range'], bytes.byteLength);
    if (range.kind === 'status') return this.#finish(range.total, headers);
    if (range.from > this.#received)
      throw invalid(`Invalid request. There were ${this.#received} byte(s) in the request of ${range.from}.`);
    const fresh = bytes.subarray(this.#received - range.from);
    const isLast =
      isWhole && (range.total === undefined ? range.isOpen : range.from + bytes.byteLength === range.total);
    if (isWhole && !isLast && bytes.byteLength % CHUNK !== 0)
      throw invalid(`The chunk of ${bytes.byteLength} bytes is no multiple of 262144 bytes.`);
    const kept = isLast ? fresh : fresh.subarray(0, fresh.byteLength - (fresh.byteLength % CHUNK));
    this.#chunks.push(kept);
    this.#received += kept.byteLength;
    return isLast ? this.#finish(this.#received, headers) : this.progress;
  }

  #finish(total: number | undefined, headers: IncomingHttpHeaders): Progress {
    if (total !== this.#received) return this.progress;
    const said = hashesIn(headers);
    const metadata = {
      ...this.#metadata,
      crc32c: said.crc32c ?? this.#metadata.crc32c,
      md5Hash: said.md5Hash ?? this.#metadata.md5Hash,
    };
    this.#object = this.bucket.insert(this.name, Buffer.concat(this.#chunks), metadata, this.#query);
    this.#chunks.length = 0;
    return this.progress;
  }
}

type Range =
  | {readonly kind: 'status'; readonly total: number | undefined}
  | {
      readonly kind: 'bytes';
      readonly from: number;
      readonly total: number | undefined;
      /** All that is left follows, however much it is. */
      readonly isOpen: boolean;
    };

function rangeIn(header: string | undefined, length: number): Range {
  if (header === undefined) return {kind: 'bytes', from: 0, total: length, isOpen: true};
  const found = /^bytes (?:(\*)|(\d+)-(\*|\d+))\/(\*|\d+)$/.exec(header);
  if (found === null) throw invalid(`Failed to parse Content-Range header: ${header}`);
  const [, star, from, to, size] = found;
  const total = size === '*' ? undefined : Number(size);
  if (star !== undefined) return {kind: 'status', total};
  return {kind: 'bytes', from: Number(from), total, isOpen: to === '*'};
}
