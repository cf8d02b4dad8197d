/**
 * Metrics in the text format of Prometheus, version 0.0.4. Its client library counts in its own process; here values
 * stand in the ledger, histograms among them, which that library cannot be given.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
import {METRICS, type MetricName} from './metric-names.ts';

type Labels = Readonly<Record<string, string>>;

/** A value, or what was counted of durations: how many took at most so many seconds, how many in all, and their sum. */
export type Value =
  | number
  | {
      readonly below: readonly (readonly [bound: number, count: number])[];
      readonly count: number;
      readonly sum: number;
    };

export interface Sample {
  readonly labels: Labels;
  readonly value: Value;
}

export type Samples = Readonly<Record<MetricName, readonly Sample[]>>;

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Ends with a line break. A metric without samples is told by its help and type alone. */
export function metricsText(samples: Samples): string {
  const lines: string[] = [];
  for (const [name, {help, type}] of Object.entries(METRICS)) {
    lines.push(`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`);
    for (const sample of samples[name as MetricName]) lines.push(...sampleLines(name, sample)); // a key of METRICS
  }
  return `${lines.join('\n')}\n`;
}

function sampleLines(name: string, {labels, value}: Sample): readonly string[] {
  if (typeof value === 'number') return [line(name, labels, value)];
  const {below, count, sum} = value;
  const buckets = below.map(([bound, some]) => line(`${name}_bucket`, {...labels, le: `${bound}`}, some));
  const all = below.length === 0 ? [] : [line(`${name}_bucket`, {...labels, le: '+Inf'}, count)];
  return [...buckets, ...all, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, count)];
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(
    ([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`,
  );
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
