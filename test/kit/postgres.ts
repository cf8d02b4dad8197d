/**
 * Debian's PostgreSQL on a free port of this machine, for tests that need a real one: a server a process that runs tests,
 * a database a test. It syncs nothing to the disk, which is gone with it. It does not deal with what is kept there.
 */
import {execFileSync, spawn} from 'node:child_process';
import {chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync} from 'node:fs';
import {createServer, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {Client} from 'pg';

const PARENT = '/usr/lib/postgresql';

/** Folder of the newest one's programs; undefined where there is none. */
const BIN = existsSync(PARENT)
  ? readdirSync(PARENT)
      .sort((a, b) => Number(b) - Number(a))
      .map(version => join(PARENT, version, 'bin'))
      .find(bin => existsSync(join(bin, 'postgres')))
  : undefined;

/** Tests that need one are told in with-postgres.ts. */
export const hasPostgres = BIN !== undefined;

/** Where the tests' server lets in whoever knows it. */
export const PASSWORD = 'open-sesame';

/** SIGQUIT ends it at once, as it stands. Its folder goes with it, unless it is told otherwise. */
const WATCHED =
  '"$@" </dev/null & server=$!; read -r line; kill -QUIT $server; wait $server; [ "$line" = keep ] || rm -rf "$PWD"';
const KEEP = 'keep\n';

export interface PostgresServer {
  readonly port: number;
  /** A database of one's own, empty or a copy of another that nobody uses any more; the URL holds the password. */
  database(from?: string): Promise<string>;
  drop(url: string): Promise<void>;
  /** What a psql would do, in a database of `database()`. */
  query(url: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** As a machine that loses its power, and comes back. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

let shared: Promise<PostgresServer> | undefined;

/** The one server of this process, started when it is first asked for; it ends with the process. */
export function testPostgres(): Promise<PostgresServer> {
  shared ??= startPostgres();
  return shared;
}

/** Another server, which the caller stops. */
async function startPostgres(): Promise<PostgresServer> {
  if (BIN === undefined) throw new Error(`There is no PostgreSQL in ${PARENT}: apt-get install postgresql`);
  const folder = mkdtempSync(join(tmpdir(), 'gameplan-postgres-'));
  const user = unprivileged();
  chmodSync(folder, 0o755);
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const secret = join(folder, 'password');
  const as = {...user, cwd: folder};
  execFileSync('/bin/sh', ['-c', `umask 077; printf %s ${PASSWORD} > ${secret}`], as);
  execFileSync(
    join(BIN, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'tester',
      '--auth=scram-sha-256',
      `--pwfile=${secret}`,
      '--no-sync',
      '-E',
      'UTF8',
      '--no-locale',
    ],
    {...as, stdio: 'pipe'},
  );
  const server = new Server(BIN, {folder, data, as, port: await freePort()});
  await server.start();
  return server;
}

interface Place {
  readonly folder: string;
  readonly data: string;
  readonly as: {readonly uid?: number; readonly gid?: number; readonly cwd: string};
  readonly port: number;
}

class Server implements PostgresServer {
  readonly port: number;
  readonly #bin: string;
  readonly #place: Place;
  #process: ReturnType<typeof spawn> | undefined;
  #count = 0;

  constructor(bin: string, place: Place) {
    this.#bin = bin;
    this.#place = place;
    this.port = place.port;
  }

  async start(): Promise<void> {
    const {data, as, folder, port} = this.#place;
    const settings = {
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      fsync: 'off',
      full_page_writes: 'off',
      max_connections: 200,
      shared_buffers: '32MB',
      max_wal_size: '256MB',
      autovacuum: 'off',
      log_min_messages: 'fatal',
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const program = [join(this.#bin, 'postgres'), '-D', data, ...flags];
    // A process of tests may be killed: what it never writes to ends with it, and then the server does.
    const started = spawn('/bin/sh', ['-c', WATCHED, 'sh', ...program], {
      ...as,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    started.unref();
    (started.stdin as Socket).unref(); // a pipe is one
    this.#process = started;
    await this.#untilReady();
  }

  async database(from?: string): Promise<string> {
    const name = `test_${process.pid}_${++this.#count}`;
    const template = from === undefined ? 'template1' : nameIn(from);
    const system = this.#url('postgres');
    await this.query(
      system,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${template}'`,
    );
    await this.query(system, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY = wal_log`);
    return this.#url(name);
  }

  async drop(url: string): Promise<void> {
    await this.query(this.#url('postgres'), `DROP DATABASE ${nameIn(url)} WITH (FORCE)`);
  }

  async query(url: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const client = new Client({connectionString: url});
    // A server that goes away says so here as well as to whoever asked.
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async kill(): Promise<void> {
    await this.#end(KEEP);
  }

  async stop(): Promise<void> {
    await this.#end('');
  }

  async #end(word: string): Promise<void> {
    const ending = this.#process;
    if (ending === undefined) return;
    this.#process = undefined;
    const ended = new Promise(resolve => ending.once('exit', resolve));
    ending.stdin?.end(word);
    await ended;
  }

  async #untilReady(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await this.query(this.#url('postgres'), 'SELECT 1');
        return;
      } catch (error) {
        if (tries === 200) throw error;
        await delay(25);
      }
    }
  }

  #url(database: string): string {
    return `postgres://tester:${PASSWORD}@127.0.0.1:${this.port}/${database}`;
  }
}

function nameIn(url: string): string {
  return new URL(url).pathname.slice(1);
}

/** The server refuses to run as root: then it is the user that Debian made for it, or else nobody. */
function unprivileged(): {readonly uid: number; readonly gid: number} | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'));
  const found = ['postgres', 'nobody'].flatMap(name => users.filter(([own]) => own === name));
  const [, , uid, gid] = found[0] ?? [];
  if (uid === undefined || gid === undefined)
    throw new Error('There is no user that the server could run as.');
  return {uid: Number(uid), gid: Number(gid)};
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
