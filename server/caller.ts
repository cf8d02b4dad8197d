/**
 * Who sends a request, as far as it says so: by which name it calls the server, from which page and machine, with which
 * token; and how it is refused. It does not decide who may do what (safety.ts, triggers.ts).
 */
import {getConnInfo} from '@hono/node-server/conninfo';
import type {Context} from 'hono';
import {isOwnHost, type Listening} from './address.ts';
import type {RefusalBody} from './schema/common.ts';

/** The name that it calls the server by. */
export function hostOf(context: Context): string {
  return context.req.header('host') ?? URL.parse(context.req.url)?.host ?? '';
}

/** As a proxy in front says it. Who says so without one only gets a cookie that his browser keeps from him. */
export function isHttps(context: Context): boolean {
  return (context.req.header('x-forwarded-proto') ?? '').split(',')[0]?.trim().toLowerCase() === 'https';
}

/** Of the other end of the connection: what a header says of it anybody may write. */
export function addressOf(context: Context): string {
  // Requests that came over no connection have no environment.
  const env = context.env as {incoming?: unknown; server?: unknown} | undefined;
  if (env?.incoming === undefined && env?.server === undefined) return '';
  return getConnInfo(context).remote.address ?? '';
}

/** Of `Authorization: Bearer TOKEN`, which scripts send. */
export function bearerOf(context: Context): string | undefined {
  return /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
}

/** A browser names the page that posts, and says whether that is of another site; what is no browser says neither. */
export function pageOf(context: Context): 'own' | 'other' | 'unsaid' {
  const origin = context.req.header('origin')?.toLowerCase();
  const site = context.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin') return 'other';
  const own = `${isHttps(context) ? 'https' : 'http'}://${hostOf(context).toLowerCase()}`;
  if (origin !== undefined) return origin === own ? 'own' : 'other';
  return site === undefined ? 'unsaid' : 'own';
}

/** Undefined: it calls the server by a name that it has. */
export function refuseName(context: Context, listening: Listening): Response | undefined {
  const host = hostOf(context);
  if (isOwnHost(host, listening)) return undefined;
  return refuse(
    context,
    421,
    `This server is not called '${host.slice(0, 100)}'. If it is, start it with --allow-host.`,
  );
}

export function refuseTries(context: Context, waitMs: number): Response {
  context.header('Retry-After', `${Math.ceil(waitMs / 1000)}`);
  return refuse(context, 429, 'Too many tries with a wrong token. Try again later.');
}

type RefusedStatus = 400 | 401 | 403 | 405 | 413 | 415 | 421 | 429;

export function refuse(context: Context, status: RefusedStatus, error: string): Response {
  const body: RefusalBody = {error};
  context.header('Cache-Control', 'no-store');
  return context.json(body, status);
}
