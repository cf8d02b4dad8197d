/** Which operation of Cloud Storage's JSON API a request asks for; nothing is done here. */
import type {StorageOperation} from './storage-fault.ts';

export interface Route {
  readonly operation: StorageOperation;
  readonly bucket: string;
  /** Of the object; empty where the operation has none. */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly permission: string | undefined;
}

const PERMISSION: Readonly<Record<StorageOperation, string | undefined>> = {
  'objects.insert': 'storage.objects.create',
  'objects.get': 'storage.objects.get',
  'objects.media': 'storage.objects.get',
  'objects.list': 'storage.objects.list',
  'objects.delete': 'storage.objects.delete',
  'objects.patch': 'storage.objects.update',
  'uploads.start': 'storage.objects.create',
  // The session's address is all that is needed: https://cloud.google.com/storage/docs/resumable-uploads#session-uris
  'uploads.put': undefined,
  'uploads.status': undefined,
  'uploads.delete': undefined,
  'buckets.get': 'storage.buckets.get',
  'buckets.permissions': undefined,
};

/** Undefined where the server has no such operation. */
export function routeOf(
  method: string,
  address: string,
  contentRange: string | undefined,
): Route | undefined {
  const {pathname, searchParams: query} = new URL(address, 'http://127.0.0.1');
  const found =
    /^(\/upload|\/download)?\/storage\/v1\/b\/([^/]+)(\/o(?:\/([^/]*))?|\/iam\/testPermissions)?$/.exec(
      pathname,
    );
  if (found === null) return undefined;
  const [, way, bucket = '', rest, name] = found;
  const decoded = name === undefined ? (query.get('name') ?? '') : decodeURIComponent(name);
  const operation =
    way === '/upload'
      ? uploadOf(method, query, contentRange)
      : operationOf(method, rest, name, {isMedia: way === '/download' || query.get('alt') === 'media'});
  if (operation === undefined) return undefined;
  return {
    operation,
    bucket: decodeURIComponent(bucket),
    name: decoded,
    query,
    permission: PERMISSION[operation],
  };
}

function uploadOf(
  method: string,
  query: URLSearchParams,
  contentRange: string | undefined,
): StorageOperation | undefined {
  if (query.has('upload_id')) {
    if (method === 'DELETE') return 'uploads.delete';
    return contentRange?.startsWith('bytes *') ? 'uploads.status' : 'uploads.put';
  }
  if (method !== 'POST') return undefined;
  return query.get('uploadType') === 'resumable' ? 'uploads.start' : 'objects.insert';
}

function operationOf(
  method: string,
  rest: string | undefined,
  name: string | undefined,
  {isMedia}: {isMedia: boolean},
): StorageOperation | undefined {
  if (rest === undefined) return method === 'GET' ? 'buckets.get' : undefined;
  if (rest === '/iam/testPermissions') return method === 'GET' ? 'buckets.permissions' : undefined;
  if (name === undefined || name === '') return method === 'GET' ? 'objects.list' : undefined;
  switch (method) {
    case 'GET':
      return isMedia ? 'objects.media' : 'objects.get';
    case 'DELETE':
      return 'objects.delete';
    case 'PATCH':
      return 'objects.patch';
    default:
      return undefined;
  }
}
