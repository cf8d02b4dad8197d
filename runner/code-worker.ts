/**
 * Runs the assets' own code, in a thread or process of its own: its calls, one or many at once, and what they ask of the
 * process that started it. It does not decide how long a call may take, nor where anything goes.
 */
import {parentPort} from 'node:worker_threads';
import type {Answer, FilesContext, Input, Row, RowsContext, SiteClient, StoredObject} from './asset.ts';
import {
  type Ask,
  type CallStart,
  errorFrom,
  type FromWorker,
  type PlainAnswer,
  type PlainObject,
  plainError,
  type ToWorker,
} from './code-protocol.ts';
import {readJson} from './json.ts';
import {loadModule} from './load-module.ts';
import {answerOf} from './site-answer.ts';

/** Rows that travel together. */
const CHUNK = 1_000;

const asked = new Map<number, {resolve(value: unknown): void; reject(error: Error): void}>();
const aborts = new Map<number, AbortController>();
/** What was refused, by the error that the code was given. */
const refusals = new WeakMap<object, number>();
let lastId = 0;

function send(message: FromWorker): void {
  if (parentPort !== null) parentPort.postMessage(message);
  else process.send?.(message);
}

function receive(message: ToWorker): void {
  switch (message.kind) {
    case 'start':
      void run(message);
      return;
    case 'abort':
      aborts.get(message.call)?.abort(errorFrom(message.error));
      return;
    case 'given':
      asked.get(message.id)?.resolve(message.value);
      asked.delete(message.id);
      return;
    case 'refused': {
      const error = errorFrom(message.error);
      refusals.set(error, message.id);
      asked.get(message.id)?.reject(error);
      asked.delete(message.id);
      return;
    }
    case 'ping':
      send({kind: 'pong'});
  }
}

function askFor(call: number, ask: Ask): Promise<unknown> {
  const id = ++lastId;
  const {promise, resolve, reject} = Promise.withResolvers<unknown>();
  asked.set(id, {resolve, reject});
  try {
    send({kind: 'ask', call, id, ask});
  } catch (error) {
    asked.delete(id);
    reject(error);
  }
  return promise;
}

async function run(start: CallStart): Promise<void> {
  const {call} = start;
  const abort = new AbortController();
  aborts.set(call, abort);
  try {
    const value = await (start.name === 'files' ? runFiles : runRows)(start, abort.signal);
    send({kind: 'done', call, value});
  } catch (error) {
    const refused = refusalIn(error);
    send({kind: 'failed', call, error: plainError(error), refused});
  } finally {
    aborts.delete(call);
  }
}

/** What it failed of, also where the code wrapped it into an error of its own. */
function refusalIn(error: unknown): number | undefined {
  const seen = new Set<unknown>();
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    const refused = refusals.get(at);
    if (refused !== undefined) return refused;
    seen.add(at);
  }
  return undefined;
}

async function runFiles(start: CallStart, signal: AbortSignal): Promise<unknown> {
  const files = await loadModule(start.root, start.module, 'files');
  const puts: Promise<unknown>[] = [];
  const context: FilesContext = {
    partition: start.partition,
    site: siteOf(start.call),
    put: async (name, bytes) => {
      const put = askFor(start.call, {kind: 'put', name, bytes});
      puts.push(put);
      await put;
    },
    inputs: inputsOf(start),
    asOf: start.asOf ?? '',
    signal,
  };
  const returned = await files(context);
  // Code that does not wait for what it puts would else be judged by a part of it.
  await Promise.all(puts);
  return returned;
}

async function runRows(start: CallStart, signal: AbortSignal): Promise<undefined> {
  const rows = await loadModule(start.root, start.module, 'rows');
  const context: RowsContext = {
    partition: start.partition,
    source: start.source,
    inputs: inputsOf(start),
    signal,
  };
  const made = rows(context);
  const give = (chunk: readonly Row[]) => askFor(start.call, {kind: 'rows', rows: chunk});
  if (isPromise(made)) {
    const list = await made;
    if (!Array.isArray(list)) throw notRows();
    for (let from = 0; from < list.length; from += CHUNK) await give(list.slice(from, from + CHUNK));
    return;
  }
  let chunk: Row[] = [];
  for await (const row of iterableOf(made)) {
    chunk.push(row);
    if (chunk.length < CHUNK) continue;
    await give(chunk);
    chunk = [];
  }
  await give(chunk);
}

/** Code without types can return anything. */
function iterableOf(made: AsyncIterable<Row>): AsyncIterable<Row> | Iterable<Row> {
  const isIterable = made instanceof Object && (Symbol.asyncIterator in made || Symbol.iterator in made);
  if (!isIterable) throw notRows();
  return made;
}

function notRows(): Error {
  return new Error("'rows' must return a list of objects, one a row, or yield them one by one.");
}

function isPromise<T>(value: Promise<T> | AsyncIterable<unknown>): value is Promise<T> {
  return value instanceof Object && 'then' in value;
}

function siteOf(call: number): SiteClient {
  return {
    get: async (path, query, {cost = 1} = {}): Promise<Answer> => {
      const answer = await askFor(call, {kind: 'get', path, query, cost});
      return answerOf(answer as PlainAnswer); // that is what is given for it
    },
  };
}

function inputsOf({call, edges}: CallStart): Readonly<Record<string, Input>> {
  let readings = 0;
  return Object.fromEntries(
    edges.map(edge => [edge, {objects: () => objectsOf(call, edge, ++readings)}] as const),
  );
}

async function* objectsOf(call: number, edge: string, reading: number): AsyncGenerator<StoredObject> {
  for (;;) {
    const found = await askFor(call, {kind: 'object', edge, reading});
    if (found === undefined || found === null) return;
    const {place, name, key, bytes} = found as PlainObject; // that is what is given for it
    const text = (): string => new TextDecoder().decode(bytes);
    yield {name, key, bytes, text, json: schema => readJson(text(), schema, place)};
  }
}

if (parentPort !== null) parentPort.on('message', receive);
else {
  process.on('message', receive);
  // Nobody is left to work for.
  process.on('disconnect', () => process.exit(0));
}
