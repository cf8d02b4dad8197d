/**
 * Logging in and out: a page that works without JavaScript, and the cookie that it gives.
 * It does not deal with requests to anything else (safety.ts).
 */
import type {Context} from 'hono';
import {deleteCookie, getCookie, setCookie} from 'hono/cookie';
import type {CookieOptions} from 'hono/utils/cookie';
import {bearerOf, isHttps} from './caller.ts';
import {LoginSessions} from './login-session.ts';
import {Token} from './token.ts';
import {TryLimit} from './try-limit.ts';

export interface LoginOptions {
  readonly token: string;
  readonly port: () => number;
  readonly now: () => number;
}

/** Who a request comes from, as far as it has to do with logging in. */
export type Standing = 'known' | 'unknown' | {readonly waitMs: number};

export class Login {
  readonly #token: Token;
  readonly #sessions: LoginSessions;
  readonly #limit: TryLimit;
  readonly #port: () => number;

  constructor({token, port, now}: LoginOptions) {
    this.#token = new Token(token);
    this.#sessions = new LoginSessions(now);
    this.#limit = new TryLimit(now);
    this.#port = port;
  }

  /** By cookie, or by `Authorization: Bearer TOKEN`, which scripts send. */
  standing(context: Context, address: string): Standing {
    const cookie = getCookie(context, this.#cookie(context));
    if (cookie !== undefined && this.#sessions.has(cookie)) return 'known';
    const bearer = bearerOf(context);
    return bearer === undefined ? 'unknown' : this.#try(bearer, address);
  }

  /** The page that asks for the token. Its form tells where it is sent from, so its referrer policy is not the others'. */
  page(context: Context, next: string): Response {
    return pageAnswer(context, {next: localPath(next)});
  }

  async logIn(context: Context, address: string): Promise<Response> {
    const form = new URLSearchParams(await context.req.text());
    const next = localPath(form.get('next') ?? '/');
    const found = this.#try((form.get('token') ?? '').trim(), address);
    if (found === 'unknown')
      return pageAnswer(context, {next, status: 401, error: 'That is not the token of this server.'});
    if (found !== 'known') {
      const seconds = Math.ceil(found.waitMs / 1000);
      context.header('Retry-After', `${seconds}`);
      const error = `Too many tries. Try again in ${seconds} seconds.`;
      return pageAnswer(context, {next, status: 429, error});
    }
    setCookie(context, this.#cookie(context), this.#sessions.begin(), cookieOptions(context));
    return context.redirect(next, 303);
  }

  logOut(context: Context): Response {
    const cookie = getCookie(context, this.#cookie(context));
    if (cookie !== undefined) this.#sessions.end(cookie);
    deleteCookie(context, this.#cookie(context), cookieOptions(context));
    return context.redirect('/login', 303);
  }

  /** Past the limit nothing is compared: whoever guesses learns nothing more. */
  #try(given: string, address: string): Standing {
    const waitMs = this.#limit.waitMs(address);
    if (waitMs > 0) return {waitMs};
    if (this.#token.matches(given)) return 'known';
    this.#limit.failed(address);
    return 'unknown';
  }

  /** Browsers send a cookie to every port of a host: one of another port must not take its place. */
  #cookie(context: Context): string {
    return isHttps(context) ? '__Host-gameplan' : `gameplan-${this.#port()}`;
  }
}

function cookieOptions(context: Context): CookieOptions {
  return {httpOnly: true, sameSite: 'Strict', path: '/', secure: isHttps(context)};
}

/** Only an address of this server: whatever a browser would take for another site is the front page. */
export function localPath(text: string): string {
  if (!/^\/[^\s\\]*$/.test(text)) return '/';
  const base = 'http://here.invalid';
  const found = URL.parse(text, base);
  if (found?.origin !== base || found.pathname.startsWith('//')) return '/';
  return `${found.pathname}${found.search}`;
}

interface Shown {
  readonly next: string;
  readonly status?: 401 | 429;
  readonly error?: string;
}

const LOGIN_POLICY =
  "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

function pageAnswer(context: Context, {next, status, error}: Shown): Response {
  context.header('Content-Security-Policy', LOGIN_POLICY);
  context.header('Referrer-Policy', 'same-origin');
  context.header('Cache-Control', 'no-store');
  const told = error === undefined ? '' : `<p class="error" id="error" role="alert">${escaped(error)}</p>`;
  const about = error === undefined ? '' : ' aria-invalid="true" aria-describedby="error"';
  return context.html(
    `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Log in · gameplan</title>
    <link rel="stylesheet" href="/login.css">
  </head>
  <body>
    <main>
      <h1>gameplan</h1>
      <p>This page asks for the token that its server was started with.</p>
      <form method="post" action="/login">
        <input type="hidden" name="next" value="${escaped(next)}">
        <input name="username" value="gameplan" autocomplete="username" hidden>
        <label for="token">Token</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required autofocus${about}>
        ${told}
        <button type="submit">Log in</button>
      </form>
    </main>
  </body>
</html>
`,
    status ?? 200,
  );
}

function escaped(text: string): string {
  const signs: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, sign => signs[sign] ?? sign);
}

/** Of the login page alone: it is shown before anything else may be read. */
export const LOGIN_CSS = `:root {
  color-scheme: light dark;
  --text: light-dark(#1b1f24, #e6e8eb);
  --quiet: light-dark(#57606a, #9aa4af);
  --page: light-dark(#f6f7f9, #14171a);
  --card: light-dark(#ffffff, #1d2125);
  --line: light-dark(#c8ced5, #3d444c);
  --edge: light-dark(#77808a, #7b858f);
  --accent: light-dark(#1864ab, #74b9ff);
  --on-accent: light-dark(#ffffff, #10202f);
  --error: light-dark(#b42318, #ff9d94);
}
* { box-sizing: border-box; }
body {
  margin: 0;
  min-height: 100vh;
  display: grid;
  place-items: center;
  padding: 16px;
  background: var(--page);
  color: var(--text);
  font: 16px/1.5 system-ui, sans-serif;
}
main {
  width: 100%;
  max-width: 380px;
  padding: 32px;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 12px;
}
h1 { margin: 0 0 4px; font-size: 22px; letter-spacing: -0.01em; }
p { margin: 0 0 20px; color: var(--quiet); font-size: 14px; }
label { display: block; margin-bottom: 6px; font-size: 14px; font-weight: 600; }
input[type='password'] {
  width: 100%;
  height: 42px;
  padding: 0 12px;
  color: inherit;
  background: var(--page);
  border: 1px solid var(--edge);
  border-radius: 8px;
  font: inherit;
}
input[aria-invalid] { border-color: var(--error); }
.error { margin: 8px 0 0; color: var(--error); }
button {
  width: 100%;
  height: 42px;
  margin-top: 16px;
  border: 0;
  border-radius: 8px;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 600;
  cursor: pointer;
}
:is(input, button):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;
