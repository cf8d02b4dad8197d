/**
 * A project in a temporary folder with real files, ledger, store and DuckDB, for tests that run things. Each `open`
 * is what a new process would see.
 */
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import type {CarryOrder} from '../../planner/carry.ts';
import type {LedgerSnapshot} from '../../planner/ledger.ts';
import {makePlan, planPipeline} from '../../planner/make-plan.ts';
import {parseManifest} from '../../planner/manifest.ts';
import type {Concurrency, Pipeline} from '../../planner/pipeline.ts';
import {type Plan, type PlannedPartition, type PlanRequest, WHOLE_REQUEST} from '../../planner/plan.ts';
import {type PlanFile, planFileOf} from '../../planner/plan-file.ts';
import {planLines} from '../../planner/plan-text.ts';
import type {PartitionRef} from '../../planner/reason.ts';
import {parseSelector} from '../../planner/select.ts';
import type {Row} from '../../runner/asset.ts';
import type {Carrier} from '../../runner/carry.ts';
import type {Event} from '../../runner/event.ts';
import {materialize, type RunResult, type Work} from '../../runner/execute.ts';
import {readLedger} from '../../runner/ledger-open.ts';
import type {PartitionOutcome} from '../../runner/ledger-row.ts';
import {PULSE, type Pulse} from '../../runner/liveness.ts';
import {readProject} from '../../runner/project.ts';
import type {Spread} from '../../runner/spread.ts';
import {type OpenTarget, openTarget, type TargetOptions} from '../../runner/target.ts';
import type {Value} from '../../runner/warehouse.ts';
import type {Workshop} from '../../runner/workshop.ts';

/** A project in a folder that another process made. */
export function openAt(root: string, now: number): Project {
  return new Project({}, now, root);
}

/** Milliseconds of an ISO instant. */
export const at = (iso: string): number => Date.parse(iso);

export interface Asked extends Partial<Omit<PlanRequest, 'selection'>> {
  readonly select?: string;
  readonly now?: number;
  readonly failFast?: boolean;
  readonly order?: 'oldest' | 'newest';
  readonly bySeason?: boolean;
  readonly concurrency?: Concurrency;
  readonly acceptCalendar?: boolean;
  readonly stop?: AbortSignal;
  readonly cancel?: AbortSignal;
  readonly onEvent?: (event: Event) => void;
  /** Hands out what workers can make. */
  readonly spread?: Spread;
  /** Applied instead of a request. */
  readonly file?: PlanFile;
  /** Carried instead of what a request comes to. */
  readonly carried?: {readonly order: CarryOrder; readonly carrier: Carrier};
  /** Puts something between the run and its tools. */
  readonly through?: (workshop: Workshop) => Workshop;
}

export interface Done extends RunResult {
  readonly events: readonly Event[];
  /** Outcome by `asset@key`. */
  readonly outcomes: ReadonlyMap<PartitionRef, string>;
  readonly errors: ReadonlyMap<PartitionRef, string>;
  /** How often the warehouse was asked for. */
  readonly warehouseCalls: number;
}

/** Runs of this process: a server knows jobs of them all, whatever the project. */
let runs = 0;

export class Project {
  readonly root: string;
  /** The instant of every plan that gives no other. */
  now: number;
  /** The first of the manifest where none is named. */
  target: string | undefined;
  env: Readonly<Record<string, string>> = {};
  /** How long to wait for what another process holds. Milliseconds. */
  waitMs = 0;
  pulse: Pulse = PULSE;

  constructor(files: Readonly<Record<string, string>>, now: number, root?: string) {
    this.root = root ?? mkdtempSync(join(tmpdir(), 'gameplan-test-'));
    this.now = now;
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  write(path: string, text: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), {recursive: true});
    writeFileSync(file, text);
  }

  async open(): Promise<
    OpenTarget & {
      readonly pipeline: Awaited<ReturnType<Project['read']>>['pipeline'];
      readonly sources: Awaited<ReturnType<Project['read']>>['sources'];
    }
  > {
    const {pipeline, sources} = await this.read();
    return {
      ...openTarget({root: this.root, pipeline, sources, clock: () => this.now, ...this.#times()}),
      pipeline,
      sources,
    };
  }

  #times(): Pick<TargetOptions, 'waitMs' | 'pulse'> {
    return {waitMs: this.waitMs, pulse: this.pulse};
  }

  private async read() {
    const find = (path: string) => {
      try {
        return {path, text: readFileSync(join(this.root, path), 'utf8')};
      } catch {
        return undefined; // not there is what the parser is told
      }
    };
    const file = find('pipeline.yaml') ?? {path: 'pipeline.yaml', text: ''};
    const {pipeline, diagnostics} = parseManifest({
      file,
      target: this.target,
      env: this.env,
      knownGaps: find,
      calendarFile: find,
    });
    if (pipeline === undefined)
      throw new Error(diagnostics.map(({code, message}) => `[${code}] ${message}`).join('\n'));
    const {sources} = await readProject({root: this.root, pipeline});
    return {pipeline, sources};
  }

  /** `asOthersSee`: with what runs at work hold. */
  async plan(asked: Asked = {}, {asOthersSee = false} = {}): Promise<Plan> {
    const target = await this.open();
    try {
      const {pipeline, sources, ledger} = target;
      const request = requestOf(asked, pipeline);
      const planBy = (snapshot: LedgerSnapshot): Plan =>
        planPipeline({pipeline, sources, ledger: snapshot, now: asked.now ?? this.now, request});
      if (!asOthersSee) return planBy(ledger.snapshot());
      return readLedger(ledger.place, snapshot => {
        const plan = planBy(snapshot);
        // Read while the ledger can be.
        return {...plan, partitions: plan.partitions};
      });
    } finally {
      await target.close();
    }
  }

  /** The plan of a request as a file would hold it. */
  async written(asked: Asked = {}): Promise<PlanFile> {
    const target = await this.open();
    try {
      const {pipeline, sources, ledger} = target;
      const request = requestOf(asked, pipeline);
      const input = {pipeline, sources, ledger: ledger.snapshot(), now: asked.now ?? this.now, request};
      const {plan, frame} = makePlan(input);
      return JSON.parse(
        [
          ...planLines(
            planFileOf(plan, frame, {...WHOLE_REQUEST, only: {}, selectors: [], acceptCalendar: false}),
          ),
        ].join(''),
      );
    } finally {
      await target.close();
    }
  }

  async materialize(asked: Asked = {}): Promise<Done> {
    const target = await this.open();
    const events: Event[] = [];
    const outcomes = new Map<PartitionRef, string>();
    const errors = new Map<PartitionRef, string>();
    const emit = (event: Event): void => {
      events.push(event);
      if (event.kind === 'partition-ended') {
        outcomes.set(`${event.asset}@${event.key}`, event.outcome);
        if (event.error !== null) errors.set(`${event.asset}@${event.key}`, event.error);
      }
      asked.onEvent?.(event);
    };
    let warehouseCalls = 0;
    const {through = workshop => workshop} = asked;
    try {
      const workshop = target.workshop({
        run: `run-${++runs}-${process.pid}-${this.now.toString(36)}`,
        emit,
        stop: asked.stop ?? new AbortController().signal,
        cancel: asked.cancel ?? new AbortController().signal,
        acceptCalendar: asked.acceptCalendar ?? false,
      });
      const counted: Workshop = {
        ...workshop,
        warehouse: waitMs => {
          warehouseCalls++;
          return workshop.warehouse(waitMs);
        },
      };
      const {carried} = asked;
      const result = await materialize(through({...counted, carry: carried?.carrier}), {
        plan: workOf(asked, target.pipeline),
        now: asked.file === undefined ? (asked.now ?? this.now) : Date.parse(asked.file.now),
        command: 'test',
        concurrency: asked.concurrency ?? {fetches: 8, batches: 2},
        order: asked.order,
        bySeason: asked.bySeason,
        failFast: asked.failFast ?? false,
        spread: asked.spread,
      });
      return {...result, events, outcomes, errors, warehouseCalls};
    } finally {
      await target.close();
    }
  }

  /** Rows of a query over the warehouse, as arrays. */
  async query(sql: string): Promise<readonly (readonly Value[])[]> {
    const target = await this.open();
    try {
      return (await (await target.warehouse()).read(sql)).rows;
    } finally {
      await target.close();
    }
  }

  async forget(asset: string, keys: readonly string[]): Promise<void> {
    const target = await this.open();
    target.ledger.recordOutcomes({run: 'test', outcomes: forgotten(asset, keys)});
    await target.close();
  }

  /** What a module of `rowsFrom(name)` gives: rows by key, or the message that it throws. */
  data(name: string, byKey: Readonly<Record<string, readonly Row[] | string>>): void {
    this.write(`data/${name}.json`, JSON.stringify(byKey));
  }

  text(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  remove(): void {
    rmSync(this.root, {recursive: true, force: true});
  }
}

/** That partitions were forgotten, as the ledger hears it. */
export function forgotten(asset: string, keys: readonly string[]): readonly PartitionOutcome[] {
  const at = {startedAt: 0, endedAt: 0, durationMs: 0, reasons: []};
  return keys.map(key => ({asset, key, ...at, outcome: 'succeeded', error: null, withdrawn: true}));
}

function workOf(asked: Asked, pipeline: Pipeline): Work {
  if (asked.carried !== undefined) return {kind: 'carry', order: asked.carried.order};
  return asked.file === undefined ? requestOf(asked, pipeline) : {kind: 'fixed', file: asked.file};
}

function requestOf(asked: Asked, pipeline: Parameters<typeof parseSelector>[1]): PlanRequest {
  const parsed = asked.select === undefined ? undefined : parseSelector(asked.select, pipeline);
  if (parsed !== undefined && parsed.selection === undefined) {
    throw new Error(parsed.diagnostics.map(({message}) => message).join('\n'));
  }
  return {...WHOLE_REQUEST, ...asked, selection: parsed?.selection};
}

/** A module whose rows are those that `Project.data(name)` wrote last. */
export function rowsFrom(name: string): string {
  return `import {readFileSync} from 'node:fs';
import type {Row, Rows} from 'gameplan';

export const rows: Rows = async ({partition}) => {
  const text = readFileSync(new URL('../data/${name}.json', import.meta.url), 'utf8');
  const found: readonly Row[] | string = JSON.parse(text)[partition.key] ?? [];
  if (typeof found === 'string') throw new Error(found);
  return found;
};
`;
}

/** Entries of a listed calendar. */
export function listed(seasons: Readonly<Record<string, readonly string[]>>) {
  const dates = Object.entries(seasons).flatMap(([season, all]) => all.map(date => ({date, season})));
  return {listed: {timezone: 'UTC', dates}};
}

/** A calendar that is read from the table of SCHEDULE. */
export function scheduledCalendar(about: object = {}) {
  return {
    nba: {
      asset: 'raw.schedule',
      date: 'game_date',
      season: 'season',
      game: 'game_id',
      teams: ['home', 'away'],
      status: 'status',
      timezone: 'America/New_York',
      seasons: {from: '2023-24', rolls_over: '07-01'},
      ...about,
    },
  };
}

/** The asset of a schedule, a partition a season. */
export const SCHEDULE = {
  rows: 'assets/schedule.ts',
  partition_by: 'season',
  columns: {
    season: 'string',
    game_id: 'string',
    game_date: 'date',
    home: 'string',
    away: 'string',
    status: 'string',
  },
  key: ['game_id'],
};

/** A manifest with one target; JSON is YAML. */
export function manifest(about: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    name: 'test',
    targets: {local: {warehouse: {engine: 'duckdb', memory_limit: '256MB'}}},
    defaults: {partition_by: 'game_date'},
    ...about,
  });
}

/** How many partitions came to each outcome. */
export function tally({outcomes}: Done): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes.values()) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** `asset@key outcome`, sorted. */
export function ended({outcomes}: Done): readonly string[] {
  return [...outcomes].map(([ref, outcome]) => `${ref} ${outcome}`).sort();
}

/** `asset@key state action: reasons`, a line each, for comparing. */
export function lines(plan: Plan): readonly string[] {
  return plan.partitions.map(line);
}

function line({asset, key, state, action, reasons}: PlannedPartition): string {
  return `${asset}@${key} ${state} ${action ?? '-'}: ${reasons.map(({kind}) => kind).join(', ')}`;
}
