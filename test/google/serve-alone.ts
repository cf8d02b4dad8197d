/**
 * A server as a process of its own: it prints its address in the first line, takes each line of its standard input as a
 * fault, and ends when that does. It does not deal with what it serves.
 */
import {createInterface} from 'node:readline';

interface Server<Fault> {
  readonly url: string;
  fail(fault: Fault): void;
  close(): Promise<void>;
}

export function serveAlone<Fault>(server: Server<Fault>): void {
  process.stdout.write(`${server.url}\n`);
  const lines = createInterface({input: process.stdin});
  lines.on('line', line => {
    server.fail(JSON.parse(line));
    process.stdout.write('failing\n');
  });
  lines.on('close', () => void server.close());
}
