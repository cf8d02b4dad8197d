/**
 * Receivers of alerts on this machine: an HTTP server that takes what Slack and webhooks are sent, and a mail server that
 * asks for a password. Both keep what they were given, and refuse where a test says so.
 */
import {createServer, type IncomingHttpHeaders} from 'node:http';
import {SMTPServer} from 'smtp-server';

export interface Posted {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export class HttpReceiver {
  readonly posted: Posted[] = [];
  /** By path: the status that is answered, 200 where nothing is said; `silent`: no answer at all. */
  readonly status = new Map<string, number | 'silent'>();
  retryAfter: number | undefined;
  /** Stands before what it echoes where it refuses. */
  preface = 'no, ';
  readonly #server = createServer((request, response) => {
    const path = request.url ?? '';
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      this.posted.push({path, headers: request.headers, text});
      const status = this.status.get(path) ?? 200;
      if (status === 'silent') return;
      if (this.retryAfter !== undefined) response.setHeader('retry-after', this.retryAfter);
      response.statusCode = status;
      // A receiver may echo what it was asked with.
      response.end(status === 200 ? 'ok' : `${this.preface}${path} ${request.headers.authorization ?? ''}`);
    });
  });

  async open(): Promise<string> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${portOf(this.#server)}`;
  }

  at(path: string): readonly Posted[] {
    return this.posted.filter(each => each.path === path);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export interface Mailed {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came over the wire. */
  readonly raw: string;
}

export class MailReceiver {
  readonly mailed: Mailed[] = [];
  isRefusing = false;
  /** Addresses that it has no box for. */
  readonly unknown = new Set<string>();
  readonly #server = new SMTPServer({
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({username, password}, _session, done) => {
      if (username === 'bot' && password === PASSWORD) done(null, {user: username});
      else done(new Error(`no such user, or another password than ${password}`));
    },
    onRcptTo: ({address}, _session, done) => {
      if (this.unknown.has(address)) done(Object.assign(new Error('no such box'), {responseCode: 550}));
      else done();
    },
    onData: (stream, session, done) => {
      let raw = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => {
        raw += chunk;
      });
      stream.on('end', () => {
        if (this.isRefusing) {
          done(Object.assign(new Error('try again later'), {responseCode: 451}));
          return;
        }
        const {mailFrom, rcptTo} = session.envelope;
        this.mailed.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({address}) => address),
          raw,
        });
        done(null, 'taken');
      });
    },
  });

  /** The address with its password. */
  async open(): Promise<string> {
    this.#server.on('error', () => undefined);
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
    return `smtp://bot:${PASSWORD}@127.0.0.1:${portOf(this.#server.server)}`;
  }

  async close(): Promise<void> {
    await new Promise<void>(resolve => this.#server.close(() => resolve()));
  }
}

export const PASSWORD = 'hush-7f3a9c';

function portOf(server: {address(): ReturnType<import('node:net').Server['address']>}): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
