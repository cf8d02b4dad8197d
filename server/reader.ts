/**
 * The pipeline as it stands, read again when the ledger, a file of the project or the minute has changed. Everything that
 * a page is told of one moment comes from one view.
 * It does not write, and deals with no address (routes-*.ts).
 */
import {randomBytes} from 'node:crypto';
import {statSync} from 'node:fs';
import path from 'node:path';
import type {LedgerSnapshot} from '../planner/ledger.ts';
import {makePlan} from '../planner/make-plan.ts';
import {type Planned, WHOLE_REQUEST} from '../planner/plan.ts';
import {type Project, readAtWork, readWholeSnapshot} from '../report/project-ledger.ts';
import {type LedgerPlace, ledgerPlace} from '../runner/ledger-place.ts';
import {stampOfPostgres} from '../runner/ledger-postgres.ts';
import {stripBytes} from './strip-bytes.ts';

/** A mistake of the manifest with its place, counted from 1. */
export interface Mistake {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Loaded {
  /** Undefined where there is a mistake. */
  readonly project: Project | undefined;
  readonly mistakes: readonly Mistake[];
}

export interface ReaderOptions {
  /** Reads the manifest and its files as they lie there now. */
  readonly load: () => Promise<Loaded>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Absolute path of the manifest. */
  readonly manifest: string;
}

/** One moment of the pipeline. */
export interface View {
  readonly project: Project;
  readonly mistakes: readonly Mistake[];
  readonly ledger: LedgerSnapshot;
  /** Of all that needs to be made. */
  readonly planned: Planned;
  /** By asset, a byte a partition (strip-format.ts). */
  readonly strips: ReadonlyMap<string, Uint8Array>;
  readonly now: number;
  /** Its own, of this process and no other: the same name, the same answers. */
  readonly tag: string;
}

/** What is due changes with the clock. */
const MINUTE = 60_000;

/**
 * A view that took longer than this is shown on for a while although the ledger has gone on, so that reading it again
 * takes at most a quarter of the time. Milliseconds.
 */
const LONG_MS = 250;
const SHOWN_ON = 3;

export class Reader {
  readonly #options: ReaderOptions;
  #loaded: Loaded | undefined;
  #project: Project | undefined;
  #files = '';
  #generation = 0;
  readonly #epoch = randomBytes(6).toString('hex');
  #views = 0;
  #view: View | undefined;
  #stamp = '';
  #reading: Promise<View> | undefined;
  #loading: Promise<Project> | undefined;
  /** How long the last view took to read, and when it was there; milliseconds of a clock that only goes forward. */
  #took = 0;
  #readAt = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** As it was a moment ago, where reading it anew would take long. */
  async view(): Promise<View> {
    const isLong = this.#took > LONG_MS && performance.now() < this.#readAt + this.#took * SHOWN_ON;
    return this.#view !== undefined && isLong ? this.#view : await this.fresh();
  }

  /** Throws where the project cannot be used at all: it has mistakes, and never was without. */
  async fresh(): Promise<View> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return await this.#reading;
  }

  /** Without a plan of it. Throws as `fresh` does. */
  async project(): Promise<Project> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return await this.#loading;
  }

  async #load(): Promise<Project> {
    const files = this.#filesNow();
    if (this.#loaded === undefined || files !== this.#files) {
      this.#loaded = await this.#options.load();
      this.#project = this.#loaded.project ?? this.#project;
      this.#files = this.#filesNow();
      this.#generation++;
      this.#stamp = '';
    }
    if (this.#project === undefined) throw new Unusable(this.#loaded.mistakes);
    return this.#project;
  }

  async #read(): Promise<View> {
    const project = await this.project();
    const mistakes = this.#loaded?.mistakes ?? [];
    const stamp = this.#stampNow();
    if (this.#view !== undefined && stamp === this.#stamp) return this.#view;
    const now = this.#options.clock();
    const began = performance.now();
    const ledger = readWholeSnapshot(project, this.#options.clock);
    const planned = makePlan({...project, ledger, now, request: WHOLE_REQUEST});
    this.#stamp = stamp;
    this.#view = {
      project,
      mistakes,
      ledger,
      planned,
      strips: stripBytes(planned),
      now,
      tag: `${this.#epoch}-${++this.#views}`,
    };
    this.#readAt = performance.now();
    this.#took = this.#readAt - began;
    return this.#view;
  }

  /** Something is known that stands in no file: what comes next is answered anew. */
  expire(): void {
    this.#stamp = '';
    this.#took = 0;
  }

  /** A process that dies writes nothing: which are at work is looked at as well. */
  #stampNow(): string {
    const {clock} = this.#options;
    if (this.#project === undefined) return '';
    const minute = Math.floor(clock() / MINUTE);
    const ledger = ledgerPlace(this.#project);
    const atWork = [...readAtWork(this.#project, clock)].join(' ');
    return `${this.#generation} ${minute} ${stampOf(ledger)} ${atWork}`;
  }

  /** Whatever the project is made of: its manifest, its queries, its code, and what is signed off. */
  #filesNow(): string {
    const {manifest} = this.#options;
    const project = this.#project;
    if (project === undefined) return stateOf(manifest);
    const {pipeline, root, sources} = project;
    const files = [...sources.queries.values(), ...sources.modules.values()].map(each => each.path);
    return [
      manifest,
      ...[...new Set([...files, pipeline.target.knownGaps])].map(file => path.resolve(root, file)),
    ]
      .map(stateOf)
      .join(' ');
  }
}

/** The project has mistakes, and never was without. */
export class Unusable extends Error {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes[0]?.message ?? 'The manifest cannot be read.');
    this.mistakes = mistakes;
  }
}

/** Another one where the ledger was written to meanwhile. */
function stampOf(ledger: LedgerPlace): string {
  return ledger.kind === 'file'
    ? `${stateOf(ledger.path)} ${stateOf(`${ledger.path}-wal`)}`
    : stampOfPostgres(ledger);
}

function stateOf(file: string): string {
  const found = statSync(file, {bigint: true, throwIfNoEntry: false});
  return found === undefined ? '-' : `${found.mtimeNs}:${found.size}:${found.ino}`;
}
