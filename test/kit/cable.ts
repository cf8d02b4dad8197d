/**
 * A cable between a process and a server of this machine, which a test can cut and mend: what is under way on it then
 * gets no answer and no error, as with a router that lost its power.
 */
import {once} from 'node:events';
import {Worker} from 'node:worker_threads';

export class Cable {
  readonly port: number;
  readonly #thread: Worker;

  private constructor(thread: Worker, port: number) {
    this.#thread = thread;
    this.port = port;
  }

  static async to(port: number): Promise<Cable> {
    const thread = new Worker(new URL('./cable-thread.ts', import.meta.url), {workerData: {port}});
    const [address] = await once(thread, 'message');
    return new Cable(thread, address.port);
  }

  cut(): void {
    this.#thread.postMessage('cut');
  }

  mend(): void {
    this.#thread.postMessage('mend');
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }
}
