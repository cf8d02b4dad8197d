/**
 * The receivers of alerts with their variables filled in, or what of them is missing or wrong. What a variable holds is
 * a secret: it goes to the receiver and nowhere else.
 * It sends nothing (alert-send.ts).
 */
import {fillVariables} from '../planner/manifest-env.ts';
import type {Receiver, ReceiverKind} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import {decodedPart, splitCredentials} from './basic-auth.ts';

/** What one receiver is reached by. */
export type Address =
  | {readonly kind: 'slack'; readonly url: URL}
  | {readonly kind: 'email'; readonly smtp: URL; readonly from: string; readonly to: readonly string[]}
  | {readonly kind: 'webhook'; readonly url: URL; readonly headers: Readonly<Record<string, string>>};

export type Reachable =
  | {readonly kind: ReceiverKind; readonly address: Address; readonly secrets: readonly string[]}
  /** `why`: one sentence with what to do. */
  | {readonly kind: ReceiverKind; readonly address: undefined; readonly why: string};

type Env = Readonly<Record<string, string | undefined>>;

export function reach(receiver: Receiver, env: Env): Reachable {
  const {kind} = receiver;
  const filled = new Map<string, string>();
  const absent = new Set<string>();
  const fill = (text: string): string => fillVariables(text, env, {filled, absent});
  const address = addressOf(receiver, fill);
  if (absent.size > 0) {
    const why = `is off: the environment ${named([...absent])} ${absent.size === 1 ? 'is' : 'are'} not set`;
    return {kind, address: undefined, why};
  }
  if (typeof address === 'string') {
    const mend = filled.size === 0 ? '' : `; look at the ${named([...filled.keys()])}`;
    return {kind, address: undefined, why: `cannot be reached: ${address}${mend}`};
  }
  return {kind, address, secrets: secretsOf(address, [...filled.values()])};
}

function named(variables: readonly string[]): string {
  const names = variables.map(name => `'${name}'`).join(' and ');
  return `${variables.length === 1 ? 'variable' : 'variables'} ${names}`;
}

/** A text says what is wrong, without what a variable holds. */
function addressOf(receiver: Receiver, fill: (text: string) => string): Address | string {
  switch (receiver.kind) {
    case 'slack': {
      const url = urlOf(fill(receiver.url), /^https?:$/);
      return url === undefined
        ? "its address is no URL such as 'https://hooks.slack.com/…'"
        : {kind: 'slack', url};
    }
    case 'email': {
      const smtp = urlOf(fill(receiver.smtp), /^smtps?:$/);
      // One variable may hold several addresses.
      const to = receiver.to.flatMap(each => fill(each).split(',')).map(each => each.trim());
      const from = fill(receiver.from);
      if (smtp === undefined) return "'smtp' is no URL such as 'smtps://user:password@mail.example.com'";
      if (/[\r\n]/.test([from, ...to].join(''))) return "'from' or 'to' holds a line break";
      return {kind: 'email', smtp, from, to: to.filter(each => each !== '')};
    }
    case 'webhook': {
      const url = urlOf(fill(receiver.url), /^https?:$/);
      const headers = Object.entries(receiver.headers).map(([name, value]) => [name, fill(value)] as const);
      const wrong = headers.find(([, value]) => !/^[\t\x20-\x7e\x80-\xff]*$/.test(value));
      if (wrong !== undefined) return `header '${wrong[0]}' has letters that no header may have`;
      if (url === undefined) return "its address is no URL such as 'https://example.com/alerts'";
      return {kind: 'webhook', url, headers: Object.fromEntries(headers)};
    }
    default:
      return unreachable(receiver);
  }
}

function urlOf(text: string, schemes: RegExp): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return schemes.test(url.protocol) ? url : undefined;
}

/** A shorter one would take half of every text with it. */
const LEAST = 6;

/** What must not show in any text, the longest first. */
function secretsOf(address: Address, filled: readonly string[]): readonly string[] {
  const url = address.kind === 'email' ? address.smtp : address.url;
  const parts = [
    url.href,
    `${url.pathname}${url.search}`,
    url.password,
    decodedPart(url.password),
    ...Object.values(splitCredentials(url).headers),
    ...url.searchParams.values(),
  ];
  const words = filled.flatMap(text => [text, text.replace(/^\w+ (?=\S+$)/, '')]);
  return [...new Set([...parts, ...words, ...words.map(encodeURIComponent)])]
    .filter(text => text.length >= LEAST)
    .toSorted((a, b) => b.length - a.length);
}

/** A receiver may echo what it was sent. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((hidden, secret) => hidden.replaceAll(secret, '***'), text);
}
