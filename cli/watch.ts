/**
 * Shows a run while it goes on: a moving frame on a terminal, quiet lines without one, events as JSON lines.
 * It does not deal with what the lines say (print-progress.ts) nor with running.
 */
import type {Event} from '../runner/event.ts';
import type {SpanIds, Trace} from '../runner/trace.ts';
import {eventJson, nothingJson, summaryJson} from './events-json.ts';
import {
  type ProgressView,
  printEnd,
  printFailure,
  printFrame,
  printSpreading,
  printTick,
  printWaiting,
  type Retry,
} from './print-progress.ts';
import {inOrder, ProgressReader} from './progress.ts';

export interface Watcher {
  /** `span`: in which it happens, where spans are sent. */
  readonly emit: (event: Event, span?: SpanIds) => void;
  /** Where it hears of spans as well. */
  readonly trace?: Trace;
  /** What is still on its way gets a bounded while to arrive. */
  end(): void | Promise<void>;
}

/** Shows a run to whoever started it. */
export interface Screen extends Watcher {
  /** Stops moving and prints how it ended. */
  end(): void;
}

export interface WatchOptions extends Pick<ProgressView, 'keyOrder' | 'paint'> {
  /** Where an asset stands in the order of the pipeline. */
  readonly rank: (asset: string) => number;
  readonly write: (text: string) => void;
  /** Read at each frame, because a terminal may be resized. */
  readonly width: () => number;
  readonly now: () => number;
  readonly retry: Retry;
}

/** How often a frame is drawn, and how often a quiet line is written, in milliseconds. */
const FRAME_MS = 100;
const TICK_MS = 5_000;

export function watchOnTerminal(options: WatchOptions): Screen {
  const watch = new Watch(options);
  let height = 0;
  const clear = () => (height === 0 ? '' : `\x1b[${height}A\x1b[J`);
  const draw = (above: string) => {
    if (!watch.hasBegun) return;
    const lines = printFrame(watch.view());
    options.write(`${clear()}${above}${lines.join('\n')}\n`);
    height = lines.length;
  };
  const timer = setInterval(() => draw(''), FRAME_MS);
  timer.unref();
  return {
    emit: event =>
      watch.read(event, line => (watch.hasBegun ? draw(`${line}\n`) : options.write(`${line}\n`))),
    end: () => {
      clearInterval(timer);
      options.write(`${clear()}${watch.end()}`);
      height = 0;
    },
  };
}

export function watchQuietly(options: WatchOptions): Screen {
  const watch = new Watch(options);
  const tick = () => {
    if (watch.hasBegun) options.write(`${printTick(watch.view())}\n`);
  };
  const timer = setInterval(tick, TICK_MS);
  timer.unref();
  return {
    emit: event => watch.read(event, line => options.write(`${line}\n`)),
    end: () => {
      clearInterval(timer);
      options.write(watch.end());
    },
  };
}

/** One event a line, then a summary. */
export function watchAsJson(write: (text: string) => void): Screen {
  let summary = `${nothingJson()}\n`;
  return {
    emit: event => {
      write(`${eventJson(event)}\n`);
      if (event.kind === 'run-ended') summary = `${summaryJson(event)}\n`;
    },
    end: () => write(summary),
  };
}

class Watch {
  readonly #reader = new ProgressReader();
  readonly #options: WatchOptions;
  #failures = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Tells `say` of a failure whose cause is new, and of what is waited for. */
  read(event: Event, say: (line: string) => void): void {
    this.#reader.read(event);
    if (event.kind === 'waiting') say(printWaiting(event.holder, this.view()));
    if (event.kind === 'spreading') say(printSpreading(event, this.view()));
    if (event.kind !== 'partition-ended' || (event.outcome !== 'failed' && event.outcome !== 'quarantined'))
      return;
    const view = this.view();
    const failure = view.progress.failures.at(-1);
    if (failure === undefined || view.progress.failures.length === this.#failures) return;
    this.#failures = view.progress.failures.length;
    say(printFailure(failure, view));
  }

  view(): ProgressView {
    const {keyOrder, paint, width, now} = this.#options;
    const at = now();
    return {progress: this.#reader.progressAt(at), keyOrder, paint, width: width(), now: at};
  }

  get hasBegun(): boolean {
    return this.#reader.run !== '';
  }

  /** Nothing where no run began: there was nothing to do. */
  end(): string {
    if (!this.hasBegun) return '';
    const {rank, retry} = this.#options;
    const view = this.view();
    return printEnd({...view, progress: inOrder(view.progress, rank), retry});
  }
}
