/**
 * The thread that talks to PostgreSQL for one that waits: connects, asks, and tells what came of it. Connections that are
 * given back are kept for a while, since who reads comes again.
 * It does not know what is asked, nor how long anybody is ready to wait.
 */
import {setTimeout as delay} from 'node:timers/promises';
import {type MessagePort, workerData} from 'node:worker_threads';
import pg from 'pg';
import {failureOf} from './postgres-failure.ts';
import type {Answer, Ask, Question, Server, Told} from './postgres-message.ts';

/** How long a connection may take to be made, and how long one that nobody uses is kept. Milliseconds. */
const CONNECT_MS = 5_000;
const KEPT_MS = 20_000;
const PAUSE_MS = 200;

/** A server that comes up, or is full for a moment. */
const SOON = new Set(['57P03', '53300', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', '']);

const INT8 = 20;
const NUMERIC = 1700;
const types = {
  getTypeParser: (oid: number) =>
    oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, 'text'),
};

/**
 * A holder of the lock that is cut off from the server is let go long before it counts as dead (liveness.ts), and nobody
 * waits for a lock longer than for a file.
 */
const SETTINGS = {
  lock_timeout: '10s',
  statement_timeout: '10s',
  idle_in_transaction_session_timeout: '8s',
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '15s',
};

const {port, bell} = workerData as {readonly port: MessagePort; readonly bell: Int32Array};
const clients = new Map<number, pg.Client>();
const lost = new WeakSet<pg.Client>();
const idle: {readonly server: Server; readonly client: pg.Client; readonly timer: NodeJS.Timeout}[] = [];
/** Questions that are being answered, and those of them that nobody waits for any more. */
const answering = new Set<number>();
const abandoned = new Set<number>();
const servers = new Map<number, Server>();

port.on('message', (told: Told) => {
  if ('what' in told) void serve(told);
  else if (told.kind === 'release') release(told.connection);
  else abandon(told.connection, told.id);
});

async function serve(ask: Ask): Promise<void> {
  answering.add(ask.id);
  const answer = await answerTo(ask);
  answering.delete(ask.id);
  abandoned.delete(ask.id);
  const bytes = 'rows' in answer ? buffersOf(answer.rows) : [];
  port.postMessage(answer, bytes);
  Atomics.add(bell, 0, 1);
  Atomics.notify(bell, 0);
}

async function answerTo(ask: Ask): Promise<Answer> {
  const until = performance.now() + (typeof ask.connect === 'number' ? ask.connect : 0);
  for (;;) {
    let client = clients.get(ask.connection) ?? keptFor(ask);
    const isNew = client === undefined;
    try {
      if (client === undefined && ask.connect === 'never') throw new Error('the connection was lost');
      client ??= await connectTo(ask.server);
      if (abandoned.delete(ask.id)) {
        client.connection.stream.destroy();
        throw new Error('nobody waits for it any more');
      }
      clients.set(ask.connection, client);
      servers.set(ask.connection, ask.server);
      return {id: ask.id, ...(await query(client, ask))};
    } catch (error) {
      const failure = failureOf(error, client !== undefined && lost.has(client));
      if (failure.isLost) drop(ask.connection);
      // One that was there may have been lost long ago: nobody has told us.
      const isAgain = !isNew || (SOON.has(failure.code) && performance.now() < until);
      const isLeft = abandoned.delete(ask.id);
      if (isLeft || !failure.isLost || ask.connect === 'never' || !isAgain) return {id: ask.id, failure};
      if (isNew) await delay(PAUSE_MS);
    }
  }
}

function keptFor({server, connect}: Ask): pg.Client | undefined {
  if (connect === 'never') return undefined;
  const place = idle.findIndex(
    each => each.server.url === server.url && each.server.schema === server.schema,
  );
  const [found] = place < 0 ? [] : idle.splice(place, 1);
  if (found !== undefined) clearTimeout(found.timer);
  return found?.client;
}

async function connectTo({url, schema}: Server): Promise<pg.Client> {
  const address = new URL(url);
  address.searchParams.delete('schema');
  const client = new pg.Client({
    connectionString: address.href,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    application_name: 'gameplan',
    pipeline: true,
    types,
  });
  client.on('error', () => lost.add(client));
  client.on('end', () => lost.add(client));
  await client.connect();
  const set = Object.entries({...SETTINGS, search_path: `"${schema}"`});
  await client.query(
    set.map(([name, value]) => `SET ${name} = ${name === 'search_path' ? value : `'${value}'`}`).join('; '),
  );
  return client;
}

async function query(client: pg.Client, {what}: Ask) {
  const all = await Promise.allSettled(what.map(question => queryOne(client, question)));
  // After the first the server refuses the rest.
  const failed = all.find(each => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const found = all.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []));
  const last = found.at(-1);
  if (last === undefined) throw new Error('Internal error: nothing was asked');
  return {
    columns: last.fields.map((field: pg.FieldDef) => field.name),
    rows: last.rows,
    changes: found.map(({rowCount}) => rowCount ?? 0),
    command: last.command,
  };
}

/** Of a script the last statement counts. */
async function queryOne(client: pg.Client, question: Question): Promise<pg.QueryArrayResult> {
  const found: pg.QueryArrayResult | readonly pg.QueryArrayResult[] = await client.query(
    question.kind === 'script'
      ? {text: question.text, rowMode: 'array' as const}
      : {
          text: question.text,
          values: question.values.map(value =>
            typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value,
          ),
          rowMode: 'array' as const,
          ...(question.name === undefined ? {} : {name: question.name}),
        },
  );
  return Array.isArray(found) ? found.at(-1) : found;
}

function release(connection: number): void {
  const client = clients.get(connection);
  const server = servers.get(connection);
  clients.delete(connection);
  servers.delete(connection);
  if (client === undefined || server === undefined || lost.has(client)) return;
  const timer = setTimeout(() => {
    idle.splice(
      idle.findIndex(each => each.client === client),
      1,
    );
    void client.end().catch(() => undefined);
  }, KEPT_MS);
  idle.push({server, client, timer});
}

/** Nobody waits for it any more, and what it may be in the middle of is not to come about. */
function abandon(connection: number, id: number): void {
  if (answering.has(id)) abandoned.add(id);
  drop(connection);
}

function drop(connection: number): void {
  const client = clients.get(connection);
  clients.delete(connection);
  if (client === undefined) return;
  lost.add(client);
  // At once: a server that does not answer would not answer a farewell either.
  client.connection.stream.destroy();
}

/** Each in memory of its own, which goes to the other thread without being copied. */
function buffersOf(rows: readonly (readonly unknown[])[]): ArrayBuffer[] {
  const found: ArrayBuffer[] = [];
  for (const row of rows as unknown[][]) {
    row.forEach((value, column) => {
      if (!(value instanceof Uint8Array)) return;
      const own = Uint8Array.from(value);
      row[column] = own;
      found.push(own.buffer);
    });
  }
  return found;
}
