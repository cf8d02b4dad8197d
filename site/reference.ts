/**
 * The pages of docs/reference/ as they must be today, by path from the project's folder.
 * It does not deal with writing them (scripts/write-schema.ts).
 */
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {COMMANDS} from '../cli/program.ts';
import {manifestJsonSchema} from '../planner/schema.ts';
import {commandsPage} from './commands-page.ts';
import {errorsPage} from './errors-page.ts';
import {manifestPage} from './manifest-page.ts';
import type {JsonSchema} from './schema-keys.ts';

const root = path.dirname(import.meta.dirname);
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');

/** Where examples of keys are taken from. */
const MANIFESTS = ['template/pipeline.yaml', 'pipeline.yaml', 'test/planner/manifest.example.yaml'];

const DIAGNOSTICS = 'test/cases/diagnostics';

export function referencePages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/reference/manifest.md', manifestPage(manifestSchemaForDocs(), MANIFESTS.map(read))],
    ['docs/reference/commands.md', commandsPage(COMMANDS)],
    ['docs/reference/errors.md', errorsPage([...printedCases(), read('docs/troubleshooting.md')])],
  ]);
}

export function manifestSchemaForDocs(): JsonSchema {
  return manifestJsonSchema() as JsonSchema; // of what it may hold, the schema uses what the type names
}

/** What the cases of diagnostics print; a test compares it. */
function printedCases(): readonly string[] {
  return readdirSync(path.join(root, DIAGNOSTICS))
    .sort()
    .map(name => read(`${DIAGNOSTICS}/${name}/expected.txt`));
}
