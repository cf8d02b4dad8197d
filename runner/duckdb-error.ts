/**
 * DuckDB's errors as ours: a kind, a sentence with a mend, and the place in the asset's own query.
 * It does not deal with retrying; the connection must have been opened with `errors_as_json`.
 */
import type {Embedded} from './sql-dialect.ts';
import {WarehouseError} from './warehouse.ts';

/** What DuckDB said. `position` counts bytes of the statement's UTF-8 text; of the type `Parser` it counts characters. */
interface EngineError {
  readonly type: string;
  readonly message: string;
  readonly position: number | undefined;
}

/** Reads an error of the engine, in its JSON form or as plain text. */
export function engineError(error: unknown): EngineError {
  const text = error instanceof Error ? error.message : String(error);
  const brace = text.indexOf('{');
  if (brace >= 0) {
    try {
      const parsed: unknown = JSON.parse(text.slice(brace));
      if (typeof parsed === 'object' && parsed !== null) return fromJson(parsed, text);
    } catch {
      // Plain text with a brace in it.
    }
  }
  const named = /^([A-Za-z ]+?) Error: /.exec(text);
  return {
    type: named?.[1] ?? '',
    message: named === null ? text : text.slice(named[0].length),
    position: undefined,
  };
}

function fromJson(json: object, whole: string): EngineError {
  const field = (name: string): string | undefined => {
    const value: unknown = Reflect.get(json, name);
    return typeof value === 'string' ? value : undefined;
  };
  const position = Number(field('position') ?? Number.NaN);
  return {
    type: field('exception_type') ?? '',
    message: field('exception_message') ?? whole,
    position: Number.isInteger(position) ? position : undefined,
  };
}

/** The error to throw for a statement that failed, placed in `embedded` where the engine gave a position inside it. */
export function statementError(error: unknown, embedded?: Embedded): WarehouseError {
  if (error instanceof WarehouseError) return error;
  const engine = engineError(error);
  const general = generalError(engine, error);
  if (general !== undefined) return general;
  const said = oneSentence(engine.message);
  const kind = STATEMENT_ERRORS.has(engine.type) ? 'statement' : 'query';
  if (embedded === undefined) return new WarehouseError(kind, said, {cause: error});
  const offset = offsetIn(embedded, engine);
  if (offset === undefined) return new WarehouseError(kind, `${embedded.path}: ${said}`, {cause: error});
  return new WarehouseError(kind, `${embedded.path}:${place(embedded.text, offset)}: ${said}`, {
    offset,
    cause: error,
  });
}

/** Types of errors that tell of the statement itself: it fails whatever the rows are. */
const STATEMENT_ERRORS: ReadonlySet<string> = new Set(['Parser', 'Syntax', 'Binder', 'Catalog']);

/** Errors that are about the machine or the file and not about a statement. */
function generalError(engine: EngineError, cause: unknown): WarehouseError | undefined {
  const {type, message} = engine;
  if (/^interrupt/i.test(type))
    return new WarehouseError('cancelled', 'The statement was interrupted.', {cause});
  if (/no space left|disk full|file too large|max_temp_directory_size/i.test(message)) {
    return new WarehouseError(
      'disk-full',
      `The disk of the warehouse is full: ${oneSentence(message)} Nothing was published; free some space and run again.`,
      {cause},
    );
  }
  if (/^out of memory/i.test(type)) {
    return new WarehouseError(
      'other',
      `The warehouse ran out of memory: ${oneSentence(message)} Raise the target's memory limit or make smaller batches.`,
      {cause},
    );
  }
  if (/^(fatal|internal|io)$/i.test(type)) {
    return new WarehouseError(
      'other',
      `The warehouse failed: ${oneSentence(message)} Nothing was published; run again.`,
      {cause},
    );
  }
  return undefined;
}

/** Line and column of an offset, counted from 1. */
function place(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
}

/** Offset in UTF-16 units of a byte of `text`'s UTF-8 form. */
export function utf16Offset(text: string, bytes: number): number {
  return Buffer.from(text, 'utf8').subarray(0, bytes).toString('utf8').length;
}

/** Offset in UTF-16 units of a character (code point) of `text`, as the parser counts. */
export function characterOffset(text: string, characters: number): number {
  return Array.from(text).slice(0, characters).join('').length;
}

function offsetIn({text, start}: Embedded, {type, position}: EngineError): number | undefined {
  if (position === undefined) return undefined;
  // Texts are parsed alone before they are wrapped, so nothing stands before the place of a parser's error.
  if (type === 'Parser') return start === 0 ? characterOffset(text, position) : undefined;
  const bytes = position - start;
  return bytes >= 0 && bytes <= Buffer.byteLength(text) ? utf16Offset(text, bytes) : undefined;
}

/** Engine messages run over lines and end without a full stop. */
function oneSentence(message: string): string {
  const flat = message.replaceAll(/\s*\n\s*/g, ' ').trim();
  return /[.!?]$/.test(flat) ? flat : `${flat}.`;
}
