// The league's HTTP server on 127.0.0.1: questions in, cached answers out, faults on request.
// Does not deal with what an answer says.
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {type Answer, answerTo, noEdits} from './answer.ts';
import {AnswerCache} from './answer-cache.ts';
import {type League, seasonsBetween} from './game.ts';
import {readQuestion} from './question.ts';
import {isRecordedData, openRecorded} from './recorded.ts';
import {openSimulated} from './simulated.ts';

export interface LeagueOptions {
  /** Without it: recorded if `dataDir` holds the recorded games, else simulated. */
  readonly mode?: 'recorded' | 'simulated';
  readonly seed?: number;
  readonly dataDir?: string;
  /** 0 (the default) takes any free port. */
  readonly port?: number;
  /** Without it: 2021-22 to 2025-26. */
  readonly seasons?: readonly string[];
  /** The moment the league lives in, an ISO time; without it every game is final. */
  readonly now?: string;
  /** Recorded only: serve the four player lines of November 2025 as they stood before their correction. */
  readonly early?: boolean;
  readonly log?: (line: string) => void;
}

export interface LeagueServer {
  readonly url: string;
  readonly mode: 'recorded' | 'simulated';
  /** Requests so far by endpoint. */
  requests(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Starts a league server. Throws if the recorded games are asked for and missing, or the port is taken. */
export async function startLeague(options: LeagueOptions = {}): Promise<LeagueServer> {
  const dataDir = options.dataDir ?? '../shared/data';
  const mode = options.mode ?? (isRecordedData(dataDir) ? 'recorded' : 'simulated');
  const seasons = options.seasons ?? seasonsBetween('2021-22', '2025-26');
  const early = options.early ?? false;
  const league =
    mode === 'recorded'
      ? await openRecorded({folder: dataDir, seasons, isEarly: () => early})
      : openSimulated(options.seed ?? 1, seasons);
  const site = new Site(league, options.now, options.log);
  const server = createServer((request, response) => site.serve(request, response));
  // Longer than clients keep idle connections, so none is closed under a request.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  // listen() on a host and port gives an address of that form, never a pipe's name.
  const {port} = address as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    mode,
    requests: () => site.requests(),
    close: async () => {
      await new Promise<void>(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      league.close();
    },
  };
}

class Site {
  readonly #league: League;
  readonly #now: string | undefined;
  readonly #log: ((line: string) => void) | undefined;
  readonly #cache = new AnswerCache(48_000_000);
  readonly #counts = new Map<string, number>();

  constructor(league: League, now: string | undefined, log: ((line: string) => void) | undefined) {
    this.#league = league;
    this.#now = now;
    this.#log = log;
  }

  requests(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    this.#answer(request, response).catch((error: unknown) => {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#log?.(`500 ${request.url ?? ''} ${message}`);
      send(response, {status: 500, type: 'text/plain', body: message});
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    const reading = readQuestion(new URL(path, 'http://127.0.0.1'));
    if (reading.kind !== 'question') {
      send(
        response,
        plain(reading.kind === 'wrong' ? 400 : 404, reading.kind === 'wrong' ? reading.message : 'Not found'),
      );
      return;
    }
    const {question} = reading;
    this.#counts.set(question.kind, (this.#counts.get(question.kind) ?? 0) + 1);
    const cached = this.#cache.find(path);
    if (cached !== undefined) {
      send(response, cached);
      return;
    }
    const answer = await answerTo({league: this.#league, question, now: this.#now, edits: noEdits});
    send(response, this.#cache.keep(path, answer));
    this.#log?.(`${answer.status} ${path}`);
  }
}

interface Sendable {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

function plain(status: number, body: string): Answer {
  return {status, type: 'text/plain; charset=utf-8', body};
}

function send(response: ServerResponse, {status, type, body}: Sendable): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, {'content-type': type, 'content-length': bytes.length});
  response.end(bytes);
}
