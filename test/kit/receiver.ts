/** An HTTP receiver on 127.0.0.1 that keeps what is posted to it as JSON. It does not know what any of it means. */
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {gunzipSync} from 'node:zlib';

export interface Post {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

export class Receiver {
  readonly posts: Post[] = [];
  readonly url: string;
  readonly #close: () => void;

  private constructor(url: string, close: () => void) {
    this.url = url;
    this.#close = close;
  }

  /** `status` of every answer; `silent`: none is given. */
  static async open(status: number | 'silent' = 200): Promise<Receiver> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
        const {url: path = '', headers} = request;
        receiver.posts.push({path, headers, body: JSON.parse(text.toString())});
        if (status === 'silent') return;
        response.writeHead(status, {'content-type': 'application/json'});
        response.end('{}');
      });
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    const {port} = server.address() as AddressInfo; // of TCP
    const receiver = new Receiver(`http://127.0.0.1:${port}`, () => {
      server.closeAllConnections();
      server.close();
    });
    return receiver;
  }

  close(): void {
    this.#close();
  }
}
