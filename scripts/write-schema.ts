/**
 * Writes `pipeline.schema.json`, the manifest's JSON Schema for editors: `node scripts/write-schema.ts`.
 * A test says when the file is out of date.
 */
import {writeFileSync} from 'node:fs';
import {manifestJsonSchema} from '../planner/schema.ts';

const path = new URL('../pipeline.schema.json', import.meta.url);
writeFileSync(path, `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`);
console.log('Wrote pipeline.schema.json.');
