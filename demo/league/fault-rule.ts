// The faults one can ask a league server for, and reading them from JSON.
// Does not deal with when a rule strikes.
import type {Measures} from './game.ts';
import {type SiteName, siteNames} from './site-name.ts';

/** Faults of the transport replace or hold back the answer; those of content change what it says. */
export const transportKinds = [
  'status',
  'timeout',
  'slow',
  'not-json',
  'changed-shape',
  'reset',
  'html',
] as const;
export const contentKinds = ['empty', 'corrected', 'short', 'yesterday', 'zeros'] as const;

export type TransportKind = (typeof transportKinds)[number];
export type ContentKind = (typeof contentKinds)[number];

export interface FaultRule {
  /** What a request must be about; all that is given must hold, and nothing given means every request. */
  readonly match: {
    readonly site?: SiteName;
    /** Within its site; a prefix if it begins with a slash, else a regular expression over path and query. */
    readonly path?: string;
    /** A game id. */
    readonly game?: string;
    /** `YYYY-MM-DD` */
    readonly date?: string;
    /** First and last date meant; either alone is open at the other end. */
    readonly from?: string;
    readonly to?: string;
    /** `2024-25` */
    readonly season?: string;
  };
  readonly kind: TransportKind | ContentKind;
  /** For kind `status`, 500 if not given. */
  readonly status?: number;
  /** Strikes the first so many matching requests only. */
  readonly times?: number;
  /** Share of matching requests it strikes, 0 to 1, drawn from the league's seed and the request. */
  readonly rate?: number;
  /** For kind `slow`, 1000 if not given. */
  readonly delayMs?: number;
  /** For kind `corrected`: so many good answers a request gets before the corrected one, 1 if not given. */
  readonly after?: number;
  /** For kind `short`: so many games of each date are known, 1 if not given. */
  readonly games?: number;
  /** For kind `zeros`: of the players' lines, the share that has 0, and in what; 0.4 and `seconds` if not given. */
  readonly share?: number;
  readonly measure?: keyof Measures;
}

export type RuleReading =
  | {readonly ok: true; readonly rules: readonly FaultRule[]}
  | {readonly ok: false; readonly message: string};

/** Reads one rule or a list of them; the first that is wrong is named with its place in the list. */
export function readRules(value: unknown): RuleReading {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const [index, rule] of list.entries()) {
    const message = wrongIn(rule);
    if (message !== undefined) return {ok: false, message: `Rule ${index + 1}: ${message}`};
  }
  // wrongIn() has looked at every field.
  return {ok: true, rules: list as FaultRule[]};
}

const numbers = ['status', 'times', 'rate', 'delayMs', 'after', 'games', 'share'];
const texts = ['site', 'path', 'game', 'date', 'from', 'to', 'season'];
const measures: readonly (keyof Measures)[] = [
  'seconds',
  'pts',
  'fgm',
  'fga',
  'fg3m',
  'fg3a',
  'ftm',
  'fta',
  'oreb',
  'dreb',
  'reb',
  'ast',
  'stl',
  'blk',
  'tov',
  'pf',
];

function wrongIn(rule: unknown): string | undefined {
  if (!isRecord(rule)) return 'must be an object.';
  const kinds: readonly string[] = [...transportKinds, ...contentKinds];
  if (typeof rule['kind'] !== 'string' || !kinds.includes(rule['kind'])) {
    return `kind must be one of ${kinds.join(', ')}.`;
  }
  for (const [name, given] of Object.entries(rule)) {
    if (name === 'kind' || name === 'match') continue;
    if (name === 'measure') {
      if (!includes(measures, given)) return `measure must be one of ${measures.join(', ')}.`;
      continue;
    }
    if (!numbers.includes(name)) return `there is no field '${name}'.`;
    if (typeof given !== 'number' || given < 0) return `${name} must be a number from 0 on.`;
  }
  return wrongInMatch(rule['match']);
}

function wrongInMatch(match: unknown): string | undefined {
  if (!isRecord(match)) return 'match must be an object; {} matches every request.';
  for (const [name, given] of Object.entries(match)) {
    if (!texts.includes(name)) return `match has no field '${name}'.`;
    if (typeof given !== 'string') return `match.${name} must be a text.`;
  }
  const {site, path} = match;
  if (site !== undefined && !includes(siteNames, site))
    return `match.site must be one of ${siteNames.join(', ')}.`;
  return typeof path === 'string' && !path.startsWith('/') && !isPattern(path)
    ? `match.path is no regular expression: ${path}`
    : undefined;
}

function includes(list: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && list.includes(value);
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
