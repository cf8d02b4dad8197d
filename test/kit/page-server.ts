/**
 * The page's server over a project, started by the command line in this process, and what a page does with it.
 * It does not deal with browsers.
 */
import {setTimeout as delay} from 'node:timers/promises';
import type {LiveMessage} from '../../server/live-message.ts';
import type {PlanBody} from '../../server/schema/plan.ts';
import type {RunBody} from '../../server/schema/run.ts';
import {type Strips, unpackStrips} from '../../server/strip-format.ts';

/** A project that a command line can be run on, such as ToyProject. */
interface Served {
  onOutput: (text: string) => void;
  run(
    ...args: readonly string[]
  ): Promise<{readonly code: number; readonly out: string; readonly err: string}>;
  interrupt(): void;
}

export class PageServer {
  readonly url: string;
  readonly #project: Served;
  readonly #ended: ReturnType<Served['run']>;

  private constructor(project: Served, url: string, ended: ReturnType<Served['run']>) {
    this.#project = project;
    this.url = url;
    this.#ended = ended;
  }

  static async start(project: Served, ...flags: readonly string[]): Promise<PageServer> {
    const {promise: url, resolve} = Promise.withResolvers<string>();
    project.onOutput = text => {
      const [found] = /http:\/\/\S+(?=\/ )/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    };
    const ended = project.run('serve', ...(flags.includes('--port') ? [] : ['--port', '0']), ...flags);
    const early = ended.then(({err}) => Promise.reject(new Error(`It ended: ${err}`)));
    return new PageServer(project, await Promise.race([url, early]), ended);
  }

  /** Returns the exit code. */
  async stop(): Promise<number> {
    this.#project.interrupt();
    return (await this.#ended).code;
  }

  /** What it wrote to standard error, once it has stopped. */
  async complaints(): Promise<string> {
    return (await this.#ended).err;
  }

  /** `path` below /api/v1. */
  ask(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}/api/v1${path}`, init);
  }

  async get<T = unknown>(path: string): Promise<T> {
    const response = await this.ask(path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  post(path: string, body: object): Promise<Response> {
    return this.ask(path, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify(body),
    });
  }

  async strips(path = '/strips'): Promise<Strips> {
    return unpackStrips(new Uint8Array(await (await this.ask(path)).arrayBuffer()));
  }

  async plan(question: object = {}): Promise<PlanBody> {
    const response = await this.post('/plans', question);
    if (response.status !== 201) throw new Error(`/plans: ${response.status} ${await response.text()}`);
    return (await response.json()) as PlanBody;
  }

  /** Plans, materializes what was shown, and waits for its end. */
  async materialize(question: object = {}): Promise<RunBody> {
    const {id} = await this.plan(question);
    const response = await this.post(`/plans/${id}/materialize`, {});
    const {run} = (await response.json()) as {run: string};
    return await this.ended(run);
  }

  async ended(run: string): Promise<RunBody> {
    for (;;) {
      const found = await this.get<RunBody>(`/runs/${run}`);
      if (found.status !== 'running') return found;
      await delay(50);
    }
  }

  /** Messages as they come; goes on after `lastId`. */
  listen(lastId?: string): Listening {
    return new Listening(`${this.url}/api/v1/stream`, lastId);
  }
}

interface Heard {
  readonly id: string;
  readonly message: LiveMessage;
}

export class Listening {
  readonly heard: Heard[] = [];
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(url: string, lastId: string | undefined) {
    this.#done = this.#read(url, lastId).catch(error => {
      if (!this.#stop.signal.aborted) throw error;
    });
  }

  /** The first message that holds, of those that came and will come. */
  async until(holds: (message: LiveMessage) => boolean, timeoutMs = 20_000): Promise<Heard> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const found = this.heard.find(({message}) => holds(message));
      if (found !== undefined) return found;
      if (performance.now() > end) throw new Error(`Only heard: ${JSON.stringify(this.heard)}`);
      await delay(20);
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #read(url: string, lastId: string | undefined): Promise<void> {
    const headers = lastId === undefined ? {} : {'last-event-id': lastId};
    const response = await fetch(url, {headers, signal: this.#stop.signal});
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += new TextDecoder().decode(chunk, {stream: true});
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) this.#hear(event);
    }
  }

  #hear(event: string): void {
    const fields = event.split('\n').map(line => /^(\w+): (.*)$/.exec(line) ?? []);
    const fieldOf = (name: string) => fields.find(([, own]) => own === name)?.[2];
    const data = fieldOf('data');
    if (data !== undefined) this.heard.push({id: fieldOf('id') ?? '', message: JSON.parse(data)});
  }
}
