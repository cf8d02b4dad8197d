/**
 * What every reader of a part of the manifest is given: places by path, and where to say what is wrong.
 * It does not deal with what is right or wrong.
 */
import {type Diagnostic, type DiagnosticCode, diagnose, type Related, type Span} from './diagnostic.ts';
import {
  DURATION_HINT,
  isDate,
  isSeason,
  PERCENTAGE_HINT,
  parseDays,
  parseDuration,
  parsePercentage,
  parseSize,
  parseTimeOfDay,
  SIZE_HINT,
  TIME_HINT,
} from './duration.ts';
import {didYouMean} from './suggest.ts';
import type {TreeNode} from './tree.ts';

/** Keys and list indexes from the root of the manifest. */
export type Path = readonly (string | number)[];

export interface Scope {
  readonly root: TreeNode;
  readonly diagnostics: Diagnostic[];
}

/** The node at `path`; undefined where the manifest does not say it. */
export function findNode({root}: Scope, path: Path): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const step of path) node = node?.children.get(step);
  return node;
}

/** The place of the value at `path`, or of the nearest one around it. */
export function at(scope: Scope, path: Path): Span {
  for (let length = path.length; length > 0; length--) {
    const node = findNode(scope, path.slice(0, length));
    // What is around is shown by its key: a squiggle under a whole section says little.
    if (node !== undefined)
      return length === path.length && node.children.size === 0 ? node.span : keyOf(node);
  }
  return rootSpan(scope);
}

/** The place of the key that names the value at `path`. */
export function keyAt(scope: Scope, path: Path): Span {
  const node = findNode(scope, path);
  return node === undefined ? at(scope, path) : keyOf(node);
}

function keyOf(node: TreeNode): Span {
  return node.key ?? node.span;
}

/** The first line of the manifest stands for the whole. */
export function rootSpan({root}: Scope): Span {
  return {file: root.span.file, start: root.span.start, end: root.span.start + 1};
}

/** Whether the manifest says something at `path`, right or wrong. */
export function has(scope: Scope, path: Path): boolean {
  return findNode(scope, path) !== undefined;
}

/** The keys of the mapping at `path`, also of entries that were left out for their mistakes. */
export function namesAt(scope: Scope, path: Path): readonly string[] {
  return [...(findNode(scope, path)?.children.keys() ?? [])].filter(name => typeof name === 'string');
}

/** Each guess looks at every name: past this many mistakes none is made, so that thousands are told in time. */
const MOST_GUESSES = 200;

/** ` Did you mean 'x'?` of the keys at `path`. */
export function hintAt(scope: Scope, path: Path, name: string): string {
  return scope.diagnostics.length < MOST_GUESSES ? didYouMean(name, namesAt(scope, path)) : '';
}

export function report(
  scope: Scope,
  code: DiagnosticCode,
  place: Path | Span,
  message: string,
  related: readonly Related[] = [],
): undefined {
  const span = isSpan(place) ? place : at(scope, place);
  scope.diagnostics.push(diagnose(code, span, message, related));
  return undefined;
}

function isSpan(place: Path | Span): place is Span {
  return !Array.isArray(place);
}

/** Milliseconds; says so and gives undefined where `text` is none. So do the readers below. */
export function readDuration(scope: Scope, path: Path, text: string | undefined): number | undefined {
  return read(scope, path, text, parseDuration, 'bad-duration', `is no duration: write ${DURATION_HINT}`);
}

/** Whole days. */
export function readDays(scope: Scope, path: Path, text: string | undefined): number | undefined {
  return read(
    scope,
    path,
    text,
    parseDays,
    'bad-duration',
    "is no number of whole days: write it as '14 days'",
  );
}

/** Bytes. */
export function readSize(scope: Scope, path: Path, text: string | undefined): number | undefined {
  return read(scope, path, text, parseSize, 'bad-size', `is no size: write ${SIZE_HINT}`);
}

/** A share from 0 to 1. */
export function readPercentage(scope: Scope, path: Path, text: string | undefined): number | undefined {
  return read(
    scope,
    path,
    text,
    parsePercentage,
    'bad-percentage',
    `is no percentage: write ${PERCENTAGE_HINT}`,
  );
}

/** Minutes since midnight. */
export function readTimeOfDay(scope: Scope, path: Path, text: string | undefined): number | undefined {
  return read(scope, path, text, parseTimeOfDay, 'bad-time', `is no time of day: write ${TIME_HINT}`);
}

/** An ISO date. */
export function readDate(scope: Scope, path: Path, text: string | undefined): string | undefined {
  const parse = (value: string) => (isDate(value) ? value : undefined);
  return read(scope, path, text, parse, 'bad-date', "is no date: write it as '2024-01-15'");
}

/** A season's label. */
export function readSeason(scope: Scope, path: Path, text: string | undefined): string | undefined {
  const parse = (value: string) => (isSeason(value) ? value : undefined);
  return read(scope, path, text, parse, 'bad-season', "is no season: write it as '2023-24'");
}

function read<Value>(
  scope: Scope,
  path: Path,
  text: string | undefined,
  parse: (text: string) => Value | undefined,
  code: DiagnosticCode,
  complaint: string,
): Value | undefined {
  if (text === undefined) return undefined;
  const value = parse(text);
  if (value === undefined) report(scope, code, path, `'${text}' ${complaint}.`);
  return value;
}
