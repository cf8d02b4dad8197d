/**
 * Work that the page asks for, done by the command line in a process of its own: the server goes on answering, and
 * what a run does to its process it does to nobody else. It does not deal with what may be asked (actions.ts).
 *
 * Every process is started with a list of arguments, never by a shell. Texts of a browser are written as `--flag=TEXT`
 * or stand behind `--`, so none is read as a flag.
 */
import {execFile} from 'node:child_process';
import {stripVTControlCharacters} from 'node:util';
import {visible} from '../report/text.ts';
import type {PassTrigger} from '../runner/ledger-pass.ts';
import {type Child, childEnvironment, type Ended, startChild, withoutEvents} from './child.ts';
import type {RefusalBody} from './schema/common.ts';
import type {AcceptanceBody, CorrectionBody} from './schema/gap.ts';
import type {StartBody} from './schema/plan.ts';

export interface WorkOptions {
  /** How the command line is started, such as [process.execPath, 'bin/gameplan.js']. */
  readonly self: readonly [string, ...string[]];
  /** Which project: `-C`, `--manifest` and `--target`, as the server was given them. */
  readonly project: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Who is written down where a browser names nobody. */
  readonly user: string | undefined;
  /** Told when a run of this server's has ended; `isCrash` where it died. */
  readonly onRunEnded?: (run: string, isCrash: boolean) => void;
  /** How long a command may take, and a run until it begins. Milliseconds; two minutes where nothing is said. */
  readonly patienceMs?: number;
}

/** `status` is that of HTTP: 409 where the command refused, 429 where too much is at work already. */
export interface Refused {
  readonly refusal: RefusalBody;
  readonly status: 409 | 429;
}

export type Started = {readonly run: string} | Refused;
export type Answered = {readonly text: string} | Refused;

/** Processes at once: runs, and commands that end at once. */
const MOST_RUNS = 4;
const MOST_COMMANDS = 4;
const PATIENCE_MS = 120_000;
/** Within that. */
const PASS_WAIT = '90s';
/** Of what a command prints. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Runs whose end is remembered. */
const MOST_CRASHES = 50;

export class Work {
  readonly #options: WorkOptions;
  readonly #crashes = new Map<string, string>();
  #atWork = 0;
  #commands = 0;

  constructor(options: WorkOptions) {
    this.#options = options;
  }

  /** Materializes a plan file that this server wrote; resolves as soon as the run has begun, or was refused. */
  async startRun(planFile: string, flags: StartBody): Promise<Started> {
    const {order, failFast, bySeason, reason = '', by} = flags;
    const begun = await this.#start([
      'materialize',
      ...this.#options.project,
      '--json',
      '--yes',
      ...(order === undefined ? [] : [`--order=${order}`]),
      ...(failFast === true ? ['--fail-fast'] : []),
      ...(bySeason === true ? ['--by-season'] : []),
      ...this.#who(by),
      ...(oneLine(reason) === '' ? [] : [`--reason=${oneLine(reason)}`]),
      '--',
      planFile,
    ]);
    if (!('end' in begun)) return begun;
    if (begun.end === 0) return refused('Nothing of this plan is left to do.\n', 0);
    const told = begun.err
      .replace(`'gameplan materialize ${planFile} --replan' plans`, 'Plan again, which asks')
      .replaceAll(planFile, 'The plan');
    return refused(told, begun.end);
  }

  /** One pass that fills what the manifest's `healing` allows. `run` is null where there was nothing to fill. */
  async heal(
    by: string | undefined,
  ): Promise<{readonly run: string | null; readonly text: string} | Refused> {
    const begun = await this.#start(this.#healing('page', by));
    if ('run' in begun) return {...begun, text: ''};
    if (!('end' in begun)) return begun;
    return begun.end === 0 ? {run: null, text: withoutEvents(begun.out)} : refused(begun.err, begun.end);
  }

  /** A pass that nobody waits for at the page: passes.ts bounds how many there are. */
  startPass(trigger: PassTrigger, by: string | undefined): Child {
    return this.#child(this.#healing(trigger, by));
  }

  #healing(trigger: PassTrigger, by: string | undefined): readonly string[] {
    // Nobody in person asks for what a clock or a message asks for.
    const who = trigger === 'page' || trigger === 'request' ? this.#who(by) : [];
    // Nobody looks at it: it may wait for a warehouse that is at work elsewhere.
    const wait = trigger === 'page' ? [] : [`--wait=${PASS_WAIT}`];
    return ['heal', ...this.#options.project, '--events', `--trigger=${trigger}`, ...wait, ...who];
  }

  acceptGaps({partitions, reason, by, until, games, dryRun}: AcceptanceBody): Promise<Answered> {
    return this.#ask([
      'gaps',
      'accept',
      ...this.#options.project,
      `--reason=${oneLine(reason)}`,
      ...this.#who(by),
      ...(until === undefined ? [] : [`--until=${until}`]),
      ...(games === undefined || games.length === 0 ? [] : [`--games=${games.join(',')}`]),
      ...(dryRun === true ? ['--dry-run'] : []),
      '--',
      partitions,
    ]);
  }

  reopenGaps(correction: CorrectionBody): Promise<Answered> {
    return this.#correct(['gaps', 'reopen'], correction, []);
  }

  forget(correction: CorrectionBody): Promise<Answered> {
    return this.#correct(['forget'], correction, ['--yes']);
  }

  cancel(run: string, by: string | undefined): Promise<Answered> {
    return this.#ask(['runs', 'cancel', ...this.#options.project, '--json', ...this.#who(by), '--', run]);
  }

  /** A few rows of the newest published partition, as JSON. */
  sample(asset: string, limit: number): Promise<Answered> {
    const flags = ['--json', '--wait=1s', `--limit=${limit}`];
    return this.#ask(['sample', ...this.#options.project, ...flags, '--', asset]);
  }

  /** Rows that checks held back of one partition, as JSON. */
  held(asset: string, key: string): Promise<Answered> {
    return this.#ask([
      'quarantine',
      ...this.#options.project,
      '--json',
      '--wait=1s',
      '--limit=200',
      '--',
      `${asset}@${key}`,
    ]);
  }

  /** The end of what a run of this server's wrote before it died; undefined where it did not. */
  crashOf(run: string): string | undefined {
    return this.#crashes.get(run);
  }

  #correct(
    words: readonly string[],
    {partitions, reason, by, dryRun}: CorrectionBody,
    flags: readonly string[],
  ): Promise<Answered> {
    const about = [
      `--reason=${oneLine(reason)}`,
      ...this.#who(by),
      ...flags,
      ...(dryRun === true ? ['--dry-run'] : []),
    ];
    return this.#ask([...words, ...this.#options.project, ...about, '--', partitions]);
  }

  #who(by: string | undefined): readonly string[] {
    const name = oneLine(by ?? '') || oneLine(this.#options.user ?? '');
    return name === '' ? [] : [`--by=${name}`];
  }

  /** For what ends at once: waits for its end. */
  async #ask(args: readonly string[]): Promise<Answered> {
    if (this.#commands >= MOST_COMMANDS) return busy('commands');
    if (hasNul(args)) return refused('A text holds a character that is none.\n', 1);
    this.#commands++;
    try {
      const {code, out, err} = await this.#runToEnd(args);
      return code === 0 ? {text: out} : refused(err, code);
    } finally {
      this.#commands--;
    }
  }

  #runToEnd(
    args: readonly string[],
  ): Promise<{readonly code: number | string; readonly out: string; readonly err: string}> {
    const [command, ...before] = this.#options.self;
    return new Promise(resolve => {
      const about = {
        cwd: this.#options.cwd,
        env: childEnvironment(this.#options.env),
        maxBuffer: MOST_BYTES,
        timeout: this.#patienceMs,
      };
      execFile(command, [...before, ...args], about, (error, out, err) => {
        if (error === null) return resolve({code: 0, out, err});
        const told = err === '' ? `${error.message}\n` : err;
        resolve({code: error.code ?? error.signal ?? 1, out, err: told});
      });
    });
  }

  /** For what makes partitions. */
  async #start(args: readonly string[]): Promise<Started | Ended> {
    if (this.#atWork >= MOST_RUNS) return busy('runs');
    this.#atWork++;
    const child = this.#child(args);
    void child.ended.then(() => {
      this.#atWork--;
    });
    return await child.begun;
  }

  #child(args: readonly string[]): Child {
    const child = startChild({...this.#options, patienceMs: this.#patienceMs}, args);
    void child.ended.then(ended => this.#remember(ended));
    return child;
  }

  get #patienceMs(): number {
    return this.#options.patienceMs ?? PATIENCE_MS;
  }

  /** A run that does not say that it has ended, has died. One pass of `heal` may be several. */
  #remember({end, err, runs}: Awaited<Child['ended']>): void {
    for (const {run, hasEnded} of runs) {
      if (!hasEnded) {
        const [oldest] = this.#crashes.keys();
        if (this.#crashes.size >= MOST_CRASHES && oldest !== undefined) this.#crashes.delete(oldest);
        const how = typeof end === 'string' ? `Ended by ${end}.` : `Ended with exit code ${end}.`;
        this.#crashes.set(run, `${stripVTControlCharacters(err)}${how}\n`);
      }
      this.#options.onRunEnded?.(run, !hasEnded);
    }
  }
}

function refused(err: string, code: number | string): Refused {
  const details = stripVTControlCharacters(err).trimEnd();
  const [first = ''] = details.split('\n').filter(line => !line.startsWith('warning:'));
  const error = first.replace(/^error: /, '') || `The command ended with ${code}.`;
  return {
    refusal: {error, ...(details.includes('\n') ? {details: details.replaceAll(/^error: /gm, '')} : {})},
    status: 409,
  };
}

function busy(what: string): Refused {
  return {
    refusal: {error: `Too many ${what} of this page are at work already: try again when one has ended.`},
    status: 429,
  };
}

/** No process can be given one. Where it may stand is for the schemas; here nothing is started with it. */
function hasNul(args: readonly string[]): boolean {
  return args.some(arg => arg.includes('\0'));
}

/** As a command line takes it: without line breaks and other control characters. */
function oneLine(text: string): string {
  return visible(text).trim();
}
