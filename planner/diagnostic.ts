/**
 * A user's mistake, with its place: file, line, column, the line itself and a squiggle.
 * It does not deal with bugs (they throw) nor with failures of a run (they are outcomes).
 */

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

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Kebab-case and stable. */
  readonly code: string;
  /** One sentence that names the thing in quotes and says what to do. */
  readonly message: string;
  readonly at: Span;
  readonly related: readonly {readonly message: string; readonly at: Span}[];
}
