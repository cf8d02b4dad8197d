/**
 * What takes time in a run, as spans within spans: the run, its batches, what the warehouse does, requests to sites.
 * Nothing here knows who hears of them (trace-otel.ts); where nobody does, work is done as if this were not here.
 */

/** Named by OpenTelemetry's semantic conventions, else below `gameplan.`. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface Span {
  set(attributes: Attributes): void;
  /** For what went wrong and was not thrown. */
  fail(message: string): void;
}

export interface Trace {
  /** Does `work` within a span, which ends with it; what it throws is recorded and thrown on. */
  span<T>(about: SpanStart, work: (span: Span) => Promise<T>): Promise<T>;
  /** The same function, whose spans belong where this was called: also where somebody else calls it, out of a queue. */
  bind<Arguments extends readonly unknown[], T>(work: (...all: Arguments) => T): (...all: Arguments) => T;
  /** Undefined where no span is at work here. */
  ids(): SpanIds | undefined;
}

/** Of the span that is at work, in hex. */
export interface SpanIds {
  readonly trace: string;
  readonly span: string;
}

export interface SpanStart {
  readonly name: string;
  /** Whether it waits for another program. */
  readonly isClient?: boolean;
  readonly attributes: Attributes;
}

const UNHEARD: Span = {set: () => undefined, fail: () => undefined};

/** Nobody hears. */
export const NO_TRACE: Trace = {span: (_, work) => work(UNHEARD), bind: work => work, ids: () => undefined};
