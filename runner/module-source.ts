/**
 * Modules with all of the project's own files that they import, as one hash, and the mistakes found on the way.
 * It does not run them (project.ts) nor parse by itself (canonical-code.ts).
 */
import {createHash} from 'node:crypto';
import {isBuiltin} from 'node:module';
import {posix} from 'node:path';
import type {ProjectPath} from '../planner/pipeline.ts';
import type {ModuleSource} from '../planner/sources.ts';
import {hashOf} from './cache-file.ts';
import {type CodeFacts, readCode} from './canonical-code.ts';
import type {FactCache} from './fact-cache.ts';
import {packageOf, packageVersions} from './package-version.ts';
import {readProjectFile} from './project-file.ts';

export type ModuleExport = 'files' | 'rows';

export interface ModuleRequest {
  readonly path: ProjectPath;
  /** What the assets of this module need it to export. */
  readonly needs: ReadonlySet<ModuleExport>;
}

type ModuleError = ModuleSource['errors'][number];

/** One file of the project. Of JSON only the hash is known. */
interface ModuleFile {
  readonly text: string;
  readonly facts: CodeFacts;
}

/** Modules that do not exist are left out. */
export async function readModules(
  root: string,
  requests: readonly ModuleRequest[],
  cache: FactCache<CodeFacts>,
): Promise<ReadonlyMap<ProjectPath, ModuleSource>> {
  const reader = {file: fileReader(root, cache), version: packageVersions(root), told: new Set<string>()};
  const modules = new Map<ProjectPath, ModuleSource>();
  for (const request of requests) {
    const source = await readModule(reader, request);
    if (source !== undefined) modules.set(request.path, source);
  }
  return modules;
}

interface Reader {
  file(path: string): Promise<ModuleFile | undefined>;
  version(packageName: string): Promise<string | undefined>;
  /** Places of mistakes that an earlier module told of: what many import is told once. */
  readonly told: Set<string>;
}

async function readModule(reader: Reader, {path, needs}: ModuleRequest): Promise<ModuleSource | undefined> {
  const entry = await reader.file(path);
  if (entry === undefined) return undefined;
  const files = new Map<string, ModuleFile>([[path, entry]]);
  const packages = new Map<string, string>();
  const errors: ModuleError[] = [];
  for (const [from, file] of files) {
    if (file.facts.error !== null) errors.push(mistake(from, file, 'module-syntax', file.facts.error));
    for (const {offset} of file.facts.computedImports) {
      const message = 'An import that is computed cannot be followed. Write its path as a plain string.';
      errors.push(mistake(from, file, 'bad-module', {message, offset}));
    }
    for (const {text, offset} of file.facts.imports) {
      const problem = await follow(reader, {from, specifier: text, files, packages});
      if (problem !== undefined) errors.push(mistake(from, file, problem.code, {...problem, offset}));
    }
  }
  for (const name of [...needs].sort()) {
    const problem = missingExport(name, path, files);
    if (problem !== undefined) errors.push(mistake(path, entry, 'missing-export', problem));
  }
  return {path, text: entry.text, hash: hashOfAll(files, packages), errors: errors.filter(isNew(reader))};
}

function isNew({told}: Reader): (error: ModuleError) => boolean {
  return ({path, offset, code}) => {
    const place = `${path}:${offset}:${code}`;
    return !told.has(place) && told.add(place).has(place);
  };
}

interface Following {
  readonly from: string;
  readonly specifier: string;
  readonly files: Map<string, ModuleFile>;
  readonly packages: Map<string, string>;
}

interface Problem {
  readonly code: string;
  readonly message: string;
}

/** Adds what the specifier names to `files` or `packages`; says why where it cannot. */
async function follow(
  reader: Reader,
  {from, specifier, files, packages}: Following,
): Promise<Problem | undefined> {
  if (isBuiltin(specifier) || specifier === 'gameplan') return undefined;
  if (!/^[./#]|^[a-z]+:/i.test(specifier)) {
    const name = packageOf(specifier);
    const version = await reader.version(name);
    if (version === undefined) {
      return {
        code: 'missing-import',
        message: `No package '${name}' is installed. Run 'npm install ${name}'.`,
      };
    }
    packages.set(name, version);
    return undefined;
  }
  if (!/^\.\.?\//.test(specifier)) {
    const message = `'${specifier}' is no relative path, package or Node module. Import the project's own files as './name.ts'.`;
    return {code: 'bad-module', message};
  }
  const path = posix.join(posix.dirname(from), specifier);
  if (path.startsWith('../')) {
    return {code: 'bad-module', message: `'${specifier}' leads out of the project. Move that file into it.`};
  }
  if (files.has(path)) return undefined;
  const file = await reader.file(path);
  if (file !== undefined) {
    files.set(path, file);
    return undefined;
  }
  const near = (await reader.file(`${path}.ts`)) === undefined ? '' : ` Did you mean '${specifier}.ts'?`;
  return {code: 'missing-import', message: `No file '${path}'.${near || ' Check the path of the import.'}`};
}

function missingExport(
  name: ModuleExport,
  path: string,
  files: ReadonlyMap<string, ModuleFile>,
): {message: string; offset: number} | undefined {
  const entry = files.get(path);
  // What does not parse has no exports, and has been told.
  if (entry === undefined || entry.facts.error !== null) return undefined;
  const exports = exportsOf(path, files, new Set());
  if (exports === 'unknown' || exports.has(name)) return undefined;
  const other: ModuleExport = name === 'files' ? 'rows' : 'files';
  const example =
    name === 'files'
      ? 'export const files: Files = async ({partition, site, put}) => {…}'
      : 'export const rows: Rows = async ({partition, inputs}) => […]';
  const mend = exports.has(other)
    ? `It exports '${other}': declare the asset with '${other}:', or rename the export.`
    : `Write '${example}'.`;
  return {message: `'${path}' does not export '${name}'. ${mend}`, offset: 0};
}

/** Names that a file exports, also through `export *`; unknown where a package gives some. */
function exportsOf(
  path: string,
  files: ReadonlyMap<string, ModuleFile>,
  seen: Set<string>,
): ReadonlySet<string> | 'unknown' {
  seen.add(path);
  const facts = files.get(path)?.facts;
  const names = new Set(facts?.exports);
  for (const specifier of facts?.starExports ?? []) {
    if (!specifier.startsWith('.')) return 'unknown';
    const from = posix.join(posix.dirname(path), specifier);
    if (seen.has(from)) continue;
    const more = exportsOf(from, files, seen);
    if (more === 'unknown') return 'unknown';
    for (const name of more) names.add(name);
  }
  return names;
}

/** SHA-256 over paths and canonical hashes, and packages with their versions, sorted by code unit. */
function hashOfAll(files: ReadonlyMap<string, ModuleFile>, packages: ReadonlyMap<string, string>): string {
  const lines = [
    ...[...files].map(([path, {facts}]) => JSON.stringify(['file', path, facts.hash])),
    ...[...packages].map(([name, version]) => JSON.stringify(['package', name, version])),
  ];
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

function mistake(
  path: string,
  {text}: ModuleFile,
  code: string,
  {message, offset}: {message: string; offset: number},
): ModuleError {
  return {path, text, offset, code, message};
}

/** Reads each file once; undefined where there is none. */
function fileReader(root: string, cache: FactCache<CodeFacts>): Reader['file'] {
  const files = new Map<string, Promise<ModuleFile | undefined>>();
  const read = async (path: string): Promise<ModuleFile | undefined> => {
    const text = readProjectFile(root, path);
    return text === undefined ? undefined : {text, facts: await factsOf(path, text, cache)};
  };
  return path => {
    const known = files.get(path) ?? read(path);
    files.set(path, known);
    return known;
  };
}

async function factsOf(path: string, text: string, cache: FactCache<CodeFacts>): Promise<CodeFacts> {
  if (path.endsWith('.json')) {
    return {hash: hashOf(text), imports: [], computedImports: [], exports: [], starExports: [], error: null};
  }
  const language = /\.[cm]?js$/.test(path) ? 'js' : 'ts';
  const hash = hashOf(`${language}\n${text}`);
  const known = cache.find(hash);
  if (known !== undefined) return known;
  const facts = await readCode(text, language);
  cache.set(hash, facts);
  return facts;
}
