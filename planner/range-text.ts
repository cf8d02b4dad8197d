/**
 * Reads RANGE and ASSET@RANGE of the command line: keys, `A..B` with both ends meant, wildcards, comma-separated.
 * It does not deal with which keys exist (calendar.ts) nor with rounding between grains (range.ts).
 */
import {type Diagnostic, diagnose, type SourceFile} from './diagnostic.ts';
import {isDate, isSeason} from './duration.ts';
import type {AssetName, KeyRange, Pipeline} from './pipeline.ts';
import {globOf} from './select.ts';
import {didYouMean} from './suggest.ts';

/** One item of a RANGE. */
export type KeyPattern =
  | (KeyRange & {readonly kind: 'range'})
  | {readonly kind: 'glob'; readonly glob: string};

export interface RangeResult {
  /** Undefined where there is an error among the diagnostics. */
  readonly patterns: readonly KeyPattern[] | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether one of the patterns means `key`. A range of dates means no seasons, and the other way round. */
export function matchesKey(patterns: readonly KeyPattern[], key: string): boolean {
  return patterns.some(pattern => {
    if (pattern.kind === 'glob') return globOf(pattern.glob)(key);
    return key.length === pattern.from.length && key >= pattern.from && key <= pattern.to;
  });
}

export function parseRange(text: string): RangeResult {
  return parseItems({path: 'range', text}, 0);
}

/** ASSET@RANGE, such as `raw.games@2024-12-*`. */
export function parseAssetRange(
  text: string,
  pipeline: Pipeline,
): RangeResult & {readonly asset: AssetName | undefined} {
  const file: SourceFile = {path: 'partitions', text};
  const split = text.indexOf('@');
  const name = split === -1 ? text : text.slice(0, split);
  const asset = [...pipeline.assets.keys()].find(known => known === name);
  const diagnostics: Diagnostic[] = [];
  if (asset === undefined) {
    const at = {file, start: 0, end: Math.max(1, name.length)};
    diagnostics.push(
      diagnose(
        'unknown-selection',
        at,
        `No asset is named '${name}'.${didYouMean(name, pipeline.assets.keys())}`,
      ),
    );
  }
  if (split === -1) {
    const at = {file, start: text.length, end: text.length + 1};
    diagnostics.push(
      diagnose(
        'bad-selector',
        at,
        `Say which keys: write '${name}@2024-01-15' or '${name}@2024-01-01..2024-01-31'.`,
      ),
    );
    return {asset: undefined, patterns: undefined, diagnostics};
  }
  const range = parseItems(file, split + 1);
  diagnostics.push(...range.diagnostics);
  const isWrong = diagnostics.length > 0;
  return {asset: isWrong ? undefined : asset, patterns: isWrong ? undefined : range.patterns, diagnostics};
}

function parseItems(file: SourceFile, offset: number): RangeResult {
  const patterns: KeyPattern[] = [];
  const diagnostics: Diagnostic[] = [];
  let start = offset;
  for (const item of file.text.slice(offset).split(',')) {
    const result = parseItem(item.trim());
    const at = {file, start, end: start + Math.max(1, item.length)};
    if (typeof result === 'string') diagnostics.push(diagnose('bad-selector', at, result));
    else patterns.push(result);
    start += item.length + 1;
  }
  return {patterns: diagnostics.length > 0 ? undefined : patterns, diagnostics};
}

/** A pattern, or the sentence that says why it is none. */
function parseItem(item: string): KeyPattern | string {
  if (item === '')
    return `A key is missing here: write '2024-01-15', '2024-01-01..2024-01-31' or '2024-12-*'.`;
  if (/[*?]/.test(item)) {
    return /^[\d*?-]+$/.test(item)
      ? {kind: 'glob', glob: item}
      : `'${item}' can match no key: write it as '2024-12-*'.`;
  }
  const [from = '', to = from, ...rest] = item.split('..').map(end => end.trim());
  const kind = (key: string) =>
    isDate(key) ? 'date' : isSeason(key) ? 'season' : key === 'all' ? 'all' : undefined;
  const wrong = [from, to].find(key => kind(key) === undefined);
  if (wrong !== undefined || rest.length > 0) {
    return `'${wrong ?? item}' is no key: write a date '2024-01-15', a season '2023-24' or 'all'.`;
  }
  if (kind(from) !== kind(to))
    return `'${item}' goes from a ${kind(from)} to a ${kind(to)}: both ends must be of one kind.`;
  return from > to ? `'${item}' ends before it starts: exchange the two.` : {kind: 'range', from, to};
}
