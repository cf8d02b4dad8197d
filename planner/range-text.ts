/**
 * Reads RANGE and ASSET@RANGE of the command line:
 *
 *     asset-range = asset "@" range
 *     range       = item { "," item }
 *     item        = key [ ".." key ] | glob
 *
 * White space around a key says nothing. It does not deal with which keys exist (calendar.ts) nor with rounding
 * between grains (range.ts).
 */
import {type Diagnostic, diagnose, type SourceFile, type Span} from './diagnostic.ts';
import {isDate, isSeason} from './duration.ts';
import {globOf, isGlob} from './glob.ts';
import type {AssetName, KeyRange, Pipeline} from './pipeline.ts';
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
  const file = {path: 'range', text};
  return readRange({file, start: 0, end: text.length});
}

/** ASSET@RANGE, such as `raw.games@2024-12-*`. */
export function parseAssetRange(
  text: string,
  pipeline: Pipeline,
): RangeResult & {readonly asset: AssetName | undefined} {
  const file: SourceFile = {path: 'partitions', text};
  const [name, rest] = split({file, start: 0, end: text.length}, '@');
  const {asset, diagnostics} = readAsset(name, pipeline);
  if (rest === undefined) {
    const end = {file, start: text.length, end: text.length + 1};
    const asked = textOf(name) || 'ASSET';
    const message = `Say which keys: write '${asked}@2024-01-15' or '${asked}@2024-01-01..2024-01-31'.`;
    return {
      asset: undefined,
      patterns: undefined,
      diagnostics: [...diagnostics, diagnose('bad-selector', end, message)],
    };
  }
  const range = readRange(rest);
  const all = [...diagnostics, ...range.diagnostics];
  return all.length > 0
    ? {asset: undefined, patterns: undefined, diagnostics: all}
    : {asset, patterns: range.patterns, diagnostics: all};
}

function readAsset(
  at: Span,
  {assets}: Pipeline,
): {readonly asset: AssetName | undefined; readonly diagnostics: readonly Diagnostic[]} {
  const name = textOf(at);
  const asset = [...assets.keys()].find(known => known === name);
  if (asset !== undefined) return {asset, diagnostics: []};
  if (name === '')
    return {
      asset,
      diagnostics: [
        diagnose('bad-selector', atLeastOne(at), 'The name of an asset is missing before the keys.'),
      ],
    };
  const message = isGlob(name)
    ? `'${name}' is a pattern, and only one asset can stand before '@': write its name.`
    : `No asset is named '${name}'.${didYouMean(name, assets.keys())}`;
  return {asset, diagnostics: [diagnose(isGlob(name) ? 'bad-selector' : 'unknown-selection', at, message)]};
}

function readRange(at: Span): RangeResult {
  const patterns: KeyPattern[] = [];
  const diagnostics: Diagnostic[] = [];
  for (let rest: Span | undefined = at; rest !== undefined; ) {
    const [item, after] = split(rest, ',');
    const read = readItem(item);
    if ('kind' in read) patterns.push(read);
    else diagnostics.push(...read.diagnostics);
    rest = after;
  }
  return {patterns: diagnostics.length > 0 ? undefined : patterns, diagnostics};
}

interface Refused {
  readonly diagnostics: readonly Diagnostic[];
}

function refuse(at: Span, message: string): Refused {
  return {diagnostics: [diagnose('bad-selector', atLeastOne(at), message)]};
}

function readItem(item: Span): KeyPattern | Refused {
  const [first, last] = split(item, '..');
  if (last === undefined && isGlob(textOf(first))) return readGlob(first);
  const [from, to] = [readKey(first), last === undefined ? undefined : readKey(last)];
  if ('diagnostics' in from || (to !== undefined && 'diagnostics' in to))
    return {
      diagnostics: [from, to].flatMap(end =>
        end !== undefined && 'diagnostics' in end ? end.diagnostics : [],
      ),
    };
  if (to === undefined) return {kind: 'range', from: from.key, to: from.key};
  if (from.grain !== to.grain)
    return refuse(
      item,
      `'${textOf(item)}' goes from a ${from.grain} to a ${to.grain}: both ends must be of one kind.`,
    );
  return from.key > to.key
    ? refuse(item, `'${textOf(item)}' ends before it starts: write '${to.key}..${from.key}'.`)
    : {kind: 'range', from: from.key, to: to.key};
}

function readGlob(at: Span): KeyPattern | Refused {
  const glob = textOf(at);
  const isPossible = [...glob].every(letter => '0123456789-*?'.includes(letter));
  return isPossible
    ? {kind: 'glob', glob}
    : refuse(at, `'${glob}' can match no key: write a pattern of digits, such as '2024-12-*'.`);
}

function readKey(at: Span): {readonly key: string; readonly grain: string} | Refused {
  const key = textOf(at);
  if (key === '')
    return refuse(at, "A key is missing here: write '2024-01-15', '2024-01-01..2024-01-31' or '2024-12-*'.");
  if (isGlob(key))
    return refuse(at, `'${key}' is a pattern and no end of a range: write a key, such as '2024-12-01'.`);
  const grain = isDate(key) ? 'date' : isSeason(key) ? 'season' : key === 'all' ? key : undefined;
  return grain === undefined
    ? refuse(at, `'${key}' is no key: write a date '2024-01-15', a season '2023-24' or 'all'.`)
    : {key, grain};
}

/** What stands before the first separator and what after it, each without the white space around it. */
function split({file, start, end}: Span, separator: string): readonly [Span, Span | undefined] {
  const at = file.text.slice(start, end).indexOf(separator);
  if (at === -1) return [trimmed({file, start, end}), undefined];
  const after = {file, start: start + at + separator.length, end};
  return [trimmed({file, start, end: start + at}), separator === ',' ? after : trimmed(after)];
}

/** Of white space alone the place before it stays. */
function trimmed({file, start, end}: Span): Span {
  const text = file.text.slice(start, end);
  if (text.trim() === '') return {file, start, end: start};
  return {file, start: start + text.length - text.trimStart().length, end: start + text.trimEnd().length};
}

function textOf({file, start, end}: Span): string {
  return file.text.slice(start, end);
}

/** A place that a squiggle can stand under. */
function atLeastOne({file, start, end}: Span): Span {
  return {file, start, end: Math.max(end, start + 1)};
}
