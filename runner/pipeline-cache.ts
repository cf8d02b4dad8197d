/**
 * Keeps a resolved pipeline in a file of `.gameplan/cache`, with a hash of all that it was made of: the manifest, the
 * target, the program itself, the other files that were read and the variables that were asked for.
 * It does not resolve one (planner/manifest.ts).
 */
import {createHmac, randomBytes} from 'node:crypto';
import {readdirSync, rmSync, statSync} from 'node:fs';
import {join} from 'node:path';
import type {SourceFile} from '../planner/diagnostic.ts';
import type {ManifestInput, ManifestResult} from '../planner/manifest.ts';
import type {Pipeline} from '../planner/pipeline.ts';
import {readPipeline, writePipeline} from '../planner/pipeline-text.ts';
import {hashOf, readCacheFile, writeCacheFile} from './cache-file.ts';

/** Of other targets and manifests; the oldest go. */
const MOST_FILES = 12;

export interface PipelineQuestion {
  readonly folder: string;
  readonly input: ManifestInput;
  readonly find: (path: string) => SourceFile | undefined;
  /** Names the program's own code. */
  readonly build: string;
}

/** What a pipeline was made of, apart from what its file is found by. Of variables only a keyed hash is kept. */
interface Ingredients {
  /** Null: there was no such file. */
  readonly files: readonly (readonly [path: string, hash: string | null])[];
  readonly variables: readonly string[];
  readonly salt: string;
  readonly values: string;
}

export interface KeptPipeline {
  readonly pipeline: Pipeline;
  /** Another one where anything that the pipeline was made of is another. */
  readonly identity: string;
}

/** Undefined where nothing is kept that was made of the same. */
export function findPipeline({folder, input, find, build}: PipelineQuestion): KeptPipeline | undefined {
  const text = readCacheFile(fileOf(folder, input), schemeOf(input, build));
  if (text === undefined) return undefined;
  const end = text.indexOf('\n');
  const line = text.slice(0, end);
  // The file's hash says that `keepPipeline` wrote it.
  const ingredients = JSON.parse(line) as Ingredients;
  const files = ingredients.files.map(([path, hash]) => ({file: find(path), hash}));
  const isSame =
    files.every(({file, hash}) => (file === undefined ? null : hashOf(file.text)) === hash) &&
    hashOfVariables(ingredients, input.env) === ingredients.values;
  if (!isSame) return undefined;
  const known = [input.file, ...files.map(({file}) => file ?? {path: '', text: ''})];
  return {pipeline: readPipeline(text.slice(end + 1), known, input.env), identity: hashOf(line)};
}

/** `read` are the files that were asked for while the pipeline was resolved, absent ones too. */
export async function keepPipeline(
  {folder, input, build}: PipelineQuestion,
  {pipeline, variables}: {readonly pipeline: Pipeline; readonly variables: ManifestResult['variables']},
  read: ReadonlyMap<string, SourceFile | undefined>,
): Promise<{readonly identity: string; readonly warning: string | undefined}> {
  const named = {variables: [...variables.asked].sort(), salt: randomBytes(16).toString('hex')};
  const ingredients: Ingredients = {
    ...named,
    files: [...read].map(([path, file]) => [path, file === undefined ? null : hashOf(file.text)]),
    values: hashOfVariables(named, input.env),
  };
  const line = JSON.stringify(ingredients);
  const files = [input.file, ...[...read.values()].map(file => file ?? {path: '', text: ''})];
  const text = `${line}\n${writePipeline(pipeline, files, variables.filled)}`;
  const warning = await writeCacheFile(fileOf(folder, input), schemeOf(input, build), text);
  if (warning === undefined) removeOldest(folder);
  return {identity: hashOf(line), warning};
}

function fileOf(folder: string, {file, target}: ManifestInput): string {
  const name = hashOf(JSON.stringify([file.path, target ?? null])).slice(0, 16);
  return join(folder, `pipeline-${name}.json`);
}

function schemeOf({file, target}: ManifestInput, build: string): string {
  return JSON.stringify([build, file.path, target ?? null, hashOf(file.text)]);
}

function hashOfVariables(
  {variables, salt}: Pick<Ingredients, 'variables' | 'salt'>,
  env: ManifestInput['env'],
): string {
  const values = variables.map(name => (Object.hasOwn(env, name) ? env[name] : undefined) ?? null);
  return createHmac('sha256', salt).update(JSON.stringify(values)).digest('hex');
}

/** Another process may do the same at once: what is gone already is no matter. */
function removeOldest(folder: string): void {
  const names = readdirSync(folder).filter(name => /^pipeline-[0-9a-f]+\.json$/.test(name));
  if (names.length <= MOST_FILES) return;
  const aged = names.map(name => ({
    name,
    time: statSync(join(folder, name), {throwIfNoEntry: false})?.mtimeMs ?? 0,
  }));
  aged.sort((a, b) => b.time - a.time);
  for (const {name} of aged.slice(MOST_FILES)) rmSync(join(folder, name), {force: true});
}
