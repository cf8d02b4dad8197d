/**
 * The part of GitHub's REST API that comments on pull requests need, over HTTP: lists by pages, makes and changes them,
 * and refuses what GitHub refuses. It knows one repository and no more of its rules.
 */
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';

const REPOSITORY = '/repos/club/stats';
/** https://docs.github.com/en/rest/issues/comments: more than so many letters are refused with 422. */
const LONGEST = 65_536;

interface Stored {
  readonly id: number;
  readonly issue: number;
  body: string;
}

export class GithubServer {
  readonly comments: Stored[] = [];
  readonly requests: string[] = [];
  /** What the next requests are answered instead, in order. */
  readonly failures: {readonly status: number; readonly headers?: Record<string, string>}[] = [];
  readonly token = 'ghs_test';
  /** As the token of a workflow that a fork's change started. */
  isReadOnly = false;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<GithubServer> {
    const server = createServer();
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    return new GithubServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`; // it listens on TCP
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(done => this.#server.close(done));
  }

  add(issue: number, body: string): void {
    this.comments.push({id: 1000 + this.comments.length, issue, body});
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const {method = 'GET', headers} = request;
    const url = new URL(request.url ?? '/', this.url);
    this.requests.push(`${method} ${url.pathname}${url.search}`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array); // a request gives bytes
    const send = (status: number, body: unknown, more: Record<string, string> = {}): void => {
      response.writeHead(status, {'content-type': 'application/json; charset=utf-8', ...more});
      response.end(JSON.stringify(body));
    };
    const failure = this.failures.shift();
    if (failure !== undefined) return send(failure.status, {message: 'told to fail'}, failure.headers);
    if (headers.authorization !== `Bearer ${this.token}`) return send(401, {message: 'Bad credentials'});
    if (headers['user-agent'] === undefined) return send(403, {message: 'a User-Agent is needed'});
    const list = new RegExp(`^${REPOSITORY}/issues/(\\d+)/comments$`).exec(url.pathname);
    const one = new RegExp(`^${REPOSITORY}/issues/comments/(\\d+)$`).exec(url.pathname);
    if (method === 'GET' && list !== null) return this.#list(Number(list[1]), url, send);
    if (this.isReadOnly) return send(403, {message: 'Resource not accessible by integration'});
    if (!(method === 'POST' && list !== null) && !(method === 'PATCH' && one !== null))
      return send(404, {message: 'Not Found'});
    const {body} = JSON.parse(Buffer.concat(chunks).toString()) as {body: string};
    if (body.length > LONGEST) return send(422, {message: 'Validation Failed'});
    if (list !== null) {
      this.add(Number(list[1]), body);
      return send(201, this.#shown(this.comments.at(-1)));
    }
    const found = this.comments.find(({id}) => id === Number(one?.[1]));
    if (found === undefined) return send(404, {message: 'Not Found'});
    found.body = body;
    return send(200, this.#shown(found));
  }

  #list(
    issue: number,
    url: URL,
    send: (status: number, body: unknown, more?: Record<string, string>) => void,
  ) {
    const size = Math.min(100, Number(url.searchParams.get('per_page') ?? 30));
    const page = Number(url.searchParams.get('page') ?? 1);
    const own = this.comments.filter(each => each.issue === issue);
    const shown = own.slice((page - 1) * size, page * size).map(each => this.#shown(each));
    const last = Math.ceil(own.length / size);
    const at = (number: number) => `<${this.url}${url.pathname}?per_page=${size}&page=${number}>`;
    const link = page < last ? {link: `${at(page + 1)}; rel="next", ${at(last)}; rel="last"`} : {};
    send(200, shown, link);
  }

  #shown(stored: Stored | undefined): object {
    const {id = 0, body = ''} = stored ?? {};
    return {id, body, html_url: `https://github.test/club/stats/pull/7#issuecomment-${id}`};
  }
}
