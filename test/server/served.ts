/**
 * A toy project with a server's work and routes over it, and the real command line in processes of their own.
 * It does not deal with what is read from the ledger for pages.
 */
import {spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {Hono} from 'hono';
import type {Project} from '../../report/project-ledger.ts';
import {openLedger} from '../../runner/ledger-open.ts';
import {fileLedger} from '../../runner/ledger-place.ts';
import type {FoundRun} from '../../runner/ledger-run.ts';
import {loadProject} from '../../runner/load-project.ts';
import {actionRoutes} from '../../server/actions.ts';
import {Reader} from '../../server/reader.ts';
import {safety} from '../../server/safety.ts';
import {refusing} from '../../server/serving.ts';
import {Work, type WorkOptions} from '../../server/work.ts';
import {ToyProject} from '../cli/command-line.ts';
import {HOST, ORIGIN, PORT} from './safe-app.ts';

export const SELF = [
  process.execPath,
  path.join(import.meta.dirname, '..', '..', 'bin', 'gameplan.js'),
] as const;

export interface Ended {
  readonly run: string;
  readonly isCrash: boolean;
}

export class Served {
  readonly project = new ToyProject();
  readonly work: Work;
  readonly ended: Ended[] = [];
  readonly #plans = mkdtempSync(path.join(tmpdir(), 'gameplan-plans-'));
  readonly #app = new Hono();

  constructor(options: Partial<WorkOptions> = {}, isReadOnly = false) {
    this.work = new Work({
      self: SELF,
      project: ['-C', this.project.root],
      cwd: tmpdir(),
      env: process.env,
      user: 'ada',
      onRunEnded: (run, isCrash) => this.ended.push({run, isCrash}),
      ...options,
    });
    this.#app.use(
      safety({host: '127.0.0.1', port: () => PORT, token: undefined, isReadOnly, now: () => Date.now()}),
    );
  }

  /** To be called once the manifest stands. */
  async open(): Promise<this> {
    const {root} = this.project;
    const reader = new Reader({
      load: async () => ({project: await this.load(), mistakes: []}),
      clock: () => Date.now(),
      manifest: path.join(root, 'pipeline.yaml'),
    });
    this.#app.onError(
      refusing(text => {
        throw new Error(text);
      }),
    );
    this.#app.route('/api/v1', actionRoutes({work: this.work, reader, clock: () => Date.now()}));
    return this;
  }

  /** As the manifest stands. */
  async load(): Promise<Project> {
    const {root} = this.project;
    const {project, diagnostics} = await loadProject({
      root,
      file: {path: 'pipeline.yaml', text: textOf(root, 'pipeline.yaml') ?? ''},
      target: undefined,
      env: {},
      build: undefined,
      findFile: name => {
        const text = textOf(root, name);
        return text === undefined ? undefined : {path: name, text};
      },
      bind: false,
    });
    if (project === undefined) throw new Error(JSON.stringify(diagnostics));
    return {root, ...project, warn: () => undefined};
  }

  async post(address: string, body: unknown): Promise<{readonly status: number; readonly body: Answer}> {
    const answer = await this.#app.request(`/api/v1${address}`, {
      method: 'POST',
      headers: {host: HOST, origin: ORIGIN, 'content-type': 'application/json'},
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return {status: answer.status, body: (await answer.json()) as Answer}; // as every route answers
  }

  async get(address: string): Promise<{readonly status: number; readonly body: Answer}> {
    const answer = await this.#app.request(`/api/v1${address}`, {headers: {host: HOST}});
    return {status: answer.status, body: (await answer.json()) as Answer}; // as every route answers
  }

  /** The command line, in a process of its own. */
  command(...args: readonly string[]): string {
    const [node, ...self] = SELF;
    const {stdout, stderr, status} = spawnSync(node, [...self, ...args], {
      cwd: this.project.root,
      encoding: 'utf8',
    });
    if (status !== 0 && status !== 1) throw new Error(`${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Writes a plan as it is now. */
  planFile(...args: readonly string[]): string {
    const file = path.join(this.#plans, `plan-${Math.random()}.json`);
    this.command('plan', '--out', file, ...args);
    return file;
  }

  run(id: string): FoundRun | undefined {
    return this.ledger(ledger => ledger.findRun(id));
  }

  ledger<T>(use: (ledger: ReturnType<typeof openLedger>) => T): T {
    const ledger = openLedger({
      place: fileLedger(path.join(this.project.root, '.gameplan/ledger.sqlite')),
      now: () => Date.now(),
    });
    try {
      return use(ledger);
    } finally {
      ledger.close();
    }
  }

  remove(): void {
    this.project.remove();
    rmSync(this.#plans, {recursive: true, force: true});
  }
}

function textOf(root: string, name: string): string | undefined {
  const file = path.join(root, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Of any route. */
export interface Answer {
  readonly error?: string;
  readonly details?: string;
  readonly text?: string;
  readonly run?: string | null;
  readonly asked?: number;
  readonly columns?: readonly string[];
  readonly rows?: readonly (readonly unknown[])[];
  readonly violations?: readonly string[];
  readonly outcome?: string;
}

/** Looks again and again. */
export async function until<T>(look: () => T | undefined | false, what: string): Promise<T> {
  const end = Date.now() + 30_000;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`It never came: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 30));
  }
}
