/**
 * Tells an address outside that something began, or how it ended, in the manner of healthchecks.io: it raises an alarm
 * where it hears nothing. It does not deal with what is told, and never fails whoever tells it.
 */
import {setTimeout as delay} from 'node:timers/promises';
import {splitCredentials} from './basic-auth.ts';

export type PingKind = 'start' | 'success' | 'fail';

const PATIENCE_MS = 5_000;
/** Waits before it is told again. */
const AGAIN_MS = [200, 1_000];

/**
 * `url` is told of a success; `start` and `fail` are steps below it. Returns why it could not be told, undefined where
 * it was. The address may be a secret, and is in no text.
 */
export async function ping(url: string, kind: PingKind, text: string): Promise<string | undefined> {
  if (!URL.canParse(url)) return 'it is no URL';
  const at = new URL(url);
  if (kind !== 'success') at.pathname = `${at.pathname.replace(/\/$/, '')}/${kind}`;
  // Whoever waits for the end need not wait for the start: that one is told once.
  const waits = kind === 'start' ? [] : AGAIN_MS;
  for (let tries = 0; ; tries++) {
    const problem = await tell(at, text);
    const wait = waits[tries];
    if (problem === undefined || wait === undefined) return problem;
    await delay(wait);
  }
}

async function tell(at: URL, body: string): Promise<string | undefined> {
  try {
    const {url, headers: own} = splitCredentials(at);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const headers = {'content-type': 'text/plain', ...own};
    const answer = await fetch(url, {method: 'POST', body, signal, headers});
    await answer.body?.cancel();
    return answer.ok ? undefined : `it answered ${answer.status}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const [name, code] =
      cause instanceof Error ? [cause.name, 'code' in cause ? String(cause.code) : cause.name] : ['', ''];
    return name === 'TimeoutError' ? 'it did not answer in time' : `it cannot be reached (${code})`;
  }
}
