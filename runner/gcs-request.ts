/**
 * Single requests to Cloud Storage and the shapes of its answers. It does not try again, nor say what an error means.
 */
import type {Bucket, Storage} from '@google-cloud/storage';
import {z} from 'zod';
import type {BucketObject} from './gcs-bucket.ts';
import type {Answer, UploadRequest} from './gcs-upload.ts';

export const objectShape = z
  .object({
    name: z.string(),
    generation: z.string(),
    size: z.coerce.number(),
    crc32c: z.string(),
    updated: z.iso.datetime({offset: true}),
  })
  .transform(({updated, ...object}) => ({...object, updated: Date.parse(updated)}));

export const listShape = z.object({
  items: z.array(objectShape).default([]),
  prefixes: z.array(z.string()).default([]),
  nextPageToken: z.string().optional(),
});

export const LISTED = 'items(name,generation,size,crc32c,updated),prefixes,nextPageToken';

/** The server holds the bytes against the checksum before the object appears. */
export async function save(
  bucket: Bucket,
  name: string,
  bytes: Buffer,
  {crc32c, over}: {readonly crc32c: string; readonly over: string | undefined},
): Promise<BucketObject> {
  const file = bucket.file(name);
  await file.save(bytes, {
    resumable: false,
    validation: false,
    contentType: contentTypeOf(name),
    metadata: {crc32c},
    preconditionOpts: {ifGenerationMatch: over ?? 0},
  });
  return objectShape.parse(file.metadata);
}

function contentTypeOf(name: string): string {
  return name.endsWith('.json') ? 'application/json' : 'application/octet-stream';
}

/** Gives any answer: what the client's own reading and writing of streams gets wrong is left aside. */
export async function ask(
  storage: Storage,
  {method, url, headers, body}: UploadRequest,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const answer = await storage.authClient.request<ArrayBuffer>({
    method,
    url,
    headers,
    responseType: 'arraybuffer',
    validateStatus: () => true,
    retry: false,
    ...(body === undefined ? {} : {body}),
    ...(signal === undefined ? {} : {signal}),
  });
  return {status: answer.status, headers: answer.headers, body: Buffer.from(answer.data)};
}
