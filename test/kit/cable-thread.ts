/**
 * The far side of a cable (cable.ts), in a thread of its own: whoever waits for an answer over it may hold up the test's.
 */
import {connect, createServer, type Socket} from 'node:net';
import {parentPort, workerData} from 'node:worker_threads';

const {port} = workerData as {readonly port: number}; // cable.ts gives it
const ends = new Set<Socket>();
let isCut = false;

const server = createServer(near => {
  const far = connect(port, '127.0.0.1');
  join(near, far);
  join(far, near);
});

function join(one: Socket, other: Socket): void {
  ends.add(one);
  one.on('error', () => undefined);
  one.on('data', bytes => {
    if (!isCut) other.write(bytes);
  });
  one.on('close', () => {
    ends.delete(one);
    if (!isCut) other.destroy();
  });
}

parentPort?.on('message', (word: 'cut' | 'mend') => {
  isCut = word === 'cut';
  // What was under way is lost for good; who connects anew gets through.
  if (!isCut) for (const end of ends) end.destroy();
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address()));
