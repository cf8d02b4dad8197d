/**
 * What every request passes before anything answers it: by which name the server is called, from which page, by whom,
 * with what; and the headers that tell a browser what an answer may do.
 * It does not deal with what is answered.
 */
import {getConnInfo} from '@hono/node-server/conninfo';
import type {Context, MiddlewareHandler} from 'hono';
import {bodyLimit} from 'hono/body-limit';
import {isLoopback, isOwnHost, type Listening} from './address.ts';
import {isHttps, LOGIN_CSS, Login} from './login.ts';
import type {RefusalBody} from './schema/common.ts';

export {assertAddress, UnsafeAddress} from './address.ts';
export {readToken} from './token.ts';

export interface SafetyOptions extends Listening {
  /** Undefined: whoever is on this machine may. */
  readonly token: string | undefined;
  readonly isReadOnly: boolean;
  /** Whether `/metrics` is told to whoever asks, also where there is a token. */
  readonly areMetricsOpen?: boolean;
  readonly now: () => number;
}

/** Bytes. The longest question names 200,000 keys. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_FORM_BYTES = 8 * 1024;

/** Posted since a question may be long; it changes nothing. */
const PLANNING = '/api/v1/plans';

const METHODS = ['GET', 'HEAD', 'POST'];

export function safety(options: SafetyOptions): MiddlewareHandler {
  const {token} = options;
  const login = token === undefined ? undefined : new Login({...options, token});
  const limits = {form: limitOf(MOST_FORM_BYTES), json: limitOf(MOST_BYTES)};
  const guard: MiddlewareHandler = async (context, next) => {
    const {method, path} = context.req;
    const refused = wrongCall(context, options);
    if (refused !== undefined) return refused;
    const answer = await loginAnswer(context, login, limits.form);
    if (answer !== undefined) return answer;
    const isOpen = options.areMetricsOpen === true && path === '/metrics';
    const stranger = login === undefined || isOpen ? undefined : wrongStanding(context, login);
    if (stranger !== undefined) return stranger;
    if (method !== 'POST') return next();
    if (options.isReadOnly && path !== PLANNING)
      return refuse(context, 403, `This server only shows (--read-only): ${path} is not open.`);
    if (mediaType(context) !== 'application/json')
      return refuse(context, 415, 'Send JSON, with Content-Type: application/json.');
    return limits.json(context, next);
  };
  return async (context, next) => {
    // What `next` returns is no answer: the answer stands in the context.
    const answer = await guard(context, async () => {
      await next();
    });
    const {headers} = answer ?? context.res;
    for (const [name, value] of Object.entries(HEADERS)) if (!headers.has(name)) headers.set(name, value);
    // Browsers heed it only where nobody can change what travels, and complain elsewhere.
    if (isHttps(context) || isLoopback(hostOf(context).replace(/:\d+$/, '')))
      headers.set('Cross-Origin-Opener-Policy', 'same-origin');
    return answer ?? undefined;
  };
}

/** Of every answer that does not set its own: one that shows a page does (page.ts, login.ts). */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Cache-Control': 'private, no-cache',
} as const;

/** By another name, from another page, or in another way than a browser that shows this page, or a script, calls. */
function wrongCall(context: Context, options: SafetyOptions): Response | undefined {
  const {method} = context.req;
  const host = hostOf(context);
  if (!isOwnHost(host, options)) {
    return refuse(
      context,
      421,
      `This server is not called '${host.slice(0, 100)}'. If it is, start it with --allow-host.`,
    );
  }
  if (!METHODS.includes(method)) {
    context.header('Allow', METHODS.join(', '));
    return refuse(context, 405, 'Only GET, HEAD and POST are answered.');
  }
  if (method === 'POST' ? isOwnPost(context, host, options) : isOwnGet(context)) return undefined;
  return refuse(context, 403, 'This request comes from another site, or does not say from where.');
}

function hostOf(context: Context): string {
  return context.req.header('host') ?? URL.parse(context.req.url)?.host ?? '';
}

/**
 * A browser names the page that posts. What does not name one is no browser: on this machine alone it may be anybody,
 * elsewhere it must have sent the token itself, which no page can make a browser do.
 */
function isOwnPost(context: Context, host: string, {token}: SafetyOptions): boolean {
  const origin = context.req.header('origin');
  const site = context.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin !== undefined)
    return origin.toLowerCase() === `${isHttps(context) ? 'https' : 'http'}://${host.toLowerCase()}`;
  if (site !== undefined) return true;
  return token === undefined ? true : context.req.header('authorization') !== undefined;
}

/** Another site may open a page, as a link does, but must not draw on what it answers. */
function isOwnGet(context: Context): boolean {
  const site = context.req.header('sec-fetch-site');
  if (site === undefined || site === 'same-origin' || site === 'none') return true;
  const isOpened =
    context.req.header('sec-fetch-mode') === 'navigate' &&
    context.req.header('sec-fetch-dest') === 'document';
  return isOpened && !context.req.path.startsWith('/api/');
}

async function loginAnswer(
  context: Context,
  login: Login | undefined,
  limit: MiddlewareHandler,
): Promise<Response | undefined> {
  const {method, path} = context.req;
  if (path !== '/login' && path !== '/logout' && path !== '/login.css') return undefined;
  if (login === undefined) return context.redirect('/', 303);
  if (method !== 'POST') {
    if (path === '/login.css')
      return context.body(LOGIN_CSS, 200, {'Content-Type': 'text/css; charset=utf-8'});
    return path === '/login'
      ? login.page(context, context.req.query('next') ?? '/')
      : context.redirect('/', 303);
  }
  if (path === '/logout') return login.logOut(context);
  if (mediaType(context) !== 'application/x-www-form-urlencoded')
    return refuse(context, 415, 'Send the form of the login page.');
  let answer: Response | undefined;
  const tooLong = await limit(context, async () => {
    answer = await login.logIn(context, addressOf(context));
  });
  return answer ?? tooLong ?? refuse(context, 413, 'That is too long.');
}

/** Undefined: known. */
function wrongStanding(context: Context, login: Login): Response | undefined {
  const standing = login.standing(context, addressOf(context));
  if (standing === 'known') return undefined;
  if (standing !== 'unknown') {
    context.header('Retry-After', `${Math.ceil(standing.waitMs / 1000)}`);
    return refuse(context, 429, 'Too many tries with a wrong token. Try again later.');
  }
  const {method, path, url} = context.req;
  const wantsPage = method === 'GET' && !path.startsWith('/api/') && isPageWanted(context);
  if (wantsPage)
    return context.redirect(
      `/login?next=${encodeURIComponent(`${path}${URL.parse(url)?.search ?? ''}`)}`,
      303,
    );
  context.header('WWW-Authenticate', 'Bearer');
  return refuse(context, 401, 'Log in, or send the token: Authorization: Bearer TOKEN.');
}

function isPageWanted(context: Context): boolean {
  const mode = context.req.header('sec-fetch-mode');
  if (mode !== undefined) return mode === 'navigate';
  return (context.req.header('accept') ?? '').includes('text/html');
}

/** Of the other end of the connection: what a header says of it anybody may write. */
export function addressOf(context: Context): string {
  // Requests that came over no connection have no environment.
  const env = context.env as {incoming?: unknown; server?: unknown} | undefined;
  if (env?.incoming === undefined && env?.server === undefined) return '';
  return getConnInfo(context).remote.address ?? '';
}

function mediaType(context: Context): string {
  return (context.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function limitOf(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: context => refuse(context, 413, `A request has at most ${maxSize.toLocaleString('en')} bytes.`),
  });
}

function refuse(context: Context, status: 401 | 403 | 405 | 413 | 415 | 421 | 429, error: string): Response {
  const body: RefusalBody = {error};
  context.header('Cache-Control', 'no-store');
  return context.json(body, status);
}
