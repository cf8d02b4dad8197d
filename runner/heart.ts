/**
 * The session of a run while it is at work: beats, and hears whether it is asked to end or others wait for the
 * warehouse. It does not deal with leases (claims.ts).
 */
import type {Ledger} from './ledger.ts';
import {LedgerError} from './ledger-error.ts';
import type {PlaceInUse} from './ledger-session.ts';
import {beginOwn, endOwn, ownProcess, type Pulse} from './liveness.ts';
import type {Slots} from './slots.ts';
import type {Workshop} from './workshop.ts';

export interface HeartOptions {
  readonly run: string;
  /** As the user typed it. */
  readonly command: string;
  readonly pulse: Pulse;
  /** Hears that the run was asked to end from elsewhere, once or twice. */
  readonly onAsked: (times: 1 | 2) => void;
  /** Hears how many runs are at work, this one among them; at once, and then at each beat. */
  readonly onRuns?: ((runs: number) => void) | undefined;
  /** What is in use now of what bounds the run; nothing where it is left out. */
  readonly inUse?: () => readonly PlaceInUse[];
}

export class Heart {
  /** As those of an interrupt; both are aborted when the session is lost. */
  readonly stop: AbortSignal;
  readonly cancel: AbortSignal;
  readonly #stopping = new AbortController();
  readonly #cancelling = new AbortController();
  readonly #ledger: Ledger;
  readonly #options: HeartOptions;
  readonly #timer: NodeJS.Timeout;
  #asked = 0;
  #isLost = false;
  #isAwaited = false;
  #isWaiting = false;

  private constructor(ledger: Ledger, options: HeartOptions) {
    this.#ledger = ledger;
    this.#options = options;
    this.stop = this.#stopping.signal;
    this.cancel = this.#cancelling.signal;
    this.#timer = setInterval(() => this.#beat(), options.pulse.beatMs);
    this.#timer.unref();
  }

  /** `clock` gives milliseconds since 1970. */
  static begin(ledger: Ledger, clock: () => number, options: HeartOptions): Heart {
    const {run, command} = options;
    ledger.beginSession({run, command, ...ownProcess(), startedAt: clock()});
    beginOwn(run);
    const heart = new Heart(ledger, options);
    if (options.onRuns !== undefined) heart.#beat();
    return heart;
  }

  /** Whether somebody took this session for dead. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether another run waits for the warehouse. */
  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Tells others that this run waits for the warehouse, so that one that has it lets it go between two batches. */
  set isWaiting(is: boolean) {
    if (is === this.#isWaiting) return;
    this.#isWaiting = is;
    this.#beat();
  }

  /** Gives back all that the session holds. */
  end(): void {
    clearInterval(this.#timer);
    endOwn(this.#options.run);
    try {
      this.#ledger.endSession();
    } catch (error) {
      // The process ends now, or knows that the run did: its session is taken for dead by whoever comes next.
      if (!(error instanceof LedgerError)) throw error;
    }
  }

  #beat(): void {
    try {
      const inUse = this.#options.inUse?.() ?? [];
      const told = this.#ledger.beat({isWaiting: this.#isWaiting, inUse});
      if (told === undefined) {
        this.#isLost = true;
        this.#abort(2);
      } else {
        this.#isAwaited = told.isAwaited;
        this.#options.onRuns?.(told.runs);
        this.#hear(told.asked);
      }
    } catch (error) {
      // A ledger that cannot be written now is told of by the next write that matters; only then it is a fault.
      if (!(error instanceof LedgerError)) throw error;
    }
  }

  #hear(asked: 0 | 1 | 2): void {
    for (const times of [1, 2] as const) {
      if (times > asked || times <= this.#asked) continue;
      this.#asked = times;
      this.#options.onAsked(times);
      this.#abort(times);
    }
  }

  #abort(times: 1 | 2): void {
    this.#stopping.abort();
    if (times === 2) this.#cancelling.abort();
  }
}

/**
 * That of who makes partitions: it shares out what sites allow, and tells what is in use. `signals` are the workshop's
 * own, which it aborts as well.
 */
export function beginWork(
  workshop: Workshop,
  {command, slots}: {readonly command: string; readonly slots: Slots},
): {readonly heart: Heart; readonly signals: Pick<Workshop, 'stop' | 'cancel'>} {
  const {ledger, clock, run, pulse, emit} = workshop;
  const heart = Heart.begin(ledger, clock, {
    run,
    command,
    pulse,
    onAsked: times => emit({kind: 'interrupted', at: clock(), times}),
    onRuns: rateListener(workshop),
    inUse: () => slots.inUse(),
  });
  const signals = {
    stop: AbortSignal.any([workshop.stop, heart.stop]),
    cancel: AbortSignal.any([workshop.cancel, heart.cancel]),
  };
  return {heart, signals};
}

/** Who hears how many runs are at work: nobody where no site counts requests by the minute. */
function rateListener({
  pipeline,
  shareAmong,
}: Pick<Workshop, 'pipeline' | 'shareAmong'>): ((runs: number) => void) | undefined {
  const isRated = [...pipeline.sites.values()].some(({perMinute}) => perMinute !== undefined);
  return isRated ? shareAmong : undefined;
}
