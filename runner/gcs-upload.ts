/**
 * One resumable upload to Cloud Storage, a chunk in memory at a time
 * (https://cloud.google.com/storage/docs/performing-resumable-uploads). It is our own because that of the client 8.4.0
 * gives up, or throws where nobody listens, when the answer to the last chunk is lost or only a part of it was kept.
 * It does not deal with what makes the object someone else's (gcs-client.ts).
 */
import {AnswerError, isGarbled, refusalOfBucket, SessionGone} from './gcs-error.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

export interface UploadRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface Upload {
  /** Where a session begins, with all parameters. */
  readonly url: string;
  readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Bytes of a chunk; a multiple of 256 KiB. */
  readonly chunk: number;
  /** Gives any answer, and throws where there was none. */
  readonly request: (request: UploadRequest) => Promise<Answer>;
  /** Waits before that attempt, or throws the error where there are to be no more. */
  readonly pause: (error: unknown, attempt: number) => Promise<void>;
  readonly checksum: {update(bytes: Buffer): void; toString(): string};
}

/** The resource of the object, in JSON. */
export async function uploadInChunks(upload: Upload): Promise<Buffer> {
  const session = await begin(upload);
  let from = 0;
  for await (const {bytes, isLast} of chunksOf(upload.pieces, upload.chunk)) {
    upload.checksum.update(bytes);
    const done = await send(upload, {session, bytes, from, isLast});
    from += bytes.byteLength;
    if (done !== undefined) return done;
  }
  throw new Error('Internal error: an upload ended without its object.');
}

/** Nothing is seen of a session that was begun and left. */
async function begin({url, request, pause}: Upload): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await request({method: 'POST', url, headers: {'content-type': 'application/json'}});
      const session = answer.headers.get('location');
      if (answer.status === 200 && session !== null) return session;
      throw new AnswerError(answer.status, answer.body.toString());
    } catch (error) {
      await pause(error, attempt);
    }
  }
}

interface Chunk {
  readonly session: string;
  readonly bytes: Buffer;
  /** Of its first byte. */
  readonly from: number;
  readonly isLast: boolean;
}

/** The object's resource, once it is there. */
async function send(upload: Upload, {session, bytes, from, isLast}: Chunk): Promise<Buffer | undefined> {
  const end = from + bytes.byteLength;
  const total = isLast ? String(end) : '*';
  const hash: Record<string, string> = isLast ? {'x-goog-hash': `crc32c=${upload.checksum.toString()}`} : {};
  let received = from;
  let isLost = false;
  for (let attempt = 1; ; attempt++) {
    try {
      const rest = isLost ? Buffer.alloc(0) : bytes.subarray(received - from);
      const range = rest.byteLength === 0 ? `bytes */${total}` : `bytes ${received}-${end - 1}/${total}`;
      const headers = {...hash, 'content-range': range};
      const answer = await upload.request({method: 'PUT', url: session, headers, body: rest});
      if (answer.status === 200 || answer.status === 201) return answer.body;
      if (answer.status === 404 || answer.status === 410) throw new SessionGone();
      if (answer.status !== 308) {
        const error = new AnswerError(answer.status, answer.body.toString());
        // What came is not what was sent, and nobody knows where.
        if (isGarbled(refusalOfBucket(error))) throw new SessionGone(error.message);
        throw error;
      }
      const known = receivedIn(answer);
      if (known < from || known > end)
        throw new Error(`the upload stands at ${known}, outside ${from}-${end}`);
      if (known === end && !isLast) return undefined;
      if (known === received && !isLost) throw new AnswerError(503, 'nothing of a chunk was kept');
      // It may keep less than was sent: what goes on does not count as another attempt.
      if (known > received) attempt = 0;
      received = known;
      isLost = false;
    } catch (error) {
      await upload.pause(error, attempt);
      isLost = true;
    }
  }
}

/** `Range: bytes=0-524287` */
function receivedIn({headers}: Answer): number {
  const last = /-(\d+)$/.exec(headers.get('range') ?? '')?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

/** Whole chunks but for the last, which may be empty. */
async function* chunksOf(
  pieces: Upload['pieces'],
  size: number,
): AsyncGenerator<{readonly bytes: Buffer; readonly isLast: boolean}> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    let rest = piece;
    while (length + rest.byteLength > size) {
      const taken = size - length;
      yield {bytes: Buffer.concat([...waiting, rest.subarray(0, taken)]), isLast: false};
      rest = rest.subarray(taken);
      waiting = [];
      length = 0;
    }
    waiting.push(rest);
    length += rest.byteLength;
  }
  yield {bytes: Buffer.concat(waiting), isLast: true};
}
