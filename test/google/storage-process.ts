/**
 * The storage server alone (serve-alone.ts): `node test/google/storage-process.ts '{"buckets":{"b":{"location":"us-west2"}}}'`.
 */
import {serveAlone} from './serve-alone.ts';
import {startStorageServer} from './storage-server.ts';

serveAlone(await startStorageServer(JSON.parse(process.argv[2] ?? '{"buckets":{}}')));
