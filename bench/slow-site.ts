/**
 * A site that answers every request after a while, in a process of its own: it takes no time from who asks. Its argument
 * is how long, in milliseconds; it prints its address.
 */
import {createServer} from 'node:http';

const delay = Number(process.argv[2]);
const server = createServer((request, response) => {
  setTimeout(() => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({games: [{id: request.url, points: 1}]}));
  }, delay);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null)
    process.stdout.write(`http://127.0.0.1:${address.port}\n`);
});
