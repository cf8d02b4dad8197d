/**
 * A worker that runs the assets' own code: a thread with a bounded heap, or a process with a bounded memory. Either way
 * it hears and says the messages of code-protocol.ts, can be ended at any moment, and says why it ended by itself.
 * It does not deal with calls (code-host.ts).
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {Worker} from 'node:worker_threads';
import type {FromWorker, ToWorker} from './code-protocol.ts';

export interface ChannelOptions {
  readonly isolation: 'thread' | 'process';
  /** Bytes that the code may use: of a thread its heap, of a process all. */
  readonly memory: number;
  readonly onMessage: (message: FromWorker) => void;
  /** Once, where it ends by itself. */
  readonly onEnd: (why: Error) => void;
}

export interface Channel {
  post(message: ToWorker): void;
  kill(): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;

/** What Node 24 needs of its own under a limit of data, before it runs any code: it starts with 600 MB and not with 500. */
const OWN_MEMORY = 640 * MEBIBYTE;

const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './code-worker.ts' : './code-worker.js',
  import.meta.url,
);

export function openChannel(options: ChannelOptions): Channel {
  return options.isolation === 'thread' ? openThread(options) : openProcess(options);
}

function openThread({memory, onMessage, onEnd}: ChannelOptions): Channel {
  const worker = new Worker(ENTRY, {
    resourceLimits: {maxOldGenerationSizeMb: Math.max(16, Math.round(memory / MEBIBYTE))},
  });
  // A run that ends does not wait for it.
  worker.unref();
  let isOver = false;
  const end = (why: Error): void => {
    if (isOver) return;
    isOver = true;
    onEnd(why);
  };
  worker.on('message', onMessage);
  worker.on('error', error => end(uncaught(error, memory)));
  worker.on('exit', code => end(ended(`exit code ${code}`)));
  return {
    post: message => worker.postMessage(message),
    kill: async () => {
      isOver = true;
      await worker.terminate();
    },
  };
}

/**
 * Code that never yields does not hear that its parent is gone. A shell beside it looks once a second, without a hold
 * on the channel; a thread that looks would need more than 128 MiB of address space under the limit.
 */
const WATCH =
  '(while kill -0 $PPID && kill -0 $$; do sleep 1; done; kill -9 $$) </dev/null >/dev/null 2>&1 3>&- &';

/** The limit is the system's, so that it holds for buffers as well, which are no part of any heap. */
function openProcess({memory, onMessage, onEnd}: ChannelOptions): Channel {
  const heap = `--max-old-space-size=${Math.max(16, Math.round(memory / MEBIBYTE))}`;
  const limit = Math.round((memory + OWN_MEMORY) / 1024);
  const script = `${WATCH}
ulimit -d ${limit} && exec "$0" "$@"`;
  const child: ChildProcess = spawn('sh', ['-c', script, process.execPath, heap, fileURLToPath(ENTRY)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  let isOver = false;
  const end = (why: Error): void => {
    if (isOver) return;
    isOver = true;
    onEnd(why);
  };
  child.on('message', message => onMessage(message as FromWorker)); // our own entry sends them
  child.on('error', error => end(new Error(`Its process cannot be started: ${error.message}`)));
  child.on('exit', (code, signal) => {
    const isMemory = signal === 'SIGABRT' || signal === 'SIGTRAP' || signal === 'SIGILL' || code === 134;
    end(isMemory ? tooMuch(memory) : ended(signal ?? `exit code ${code}`));
  });
  child.unref();
  child.channel?.unref();
  return {
    post: message => {
      // One that has ended tells so by itself.
      if (child.connected) child.send(message, () => undefined);
    },
    kill: async () => {
      isOver = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const {promise, resolve} = Promise.withResolvers<void>();
      child.on('exit', () => resolve());
      child.kill('SIGKILL');
      await promise;
    },
  };
}

function uncaught(error: unknown, memory: number): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return tooMuch(memory);
  const message = error instanceof Error ? error.message : String(error);
  return new Error(`Its code threw outside of its call: ${message}. Await every promise that it starts.`, {
    cause: error,
  });
}

function tooMuch(memory: number): Error {
  const size = Math.round(memory / MEBIBYTE);
  return new Error(
    `Its code needed more than ${size} MiB of memory. Yield rows one by one, or raise the asset's 'memory:'.`,
  );
}

function ended(how: string): Error {
  return new Error(`Its code ended the worker that runs it (${how}). It must return or throw.`);
}
