/**
 * Whether spans are sent, and where to, as OpenTelemetry's own variables say it. Nothing is loaded where they say
 * nothing. https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
import {decodedPart} from '../runner/basic-auth.ts';
import type {Watcher} from './watch.ts';
import type {WatchedRun} from './watchers.ts';

/** Of one export, where nothing is said: a run that has ended waits for the last one. Milliseconds. */
const TIMEOUT_MS = 3000;

export function tracingOf({world}: Pick<WatchedRun, 'world'>): Promise<Watcher> | undefined {
  const {env, complain, version} = world;
  const base = nonEmpty(env['OTEL_EXPORTER_OTLP_ENDPOINT']);
  const own = nonEmpty(env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']);
  const exporter = nonEmpty(env['OTEL_TRACES_EXPORTER']) ?? ((base ?? own) ? 'otlp' : 'none');
  if (exporter === 'none' || env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return undefined;
  const url = own ?? `${(base ?? 'http://localhost:4318').replace(/\/+$/, '')}/v1/traces`;
  const protocol = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'];
  const mistake = mistakeIn({exporter, url, protocol});
  if (mistake !== undefined) {
    complain(`warning: No spans are sent: ${mistake}\n`);
    return undefined;
  }
  const headers = {
    ...headersIn(env['OTEL_EXPORTER_OTLP_HEADERS']),
    ...headersIn(env['OTEL_EXPORTER_OTLP_TRACES_HEADERS']),
  };
  const timeout = env['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'] ?? env['OTEL_EXPORTER_OTLP_TIMEOUT'];
  const timeoutMs = Number(timeout) > 0 ? Number(timeout) : TIMEOUT_MS;
  return open({url, headers, version, timeoutMs, complain, traceparent: env['TRACEPARENT']});
}

async function open(
  options: ConstructorParameters<typeof import('../runner/trace-otel.ts').Tracing>[0],
): Promise<Watcher> {
  const {Tracing} = await import('../runner/trace-otel.ts');
  const trace = new Tracing(options);
  return {trace, emit: event => trace.hear(event), end: () => trace.end()};
}

function mistakeIn({
  exporter,
  url,
  protocol,
}: {
  readonly exporter: string;
  readonly url: string;
  readonly protocol: string | undefined;
}): string | undefined {
  if (exporter !== 'otlp')
    return `OTEL_TRACES_EXPORTER is '${exporter}', and only 'otlp' and 'none' are known here.`;
  if (protocol === 'grpc')
    return 'OTEL_EXPORTER_OTLP_PROTOCOL is grpc, and they are sent over HTTP; set http/json, and the port of HTTP (4318).';
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:')
    return `'${url}' is no URL of http or https; set OTEL_EXPORTER_OTLP_ENDPOINT to one such as http://127.0.0.1:4318.`;
  return undefined;
}

/** `name=value,name=value`, each as in a URL. */
function headersIn(text = ''): Readonly<Record<string, string>> {
  const pairs = text.split(',').flatMap(pair => {
    const [name = '', ...rest] = pair.split('=');
    return name.trim() === ''
      ? []
      : [[decodedPart(name.trim()), decodedPart(rest.join('=').trim())] as const];
  });
  return Object.fromEntries(pairs);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
