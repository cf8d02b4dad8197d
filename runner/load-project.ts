/**
 * Loads a project: its manifest resolved for a target, its queries and modules read and judged. What an earlier call
 * made of the same contents is taken from `.gameplan/cache`; files are compared by content, never by their times.
 * It does not resolve, parse or judge by itself (planner, project.ts).
 */
import {createHash} from 'node:crypto';
import {join} from 'node:path';
import type {Diagnostic, SourceFile} from '../planner/diagnostic.ts';
import type {ManifestInput} from '../planner/manifest.ts';
import type {Pipeline} from '../planner/pipeline.ts';
import type {Sources} from '../planner/sources.ts';
import {FactCache} from './fact-cache.ts';
import {findPipeline, keepPipeline} from './pipeline-cache.ts';
import {addFacts, CACHE, readQueriesFor, readSources} from './project.ts';

export interface LoadRequest {
  readonly root: string;
  /** The manifest. */
  readonly file: SourceFile;
  readonly target: string | undefined;
  readonly env: ManifestInput['env'];
  /** Files that the manifest names, by their path in it. */
  readonly findFile: (path: string) => SourceFile | undefined;
  /** Names the program's own code, whose work is not another's; undefined: nothing is kept of manifests. */
  readonly build: string | undefined;
  /** Whether the warehouse's engine is to say of each statement that it can run. */
  readonly bind: boolean;
  /** Whether what BigQuery would refuse or read otherwise is told on any target; on one in BigQuery it always is. */
  readonly portable?: boolean;
  /** Texts of queries that are not what lies there, by path in the project: what an editor has not saved yet. */
  readonly unsaved?: ReadonlyMap<string, string>;
  /** A file of accepted gaps that the manifest names may be absent: it is about to be written. */
  readonly mayLackGaps?: boolean;
}

export interface LoadedProject {
  /** Undefined where the manifest cannot be read for its mistakes. */
  readonly pipeline?: Pipeline | undefined;
  /** Undefined where there is an error among the diagnostics. */
  readonly project: {readonly pipeline: Pipeline; readonly sources: Sources} | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** What did not keep the project from being loaded, one sentence each. */
  readonly warnings: readonly string[];
}

/** Only what nothing was to be said about is kept, so that whatever is to be said is said each time. */
export async function loadProject(request: LoadRequest): Promise<LoadedProject> {
  const {root, build, bind, unsaved} = request;
  const resolved = await loadPipeline(request);
  const {pipeline, identity, diagnostics} = resolved;
  if (pipeline === undefined) return {project: undefined, diagnostics, warnings: resolved.warnings};
  const {sources, warnings} = await readSources({root, pipeline, unsaved});
  const told = [...resolved.warnings, ...warnings];
  const judged = FactCache.open<true>(join(root, CACHE, 'judged.json'), build ?? '');
  const own = identity === undefined ? undefined : identityOf(identity, sources);
  const isBigquery = pipeline.target.warehouse.engine === 'bigquery';
  const portable = request.portable === true || isBigquery;
  // Elsewhere the texts that BigQuery would be given are not those that the identity is made of.
  const isKept = isBigquery || !portable;
  const whole = isKept && own !== undefined ? `${own}${bind ? ' bound' : ''}` : undefined;
  if (whole !== undefined && judged.find(whole) === true) {
    return {project: {pipeline, sources}, diagnostics, warnings: told};
  }
  const [{judgeSources}, known] = await Promise.all([import('../planner/query.ts'), addFacts(root, sources)]);
  told.push(...known.warnings);
  const all = [...diagnostics, ...judgeSources(pipeline, known.sources)];
  if (portable) all.push(...(await portabilityOf(root, pipeline, unsaved)));
  if (bind) {
    const {judgeBindings} = await import('./binding.ts');
    const wrong = new Set(all.filter(({severity}) => severity === 'error').map(({at}) => at.file.path));
    const bound = await judgeBindings(root, {pipeline, sources: known.sources}, wrong);
    all.push(...bound.diagnostics);
    told.push(...bound.warnings);
  }
  if (own !== undefined && whole !== undefined && all.length === 0) {
    judged.set(own, true);
    judged.set(whole, true);
    told.push(...[await judged.save()].filter(each => each !== undefined));
  }
  const isWrong = all.some(({severity}) => severity === 'error');
  return {project: isWrong ? undefined : {pipeline, sources}, pipeline, diagnostics: all, warnings: told};
}

/** As a BigQuery target has the queries: what has an override is not judged. */
async function portabilityOf(
  root: string,
  pipeline: Pipeline,
  unsaved: LoadRequest['unsaved'],
): Promise<readonly Diagnostic[]> {
  const {judgePortability} = await import('../planner/portability.ts');
  const {queries, functions} = readQueriesFor(root, pipeline, 'bigquery', unsaved);
  return judgePortability(pipeline, {queries, functions});
}

interface LoadedPipeline {
  readonly pipeline: Pipeline | undefined;
  /** Undefined where the pipeline is not kept. */
  readonly identity: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly warnings: readonly string[];
}

/** The manifest alone. */
export async function loadPipeline({
  root,
  file,
  target,
  env,
  findFile,
  build,
  mayLackGaps = false,
}: LoadRequest): Promise<LoadedPipeline> {
  const read = new Map<string, SourceFile | undefined>();
  const find = (path: string) => {
    const found = read.has(path) ? read.get(path) : findFile(path);
    read.set(path, found);
    return found;
  };
  const gaps: ManifestInput['knownGaps'] = mayLackGaps ? path => find(path) ?? {path, text: ''} : find;
  const input: ManifestInput = {file, target, env, knownGaps: gaps, calendarFile: find};
  // What is read with a file that is not there is nothing to keep for other commands.
  const question =
    build === undefined || mayLackGaps ? undefined : {folder: join(root, CACHE), input, find, build};
  const known = question && findPipeline(question);
  if (known !== undefined) return {...known, diagnostics: [], warnings: []};
  read.clear();
  const {parseManifest} = await import('../planner/manifest.ts');
  const {pipeline, diagnostics, variables} = parseManifest(input);
  if (question === undefined || pipeline === undefined || diagnostics.length > 0)
    return {pipeline, identity: undefined, diagnostics, warnings: []};
  const {identity, warning} = await keepPipeline(question, {pipeline, variables}, read);
  return {pipeline, identity, diagnostics, warnings: warning === undefined ? [] : [warning]};
}

/** Another one where any text of the project's files means something else. Undefined where a module is wrong. */
function identityOf(pipeline: string, {queries, modules}: Sources): string | undefined {
  const hash = createHash('sha256').update(pipeline);
  const add = (...texts: readonly string[]) => {
    for (const text of texts) hash.update(`${text.length}:`).update(text);
  };
  for (const {path, text} of queries.values()) add(path, text);
  for (const module of modules.values()) {
    if (module.errors.length > 0) return undefined;
    add(module.path, module.hash);
  }
  return hash.digest('hex');
}
