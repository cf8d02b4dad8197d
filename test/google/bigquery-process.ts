/**
 * The BigQuery server as a process of its own: `node test/google/bigquery-process.ts '{"project":"league"}'` prints its
 * address in the first line and ends when its standard input does. Each line that it reads there is a fault.
 */
import {createInterface} from 'node:readline';
import {startBigqueryServer} from './bigquery-server.ts';

const server = await startBigqueryServer(JSON.parse(process.argv[2] ?? '{"project":"league"}'));
process.stdout.write(`${server.url}\n`);
const lines = createInterface({input: process.stdin});
lines.on('line', line => {
  server.fail(JSON.parse(line));
  process.stdout.write('failing\n');
});
lines.on('close', () => void server.close());
