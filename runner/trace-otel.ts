/**
 * Spans for OpenTelemetry, sent as OTLP over HTTP in JSON while the run goes on. An exporter that fails costs the spans
 * and one line; the end of a run waits for it a bounded time.
 * It does not deal with what spans there are (trace.ts).
 */
import {AsyncLocalStorage} from 'node:async_hooks';
import {setTimeout as pause} from 'node:timers/promises';
import {
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace as spans,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import {OTLPTraceExporter} from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {BatchSpanProcessor, type SpanExporter, TracerProvider} from '@opentelemetry/sdk-trace';
import type {Event} from './event.ts';
import type {Span, SpanIds, SpanStart, Trace} from './trace.ts';

export interface TracingOptions {
  /** Where spans are posted to, such as `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly version: string;
  /** Milliseconds that one export may take. */
  readonly timeoutMs: number;
  /** The span that the run belongs to, as W3C Trace Context writes it. */
  readonly traceparent: string | undefined;
  /** Is told, once, that what was sent did not arrive. */
  readonly complain: (text: string) => void;
}

/** How much longer than for one export the end of a run waits for the last ones. Milliseconds. */
const AND_MS = 500;
/** Spans that wait to be sent, and how often they are; more are left out. */
const QUEUE = 16_384;
const EVERY_MS = 1000;

export class Tracing implements Trace {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #here = new AsyncLocalStorage<Context>();
  readonly #root: Context;
  readonly #endMs: number;

  constructor({url, headers, version, timeoutMs, traceparent, complain}: TracingOptions) {
    const otlp = new OTLPTraceExporter({url, headers: {...headers}, timeoutMillis: timeoutMs});
    const resource = defaultResource()
      .merge(resourceFromAttributes({'service.name': 'gameplan', 'service.version': version}))
      .merge(detectResources({detectors: [envDetector]}));
    this.#provider = new TracerProvider({
      resource,
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: saying(otlp, complain, url),
          exportTimeoutMillis: timeoutMs + AND_MS,
          maxQueueSize: QUEUE,
          scheduledDelayMillis: EVERY_MS,
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer('gameplan', version);
    this.#root = parentOf(traceparent);
    this.#endMs = timeoutMs + AND_MS;
  }

  async span<T>({name, isClient, attributes}: SpanStart, work: (span: Span) => Promise<T>): Promise<T> {
    const parent = this.#here.getStore() ?? this.#root;
    const kind = isClient === true ? SpanKind.CLIENT : SpanKind.INTERNAL;
    const span = this.#tracer.startSpan(name, {kind, attributes: {...attributes}}, parent);
    try {
      return await this.#here.run(spans.setSpan(parent, span), () => work(heard(span)));
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  bind<Arguments extends readonly unknown[], T>(work: (...all: Arguments) => T): (...all: Arguments) => T {
    const context = this.#here.getStore();
    return context === undefined ? work : (...all) => this.#here.run(context, work, ...all);
  }

  /** What is told of a partition, or of a request that is tried again, goes to the span in which it happens. */
  hear(event: Event): void {
    const span = spans.getSpan(this.#here.getStore() ?? this.#root);
    if (span === undefined) return;
    if (event.kind === 'retrying') {
      const {key, attempt, error, waitMs} = event;
      span.addEvent('retry', {'gameplan.key': key, attempt, error, 'gameplan.wait_ms': waitMs});
    } else if (event.kind === 'partition-ended' && event.error !== null) {
      const {key, outcome, error} = event;
      span.addEvent('exception', {
        'exception.type': outcome,
        'exception.message': error,
        'gameplan.key': key,
      });
    }
  }

  /** Ids of the span that is at work here, for logs. */
  ids(): SpanIds | undefined {
    const context = this.#here.getStore() ?? this.#root;
    const found = spans.getSpanContext(context);
    return found === undefined ? undefined : {trace: found.traceId, span: found.spanId};
  }

  /** Waits for the last spans to be sent, a bounded time. */
  async end(): Promise<void> {
    const over = new AbortController();
    await Promise.race([
      this.#provider.shutdown().catch(() => undefined), // told by the exporter
      pause(this.#endMs, undefined, {signal: over.signal, ref: false}).catch(() => undefined),
    ]);
    over.abort();
  }
}

function heard(span: OtelSpan): Span {
  return {
    set: attributes => void span.setAttributes({...attributes}),
    fail: message => void span.setStatus({code: SpanStatusCode.ERROR, message}),
  };
}

function fail(span: OtelSpan, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  span.setStatus({code: SpanStatusCode.ERROR, message});
  span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
  span.recordException({name: error instanceof Error ? error.name : 'Error', message});
}

/** The exporter, with a word for people where what it was given did not arrive. */
function saying(exporter: SpanExporter, complain: (text: string) => void, url: string): SpanExporter {
  let isSaid = false;
  return {
    export: (batch, done) =>
      exporter.export(batch, result => {
        if (result.code !== 0 && !isSaid) {
          isSaid = true;
          complain(`warning: Spans do not reach ${new URL(url).origin} and are left out.\n`);
        }
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => await exporter.forceFlush?.(),
  };
}

/** https://www.w3.org/TR/trace-context/#traceparent-header; what is none begins a trace of its own. */
function parentOf(traceparent: string | undefined): Context {
  const [, traceId, spanId, flags = '00'] =
    /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})/.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  return spans.setSpanContext(ROOT_CONTEXT, {traceId, spanId, traceFlags, isRemote: true});
}
