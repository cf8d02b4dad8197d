/**
 * A folder a case under test/cases/diagnostics: the manifest and its files in, the whole printed text out.
 * `UPDATE_CASES=1` writes what is printed now into `expected.txt`.
 */
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join, relative} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {DIAGNOSTIC_CODES, formatDiagnostics, type SourceFile} from '../../planner/diagnostic.ts';
import {parseManifest} from '../../planner/manifest.ts';
import type {ProjectPath} from '../../planner/pipeline.ts';
import {judgePortability} from '../../planner/portability.ts';
import {judgeSources} from '../../planner/query.ts';
import type {ModuleSource, QuerySource} from '../../planner/sources.ts';
import {judgeBindings} from '../../runner/binding.ts';
import {readQueriesFor} from '../../runner/project.ts';
import {closeQueryParser, readQueryFacts} from '../../runner/query-facts.ts';
import {temporaryFolder} from '../runner/ledger-cases.ts';

const root = new URL('../cases/diagnostics/', import.meta.url).pathname;
const names = readdirSync(root).sort();

afterAll(closeQueryParser);

test.for(names)('%s', async name => {
  const folder = join(root, name);
  const printed = await print(folder);
  const path = join(folder, 'expected.txt');
  if (process.env['UPDATE_CASES'] === '1') writeFileSync(path, printed);
  const expected = existsSync(path) ? readFileSync(path, 'utf8') : '';
  expect(printed, `${name} prints something else. The whole new text:\n\n${printed}\n`).toBe(expected);
});

test('every code is printed by some case, or belongs to a test of its own', () => {
  const elsewhere = [
    'missing-manifest',
    'too-large',
    'bad-selector',
    'unknown-selection',
    'foreign-plan',
    'newer-plan',
    'damaged-plan',
  ];
  const ofModules = ['module-syntax', 'missing-import', 'missing-export', 'bad-module'];
  const printed = names.map(name => readFileSync(join(root, name, 'expected.txt'), 'utf8')).join('\n');
  const silent = DIAGNOSTIC_CODES.filter(code => !printed.includes(`[${code}]`));
  expect(silent).toEqual(DIAGNOSTIC_CODES.filter(code => [...elsewhere, ...ofModules].includes(code)));
});

async function print(folder: string): Promise<string> {
  const find = (path: string): SourceFile | undefined =>
    existsSync(join(folder, path)) ? {path, text: readFileSync(join(folder, path), 'utf8')} : undefined;
  const file = find('pipeline.yaml') ?? {path: 'pipeline.yaml', text: ''};
  const target = name(folder) === 'unknown-target' ? 'prd' : undefined;
  const {pipeline, diagnostics} = parseManifest({file, target, env: {}, knownGaps: find, calendarFile: find});
  if (pipeline === undefined) return formatDiagnostics(diagnostics);
  const queries = new Map<ProjectPath, QuerySource>();
  const modules = new Map<ProjectPath, ModuleSource>();
  for (const path of filesUnder(folder)) {
    const text = find(path)?.text ?? '';
    if (path.endsWith('.sql')) queries.set(path, {path, text, facts: await readQueryFacts(text)});
    if (path.endsWith('.ts')) modules.set(path, {path, text, hash: '', errors: []});
  }
  const sources = {queries, modules, functions: new Map<string, string>()};
  const judged = judgeSources(pipeline, sources);
  const wrong = new Set(judged.map(({at}) => at.file.path));
  const bound = await judgeBindings(temporaryFolder(), {pipeline, sources}, wrong);
  const isBigquery = pipeline.target.warehouse.engine === 'bigquery';
  const shared = isBigquery ? judgePortability(pipeline, readQueriesFor(folder, pipeline, 'bigquery')) : [];
  const all = [...diagnostics, ...judged, ...shared, ...bound.diagnostics];
  return all.length === 0 ? 'Nothing is wrong.\n' : formatDiagnostics(all);
}

function name(folder: string): string {
  return relative(root, folder);
}

function filesUnder(folder: string): readonly ProjectPath[] {
  const found = readdirSync(folder, {recursive: true, withFileTypes: true}).filter(entry => entry.isFile());
  const paths = found.map(({parentPath, name}) =>
    relative(folder, join(parentPath, name)).replaceAll('\\', '/'),
  );
  return paths as ProjectPath[]; // paths from the case's own folder
}
