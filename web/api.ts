/**
 * Asks the server, and says what it answered as what the schemas promise.
 * It does not deal with when to ask again (live.tsx).
 */

import type {RefusalBody} from '../server/schema/common.ts';
import {type Strips, unpackStrips} from '../server/strip-format.ts';
import {Unreachable} from './unreachable.ts';

/** The server refused: `message` says what, `details` what a terminal would show. */
export class Refused extends Error {
  readonly status: number;
  readonly details: string | undefined;

  constructor(status: number, {error, details}: RefusalBody) {
    super(error);
    this.status = status;
    this.details = details;
  }
}

type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** `path` below /api/v1, such as `/assets/raw.games`. */
export async function get<T>(path: string, query: Query = {}): Promise<T> {
  const response = await ask(path, query, {});
  return (await response.json()) as T; // the server's schemas
}

export async function getText(path: string, query: Query = {}): Promise<string> {
  return await (await ask(path, query, {})).text();
}

export async function getStrips(path: string): Promise<Strips> {
  const response = await ask(path, {}, {});
  return unpackStrips(new Uint8Array(await response.arrayBuffer()));
}

export async function post<T>(path: string, body: object = {}, signal?: AbortSignal): Promise<T> {
  const response = await ask(
    path,
    {},
    {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify(body),
      ...(signal && {signal}),
    },
  );
  return (await response.json()) as T; // the server's schemas
}

async function ask(path: string, query: Query, init: RequestInit): Promise<Response> {
  const wanted = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === '' || value === false) continue;
    for (const each of Array.isArray(value) ? value : [value]) wanted.append(name, String(each));
  }
  const text = wanted.toString();
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}${text === '' ? '' : `?${text}`}`, {cache: 'no-cache', ...init});
  } catch {
    throw new Unreachable('The server does not answer. Is `gameplan serve` still running?');
  }
  if (response.ok) return response;
  if (response.status === 401)
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  const body = (await response.json().catch(() => undefined)) as RefusalBody | undefined; // as every refusal is
  throw new Refused(response.status, body ?? {error: `The server answered ${response.status}.`});
}

/** The address of a thing with a name in it. */
export function pathOf(...parts: readonly string[]): string {
  return parts.map(part => `/${encodeURIComponent(part)}`).join('');
}
