/**
 * Brings events of OpenLineage to a file, a line each, or to a server. What cannot be brought is told of once and left
 * out: no run waits for it, but for a bounded time at its end.
 * It does not deal with what events say (lineage-event.ts).
 */
import {createWriteStream} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';

export interface LineageSender {
  send(event: object): void;
  /** Waits for what is on its way, a bounded time. */
  end(): Promise<void>;
}

type Complain = (text: string) => void;

/** Events that wait; more are left out. */
const QUEUE = 20_000;
/** Of one request, and of all that are left at the end. Milliseconds. */
const REQUEST_MS = 3000;
const END_MS = 5000;
/** So many in a row that do not arrive, and no more are sent. */
const GIVEN_UP = 3;

export function sendToFile(path: string, complain: Complain): LineageSender {
  const stream = createWriteStream(path, {flags: 'a'});
  let isBroken = false;
  stream.on('error', error => {
    if (!isBroken) complain(`warning: No lineage is written: ${error.message}\n`);
    isBroken = true;
  });
  return {
    send: event => {
      if (!isBroken && stream.writableLength < QUEUE * 1000) stream.write(`${JSON.stringify(event)}\n`);
    },
    end: async () => {
      if (isBroken) return;
      const {promise: written, resolve} = Promise.withResolvers<void>();
      stream.once('close', resolve);
      stream.end();
      await atMost(END_MS, written);
    },
  };
}

export function sendToServer(
  {url, apiKey}: {readonly url: string; readonly apiKey: string | undefined},
  complain: Complain,
): LineageSender {
  return new ServerSender(url, apiKey, complain);
}

class ServerSender implements LineageSender {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #complain: Complain;
  readonly #queue: object[] = [];
  readonly #over = new AbortController();
  #sending: Promise<void> | undefined;
  #failures = 0;
  #leftOut = 0;

  constructor(url: string, apiKey: string | undefined, complain: Complain) {
    this.#url = url;
    const token = apiKey === undefined ? {} : {authorization: `Bearer ${apiKey}`};
    this.#headers = {'content-type': 'application/json', ...token};
    this.#complain = complain;
  }

  send(event: object): void {
    if (this.#failures >= GIVEN_UP || this.#queue.length >= QUEUE) {
      this.#leftOut++;
      return;
    }
    this.#queue.push(event);
    this.#sending ??= this.#sendAll();
  }

  async end(): Promise<void> {
    await atMost(END_MS, this.#sending ?? Promise.resolve());
    this.#over.abort();
    const left = this.#leftOut + this.#queue.length;
    if (left > 0)
      this.#complain(`warning: ${left} events of lineage did not reach ${new URL(this.#url).origin}.\n`);
  }

  /** One after the other, so that the end of a run never comes before its start. */
  async #sendAll(): Promise<void> {
    for (let event = this.#queue[0]; event !== undefined; event = this.#queue[0]) {
      const isThere = await this.#sendOne(event);
      if (this.#over.signal.aborted) return;
      this.#queue.shift();
      this.#failures = isThere ? 0 : this.#failures + 1;
      if (!isThere) this.#leftOut++;
      if (this.#failures < GIVEN_UP) continue;
      this.#leftOut += this.#queue.length;
      this.#queue.length = 0;
    }
    // At once, and not when the promise is settled: what comes in between would wait for the next one.
    this.#sending = undefined;
  }

  async #sendOne(event: object): Promise<boolean> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: this.#headers,
        body: JSON.stringify(event),
        signal: AbortSignal.any([this.#over.signal, AbortSignal.timeout(REQUEST_MS)]),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false; // told at the end
    }
  }
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, pause(ms, undefined, {signal: over.signal}).catch(() => undefined)]);
  over.abort();
}
