/**
 * What alerts are: their kinds, what is found, and what is remembered from one look to the next.
 * It does not deal with how they are found (alert-look.ts), when they are told (alert-memory.ts) nor how (alert-message.ts).
 */
import {causeOf} from './alike.ts';

export const ALERT_SEVERITY = {
  'run-failed': 'critical',
  'source-down': 'critical',
  'nothing-ran': 'critical',
  'partition-parked': 'warning',
  'gap-opened': 'warning',
  'quality-fell': 'warning',
  'gap-healed': 'info',
} as const satisfies Readonly<Record<string, 'critical' | 'warning' | 'info'>>;

export type AlertKind = keyof typeof ALERT_SEVERITY;
export type AlertSeverity = (typeof ALERT_SEVERITY)[AlertKind];

/** What matters most first. */
export const ALERT_KINDS = Object.keys(ALERT_SEVERITY) as readonly AlertKind[]; // its own keys

/** So long nothing more is told of the same kind and cause. */
export const FOLD_MS = 4 * 3_600_000;

/** Stands for the asset where a run failed and no partition is to blame; no asset can have this name. */
export const WHOLE_RUN = 'run';

/** A run that failed, in numbers. */
export interface RunBrief {
  readonly id: string;
  readonly startedAt: number;
  /** Undefined: it was killed. */
  readonly endedAt: number | undefined;
  readonly requested: number;
  /** Failed, or held back by a check. */
  readonly failed: number;
  readonly skipped: number;
}

/** Partitions of one asset with one cause; also a source, or the pipeline itself. */
export interface Found {
  readonly kind: AlertKind;
  /** As others wrote it: those that differ only in numbers are one. */
  readonly cause: string;
  /** An asset; of `source-down` a source, of `nothing-ran` the pipeline, of a run that failed as a whole `WHOLE_RUN`. */
  readonly about: string;
  /** Keys of partitions; else one word for what was found. */
  readonly keys: readonly string[];
  /** Of `gap-healed`: what it was told as before. */
  readonly was?: AlertKind | undefined;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly run?: RunBrief | undefined;
  /** A name under which it is told once and never again. */
  readonly once?: string | undefined;
  /** The event that says so: what the log was read up to is not told again. */
  readonly event?: number | undefined;
}

/** The mark that says up to which event the log was read. */
export const EVENTS_MARK = 'events';

/** One look at a pipeline. */
export interface Look {
  readonly found: readonly Found[];
  /** What is remembered as standing and does so no more. */
  readonly ended: readonly Ended[];
  /** Names of what was looked at and is not to be looked at again, with numbers that say how far. */
  readonly marks: ReadonlyMap<string, number>;
}

export interface Ended {
  readonly kind: AlertKind;
  readonly about: string;
  readonly key: string;
  /** Whether it came out well, and did not just lose its meaning. */
  readonly isHealed: boolean;
}

/** All of one kind, cause and subject. */
export interface AlertLine {
  readonly kind: AlertKind;
  readonly cause: string;
  readonly about: string;
  /** Of `gap-healed`: what it was told as before. */
  readonly was: AlertKind | undefined;
  /** Keys that are still to be told. */
  readonly waiting: readonly string[];
  /** Keys that were told and still stand; always none of what only happens. */
  readonly told: readonly string[];
  /** Of the oldest of them. */
  readonly since: number;
  /** When the first of what waits was found. */
  readonly waitingSince: number | undefined;
  /** Of what waits. */
  readonly runs: readonly RunBrief[];
}

export interface AlertMemory {
  /** By `lineId`. */
  readonly lines: ReadonlyMap<string, AlertLine>;
  /** By `topicId`, when it was last told. */
  readonly toldAt: ReadonlyMap<string, number>;
  readonly marks: ReadonlyMap<string, number>;
  /** When messages were sent at once, within the last `FOLD_MS`. */
  readonly sent: readonly number[];
}

export const NO_MEMORY: AlertMemory = {lines: new Map(), toldAt: new Map(), marks: new Map(), sent: []};

/** Whether it stands until it ends; the others happen, and are over once they are told. */
export function isStanding(kind: AlertKind): boolean {
  return kind === 'gap-opened' || kind === 'partition-parked' || kind === 'source-down';
}

/** Kind and cause: the grain at which alerts are told. */
export function topicId({kind, cause}: Pick<Found, 'kind' | 'cause'>): string {
  return `${kind} ${causeOf(cause).slice(0, MOST_LETTERS)}`;
}

/** A cause is told apart by so many letters. */
const MOST_LETTERS = 200;

export function lineId(line: Pick<Found, 'kind' | 'cause' | 'about' | 'was'>): string {
  return JSON.stringify([topicId(line), line.about, ...(line.was === undefined ? [] : [line.was])]);
}
