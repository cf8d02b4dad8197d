/**
 * The flags that commands share, with how their texts are read.
 * It does not deal with what they mean together (request.ts).
 */
import {InvalidArgumentError} from 'commander';
import {dayOf} from '../planner/day.ts';
import {DURATION_HINT, parseDuration} from '../planner/duration.ts';
import {didYouMean} from '../planner/suggest.ts';
import type {Flag, Options} from './command.ts';

export const projectFlags: readonly Flag[] = [
  {flags: '-C, --directory <path>', description: "the project's folder (default: the current one)"},
  {flags: '--manifest <path>', description: 'the manifest, from that folder (default: pipeline.yaml)'},
  {flags: '--target <name>', description: 'the target to use (default: the first of the manifest)'},
];

export const jsonFlag: Flag = {flags: '--json', description: 'print JSON'};

export const rangeFlags: readonly Flag[] = [
  {flags: '--from <date>', description: 'the first date meant', parse: date},
  {flags: '--to <date>', description: 'the last date meant', parse: date},
  {flags: '--dates <list>', description: 'keys, comma-separated, or a file with one a line'},
  {flags: '--season <season>', description: 'a season such as 2023-24; may be given again', parse: many},
];

export const nowFlag: Flag = {
  flags: '--now <time>',
  description: 'plan as if it were this time (ISO 8601)',
  parse: time,
};

/** Of commands that open the warehouse. */
export const waitFlag: Flag = {
  flags: '--wait <time>',
  description: 'how long to wait for what another process holds (default: 10s)',
  parse: text => (text === '0' ? 0 : span(text)),
};

/** Of commands that make things. */
export const spreadFlag: Flag = {
  flags: '--spread',
  description: "hand the work out to every 'gameplan worker' (needs a ledger on Postgres)",
};

export const workFlags: readonly Flag[] = [
  {flags: '--limit <n>', description: 'make at most so many partitions', parse: whole},
  {flags: '--missing-only', description: 'leave what is stale as it is'},
  {flags: '--failed', description: 'only what failed in the last run, or was skipped because of that'},
  {flags: '--force', description: 'make what is selected, whatever its state'},
  {flags: '--allow-protected', description: 'make protected partitions again like others'},
  {flags: '--ignore-gate', description: 'make also what the quality of its inputs keeps waiting'},
  {flags: '--prune', description: 'drop orphans: partitions that nothing declares any more'},
  {flags: '--accept-calendar', description: 'let a calendar lose games that it knew'},
  nowFlag,
];

/** Of commands that do on purpose what no plan would. */
/** Options that say what a plan is to make, apart from its selectors and its time. */
const ASKING = [
  'from',
  'to',
  'dates',
  'season',
  'limit',
  'failed',
  'missingOnly',
  'force',
  'prune',
  'allowProtected',
  'ignoreGate',
] as const;

/** Those that are given, as they are typed. */
export function askingFlags(options: Options): readonly string[] {
  return ASKING.filter(name => options[name] !== undefined).map(
    name => `--${name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`,
  );
}

export const junitFlag: Flag = {
  flags: '--junit <file>',
  description: 'also write what came of each test to a file, as JUnit XML',
};

export const byFlag: Flag = {
  flags: '--by <name>',
  description: 'who asks, for the record (default: the user of git or of the system)',
};

export const reasonFlag: Flag = {flags: '--reason <text>', description: 'why, for the record'};

export const purposeFlags: readonly Flag[] = [
  reasonFlag,
  byFlag,
  {flags: '--yes', description: 'do not ask'},
];

/** A duration such as `30d`, as milliseconds. */
export function span(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError(`It must be ${DURATION_HINT}.`);
  return ms;
}

/** Several of a few words, with commas between. */
export function someOf(...words: readonly string[]): (text: string) => readonly string[] {
  return text => {
    const given = text.split(',').map(word => word.trim());
    const wrong = given.find(word => !words.includes(word));
    if (wrong === undefined) return given;
    throw new InvalidArgumentError(`'${wrong}' is none of ${words.join(', ')}.${didYouMean(wrong, words)}`);
  };
}

/** One of a few words. */
export function oneOf(...words: readonly string[]): Pick<Flag, 'words' | 'parse'> {
  const parse = (text: string): string => {
    if (!words.includes(text)) throw new InvalidArgumentError(`It must be one of ${words.join(', ')}.`);
    return text;
  };
  return {words, parse};
}

export function whole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}

export function date(text: string): string {
  if (Number.isNaN(dayOf(text))) throw new InvalidArgumentError('It must be a date such as 2024-01-15.');
  return text;
}

function time(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError('It must be a time such as 2024-01-15T10:00:00Z.');
  return at;
}

/** A flag that may be given again. */
export function list(text: string, before: unknown): readonly string[] {
  // commander hands back what this function returned before
  return [...((before as readonly string[] | undefined) ?? []), text];
}

function many(text: string, before: unknown): readonly string[] {
  if (!/^\d{4}-\d{2}$/.test(text)) throw new InvalidArgumentError('It must be a season such as 2023-24.');
  return list(text, before);
}
