/**
 * Writes what is made of the program's own data: `pipeline.schema.json`, the manifest's JSON Schema for editors, and the
 * pages of `docs/reference/`: `node scripts/write-schema.ts`. Tests say when a file is out of date.
 */
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {manifestJsonSchema} from '../planner/schema.ts';
import {referencePages} from '../site/reference.ts';

const root = path.dirname(import.meta.dirname);
const schema = `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`;

for (const [name, text] of [['pipeline.schema.json', schema] as const, ...referencePages()]) {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), {recursive: true});
  writeFileSync(file, text);
  console.log(`Wrote ${name}.`);
}
