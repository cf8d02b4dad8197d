/**
 * A user's mistake, with its place: file, line, column, the line itself and a squiggle.
 * It does not deal with bugs (they throw) nor with failures of a run (they are outcomes).
 */

import {number} from './amount.ts';
import {lowerBound} from './bisect.ts';

/** A text that people edit. `path` is as the user would write it. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Half-open range of offsets into a file's text (UTF-16 units). */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** Every code that a diagnostic can carry. They are stable: scripts and tests match on them. */
export const DIAGNOSTIC_CODES = [
  // The text as YAML.
  'empty-manifest',
  'missing-manifest',
  'too-large',
  'too-deep',
  'yaml-syntax',
  'duplicate-key',
  'bad-key',
  'merge-key',
  'alias',
  // Shapes.
  'unknown-key',
  'missing-key',
  'misplaced-key',
  'wrong-type',
  'bad-value',
  'bad-name',
  // Values in their own notations.
  'bad-duration',
  'bad-size',
  'bad-percentage',
  'bad-time',
  'bad-date',
  'bad-season',
  'bad-timezone',
  'bad-window',
  'bad-path',
  'bad-url',
  'bad-range',
  // Names that lead nowhere.
  'unknown-target',
  'unknown-calendar',
  'unknown-pool',
  'unknown-site',
  'unknown-asset',
  'unknown-upstream',
  'unknown-column',
  'unknown-edge',
  'unknown-relation',
  'unknown-function',
  'missing-file',
  'missing-variable',
  'secret-in-manifest',
  // What does not fit together.
  'cycle',
  'calendar-cycle',
  'calendar-mismatch',
  'calendar-asset',
  'unreadable-upstream',
  'unsatisfiable-edge',
  'duplicate-writer',
  'duplicate-name',
  'batch-on-previous',
  'store-mismatch',
  'bad-covers',
  'bad-check',
  // Queries and modules.
  'query-syntax',
  'bad-query',
  'qualified-name',
  'table-function',
  'nondeterministic',
  'unordered-limit',
  'unread-edge',
  'not-portable',
  'column-mismatch',
  'module-syntax',
  'missing-import',
  'missing-export',
  'bad-module',
  // The command line.
  'bad-selector',
  'unknown-selection',
  'foreign-plan',
  'newer-plan',
  'damaged-plan',
] as const;
export type DiagnosticCode = (typeof DIAGNOSTIC_CODES)[number];

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Kebab-case and stable. */
  readonly code: DiagnosticCode;
  /** One sentence that names the thing in quotes and says what to do. */
  readonly message: string;
  readonly at: Span;
  readonly related: readonly Related[];
  /** A secret that no printed line may show. */
  readonly hides?: Span;
}

export interface Related {
  readonly message: string;
  readonly at: Span;
}

/** An error with its place. */
export function diagnose(
  code: DiagnosticCode,
  at: Span,
  message: string,
  related: readonly Related[] = [],
): Diagnostic {
  return {severity: 'error', code, message, at, related};
}

/** The mistake of a project without a manifest. `path` is where it was looked for. */
export function missingManifest(path: string): Diagnostic {
  const at = {file: {path, text: ''}, start: 0, end: 0};
  return diagnose(
    'missing-manifest',
    at,
    `There is no manifest '${path}': go to the project's folder, or write one.`,
  );
}

/** Line and column, counted from 1, as editors do. */
export function position({file, start}: Span): {line: number; column: number} {
  const starts = lineStartsOf(file);
  const line = Math.max(1, lowerBound(starts, start + 1));
  return {line, column: start - (starts[line - 1] ?? 0) + 1};
}

/** A cycle can have thousands of places in one file: its lines are counted once. */
const lineStarts = new WeakMap<SourceFile, Int32Array>();

function lineStartsOf(file: SourceFile): Int32Array {
  let starts = lineStarts.get(file);
  if (starts === undefined) {
    const found = [0];
    for (let i = file.text.indexOf('\n'); i !== -1; i = file.text.indexOf('\n', i + 1)) found.push(i + 1);
    starts = Int32Array.from(found);
    lineStarts.set(file, starts);
  }
  return starts;
}

/** In file order: files as they first occur, within a file by offset. Equal places keep their order. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const files = new Map<string, number>();
  for (const {at} of diagnostics) if (!files.has(at.file.path)) files.set(at.file.path, files.size);
  const rank = ({at}: Diagnostic) => files.get(at.file.path) ?? 0;
  return [...diagnostics].sort((a, b) => rank(a) - rank(b) || a.at.start - b.at.start);
}

/** Nobody reads more at once. */
const MOST_SHOWN = 500;

/** The text that users read: each mistake with its line and squiggle, then what it is related to. */
export function formatDiagnostics(
  diagnostics: readonly Diagnostic[],
  {color = false}: {readonly color?: boolean} = {},
): string {
  const secrets = diagnostics.flatMap(({hides}) => (hides === undefined ? [] : [hides]));
  const paint = (code: number, text: string) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);
  const blocks = sortDiagnostics(diagnostics)
    .slice(0, MOST_SHOWN)
    .flatMap(({severity, code, message, at, related}) => {
      const tone = severity === 'error' ? 31 : 33;
      const head = `${paint(36, place(at))} ${paint(tone, severity)} ${paint(2, `[${code}]`)} ${message}`;
      return [
        [head, ...excerpt(at, secrets, text => paint(tone, text))],
        ...related.map(({message, at}) => [
          `${paint(36, place(at))} ${message}`,
          ...excerpt(at, secrets, text => paint(34, text)),
        ]),
      ];
    });
  const more = diagnostics.length - MOST_SHOWN;
  if (more > 0) blocks.push([`${number(more)} more are not shown: mend these first.`]);
  return blocks.map(lines => `${lines.join('\n')}\n`).join('\n');
}

function place(span: Span): string {
  const {line, column} = position(span);
  return `${span.file.path}:${line}:${column}`;
}

/** How much of a long line is shown on each side of the mistake. */
const REACH = 120;

const LONGEST_SQUIGGLE = 4 * REACH;

/** The line and its squiggle, indented by two. Only the first line of a span that goes over several. */
function excerpt(span: Span, secrets: readonly Span[], paint: (text: string) => string): readonly string[] {
  const {text} = span.file;
  const lineStart = lineStartOf(text, span.start);
  const lineEnd = endOfLine(text, span.start);
  if (lineStart === lineEnd) return [];
  const start = Math.min(span.start, lineEnd);
  const end = Math.max(start + 1, Math.min(span.end, lineEnd));
  const from = Math.max(lineStart, start - REACH);
  const to = Math.min(lineEnd, start + LONGEST_SQUIGGLE, Math.max(end, start + REACH));
  const shown = mask(text, {file: span.file, start: from, end: to}, secrets);
  const before = [...text.slice(from, start)].map(letter => (letter === '\t' ? '\t' : ' ')).join('');
  const width = Math.max(1, [...text.slice(start, Math.min(end, to))].length);
  return [`  ${visible(shown)}`, `  ${before}${paint('~'.repeat(width))}`];
}

function mask(text: string, range: Span, secrets: readonly Span[]): string {
  let shown = text.slice(range.start, range.end);
  for (const secret of secrets) {
    if (secret.file.path !== range.file.path) continue;
    const start = Math.max(0, secret.start - range.start);
    const end = Math.min(shown.length, secret.end - range.start);
    if (end > start) shown = shown.slice(0, start) + '*'.repeat(end - start) + shown.slice(end);
  }
  return shown;
}

/** Control characters would let a file write to the terminal; each becomes one visible letter. */
function visible(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return line.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '\u00b7');
}

function lineStartOf(text: string, offset: number): number {
  return offset <= 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

function endOfLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  const at = end === -1 ? text.length : end;
  return text[at - 1] === '\r' && at > offset ? at - 1 : at;
}
