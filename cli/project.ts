/**
 * The project that a command works on: its manifest read for a target, and what its ledger holds.
 * It prints nothing; a project that cannot be used is a refusal with every mistake in it.
 */
import {existsSync, readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import type {BilledSoFar} from '../planner/billed.ts';
import type {CoverageEvent} from '../planner/coverage-event.ts';
import {type Diagnostic, formatDiagnostics, missingManifest, position} from '../planner/diagnostic.ts';
import type {LedgerSnapshot} from '../planner/ledger.ts';
import {makePlan} from '../planner/make-plan.ts';
import type {Pipeline} from '../planner/pipeline.ts';
import type {Planned, PlanRequest} from '../planner/plan.ts';
import type {Done} from '../planner/plan-changes.ts';
import {type Aftermath, nameOf} from '../planner/resolution.ts';
import type {Sources} from '../planner/sources.ts';
import {type Intent, type Ledger, openLedger, openLedgerToRead, readLedger} from '../runner/ledger.ts';
import type {EventFilter, RecordedTry} from '../runner/ledger-coverage.ts';
import type {AttemptRecord, RunRecord} from '../runner/ledger-run.ts';
import {EMPTY_SNAPSHOT} from '../runner/ledger-snapshot.ts';
import {buryDead, PULSE, Watch} from '../runner/liveness.ts';
import {type LoadRequest, loadPipeline, loadProject} from '../runner/load-project.ts';
import {warehouseFile} from '../runner/open-warehouse.ts';
import {readProjectFile} from '../runner/project-file.ts';
import type {OpenTarget} from '../runner/target.ts';
import type {Invocation, Options} from './command.ts';
import {counted} from './text.ts';
import {Refusal, UsageError, type World} from './world.ts';

/** What is read of the manifest alone. */
export interface Declared {
  /** Absolute folder; the manifest's paths are relative to it. */
  readonly root: string;
  readonly pipeline: Pipeline;
  /** Tells something that does not end the command. */
  readonly warn: (text: string) => void;
}

export interface Project extends Declared {
  readonly sources: Sources;
}

type Asked = Pick<Invocation, 'options' | 'world'>;

/** Of commands that run queries: each is bound first, so that one that can never run is told with its place. */
export interface Care {
  readonly bind: boolean;
  /** What BigQuery would refuse or read otherwise is told, whatever the target is. */
  readonly portable?: boolean;
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
  const {text, root, shown} = readManifest(asked);
  if (text === undefined) return {request: undefined, shown};
  const findFile = (name: string) => {
    const found = findText(root, name);
    return found === undefined ? undefined : {path: name, text: found};
  };
  const {env, build} = world;
  const file = {path: shown, text};
  return {request: {root, file, target: options.target, env, findFile, build, ...care}, shown};
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
  readonly diagnostics: readonly Diagnostic[];
}> {
  const {request, shown} = loadRequest(asked, care);
  if (request === undefined) return {project: undefined, diagnostics: [missingManifest(shown)]};
  const {project, diagnostics, warnings} = await loadProject(request);
  const warn = warner(asked.world);
  for (const warning of warnings) warn(warning);
  return {project: project && {root: request.root, ...project, warn}, diagnostics};
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

function diagnosticsText(diagnostics: readonly Diagnostic[], world: World): string {
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

/**
 * Plans by what the ledger holds, without writing to it; one that does not exist yet holds nothing. `use` may be called
 * twice, and what it has not asked of the plan when it returns can no longer be read.
 */
export function withPlan<T>(
  project: Project,
  about: {readonly now: number; readonly request: PlanRequest},
  use: (planned: Planned) => T,
): T {
  return withSnapshot(project, ledger => use(makePlan({...project, ...about, ledger})));
}

/** As `withPlan`, with what the ledger holds itself. */
export function withSnapshot<T>(project: Declared, use: (ledger: LedgerSnapshot) => T): T {
  return readLedger(ledgerPath(project), use, ownedBy(project));
}

/** All that the ledger holds, for work that goes on after reading it. */
export function readWholeSnapshot(project: Project, now: () => number): LedgerSnapshot {
  return withLedger(project, now, ledger => ledger.snapshot()) ?? EMPTY_SNAPSHOT;
}

/** The newest first. */
export function readRuns(project: Declared, limit: number, now: () => number): readonly RunRecord[] {
  return withLedger(project, now, ledger => ledger.runs(limit)) ?? [];
}

/** The newest run of a plan: corrections are none. */
export function readLastRun(project: Project, now: () => number): RunRecord | undefined {
  return withLedger(project, now, ledger => ledger.lastRun());
}

/** What was billed so far, by asset. */
export function readBilled(project: Declared, now: () => number): ReadonlyMap<string, BilledSoFar> {
  return withLedger(project, now, ledger => ledger.billed()) ?? new Map();
}

/**
 * Asks a run to end, as an interrupt does; returns how often it has been asked, undefined where it is not at work. One
 * whose process has died is taken for dead.
 */
export function askToEnd(project: Project, run: string, now: () => number): 1 | 2 | undefined {
  return writeLedger(project, now, ledger => {
    buryDead(ledger, new Watch(PULSE, {clock: now}));
    return ledger.askToEnd(run);
  });
}

/** What a run asked of sources, in order. */
export function readTriesOfRun(project: Declared, run: string, now: () => number): readonly RecordedTry[] {
  return withLedger(project, now, ledger => ledger.triesOf(run)) ?? [];
}

/** Runs whose processes live. */
export function readAtWork(project: Declared, now: () => number): ReadonlySet<string> {
  const watch = new Watch(PULSE, {clock: now});
  const all = withLedger(project, now, ledger => ledger.otherSessions()) ?? [];
  return new Set(all.filter(session => !watch.isDead(session)).map(({run}) => run));
}

export function findRun(
  project: Project,
  id: string,
  now: () => number,
): (RunRecord & {readonly attempts: readonly AttemptRecord[]}) | undefined {
  return withLedger(project, now, ledger => ledger.findRun(id));
}

/** The newest first, a few. */
export function readAttempts(
  project: Project,
  partition: {readonly asset: string; readonly key: string},
  now: () => number,
): readonly AttemptRecord[] {
  return withLedger(project, now, ledger => ledger.attempts(partition, 10)) ?? [];
}

/** What was tried of one partition's sources, the newest first. */
export function readTries(
  project: Project,
  partition: {readonly asset: string; readonly key: string},
  now: () => number,
): readonly RecordedTry[] {
  return withLedger(project, now, ledger => ledger.tries(partition, 10)) ?? [];
}

/** Events of the log, and what came after any of it. */
export function readCoverageLog(
  project: Project,
  filter: EventFilter,
  now: () => number,
): {readonly events: readonly CoverageEvent[]; readonly aftermath: Aftermath} {
  const found = withLedger(project, now, ledger => ({
    events: ledger.events(filter),
    aftermath: {
      publications: ledger.publications(),
      happened: new Set(ledger.events({assets: filter.assets}).map(event => nameOf(event, event.run))),
    },
  }));
  return found ?? {events: [], aftermath: {publications: new Map(), happened: new Set()}};
}

/** The sources of an asset that were asked for any of some keys. */
export function readTriedSources(
  project: Project,
  {asset, keys}: {readonly asset: string; readonly keys: readonly string[]},
  now: () => number,
): ReadonlySet<string> {
  const found = withLedger(project, now, ledger => keys.flatMap(key => ledger.tries({asset, key}, TRIES)));
  return new Set(found?.map(({source}) => source));
}

/** More than an asset has sources, so that each that was ever asked is among them. */
const TRIES = 100;

/** What earlier runs of a plan file made. */
export function readDoneOfPlan(project: Project, plan: string, now: () => number): Done {
  return withLedger(project, now, ledger => ledger.doneOfPlan(plan)) ?? new Map();
}

/** Whether a run was killed between writing and recording. */
export function hasOpenIntents(project: Project, now: () => number): boolean {
  return withLedger(project, now, ledger => ledger.openIntents().length > 0) ?? false;
}

/** What the ledger holds, and what runs have begun to write; undefined where there is no ledger. */
export function readLedgerState(
  project: Declared,
  now: () => number,
): {readonly snapshot: LedgerSnapshot; readonly intents: readonly Intent[]} | undefined {
  return withLedger(project, now, ledger => ({snapshot: ledger.snapshot(), intents: ledger.openIntents()}));
}

export function ownedBy({root, pipeline, warn}: Declared) {
  return {pipeline: pipeline.name, beside: warehouseFile({root, pipeline}), warn};
}

/** Undefined where there is no ledger yet: a command that reads must not make one. */
function withLedger<T>(project: Declared, now: () => number, read: (ledger: Ledger) => T): T | undefined {
  const file = ledgerPath(project);
  if (!existsSync(file)) return undefined;
  const ledger = openLedgerToRead({...ownedBy(project), path: file, now});
  try {
    return read(ledger);
  } finally {
    ledger.close();
  }
}

/** Writes to the ledger, which is made where there is none. */
export function writeLedger<T>(project: Declared, now: () => number, write: (ledger: Ledger) => T): T {
  const ledger = openLedger({...ownedBy(project), path: ledgerPath(project), now});
  try {
    return write(ledger);
  } finally {
    ledger.close();
  }
}

/** Whether anything was ever recorded. */
export function hasLedger(project: Project): boolean {
  return existsSync(ledgerPath(project));
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

export function ledgerPath({root, pipeline}: Declared): string {
  return path.resolve(root, pipeline.target.ledger);
}
