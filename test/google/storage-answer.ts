/** What the test server answers: resources in JSON (whole or the fields asked for), and the bytes of objects. */
import type {StorageBucket, StoredObject} from './storage-bucket.ts';
import {ApiError} from './storage-error.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** `fields`: as https://cloud.google.com/storage/docs/json_api#partial-response says. */
export function json(value: object, fields?: string | null, status = 200): Answer {
  const chosen = fields === undefined || fields === null ? value : part(value, fields);
  return {
    status,
    headers: {'content-type': 'application/json; charset=UTF-8'},
    body: Buffer.from(JSON.stringify(chosen)),
  };
}

export function failure(error: unknown): Answer {
  if (error instanceof ApiError) return json(error.body(), undefined, error.status);
  return json(new ApiError(500, 'internalError', String(error)).body(), undefined, 500);
}

export function objectResource(bucket: StorageBucket, object: StoredObject): object {
  const {name, bytes, generation, metageneration, contentType, metadata, created, updated} = object;
  return {
    kind: 'storage#object',
    id: `${bucket.name}/${name}/${generation}`,
    name,
    bucket: bucket.name,
    generation: String(generation),
    metageneration: String(metageneration),
    contentType,
    ...(metadata === undefined ? {} : {metadata}),
    storageClass: 'STANDARD',
    size: String(bytes.byteLength),
    crc32c: object.crc32c,
    md5Hash: object.md5Hash,
    etag: etagOf(object),
    timeCreated: new Date(created).toISOString(),
    updated: new Date(updated).toISOString(),
  };
}

export function bucketResource({name, location}: StorageBucket): object {
  return {
    kind: 'storage#bucket',
    id: name,
    name,
    location: location.toUpperCase(),
    locationType: location.includes('-') ? 'region' : 'multi-region',
    storageClass: 'STANDARD',
    metageneration: '1',
    iamConfiguration: {uniformBucketLevelAccess: {enabled: true}},
  };
}

/** The bytes, or the part that the header `Range` asks for. */
export function media(object: StoredObject, range: string | undefined): Answer {
  const {bytes, generation, metageneration, contentType, crc32c, md5Hash} = object;
  const headers = {
    'content-type': contentType,
    etag: etagOf(object),
    'x-goog-generation': String(generation),
    'x-goog-metageneration': String(metageneration),
    'x-goog-hash': `crc32c=${crc32c},md5=${md5Hash}`,
    'x-goog-stored-content-encoding': 'identity',
    'x-goog-stored-content-length': String(bytes.byteLength),
  };
  const found = /^bytes=(\d*)-(\d*)$/.exec(range ?? '');
  if (found === null) return {status: 200, headers, body: bytes};
  const [, first = '', last = ''] = found;
  const size = bytes.byteLength;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (from >= to)
    return {status: 416, headers: {'content-range': `bytes */${size}`}, body: Buffer.from('InvalidRange')};
  return {
    status: 206,
    headers: {...headers, 'content-range': `bytes ${from}-${to - 1}/${size}`},
    body: bytes.subarray(from, to),
  };
}

function etagOf({generation, metageneration}: StoredObject): string {
  return Buffer.from(`${generation}/${metageneration}`).toString('base64');
}

/** The fields of `items(name,size),nextPageToken`. */
function part(value: object, fields: string): object {
  const chosen: [string, unknown][] = [];
  for (const [, name = '', inner] of fields.matchAll(/([\w*]+)(?:\(([^()]*)\)|\/(\w+))?/g)) {
    const found = Object.entries(value).find(([key]) => key === name)?.[1];
    if (found === undefined) continue;
    if (inner === undefined) chosen.push([name, found]);
    else if (Array.isArray(found)) chosen.push([name, found.map(each => part(each, inner))]);
    else chosen.push([name, part(found, inner)]);
  }
  return Object.fromEntries(chosen);
}
