/**
 * Asks the thread that talks to PostgreSQL, and waits for its answer without going on meanwhile: the planner reads one
 * moment of the ledger in one go, whatever the engine. One thread a process, however many ledgers.
 * It does not know what is asked (postgres-database.ts), nor how it is answered (postgres-worker.ts).
 */
import {MessageChannel, type MessagePort, receiveMessageOnPort, SHARE_ENV, Worker} from 'node:worker_threads';
import type {Answer, Ask, Told} from './postgres-message.ts';

const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './postgres-worker.ts' : './postgres-worker.js',
  import.meta.url,
);

let shared: PostgresThread | undefined;

export function postgresThread(): PostgresThread {
  shared ??= new PostgresThread();
  return shared;
}

class PostgresThread {
  readonly #port: MessagePort;
  /** Rises with each answer. */
  readonly #bell = new Int32Array(new SharedArrayBuffer(4));
  #asked = 0;
  #connections = 0;

  constructor() {
    const {port1, port2} = new MessageChannel();
    this.#port = port1;
    const worker = new Worker(ENTRY, {
      workerData: {port: port2, bell: this.#bell},
      transferList: [port2],
      // PGPASSWORD and its like count as they are when a connection is made.
      env: SHARE_ENV,
    });
    // Neither keeps a command from ending.
    worker.unref();
    port1.unref();
  }

  /** The number of a connection, which is made when it is first asked. */
  connection(): number {
    return ++this.#connections;
  }

  /** Undefined where no answer came in time: then the connection is given up. */
  ask(ask: Omit<Ask, 'id'>, timeoutMs: number): Answer | undefined {
    const id = ++this.#asked;
    const until = performance.now() + timeoutMs;
    let heard = Atomics.load(this.#bell, 0);
    this.#tell({...ask, id});
    for (;;) {
      // Answers that nobody waited for may lie before it.
      for (let found = receiveMessageOnPort(this.#port); found; found = receiveMessageOnPort(this.#port)) {
        const answer = found.message as Answer; // the worker sends nothing else
        if (answer.id === id) return answer;
      }
      const left = until - performance.now();
      if (left <= 0) break;
      Atomics.wait(this.#bell, 0, heard, left);
      heard = Atomics.load(this.#bell, 0);
    }
    this.#tell({kind: 'abandon', connection: ask.connection, id});
    return undefined;
  }

  /** Lets another have the connection. */
  release(connection: number): void {
    this.#tell({kind: 'release', connection});
  }

  #tell(told: Told): void {
    this.#port.postMessage(told);
  }
}
