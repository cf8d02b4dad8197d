/**
 * Takes what a site is asked with, and nobody else should know, out of texts: a site may echo it in an answer.
 * It does not deal with what an asset stores: that is the site's answer byte for byte.
 */
import type {Site} from '../planner/pipeline.ts';
import {decodedPart, splitCredentials} from './basic-auth.ts';

const SECRET_NAME = /key|token|secret|password|auth|signature|cookie|session|credential|^sig$/i;

/** Of a name that says nothing, what looks like a key: letters and digits in one long word. */
const SECRET_VALUE = /^(?=.*\d)(?=.*[a-z])[\w.~+=-]{12,}$/i;

/** So much of a secret's beginning is hidden too, since texts are cut. */
const LEAST = 6;

export class Secrets {
  readonly #values: readonly string[];

  constructor(sites: Iterable<Site>) {
    const found = [...sites].flatMap(secretsOf).filter(value => value.length >= LEAST);
    // The longest first, so that none leaves the rest of another.
    this.#values = [...new Set(found)].toSorted((a, b) => b.length - a.length);
  }

  hide(text: string): string {
    return this.#values.reduce(hideOne, text);
  }

  /** In its message and in those of its causes. Returns the error itself. */
  hideIn(error: unknown): unknown {
    if (this.#values.length === 0) return error;
    for (let each = error, depth = 0; each instanceof Error && depth < 8; each = each.cause, depth++) {
      const hidden = this.hide(each.message);
      if (hidden !== each.message) each.message = hidden;
    }
    return error;
  }
}

function secretsOf({url, headers, proxy}: Site): readonly string[] {
  const named: [string, string][] = Object.entries(headers);
  if (URL.canParse(url)) {
    const {searchParams, password} = new URL(url);
    named.push(...searchParams, ['password', decodedPart(password)]);
  }
  if (proxy !== undefined) {
    const {username, password} = new URL(proxy);
    // A user without a password may be a token.
    named.push(['password', decodedPart(password === '' ? username : password)]);
    named.push(...Object.entries(splitCredentials(new URL(proxy)).headers));
  }
  return named.flatMap(([name, value]) => {
    // After a scheme such as `Bearer`, which is none.
    const bare = value.replace(/^\w+ (?=\S+$)/, '');
    if (!SECRET_NAME.test(name) && !SECRET_VALUE.test(bare)) return [];
    return [bare, encodeURIComponent(bare), JSON.stringify(bare).slice(1, -1)];
  });
}

function hideOne(text: string, secret: string): string {
  const start = secret.slice(0, LEAST);
  let rest = text;
  let hidden = '';
  for (let at = rest.indexOf(start); at >= 0; at = rest.indexOf(start)) {
    let end = LEAST;
    while (end < secret.length && rest[at + end] === secret[end]) end++;
    hidden += `${rest.slice(0, at)}***`;
    rest = rest.slice(at + end);
  }
  return hidden + rest;
}
