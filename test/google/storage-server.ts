/**
 * A server on 127.0.0.1 that keeps the rules of Cloud Storage's JSON API for the real client, with faults on request.
 * It holds all in memory, and has no versions, lifecycles, compositions or access lists of objects.
 */
import {once} from 'node:events';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {type Answer, bucketResource, failure, json, media, objectResource} from './storage-answer.ts';
import {StorageBucket} from './storage-bucket.ts';
import {ApiError, denied, invalid, noBucket, unauthorized} from './storage-error.ts';
import {type StorageFault, StorageFaults, type StorageOperation, type Trouble} from './storage-fault.ts';
import {type Route, routeOf} from './storage-route.ts';
import {hashesIn, metadataIn, multipart, type Progress, UploadSession} from './storage-upload.ts';

export interface StorageServerOptions {
  /** Name of each bucket, and where it lies. */
  readonly buckets: Readonly<Record<string, {readonly location: string}>>;
  /** Entries of the largest page of a listing; Cloud Storage's own are 1,000. */
  readonly page?: number;
  /** Milliseconds between two mutations of one object; Cloud Storage wants 1,000. 0: any pace. */
  readonly pace?: number;
  /** The one bearer token that is accepted; any, and none, where nothing is said. */
  readonly token?: string;
  readonly port?: number;
  readonly now?: () => number;
}

export interface SeenRequest {
  readonly operation: StorageOperation;
  readonly bucket: string;
  readonly name: string;
  readonly query: Readonly<Record<string, string>>;
  /** Of the body. */
  readonly bytes: number;
  /** Undefined where the connection broke. */
  readonly status: number | undefined;
}

export interface StorageServer {
  readonly url: string;
  /** Throws where there is none. */
  bucket(name: string): StorageBucket;
  fail(fault: StorageFault): void;
  /** No fault any more. */
  heal(): void;
  /** All credentials are refused from now on. */
  revoke(): void;
  /** Requests that were at work at the same time, at most. */
  most(): number;
  /** What was asked so far, in the order of the answers. */
  readonly requests: SeenRequest[];
  close(): Promise<void>;
}

interface Received {
  readonly bytes: Buffer;
  /** False where the client broke off. */
  readonly isWhole: boolean;
}

interface State {
  readonly url: string;
  readonly buckets: ReadonlyMap<string, StorageBucket>;
  readonly sessions: Map<string, UploadSession>;
  readonly page: number;
}

export async function startStorageServer(options: StorageServerOptions): Promise<StorageServer> {
  const {pace = 0, now = Date.now} = options;
  const buckets = new Map(
    Object.entries(options.buckets).map(([name, {location}]) => [
      name,
      new StorageBucket({name, location, pace, now}),
    ]),
  );
  const faults = new StorageFaults();
  const requests: SeenRequest[] = [];
  let isRevoked = false;
  const accepts = (authorization: string | undefined): boolean =>
    !isRevoked && (options.token === undefined || authorization === `Bearer ${options.token}`);
  const state = {buckets, sessions: new Map<string, UploadSession>(), page: options.page ?? 1_000, url: ''};

  const load = {open: 0, most: 0};
  const server = createServer((request, response) => {
    load.open++;
    load.most = Math.max(load.most, load.open);
    response.on('close', () => {
      load.open--;
    });
    void serve(request, response, {state, faults, requests, accepts});
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  // It listens on a port, and not on a pipe.
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: state.url,
    bucket(name) {
      const bucket = buckets.get(name);
      if (bucket === undefined) throw new Error(`The server has no bucket '${name}'.`);
      return bucket;
    },
    fail: fault => faults.add(fault),
    heal: () => faults.clear(),
    revoke() {
      isRevoked = true;
    },
    most: () => load.most,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Service {
  readonly state: State;
  readonly faults: StorageFaults;
  readonly requests: SeenRequest[];
  readonly accepts: (authorization: string | undefined) => boolean;
}

async function serve(request: IncomingMessage, response: ServerResponse, service: Service): Promise<void> {
  const {state, faults, requests, accepts} = service;
  // A request that was not read to its end forgets it.
  const {socket} = request;
  const route = routeOf(request.method ?? '', request.url ?? '', request.headers['content-range']);
  const trouble = route === undefined ? undefined : faults.take(route.operation, route.name);
  const body = await receive(request, trouble);
  const isUp = route?.operation === 'objects.insert' || route?.operation === 'uploads.put';
  if (trouble?.kind === 'flip' && isUp) flip(body.bytes, body.bytes.lastIndexOf('\r\n\r\n') + 4);
  const seen = (status: number | undefined): void => {
    if (route === undefined) return;
    const {operation, bucket, name, query} = route;
    const asked = Object.fromEntries(query);
    requests.push({operation, bucket, name, query: asked, bytes: body.bytes.byteLength, status});
  };
  if (trouble?.kind === 'slow') await new Promise(wake => setTimeout(wake, trouble.ms));
  const isBefore = trouble !== undefined && 'when' in trouble && trouble.when === 'before';
  const answer = isBefore ? undefined : answerTo(route, request, body, {state, accepts, trouble});
  const isBroken = trouble?.kind === 'reset' || trouble?.kind === 'cut' || !body.isWhole;
  if (isBroken || answer === undefined || trouble?.kind === 'status') {
    const status = isBroken || trouble?.kind !== 'status' ? undefined : trouble.status;
    seen(status);
    if (status === undefined) socket.destroy();
    else send(response, failure(new ApiError(status, 'backendError', 'Backend Error')), undefined);
    return;
  }
  seen(answer.status);
  send(response, answer, isUp ? undefined : trouble);
}

async function receive(request: IncomingMessage, trouble: Trouble | undefined): Promise<Received> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      chunks.push(chunk);
      length += chunk.length;
      if (trouble?.kind !== 'cut' || length < trouble.bytes) continue;
      return {bytes: Buffer.concat(chunks).subarray(0, trouble.bytes), isWhole: false};
    }
  } catch {
    return {bytes: Buffer.concat(chunks), isWhole: false};
  }
  return {bytes: Buffer.concat(chunks), isWhole: true};
}

function flip(bytes: Buffer, at: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ 1;
}

function send(response: ServerResponse, {status, headers, body}: Answer, trouble: Trouble | undefined): void {
  response.writeHead(status, {...headers, 'content-length': body.byteLength});
  if (trouble?.kind === 'truncate') {
    response.write(body.subarray(0, trouble.bytes), () => response.destroy());
  } else if (trouble?.kind === 'flip') {
    const other = Buffer.from(body);
    flip(other, 0);
    response.end(other);
  } else {
    response.end(body);
  }
}

function answerTo(
  route: Route | undefined,
  request: IncomingMessage,
  body: Received,
  about: {
    readonly state: State;
    readonly accepts: Service['accepts'];
    readonly trouble: Trouble | undefined;
  },
): Answer {
  try {
    if (route === undefined) throw new ApiError(404, 'notFound', 'Not Found');
    const {state} = about;
    const isSession = route.query.has('upload_id');
    if (!isSession && !about.accepts(request.headers.authorization)) throw unauthorized();
    const bucket = state.buckets.get(route.bucket);
    if (bucket === undefined) throw noBucket();
    if (route.permission !== undefined && bucket.denied.has(route.permission)) throw denied(route.permission);
    if (isSession) return sessionAnswer(route, request, body, about);
    return answerOf(route, request, {...body, bucket, state});
  } catch (error) {
    return failure(error);
  }
}

function answerOf(
  route: Route,
  {headers}: IncomingMessage,
  {bucket, bytes, isWhole, state}: Received & {readonly bucket: StorageBucket; readonly state: State},
): Answer {
  const {operation, name, query} = route;
  const fields = query.get('fields');
  switch (operation) {
    case 'buckets.get':
      return json(bucketResource(bucket), fields);
    case 'buckets.permissions': {
      const permissions = query.getAll('permissions').filter(each => !bucket.denied.has(each));
      return json({kind: 'storage#testIamPermissionsResponse', permissions});
    }
    case 'objects.list': {
      const {items, prefixes, nextPageToken} = bucket.list(query, state.page);
      const resources = items.map(object => objectResource(bucket, object));
      const lists = {
        ...(items.length === 0 ? {} : {items: resources}),
        ...(prefixes.length === 0 ? {} : {prefixes}),
        ...(nextPageToken === undefined ? {} : {nextPageToken}),
      };
      return json({kind: 'storage#objects', ...lists}, fields);
    }
    case 'objects.get':
      return json(objectResource(bucket, bucket.get(name, query)), fields);
    case 'objects.media':
      return media(bucket.get(name, query), headers.range);
    case 'objects.patch':
      return json(
        objectResource(bucket, bucket.patch(name, metadataIn(bytes.toString()).metadata ?? {}, query)),
      );
    case 'objects.delete':
      // Whoever overwrites or deletes needs the permission to delete.
      bucket.delete(name, query);
      return {status: 204, headers: {}, body: Buffer.alloc(0)};
    case 'objects.insert': {
      if (!isWhole) throw invalid('The body was cut off.');
      const type = headers['content-type'] ?? '';
      const isMultipart = query.get('uploadType') === 'multipart';
      const said = isMultipart
        ? multipart(type, bytes)
        : {metadata: {contentType: type, ...hashesIn(headers)}, bytes};
      const written = placeOf(said.metadata, name);
      requireOverwrite(bucket, written);
      return json(objectResource(bucket, bucket.insert(written, said.bytes, said.metadata, query)));
    }
    case 'uploads.start': {
      const said = metadataIn(bytes.toString());
      const written = placeOf(said, name);
      requireOverwrite(bucket, written);
      const contentType = [headers['x-upload-content-type'] ?? []].flat()[0] ?? said.contentType;
      const session = new UploadSession(bucket, written, {...said, contentType}, query);
      state.sessions.set(session.id, session);
      const place = `${state.url}/upload/storage/v1/b/${encodeURIComponent(bucket.name)}/o`;
      const location = `${place}?uploadType=resumable&name=${encodeURIComponent(written)}&upload_id=${session.id}`;
      return {status: 200, headers: {location, 'x-guploader-uploadid': session.id}, body: Buffer.alloc(0)};
    }
    default:
      throw new ApiError(404, 'notFound', `No such operation: ${operation}`);
  }
}

function placeOf(metadata: {readonly name?: string | undefined}, name: string): string {
  return name === '' ? (metadata.name ?? '') : name;
}

/** https://cloud.google.com/storage/docs/access-control/iam-json: an overwrite needs storage.objects.delete, too. */
function requireOverwrite(bucket: StorageBucket, name: string): void {
  const permission = 'storage.objects.delete';
  if (bucket.find(name) !== undefined && bucket.denied.has(permission)) throw denied(permission);
}

function sessionAnswer(
  {operation, query}: Route,
  {headers}: IncomingMessage,
  {bytes, isWhole}: Received,
  {state, trouble}: {readonly state: State; readonly trouble: Trouble | undefined},
): Answer {
  const id = query.get('upload_id') ?? '';
  const session = state.sessions.get(id);
  if (session === undefined) throw new ApiError(404, 'notFound', 'No such upload.');
  if (operation === 'uploads.delete') {
    state.sessions.delete(id);
    return {status: 499, headers: {}, body: Buffer.alloc(0)};
  }
  const isKept = trouble?.kind !== 'keep';
  return progressAnswer(
    session,
    session.put(isKept ? bytes : bytes.subarray(0, trouble.bytes), headers, isWhole && isKept),
  );
}

/** 308 with the bytes that came so far, or the object. */
function progressAnswer(session: UploadSession, progress: Progress): Answer {
  if (progress.kind === 'complete') return json(objectResource(session.bucket, progress.object));
  const {received} = progress;
  const range = received === 0 ? {} : {range: `bytes=0-${received - 1}`};
  return {status: 308, headers: range, body: Buffer.alloc(0)};
}
