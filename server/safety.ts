/**
 * What every request passes before anything answers it: by which name the server is called, from which page, by whom,
 * with what; and the headers that tell a browser what an answer may do.
 * It does not deal with what is answered.
 */
import type {Context, MiddlewareHandler} from 'hono';
import {bodyLimit} from 'hono/body-limit';
import {isLoopback, type Listening} from './address.ts';
import {addressOf, hostOf, isHttps, pageOf, refuse, refuseName, refuseTries} from './caller.ts';
import {LOGIN_CSS, Login} from './login.ts';

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
  const misnamed = refuseName(context, options);
  if (misnamed !== undefined) return misnamed;
  if (!METHODS.includes(method)) {
    context.header('Allow', METHODS.join(', '));
    return refuse(context, 405, 'Only GET, HEAD and POST are answered.');
  }
  if (method === 'POST' ? isOwnPost(context, options) : isOwnGet(context)) return undefined;
  return refuse(context, 403, 'This request comes from another site, or does not say from where.');
}

/**
 * What names no page is no browser: on this machine alone it may be anybody, elsewhere it must have sent the token
 * itself, which no page can make a browser do.
 */
function isOwnPost(context: Context, {token}: SafetyOptions): boolean {
  const page = pageOf(context);
  if (page !== 'unsaid') return page === 'own';
  return token === undefined || context.req.header('authorization') !== undefined;
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
  if (standing !== 'unknown') return refuseTries(context, standing.waitMs);
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

function mediaType(context: Context): string {
  return (context.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function limitOf(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: context => refuse(context, 413, `A request has at most ${maxSize.toLocaleString('en')} bytes.`),
  });
}
