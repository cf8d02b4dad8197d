/**
 * The BigQuery server alone (serve-alone.ts): `node test/google/bigquery-process.ts '{"project":"league"}'`.
 */
import {startBigqueryServer} from './bigquery-server.ts';
import {serveAlone} from './serve-alone.ts';

serveAlone(await startBigqueryServer(JSON.parse(process.argv[2] ?? '{"project":"league"}')));
