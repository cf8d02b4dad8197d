/**
 * The project that a command works on: its manifest read for a target, and what its ledger holds.
 * It prints nothing; a project that cannot be used is a refusal with every mistake in it.
 */
import {readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import {counted} from '../planner/amount.ts';
import {type Diagnostic, formatDiagnostics, missingManifest, position} from '../planner/diagnostic.ts';
import type {Pipeline} from '../planner/pipeline.ts';
import type {Declared, Project} from '../report/project-ledger.ts';
import {type LoadRequest, loadPipeline, loadProject} from '../runner/load-project.ts';
import {readProjectFile} from '../runner/project-file.ts';
import type {OpenTarget} from '../runner/target.ts';
import type {Invocation, Options} from './command.ts';
import {Refusal, UsageError, type World} from './world.ts';

type Asked = Pick<Invocation, 'options' | 'world'>;

/** Of commands that run queries: each is bound first, so that one that can never run is told with its place. */
export interface Care {
  readonly bind: boolean;
  /** What BigQuery would refuse or read otherwise is told, whatever the target is. */
  readonly portable?: boolean;
  /** Texts in place of those that lie there, by absolute path: what an editor has not saved yet. */
  readonly unsaved?: ReadonlyMap<string, string>;
  /** Of commands that write the file of accepted gaps: it need not be there. */
  readonly mayLackGaps?: boolean;
}

const PLAIN: Care = {bind: false};

const MANIFEST = 'pipeline.yaml';

/** The text of the manifest, undefined where there is none; its folder, and how a user would write its path. */
export function readManifest({options, world}: Asked): {
  readonly text: string | undefined;
  readonly root: string;
  readonly shown: string;
} {
  const folder = path.resolve(world.cwd, options.directory ?? '.');
  if (options.directory !== undefined && statSync(folder, {throwIfNoEntry: false})?.isDirectory() !== true) {
    throw new UsageError(`-C ${options.directory}: there is no such folder.`);
  }
  const manifest = path.resolve(folder, options.manifest ?? MANIFEST);
  const shown = path.relative(world.cwd, manifest);
  return {text: readText(manifest, shown), root: path.dirname(manifest), shown};
}

/** What there is to load; undefined without a manifest. */
function loadRequest(
  asked: Asked,
  care: Care,
): {readonly request: LoadRequest | undefined; readonly shown: string} {
  const {options, world} = asked;
  const {unsaved, ...rest} = care;
  const {text: saved, root, shown} = readManifest(asked);
  const text = unsaved?.get(path.resolve(world.cwd, shown)) ?? saved;
  if (text === undefined) return {request: undefined, shown};
  const findFile = (name: string) => {
    const found = unsaved?.get(path.resolve(root, name)) ?? findText(root, name);
    return found === undefined ? undefined : {path: name, text: found};
  };
  const {env, build} = world;
  const file = {path: shown, text};
  const queries = unsaved && new Map([...unsaved].map(([at, own]) => [pathIn(root, at), own]));
  const request = {root, file, target: options.target, env, findFile, build, ...rest};
  return {request: {...request, ...(queries === undefined ? {} : {unsaved: queries})}, shown};
}

/** As the manifest names it. */
function pathIn(root: string, file: string): string {
  return path.relative(root, file).replaceAll(path.sep, '/');
}

function warner(world: World): (text: string) => void {
  return text => world.complain(`warning: ${text}\n`);
}

/** What the manifest alone declares, without queries and modules, or every mistake in it. */
export async function readPipeline(asked: Asked): Promise<{
  readonly declared: Declared | undefined;
  readonly diagnostics: readonly Diagnostic[];
}> {
  const {request, shown} = loadRequest(asked, PLAIN);
  if (request === undefined) return {declared: undefined, diagnostics: [missingManifest(shown)]};
  const {pipeline, diagnostics, warnings} = await loadPipeline(request);
  const warn = warner(asked.world);
  for (const warning of warnings) warn(warning);
  return {declared: pipeline && {root: request.root, pipeline, warn}, diagnostics};
}

/** The project, or every mistake in it. */
export async function readWithDiagnostics(
  asked: Asked,
  care: Care = PLAIN,
): Promise<{
  readonly project: Project | undefined;
  /** Of a project with mistakes in its queries alone. */
  readonly pipeline: Pipeline | undefined;
  readonly diagnostics: readonly Diagnostic[];
}> {
  const {request, shown} = loadRequest(asked, care);
  if (request === undefined)
    return {project: undefined, pipeline: undefined, diagnostics: [missingManifest(shown)]};
  const {project, pipeline, diagnostics, warnings} = await loadProject(request);
  const warn = warner(asked.world);
  for (const warning of warnings) warn(warning);
  return {project: project && {root: request.root, ...project, warn}, pipeline, diagnostics};
}

/** A file that the manifest names, if it is there. One outside the project is read where the manifest says so itself. */
function findText(root: string, name: string): string | undefined {
  const found = readText(path.resolve(root, name), name);
  const isInside = !path.isAbsolute(name) && !path.normalize(name).startsWith('..');
  return found !== undefined && isInside ? readProjectFile(root, name) : found;
}

/** No file that a manifest is made of is as large as this: reading it would only fill the memory. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Undefined: there is no such file. Any other trouble with it is a refusal that names it. */
function readText(file: string, shown: string): string | undefined {
  try {
    if (statSync(file).size > MOST_BYTES)
      throw new Refusal(`error: '${shown}' is larger than ${MOST_BYTES >> 20} MiB: split it.\n`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    if (code === 'EISDIR') throw new Refusal(`error: '${shown}' is a folder, not a file.\n`);
    if (code === 'ELOOP') throw new Refusal(`error: '${shown}' is a link that leads to itself.\n`);
    if (code === 'EACCES') throw new Refusal(`error: '${shown}' may not be read by this user.\n`);
    throw error;
  }
}

/** Warnings are told by `validate`; here only errors count. */
export async function openProject(asked: Asked, care: Care = PLAIN): Promise<Project> {
  const {project, diagnostics} = await readWithDiagnostics(asked, care);
  if (project !== undefined) return project;
  throw new Refusal(diagnosticsText(diagnostics, asked.world));
}

/** What the manifest alone declares, or every mistake in it. */
export async function openDeclared(asked: Asked): Promise<Declared> {
  const {declared, diagnostics} = await readPipeline(asked);
  if (declared !== undefined) return declared;
  throw new Refusal(diagnosticsText(diagnostics, asked.world));
}

/** Every mistake with its place, and how many there are. */
export function diagnosticsText(diagnostics: readonly Diagnostic[], world: World): string {
  const errors = diagnostics.filter(({severity}) => severity === 'error').length;
  return `${formatDiagnostics(diagnostics, {color: world.isColored})}\n${counted(errors, 'error')}.\n`;
}

/** A mistake with its place, counted from 1; additive changes only. */
export function diagnosticJson({severity, code, message, at, related}: Diagnostic): object {
  const place = (span: Diagnostic['at']) => ({file: span.file.path, ...position(span)});
  return {
    severity,
    code,
    message,
    ...place(at),
    related: related.map(each => ({message: each.message, ...place(each.at)})),
  };
}

/** How long a command waits for what another process holds, in milliseconds. */
export function waitOf({wait}: Pick<Options, 'wait'>): number {
  return wait ?? 10_000;
}

/** Opens the target for work other than a run, and closes it. */
export async function withTarget<T>(
  project: Project,
  {options, world}: Asked,
  work: (target: OpenTarget) => Promise<T>,
): Promise<T> {
  const {openTarget} = await import('../runner/target.ts');
  const target = openTarget({...project, clock: world.now, waitMs: waitOf(options)});
  try {
    return await work(target);
  } finally {
    await target.close();
  }
}
