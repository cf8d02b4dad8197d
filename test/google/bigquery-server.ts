/**
 * A server on 127.0.0.1 that keeps BigQuery's rules, for use with the real client. Its SQL is translated and run on
 * DuckDB, so it cannot prove that a query means in BigQuery what it means here: the reference evaluator does that.
 * It does not model: legacy SQL, blocks and loops of scripts, DDL but for CREATE TABLE AS and temporary functions,
 * partitioning by ranges or time of ingestion, streaming, extract jobs, CSV, BYTES in parameters, JSON columns in
 * results, the cache of results, the rate of statements on a table, slots, row and column security, case-sensitive names; it does not check types.
 */
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {Catalog, type Table} from './bigquery-catalog.ts';
import {Engine} from './bigquery-engine.ts';
import {AskedFor, BigqueryError, errorBody, errorOf, statusOf} from './bigquery-error.ts';
import {type Call, type Fault, Faults, type Trouble, unauthenticated} from './bigquery-faults.ts';
import type {Job} from './bigquery-job.ts';
import {Jobs} from './bigquery-jobs.ts';
import {Locks} from './bigquery-locks.ts';
import {QUOTAS, QuotaBook, type Quotas} from './bigquery-quota.ts';
import {route} from './bigquery-routes.ts';
import {Denials, type World} from './bigquery-world.ts';

export interface BigqueryServerOptions {
  readonly project: string;
  /** Of load jobs' objects, such as `http://127.0.0.1:4443`. */
  readonly storageUrl?: string;
  /** Lower limits than Google's. */
  readonly quotas?: Partial<Quotas>;
  /** Rows of a page at most. */
  readonly pageRows?: number;
  readonly port?: number;
  readonly now?: () => number;
}

export interface BigqueryServer {
  /** For the client's `apiEndpoint`. */
  readonly url: string;
  /** Every job so far, children of scripts included. */
  readonly jobs: readonly Job[];
  /** Every request so far. */
  readonly calls: readonly Call[];
  readonly denials: Denials;
  fail(fault: Fault): void;
  /** Forgets faults that are still to come. */
  heal(): void;
  /** No credentials are accepted until they are restored. */
  revoke(): void;
  restore(): void;
  /** Undefined where there is none. */
  table(dataset: string, id: string): Table | undefined;
  /** Each dataset whose name begins with `from` once more, under `to`; no request and no job is needed for it. */
  copyDatasets(from: string, to: string): Promise<void>;
  dropDatasets(prefix: string): Promise<void>;
  close(): Promise<void>;
}

export async function startBigqueryServer(options: BigqueryServerOptions): Promise<BigqueryServer> {
  const {project, storageUrl, now = Date.now} = options;
  const quotas = {...QUOTAS, ...options.quotas};
  const engine = await Engine.open(':memory:');
  const catalog = new Catalog(project, engine, now);
  const denials = new Denials();
  const world: World = {
    engine,
    catalog,
    locks: new Locks(quotas),
    quotas: new QuotaBook(quotas, now),
    denials,
    now,
    storageUrl,
  };
  const jobs = new Jobs(world, options.pageRows ?? 10_000);
  const front = new Front(world, jobs);
  const server = createServer((request, response) => void front.serve(request, response));
  await new Promise<void>(resolve => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  return {
    url: urlOf(server),
    jobs: jobs.all,
    calls: front.calls,
    denials,
    fail: fault => front.faults.add(fault),
    heal: () => front.faults.clear(),
    revoke: () => {
      front.isRevoked = true;
    },
    restore: () => {
      front.isRevoked = false;
    },
    table: (dataset, id) => catalog.findTable(project, dataset, id),
    copyDatasets: (from, to) => catalog.copyDatasets(from, to),
    dropDatasets: prefix => catalog.dropDatasets(prefix),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>(resolve => server.close(() => resolve()));
      await jobs.settleAll();
      engine.close();
    },
  };
}

function urlOf(server: Server): string {
  // A server that listens on a port has an address with one.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What stands between the socket and the routes: credentials, faults, records. */
class Front {
  readonly calls: Call[] = [];
  readonly faults = new Faults();
  isRevoked = false;
  readonly #world: World;
  readonly #jobs: Jobs;

  constructor(world: World, jobs: Jobs) {
    this.#world = world;
    this.#jobs = jobs;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const [path = '/', search = ''] = (request.url ?? '/').split('?');
    const call = {method: request.method ?? 'GET', path, search, body};
    this.calls.push(call);
    const troubles = this.faults.of(call);
    if (troubles.some(({kind}) => kind === 'revoke')) this.isRevoked = true;
    if (resets(troubles, 'before')) {
      request.socket.destroy();
      return;
    }
    const answer = instead(troubles, 'before') ?? (await this.#answer(call, request, troubles));
    if (resets(troubles, 'after')) request.socket.destroy();
    else send(response, instead(troubles, 'after') ?? answer);
  }

  async #answer(call: Call, request: IncomingMessage, troubles: readonly Trouble[]): Promise<Answer> {
    try {
      if (this.isRevoked || !request.headers.authorization?.startsWith('Bearer ')) throw unauthenticated();
      const [, project = '', rest = ''] =
        /^\/bigquery\/v2\/projects\/([^/]+)\/?(.*?)\/?$/.exec(call.path) ?? [];
      if (project === '') throw new BigqueryError('notFound', `Not found: ${call.path}`);
      const body = await route(call.method, {
        world: this.#world,
        jobs: this.#jobs,
        project: decodeURIComponent(project),
        parts: rest.split('/'),
        query: new URLSearchParams(call.search),
        body: call.body === '' ? {} : JSON.parse(call.body),
        troubles,
        ifMatch: request.headers['if-match'],
      });
      return {status: body === undefined ? 204 : 200, body};
    } catch (error) {
      const proto = errorOf(error);
      const status =
        error instanceof BigqueryError
          ? error.status
          : error instanceof AskedFor
            ? statusOf(proto.reason)
            : 500;
      return {status, body: errorBody(status === 200 ? 400 : status, proto)};
    }
  }
}

function resets(troubles: readonly Trouble[], when: 'before' | 'after'): boolean {
  return troubles.some(trouble => trouble.kind === 'reset' && trouble.when === when);
}

function instead(troubles: readonly Trouble[], when: 'before' | 'after'): Answer | undefined {
  const found = troubles.find(trouble => trouble.kind === 'answer' && trouble.when === when);
  if (found?.kind !== 'answer') return undefined;
  const {status, reason, message = `The test asked for ${reason}.`} = found;
  return {status, body: errorBody(status, {reason, message})};
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, {status, body}: Answer): void {
  response.writeHead(status, {'content-type': 'application/json; charset=UTF-8'});
  response.end(body === undefined ? '' : JSON.stringify(body));
}
