/**
 * Sends one message to one receiver: Slack and webhooks over HTTP, mail over SMTP. Throws a `SendError` where the receiver
 * did not take it. It does not deal with when and how often (alert-delivery.ts).
 */
import type {AlertMessage} from '../planner/alert-message.ts';
import {unreachable} from '../planner/unreachable.ts';
import {mailOf} from './alert-mail.ts';
import {type Address, hideSecrets, type Reachable} from './alert-receivers.ts';
import {slackPayload} from './alert-slack.ts';
import {splitCredentials} from './basic-auth.ts';

/** The message has no secret. */
export class SendError extends Error {
  /** How long the receiver asks not to be tried. Milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** It is given up after so many tries, since the next ones would come to the same; undefined: not for that. */
  readonly mostTries: number | undefined;

  constructor(
    message: string,
    {retryAfterMs, mostTries}: Partial<Pick<SendError, 'retryAfterMs' | 'mostTries'>> = {},
  ) {
    super(message);
    this.retryAfterMs = retryAfterMs;
    this.mostTries = mostTries;
  }
}

export interface Sending {
  /** Where the page is served, for links; without a slash at its end. */
  readonly page: string | undefined;
  readonly timeoutMs: number;
}

/** Returns what the receiver answered, in a few words. */
export async function send(
  {address, secrets}: Extract<Reachable, {readonly secrets: readonly string[]}>,
  message: AlertMessage,
  sending: Sending,
): Promise<string> {
  try {
    return said(await sendTo(address, message, sending), secrets);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new SendError(said(text, secrets), error instanceof SendError ? error : {});
  }
}

/** Letters of what a receiver says. */
const MOST_LETTERS = 220;

/** Cut after secrets are hidden: half of one would not be found. */
function said(text: string, secrets: readonly string[]): string {
  return hideSecrets(text, secrets).slice(0, MOST_LETTERS);
}

async function sendTo(address: Address, message: AlertMessage, sending: Sending): Promise<string> {
  switch (address.kind) {
    case 'slack':
      return await post(address.url, {body: slackPayload(message, sending.page), headers: {}}, sending);
    case 'webhook': {
      const body = {...message, page: sending.page ?? null};
      const headers = {'idempotency-key': message.id, ...address.headers};
      return await post(address.url, {body, headers}, sending);
    }
    case 'email':
      return await mail(address, message, sending);
    default:
      return unreachable(address);
  }
}

async function post(
  whole: URL,
  {body, headers}: {readonly body: unknown; readonly headers: Readonly<Record<string, string>>},
  {timeoutMs}: Sending,
): Promise<string> {
  const {url, headers: own} = splitCredentials(whole);
  const response = await fetch(url, {
    method: 'POST',
    headers: {'content-type': 'application/json', 'user-agent': 'gameplan', ...own, ...headers},
    body: JSON.stringify(body),
    // What is elsewhere was not configured to be told.
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch(error => {
    throw new SendError(networkTrouble(error, url, timeoutMs));
  });
  const answer = (await beginningOf(response)).replace(/\s+/g, ' ').trim();
  const text = `HTTP ${response.status}${answer === '' ? '' : `: ${answer}`}`;
  if (response.ok) return text;
  throw new SendError(text, {
    retryAfterMs: retryAfterOf(response.headers.get('retry-after')),
    mostTries: UNFIT.has(response.status) ? MOST_REFUSALS : undefined,
  });
}

/** Bytes of an answer that are read: one may go on without end. */
const MOST_BYTES = 16 * 1024;

/** What came until it broke off, where it did. */
async function beginningOf({body}: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MOST_BYTES) break;
    }
  } catch {
    // The status came, and says all that matters.
  }
  return Buffer.concat(chunks).subarray(0, MOST_BYTES).toString();
}

/** That the receiver cannot take this message, and not that it takes none: what waits behind it must have its turn. */
const UNFIT: ReadonlySet<number> = new Set([400, 413, 422]);
const MOST_REFUSALS = 5;

/** The host alone is told of a URL. */
function networkTrouble(error: unknown, {host}: URL, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `${host} has not answered within ${timeoutMs / 1000} s`;
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return `${host} cannot be reached (${code ?? (error instanceof Error ? error.message : String(error))})`;
}

/** Seconds; a date is left to the own pauses. */
function retryAfterOf(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}

async function mail(
  {smtp, from, to}: Extract<Address, {readonly kind: 'email'}>,
  message: AlertMessage,
  {page, timeoutMs}: Sending,
): Promise<string> {
  const {createTransport} = await import('nodemailer');
  const transport = createTransport({
    url: smtp.href,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
  });
  try {
    const sent = await withTimeout(
      transport.sendMail({from, to: [...to], ...mailOf(message, page)}),
      timeoutMs,
      smtp.host,
    );
    const refused = sent.rejected;
    // The others have it: they must not get it again and again.
    if (refused.length > 0)
      throw new SendError(`the mail server refused ${refused.join(', ')}`, {mostTries: 1});
    return sent.response;
  } finally {
    transport.close();
  }
}

async function withTimeout<T>(work: Promise<T>, timeoutMs: number, host: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new SendError(`${host} has not answered within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
