/** Spans as a collector gets them: OTLP over HTTP, decoded from what arrives. */
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {tracingOf} from '../../cli/tracing.ts';
import {Receiver} from '../kit/receiver.ts';
import {DOWN, SECRET, WatchedProject} from './watched-project.ts';

let project: WatchedProject;
let receiver: Receiver;
beforeEach(async () => {
  project = await WatchedProject.open();
  receiver = await Receiver.open();
});
afterEach(() => {
  project.remove();
  receiver.close();
});

interface OtlpValue {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly arrayValue?: {readonly values: readonly OtlpValue[]};
}
interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly events: readonly {readonly name: string; readonly attributes: readonly OtlpAttribute[]}[];
  readonly status: {readonly code?: number; readonly message?: string};
}
interface OtlpBody {
  readonly resourceSpans: readonly {
    readonly resource: {readonly attributes: readonly OtlpAttribute[]};
    readonly scopeSpans: readonly {readonly spans: readonly OtlpSpan[]}[];
  }[];
}

const bodies = () => receiver.posts.map(({body}) => body as OtlpBody);
const spans = () =>
  bodies().flatMap(({resourceSpans}) =>
    resourceSpans.flatMap(({scopeSpans}) => scopeSpans.flatMap(scope => scope.spans)),
  );

function attributes(all: readonly OtlpAttribute[]): Readonly<Record<string, unknown>> {
  const plain = ({stringValue, intValue, arrayValue}: OtlpValue): unknown =>
    stringValue ?? (intValue === undefined ? arrayValue?.values.map(plain) : Number(intValue));
  return Object.fromEntries(all.map(({key, value}) => [key, plain(value)]));
}

/** The names from a span up to the outermost. */
function path(span: OtlpSpan, all: readonly OtlpSpan[]): string {
  const parent = all.find(({spanId}) => spanId === span.parentSpanId);
  return parent === undefined ? span.name : `${path(parent, all)} > ${span.name}`;
}

describe('where they are asked for', () => {
  test('a run, its batches, what the warehouse does and what sites are asked lie within each other, without secrets', async () => {
    project.watch({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=a%20b',
      TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    const {code} = await project.run('materialize');
    expect(code).toBe(1);
    const [first] = receiver.posts;
    expect([first?.path, first?.headers['x-team'], first?.headers['content-type']]).toEqual([
      '/v1/traces',
      'a b',
      'application/json',
    ]);
    const all = spans();
    expect(new Set(all.map(({traceId}) => traceId))).toEqual(new Set(['0af7651916cd43dd8448eb211c80319c']));
    const paths = all.map(span => path(span, all));
    expect(paths.filter(each => each === 'run > make landing.box > GET')).toHaveLength(3);
    expect(new Set(paths)).toEqual(
      new Set([
        'run',
        'run > make landing.box',
        'run > make landing.box > GET',
        'run > make raw.points',
        'run > make raw.points > stageRows',
        'run > make raw.points > audit',
        'run > make raw.points > publish',
        'run > make stats.totals',
        'run > make stats.totals > stageQuery',
        'run > make stats.totals > audit',
        'run > make stats.totals > publish',
      ]),
    );
    const run = all.find(({name}) => name === 'run');
    expect(run?.parentSpanId).toBe('b7ad6b7169203331');
    expect(attributes(run?.attributes ?? [])).toMatchObject({
      'gameplan.pipeline': 'toy',
      'gameplan.partitions': 9,
      'gameplan.outcomes.succeeded': 6,
      'gameplan.outcomes.failed': 1,
      'gameplan.outcomes.skipped': 2,
    });
    const query = all.find(({name}) => name === 'stageQuery');
    expect([query?.kind, attributes(query?.attributes ?? [])]).toEqual([
      3,
      {
        'db.system.name': 'duckdb',
        'db.operation.name': 'stageQuery',
        'db.collection.name': 'stats.totals',
        'db.query.summary': 'assets/totals.sql',
        'gameplan.partitions': 1,
      },
    ]);
    for (const span of all)
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
    expect(attributes(bodies()[0]?.resourceSpans[0]?.resource.attributes ?? [])).toMatchObject({
      'service.name': 'gameplan',
      'service.version': '1.2.3',
    });
    // What failed is marked with its cause, and no secret travels.
    const request = all.find(({name, status}) => name === 'GET' && status.code === 2);
    expect(attributes(request?.attributes ?? [])).toMatchObject({
      'http.request.method': 'GET',
      'http.response.status_code': 503,
      'server.address': '127.0.0.1',
      'error.type': 'SiteError',
      'url.full': expect.stringMatching(new RegExp(`/box/${DOWN}\\?apikey=(\\*\\*\\*|%2A%2A%2A)$`)),
    });
    const batch = all.find(({name, status}) => name === 'make landing.box' && status.code === 2);
    expect(batch?.events.map(({name, attributes: own}) => [name, attributes(own)])).toEqual([
      [
        'exception',
        {
          'exception.type': 'failed',
          'exception.message': expect.stringContaining('HTTP 503'),
          'gameplan.key': DOWN,
        },
      ],
    ]);
    expect(JSON.stringify(receiver.posts.map(({body}) => body))).not.toContain(SECRET);
  });
});

describe('where they cannot be sent', () => {
  test('a collector that refuses, or is not there, is told of once, and the run is as it would be', async () => {
    const refusing = await Receiver.open(400);
    try {
      for (const url of [refusing.url, 'http://127.0.0.1:9']) {
        project.watch({OTEL_EXPORTER_OTLP_ENDPOINT: url});
        const {code, out, err} = await project.run(
          'materialize',
          'landing.box',
          '--dates',
          '2024-01-15',
          '--force',
          '--json',
        );
        expect([code, err]).toEqual([0, `warning: Spans do not reach ${url} and are left out.\n`]);
        expect(out).toContain('"kind":"summary"');
      }
    } finally {
      refusing.close();
    }
  });

  test('a collector that never answers holds the end of a run no longer than one export may take', async () => {
    const silent = await Receiver.open('silent');
    try {
      project.watch({OTEL_EXPORTER_OTLP_ENDPOINT: silent.url, OTEL_EXPORTER_OTLP_TIMEOUT: '300'});
      const {err} = await project.run('materialize', 'landing.box', '--dates', '2024-01-15');
      expect(err).toBe(`warning: Spans do not reach ${silent.url} and are left out.\n`);
    } finally {
      silent.close();
    }
  });
});

describe('what the variables say', () => {
  const asked = (env: Readonly<Record<string, string>>) => {
    const said: string[] = [];
    const world = {env, complain: (text: string) => void said.push(text), version: '1', now: Date.now};
    return {tracing: tracingOf({world}), said: said.join('')};
  };

  test.each([
    [{OTEL_TRACES_EXPORTER: 'zipkin'}, "OTEL_TRACES_EXPORTER is 'zipkin'"],
    [{OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc'}, 'is grpc'],
    [{OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318'}, 'is no URL of http or https'],
  ])('%j is a mistake that is told', (env, mistake) => {
    const {tracing, said} = asked(env);
    expect(tracing).toBeUndefined();
    expect(said).toMatch(/^warning: No spans are sent: .*\n$/);
    expect(said).toContain(mistake);
  });

  test.each([
    [{}],
    [{OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_TRACES_EXPORTER: 'none'}],
    [{OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SDK_DISABLED: 'true'}],
  ])('%j asks for none', env => {
    expect(asked(env)).toEqual({tracing: undefined, said: ''});
  });
});
