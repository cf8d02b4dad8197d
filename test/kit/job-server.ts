/**
 * A server that knows jobs and nothing else: each new one ends as the test says. Requests can be lost before and after
 * they are done. It runs no SQL.
 */
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import type {ErrorProto, JobResource} from '../../runner/bigquery-rest.ts';

/** How a new job ends: after it was looked at so often, well or in an error. `never`: only when it is cancelled. */
export interface Ending {
  readonly looks?: number | 'never';
  readonly error?: ErrorProto;
  readonly bytesBilled?: number;
}

/** What goes wrong with a request: answered with a status, or the line is cut, before or after it was done. */
export interface Fault {
  readonly on: 'insert' | 'get' | 'cancel';
  readonly when: 'before' | 'after';
  readonly answer: 'reset' | {readonly status: number; readonly reason?: string; readonly message?: string};
}

interface Held {
  readonly resource: JobResource & {readonly configuration: Record<string, unknown>};
  ending: Ending;
  looks: number;
  isCancelled: boolean;
}

export class JobServer {
  readonly jobs = new Map<string, Held>();
  /** Of every request: method and path after the project, without what is asked. */
  readonly requests: string[] = [];
  readonly bodies: Record<string, unknown>[] = [];
  /** For new jobs, in their order; then all end well. */
  readonly endings: Ending[] = [];
  readonly faults: Fault[] = [];
  /** Answers to `getQueryResults` by page token. */
  pages: Record<string, unknown> = {};
  dryRunBytes = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<JobServer> {
    const server = new JobServer();
    await new Promise<void>(resolve => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get endpoint(): string {
    // An IP server's address is an object.
    const {port} = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  ids(): readonly string[] {
    return [...this.jobs.keys()];
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.endpoint);
    const path = decodeURIComponent(url.pathname.replace(/^\/bigquery\/v2\/projects\/[^/]+/, ''));
    const method = request.method ?? '';
    this.requests.push(`${method} ${path}`);
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const operation = method === 'POST' ? (path.endsWith('/cancel') ? 'cancel' : 'insert') : 'get';
    const at = this.faults.findIndex(each => each.on === operation);
    const fault = at < 0 ? undefined : this.faults.splice(at, 1)[0];
    if (fault?.when === 'before') return failed(response, fault.answer);
    const answer = this.#answer(operation, path, url, text);
    if (fault !== undefined) return failed(response, fault.answer);
    send(response, answer.status, answer.body);
  }

  #answer(operation: Fault['on'], path: string, url: URL, text: string): {status: number; body: unknown} {
    if (operation === 'insert') return this.#insert(text);
    const id = /^\/(?:jobs|queries)\/([^/]+)/.exec(path)?.[1] ?? '';
    const job = this.jobs.get(id);
    if (job === undefined) return refusal(404, 'notFound', `Not found: Job p:${id}`);
    if (operation === 'cancel') {
      job.isCancelled = true;
      return {status: 200, body: {job: this.#standing(job)}};
    }
    if (path.startsWith('/queries/') && url.searchParams.get('maxResults') !== '0') {
      return {status: 200, body: this.pages[url.searchParams.get('pageToken') ?? ''] ?? {}};
    }
    job.looks++;
    const resource = this.#standing(job);
    if (path.startsWith('/jobs/')) return {status: 200, body: resource};
    const {state, errorResult} = resource.status ?? {};
    if (errorResult !== undefined) return refusal(400, errorResult.reason ?? '', errorResult.message ?? '');
    return {status: 200, body: {jobComplete: state === 'DONE'}};
  }

  #insert(text: string): {status: number; body: unknown} {
    // What our own client sends.
    const body = JSON.parse(text) as Held['resource'];
    this.bodies.push(body as unknown as Record<string, unknown>);
    if (body.configuration['dryRun'] === true) {
      return {
        status: 200,
        body: {...body, status: {state: 'DONE'}, statistics: {totalBytesProcessed: String(this.dryRunBytes)}},
      };
    }
    const id = body.jobReference?.jobId ?? '';
    if (this.jobs.has(id)) return refusal(409, 'duplicate', `Already Exists: Job p:US.${id}`);
    const job: Held = {resource: body, ending: this.endings.shift() ?? {}, looks: 0, isCancelled: false};
    this.jobs.set(id, job);
    return {status: 200, body: this.#standing(job)};
  }

  #standing({resource, ending, looks, isCancelled}: Held): JobResource {
    const {looks: needed = 1, error, bytesBilled = 0} = ending;
    if (isCancelled && (needed === 'never' || looks < needed)) {
      return {
        ...resource,
        status: {state: 'DONE', errorResult: {reason: 'stopped', message: 'Job execution was cancelled.'}},
      };
    }
    if (needed === 'never' || looks < needed) return {...resource, status: {state: 'RUNNING'}};
    return {
      ...resource,
      status: {state: 'DONE', ...(error === undefined ? {} : {errorResult: error})},
      statistics: {totalSlotMs: '7', query: {totalBytesBilled: String(bytesBilled)}},
    };
  }
}

function refusal(status: number, reason: string, message: string): {status: number; body: unknown} {
  return {status, body: {error: {code: status, message, errors: [{domain: 'global', reason, message}]}}};
}

function failed(response: ServerResponse, answer: Fault['answer']): void {
  if (answer === 'reset') response.destroy();
  else {
    const {status, reason = 'backendError', message = 'Error encountered during execution.'} = answer;
    send(response, status, refusal(status, reason, message).body);
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(body));
}
