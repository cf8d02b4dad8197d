/**
 * Folds what is to be told into a message of bounded size: kinds and causes with their partitions as ranges of keys, the
 * worst and largest first, and the rest counted. It does not deal with how a receiver shows it (runner/alert-*.ts).
 */
import {
  ALERT_KINDS,
  ALERT_SEVERITY,
  type AlertKind,
  type AlertSeverity,
  type RunBrief,
  WHOLE_RUN,
} from './alert.ts';
import type {Draft, DraftTopic} from './alert-memory.ts';
import {counted, number} from './amount.ts';
import {sha256} from './hash.ts';
import {unreachable} from './unreachable.ts';

export interface AlertMessage {
  readonly version: 1;
  /** The same at every delivery, so that a receiver can drop what it has had. */
  readonly id: string;
  /** ISO, UTC. */
  readonly at: string;
  readonly why: Draft['why'] | 'test';
  readonly pipeline: string;
  readonly target: string;
  readonly severity: AlertSeverity;
  readonly title: string;
  readonly topics: readonly AlertTopic[];
  /** What did not find room: kinds and causes, and what they count together. */
  readonly more: {readonly topics: number; readonly count: number};
  readonly runs: readonly RunBrief[];
  readonly moreRuns: number;
}

export interface AlertTopic {
  readonly kind: AlertKind;
  readonly severity: AlertSeverity;
  readonly cause: string;
  /** Partitions; of `source-down` sources, of runs that failed as a whole runs. */
  readonly count: number;
  /** ISO, UTC: of the oldest. */
  readonly since: string;
  readonly lines: readonly AlertTopicLine[];
  readonly more: {readonly lines: number; readonly count: number};
}

export interface AlertTopicLine {
  /** An asset, a source, or the pipeline. */
  readonly about: string;
  readonly count: number;
  /** Such as `2024-04-16 … 2024-05-30, 2024-06-02`; empty where it is about no partitions. */
  readonly keys: string;
}

const MOST_TOPICS = 12;
const MOST_LINES = 8;
const MOST_RANGES = 4;
const MOST_RUNS = 5;
const MOST_LETTERS = 300;

export interface Folding {
  readonly pipeline: string;
  readonly target: string;
  readonly now: number;
  /** Keys of an asset as merged ranges, in order. */
  readonly rangesOf: (asset: string, keys: readonly string[]) => readonly string[];
}

export function fold({why, topics}: Draft, folding: Folding): AlertMessage {
  const {pipeline, target, now} = folding;
  const sorted = topics.toSorted(
    (a, b) => rank(a.kind) - rank(b.kind) || countOf(b) - countOf(a) || (a.cause < b.cause ? -1 : 1),
  );
  const [shown, left] = [sorted.slice(0, MOST_TOPICS), sorted.slice(MOST_TOPICS)];
  const runs = new Map(topics.flatMap(topic => topic.runs.map(run => [run.id, run] as const)));
  const latest = [...runs.values()].toSorted((a, b) => b.startedAt - a.startedAt);
  const said = {
    version: 1,
    at: new Date(now).toISOString(),
    why,
    pipeline,
    target,
    severity: ALERT_SEVERITY[sorted[0]?.kind ?? 'gap-healed'],
    title: titleOf(sorted),
    topics: shown.map(topic => foldTopic(topic, folding)),
    more: {topics: left.length, count: sum(left.map(countOf))},
    runs: latest.slice(0, MOST_RUNS),
    moreRuns: Math.max(0, latest.length - MOST_RUNS),
  } as const;
  return {...said, id: sha256(JSON.stringify(said)).slice(0, 16)};
}

function foldTopic(topic: DraftTopic, {rangesOf}: Folding): AlertTopic {
  const {kind, cause, since} = topic;
  const sorted = topic.lines.toSorted(
    (a, b) => b.keys.length - a.keys.length || (a.about < b.about ? -1 : 1),
  );
  const [shown, left] = [sorted.slice(0, MOST_LINES), sorted.slice(MOST_LINES)];
  return {
    kind,
    severity: ALERT_SEVERITY[kind],
    cause: cut(cause, MOST_LETTERS),
    count: countOf(topic),
    since: new Date(since).toISOString(),
    lines: shown.map(({about, keys}) => ({
      about: cut(about, MOST_LETTERS),
      count: keys.length,
      keys: isOfPartitions(kind) && about !== WHOLE_RUN ? rangeText(rangesOf(about, keys)) : '',
    })),
    more: {lines: left.length, count: sum(left.map(({keys}) => keys.length))},
  };
}

function rangeText(ranges: readonly string[]): string {
  const more = ranges.length - MOST_RANGES;
  const shown = ranges.slice(0, MOST_RANGES).join(', ');
  return more > 0 ? `${shown} and ${number(more)} more` : shown;
}

/** What happened, by kind: `9,800 partitions failed, 2 sources are down`. */
function titleOf(topics: readonly DraftTopic[]): string {
  const byKind = Map.groupBy(topics, ({kind}) => kind);
  return [...byKind]
    .map(([kind, own]) => {
      const runs = new Set(own.flatMap(topic => topic.runs.map(({id}) => id))).size;
      const partitions = sum(own.map(topic => (isOfRuns(topic) ? 0 : countOf(topic))));
      return headline(kind, kind === 'run-failed' ? {runs, partitions} : {partitions: sum(own.map(countOf))});
    })
    .join(', ');
}

/** Of one topic, as the whole message is told. */
export function topicTitle({kind, count, lines}: AlertTopic): string {
  const isWhole = lines.some(({about}) => about === WHOLE_RUN);
  return headline(kind, isWhole ? {runs: count, partitions: 0} : {partitions: count});
}

function isOfRuns({lines}: DraftTopic): boolean {
  return lines.some(({about}) => about === WHOLE_RUN);
}

function headline(
  kind: AlertKind,
  {runs = 0, partitions: count}: {readonly runs?: number; readonly partitions: number},
): string {
  switch (kind) {
    case 'run-failed':
      if (runs === 0) return `${counted(count, 'partition')} failed`;
      return `${counted(runs, 'run')} failed${count === 0 ? '' : ` (${counted(count, 'partition')})`}`;
    case 'source-down':
      return `${counted(count, 'source is', 'sources are')} down`;
    case 'nothing-ran':
      return 'nothing ran';
    case 'partition-parked':
      return `${counted(count, 'partition is', 'partitions are')} parked`;
    case 'gap-opened':
      return `${counted(count, 'gap stays', 'gaps stay')} open`;
    case 'quality-fell':
      return `quality fell in ${counted(count, 'partition')}`;
    case 'gap-healed':
      return `${counted(count, 'gap is', 'gaps are')} healed`;
    default:
      return unreachable(kind);
  }
}

function isOfPartitions(kind: AlertKind): boolean {
  return kind !== 'source-down' && kind !== 'nothing-ran';
}

function countOf({lines}: DraftTopic): number {
  return sum(lines.map(({keys}) => keys.length));
}

function rank(kind: AlertKind): number {
  return ALERT_KINDS.indexOf(kind);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** What `gameplan alerts test` sends. */
export function sampleMessage(about: Omit<Folding, 'rangesOf'>): AlertMessage {
  const cause = 'HTTP 500: a sample, nothing is wrong';
  const lines = [{about: 'raw.sample', keys: ['2024-01-15', '2024-01-16', '2024-01-17']}];
  const draft: Draft = {
    why: 'at-once',
    topics: [{kind: 'run-failed', cause, lines, since: about.now, runs: []}],
  };
  const rangesOf = () => ['2024-01-15 … 2024-01-17'];
  return {...fold(draft, {...about, rangesOf}), why: 'test', title: 'a test of alerts'};
}
