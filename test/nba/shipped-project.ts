/**
 * The shipped pipeline in a temporary folder: the same manifest, assets and known gaps, with a ledger, warehouse and
 * store of its own. Nothing of it is changed but the first date, where a test says so. Each call opens the target anew.
 */

import {type ChildProcess, spawn} from 'node:child_process';
import {cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {DuckDBInstance, type Json} from '@duckdb/node-api';
import {runProgram} from '../../cli/program.ts';
import type {World} from '../../cli/world.ts';
import type {Outcome} from '../../planner/ledger.ts';
import {makePlan} from '../../planner/make-plan.ts';
import {parseManifest} from '../../planner/manifest.ts';
import type {Pipeline} from '../../planner/pipeline.ts';
import {type Plan, type Planned, type PlanRequest, WHOLE_REQUEST} from '../../planner/plan.ts';
import {parseSelector} from '../../planner/select.ts';
import type {State} from '../../planner/state.ts';
import type {Event} from '../../runner/event.ts';
import {materialize, type RunResult} from '../../runner/execute.ts';
import {readProject} from '../../runner/project.ts';
import {type OpenTarget, openTarget} from '../../runner/target.ts';
import type {Game} from './expected-readers.ts';

const root = path.join(import.meta.dirname, '..', '..');
const MAIN = path.join(root, 'cli', 'main.ts');

/** The recorded games lie beside the project; they are not part of it. */
export const recordedGames = path.join(root, '..', 'shared', 'data');
export const hasRecordedGames = existsSync(path.join(recordedGames, 'games.parquet'));

interface Spans {
  readonly target: 'recorded' | 'simulated';
  /** Address of the league. */
  readonly league: string;
  /** First and last date of the pipeline. */
  readonly start?: string;
  readonly end: string;
}

interface Asked extends Partial<Omit<PlanRequest, 'selection'>> {
  readonly select?: string;
}

export interface Made extends RunResult {
  /** By `asset@key`. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly errors: ReadonlyMap<string, string>;
}

type Opened = OpenTarget & Awaited<ReturnType<ShippedProject['read']>>;

export class ShippedProject {
  readonly root = mkdtempSync(path.join(tmpdir(), 'gameplan-nba-'));
  /** The instant of plans and runs; it begins after the last recorded game. */
  now = Date.parse('2026-07-22T13:00:00Z');
  /** Of command lines; it stands still, where a test does not let it go. */
  clock = (): number => this.now;
  /** How wide command lines print. */
  columns = 120;
  readonly #spans: Spans;
  readonly #env: Readonly<Record<string, string>>;
  #runs = 0;
  #reading: ReturnType<ShippedProject['parse']> | undefined;

  constructor(spans: Spans) {
    this.#spans = spans;
    this.#env = {LEAGUE_URL: spans.league, NBA_END: spans.end};
    for (const name of ['assets', 'known-gaps', 'package.json', 'pipeline.yaml'])
      cpSync(path.join(root, name), path.join(this.root, name), {recursive: true});
    // Packages that its modules import.
    symlinkSync(path.join(root, 'node_modules'), path.join(this.root, 'node_modules'));
    if (spans.start === undefined) return;
    const manifest = path.join(this.root, 'pipeline.yaml');
    const text = readFileSync(manifest, 'utf8');
    const moved = text.replace(/^start: .*$/m, `start: ${spans.start}`);
    if (moved === text) throw new Error('pipeline.yaml has no start, or begins there already.');
    writeFileSync(manifest, moved);
  }

  /** Another that holds all that this one does; what is done to one does not reach the other. */
  copy(change: Partial<Pick<Spans, 'league'>> = {}): ShippedProject {
    const other = new ShippedProject({...this.#spans, ...change});
    // The link to the packages is there already.
    const isOwn = (file: string) => file !== path.join(this.root, 'node_modules');
    cpSync(this.root, other.root, {recursive: true, filter: isOwn});
    other.now = this.now;
    other.#runs = this.#runs;
    return other;
  }

  /** Says something else in one of its files; before anything is read. */
  replace(name: string, text: string, other: string): void {
    const file = path.join(this.root, name);
    const before = readFileSync(file, 'utf8');
    if (!before.includes(text)) throw new Error(`${name} does not say '${text}'.`);
    writeFileSync(file, before.replace(text, other));
  }

  /** A file of the target's own folder. */
  file(name: string): string {
    return path.join(this.root, '.gameplan', this.#spans.target, name);
  }

  /** Reads the manifest and all that it names anew, as another process would. */
  reread(): void {
    this.#reading = undefined;
  }

  /** Parsed once: nothing changes it but `reread`. */
  read(): ReturnType<ShippedProject['parse']> {
    this.#reading ??= this.parse();
    return this.#reading;
  }

  private async parse() {
    const find = (name: string) => {
      const file = path.join(this.root, name);
      return existsSync(file) ? {path: name, text: readFileSync(file, 'utf8')} : undefined;
    };
    const {pipeline, diagnostics} = parseManifest({
      file: find('pipeline.yaml') ?? {path: 'pipeline.yaml', text: ''},
      target: this.#spans.target,
      env: this.#env,
      knownGaps: find,
      calendarFile: find,
    });
    if (pipeline === undefined) throw new Error(diagnostics.map(({message}) => message).join('\n'));
    const {sources} = await readProject({root: this.root, pipeline});
    return {pipeline, sources};
  }

  async use<T>(work: (target: Opened) => Promise<T>): Promise<T> {
    const read = await this.read();
    const target = openTarget({root: this.root, ...read, clock: () => this.now, waitMs: 2_000});
    try {
      return await work({...target, ...read});
    } finally {
      await target.close();
    }
  }

  /** The plan and its frame, for an open target. */
  planned({pipeline, sources, ledger}: Opened, asked: Asked = {}): Planned {
    const request = requestOf(asked, pipeline);
    return makePlan({pipeline, sources, ledger: ledger.snapshot(), now: this.now, request});
  }

  plan(asked: Asked = {}): Promise<Plan> {
    return this.use(async target => this.planned(target, asked).plan);
  }

  materialize(asked: Asked = {}): Promise<Made> {
    const outcomes = new Map<string, Outcome>();
    const errors = new Map<string, string>();
    const emit = (event: Event): void => {
      if (event.kind !== 'partition-ended') return;
      outcomes.set(`${event.asset}@${event.key}`, event.outcome);
      if (event.error !== null) errors.set(`${event.asset}@${event.key}`, event.error);
    };
    const never = new AbortController().signal;
    return this.use(async target => {
      const run = `run-${++this.#runs}`;
      const workshop = target.workshop({run, emit, stop: never, cancel: never, acceptCalendar: false});
      const result = await materialize(workshop, {
        plan: requestOf(asked, target.pipeline),
        now: this.now,
        command: 'test',
        concurrency: {fetches: 8, batches: 2},
        failFast: false,
      });
      return {...result, outcomes, errors};
    });
  }

  /** Called for what is written, as it is written. */
  onOutput: (text: string) => void = () => undefined;
  readonly #listeners = new Set<() => void>();

  interrupt(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Runs a command line on it, in this process. */
  async gameplan(...args: readonly string[]): Promise<{code: number; out: string; err: string}> {
    const said = {out: '', err: ''};
    const world: World = {
      write: text => {
        said.out += text;
        this.onOutput(text);
      },
      complain: text => {
        said.err += text;
      },
      env: this.#env,
      cwd: this.root,
      isTerminal: false,
      columns: () => this.columns,
      isColored: false,
      now: this.clock,
      build: 'test',
      self: [process.execPath, MAIN],
      web: fileURLToPath(new URL('../../dist/web', import.meta.url)),
      template: fileURLToPath(new URL('../../template', import.meta.url)),
      version: '0.0.0-test',
      commandLine: `gameplan ${args.join(' ')}`,
      input: () => process.stdin,
      confirm: () => Promise.resolve(true),
      user: () => 'ada',
      onInterrupt: listener => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
    // A second later each time, so that the last run is known from the one before it.
    if (args[0] === 'materialize') this.now += 1_000;
    const code = await runProgram([...args, '--target', this.#spans.target], world);
    return {code, ...said};
  }

  /** Runs a command line on it in a process of its own, by the same clock. */
  spawn(...args: readonly string[]): ChildProcess {
    const ahead = this.clock() - Date.now();
    const clock = `data:text/javascript,const now = Date.now; Date.now = () => now() + ${ahead};`;
    return spawn(process.execPath, ['--import', clock, MAIN, ...args, '--target', this.#spans.target], {
      cwd: this.root,
      env: {...process.env, ...this.#env, COLUMNS: String(this.columns)},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /**
   * Rows of a query over the warehouse's file and, by `parquet('games')`, the recorded ones; not through the project's
   * own code. What is BIGINT comes as text: cast counts.
   */
  async ask(sql: string): Promise<readonly (readonly Json[])[]> {
    // DuckDB's own default is most of the machine, beside another worker's.
    const settings = {access_mode: 'READ_ONLY', memory_limit: '512MB'};
    const instance = await DuckDBInstance.create(this.file('warehouse.duckdb'), settings);
    try {
      const connection = await instance.connect();
      const text = sql.replaceAll(
        /parquet\('(\w+)'\)/g,
        (_, name: string) => `read_parquet('${path.join(recordedGames, name)}.parquet')`,
      );
      const found = (await connection.runAndReadAll(text)).getRowsJson();
      connection.closeSync();
      return found;
    } finally {
      instance.closeSync();
    }
  }

  /** Every game of the calendar, by date. */
  async games(): Promise<readonly Game[]> {
    const found = await this.ask(
      'SELECT game_date::VARCHAR, season, home_team, away_team FROM raw.games ORDER BY game_date, game_id',
    );
    return found.map(([date, season, home, away]) => ({
      date: String(date),
      season: String(season),
      teams: [String(home), String(away)],
    }));
  }

  remove(): void {
    rmSync(this.root, {recursive: true, force: true});
  }
}

function requestOf({select, ...asked}: Asked, pipeline: Pipeline): PlanRequest {
  const parsed = select === undefined ? undefined : parseSelector(select, pipeline);
  if (parsed !== undefined && parsed.selection === undefined)
    throw new Error(parsed.diagnostics.map(({message}) => message).join('\n'));
  return {...WHOLE_REQUEST, ...asked, selection: parsed?.selection};
}

/** By asset: how many partitions are in each state that has any. Needs a plan that lists all. */
export function statesByAsset({partitions}: Plan): ReadonlyMap<string, Partial<Record<State, number>>> {
  const found = new Map<string, Partial<Record<State, number>>>();
  for (const {asset, state} of partitions) {
    const counts = found.get(asset) ?? {};
    counts[state] = (counts[state] ?? 0) + 1;
    found.set(asset, counts);
  }
  return found;
}

/** `asset@key` of the partitions in a state, sorted. */
export function inState({partitions}: Plan, state: State): readonly string[] {
  return partitions
    .filter(each => each.state === state)
    .map(({asset, key}) => `${asset}@${key}`)
    .sort();
}

/** Read only where better sources fail. */
export const ON_DEMAND = [
  'landing.espn_schedule',
  'landing.bdl_player_boxscores',
  'landing.espn_scoreboard',
  'landing.espn_boxscores',
  'landing.bettingpros_player_props',
];

/** `asset@key` of what was worked on, sorted, without sources on demand that nobody turned to. */
export function workedOn({outcomes}: Made): readonly string[] {
  return [...outcomes]
    .filter(
      ([ref, outcome]) => outcome !== 'not-needed' || !ON_DEMAND.includes(ref.slice(0, ref.indexOf('@'))),
    )
    .map(([ref]) => ref)
    .sort();
}

/** `asset@key` by outcome, sorted; outcomes that nothing had are left out. */
export function byOutcome({outcomes}: Made): Readonly<Partial<Record<Outcome, readonly string[]>>> {
  const groups = Map.groupBy([...outcomes], ([, outcome]) => outcome);
  return Object.fromEntries([...groups].map(([outcome, all]) => [outcome, all.map(([ref]) => ref).sort()]));
}
