/**
 * An answer of a site and what may be said about where it came from.
 * It does not deal with asking for it (site-request.ts).
 */
import type {ZodType} from 'zod';
import type {Answer} from './asset.ts';
import {SiteError} from './asset-error.ts';

/** What a site gave, before anyone judged its status. */
export interface RawAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly bytes: Uint8Array;
}

const SECRET = /key|token|secret|password|auth|signature|^sig$/i;

/** The URL without what may be a secret: a password, and the values of parameters named like one. */
export function shownUrl(url: URL): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  for (const name of new Set(shown.searchParams.keys())) {
    if (SECRET.test(name)) shown.searchParams.set(name, '***');
  }
  return shown.href;
}

/** What a person sees of a text that is not what was expected. */
export function beginning(text: string): string {
  const line = text.slice(0, 80).replaceAll(/\s+/g, ' ').trim();
  return line === '' ? 'it is empty' : `it begins '${line}'`;
}

export function answerFrom({status, contentType, bytes}: RawAnswer, url: URL): Answer {
  return answerOf({url: shownUrl(url), status, contentType, bytes});
}

/** `url` without what may be a secret. */
export function answerOf({
  url: shown,
  status,
  contentType,
  bytes,
}: Pick<Answer, 'url' | 'status' | 'contentType' | 'bytes'>): Answer {
  const text = () => new TextDecoder().decode(bytes);
  return {
    url: shown,
    status,
    contentType,
    bytes,
    text,
    json: <T>(schema: ZodType<T>): T => {
      const value = parse(text(), {shown, status, contentType});
      const result = schema.safeParse(value);
      if (result.success) return result.data;
      const [issue] = result.error.issues;
      const path = issue?.path ?? [];
      throw new SiteError(
        `The answer of ${shown} changed: at '${path.map(String).join('.')}' ${found(value, path)}, which the asset does not expect (${issue?.message}). Look at the stored answer and mend the asset's schema.`,
        {url: shown, status, cause: result.error},
      );
    },
  };
}

function parse(
  text: string,
  {shown, status, contentType}: {shown: string; status: number; contentType: string | undefined},
): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SiteError(
      `The answer of ${shown} is not JSON (${contentType ?? 'no content type'}): ${beginning(text)}. Open it in a browser; a site in trouble often answers with a page.`,
      {url: shown, status, cause},
    );
  }
}

function found(value: unknown, path: readonly PropertyKey[]): string {
  let at: unknown = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return 'there is nothing';
    at = Reflect.get(at, key);
  }
  const text = JSON.stringify(at);
  return `stands ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}
