/**
 * Serves the built web page: index.html for the addresses of its pages, and the files that it loads.
 * All files are read when the server starts; what a browser asks for is looked up among their names and never reaches
 * the disk. It does not deal with the API.
 */
import {createHash, randomBytes} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import {type BrotliOptions, brotliCompress, constants, gzip} from 'node:zlib';
import type {Context, MiddlewareHandler} from 'hono';
import {UnsafeAddress} from './address.ts';

type Encoding = 'br' | 'gzip';

interface Asset {
  readonly bytes: Buffer;
  readonly type: string;
  readonly hash: string;
  /** Its name changes with what is in it. */
  readonly isHashed: boolean;
  /** Whether it gets any smaller. */
  readonly isPackable: boolean;
  /** Made when they are first asked for. */
  readonly packed: Map<Encoding, Promise<Buffer>>;
}

interface Page {
  readonly index: string;
  /** By address. */
  readonly assets: ReadonlyMap<string, Asset>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
};
const PACKED = new Set(['.woff2', '.png']);
/** Below it an answer travels in one packet all the same. */
const LEAST_TO_PACK = 1_000;
/** As esbuild names pieces. */
const HASHED = /-[A-Z0-9]{8}\.[a-z0-9]+$/;
const PAGES = ['', 'graph', 'assets', 'plan', 'runs', 'gaps', 'alerts', 'events'];

/** Answers GET and HEAD of all but /api. `isChanging`: the files are read anew at each request, for those who work on them. */
export function servePage(
  folder: string,
  {isChanging = false}: {readonly isChanging?: boolean} = {},
): MiddlewareHandler {
  let page = readPage(folder);
  return async (context, next) => {
    const {method, path: asked} = context.req;
    if ((method !== 'GET' && method !== 'HEAD') || asked === '/api' || asked.startsWith('/api/'))
      return next();
    if (isChanging) page = readPage(folder);
    const asset = page.assets.get(asked);
    if (asset !== undefined) return await assetAnswer(context, asset);
    // A piece of an older build is no page.
    if (asked.startsWith('/static/chunks/')) return context.notFound();
    return indexAnswer(context, page, PAGES.includes(asked.split('/')[1] ?? '') ? 200 : 404);
  };
}

function readPage(folder: string): Page {
  try {
    // Links are left out: they may lead elsewhere.
    const files = readdirSync(folder, {recursive: true, withFileTypes: true}).filter(each => each.isFile());
    const assets = files.flatMap(({parentPath, name}): [string, Asset][] => {
      const file = path.join(parentPath, name);
      const type = TYPES[path.extname(name)];
      const address = `/static/${path.relative(folder, file).replaceAll(path.sep, '/')}`;
      return type === undefined ? [] : [[address, assetOf(readFileSync(file), name, type)]];
    });
    return {index: readFileSync(path.join(folder, 'index.html'), 'utf8'), assets: new Map(assets)};
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UnsafeAddress(`The web page is not built: ${folder} cannot be read (${code}).`);
  }
}

function assetOf(bytes: Buffer, name: string, type: string): Asset {
  return {
    bytes,
    type,
    hash: createHash('sha256').update(bytes).digest('base64url').slice(0, 22),
    isHashed: HASHED.test(name),
    isPackable: bytes.length >= LEAST_TO_PACK && !PACKED.has(path.extname(name)),
    packed: new Map(),
  };
}

async function assetAnswer(context: Context, asset: Asset): Promise<Response> {
  const encoding = asset.isPackable ? encodingFor(context) : undefined;
  const tag = `"${asset.hash}${encoding === undefined ? '' : `-${encoding}`}"`;
  const headers = {
    ETag: tag,
    'Cache-Control': asset.isHashed ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    ...(asset.isPackable ? {Vary: 'Accept-Encoding'} : {}),
  };
  const known = (context.req.header('if-none-match') ?? '').split(',').map(each => each.trim());
  if (known.includes(tag)) return context.body(null, 304, headers);
  const bytes = encoding === undefined ? asset.bytes : await packed(asset, encoding);
  return context.body(new Uint8Array(bytes), 200, {
    ...headers,
    'Content-Type': asset.type,
    ...(encoding === undefined ? {} : {'Content-Encoding': encoding}),
  });
}

function encodingFor(context: Context): Encoding | undefined {
  const accepted = (context.req.header('accept-encoding') ?? '')
    .split(',')
    .map(each =>
      each
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/),
    )
    .filter(([, weight = 'q=1']) => !/^q=0(\.0*)?$/.test(weight))
    .map(([name]) => name);
  return (['br', 'gzip'] as const).find(each => accepted.includes(each));
}

function packed(asset: Asset, encoding: Encoding): Promise<Buffer> {
  let bytes = asset.packed.get(encoding);
  if (bytes === undefined) {
    bytes = PACK[encoding](asset.bytes);
    asset.packed.set(encoding, bytes);
  }
  return bytes;
}

const brotli = promisify<Buffer, BrotliOptions, Buffer>(brotliCompress);

const PACK: Readonly<Record<Encoding, (bytes: Buffer) => Promise<Buffer>>> = {
  // The highest of 11 takes ten times as long for one part in twenty.
  br: bytes => brotli(bytes, {params: {[constants.BROTLI_PARAM_QUALITY]: 9}}),
  gzip: promisify<Buffer, Buffer>(gzip),
};

/** Styles that Mantine writes carry the nonce, which is another one each time; scripts are files of this server. */
function indexAnswer(context: Context, {index}: Page, status: 200 | 404): Response {
  const nonce = randomBytes(16).toString('base64url');
  context.header('Content-Security-Policy', pagePolicy(nonce));
  context.header('Cache-Control', 'no-store');
  return context.html(index.replaceAll('{{nonce}}', nonce), status);
}

function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
