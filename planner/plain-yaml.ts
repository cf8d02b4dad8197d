/**
 * Reads the plain part of YAML, which manifests are written in, many times faster than a parser of the whole language:
 * block mappings and lists, texts on one line, flow collections. It does not deal with the rest, nor with mistakes:
 * an entry that it cannot read is given to another reader, and a file with a mistake is not read at all.
 */
import type {SourceFile, Span} from './diagnostic.ts';
import type {Plain, TreeNode} from './tree.ts';

export interface Read {
  readonly value: Plain | undefined;
  readonly node: TreeNode;
}

/** One entry of a mapping, whose text begins with its key and ends with a line. */
export interface EntryText {
  readonly range: Span;
  /** Of its key, in its line. */
  readonly column: number;
  /** Of the mapping: 0 for the outermost. */
  readonly level: number;
}

export interface ReadEntry {
  readonly name: string;
  readonly read: Read;
}

/** Undefined where the entry holds a mistake or refers to another place. */
export type EntryReader = (text: EntryText) => ReadEntry | undefined;

/** Deeper nesting is the other reader's to refuse. */
const MOST_LEVELS = 60;
/** YAML allows no longer one without a sign of its own. */
const LONGEST_KEY = 1_000;

export const NO_CHILDREN: ReadonlyMap<string | number, TreeNode> = new Map();

/** The whole file; undefined where something is not plain and `readEntry` cannot read it either. */
export function readPlainYaml(file: SourceFile, readEntry: EntryReader): Read | undefined {
  // Tabs, other line ends and byte order marks have rules of their own.
  if (/[\t\r\ufeff]/.test(file.text)) return undefined;
  return new PlainReader(file, readEntry).readFile();
}

const SPACE = 32;
const NEWLINE = 10;
const HASH = 35;
const COLON = 58;
const COMMA = 44;
const DASH = 45;
const QUOTE = 39;
const DOUBLE_QUOTE = 34;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_MAP = 123;
const CLOSE_MAP = 125;

type NewKey = {readonly name: string; readonly span: Span};

/** Goes through one text from front to back. Methods give undefined for what is not plain. */
class PlainReader {
  private readonly file: SourceFile;
  private readonly text: string;
  private readonly readEntry: EntryReader;
  /** The next letter that is not read yet. */
  private offset = 0;
  /** The column of the next line's first letter, once a line is done; -1 at the end of the file. */
  private column = 0;
  /** What is beyond this reader is beyond all that holds it: no larger part is tried again. */
  private isBeyond = false;

  constructor(file: SourceFile, readEntry: EntryReader) {
    this.file = file;
    this.text = file.text;
    this.readEntry = readEntry;
  }

  readFile(): Read | undefined {
    this.nextLine();
    const read = this.column === 0 ? this.readBlock(undefined, 0) : undefined;
    return this.isDone() ? read : undefined;
  }

  private isDone(): boolean {
    return this.column === -1 && !this.isBeyond;
  }

  /** From the start of a line to the first letter of the next one that says something. */
  private nextLine(): void {
    const {text} = this;
    let at = this.offset;
    for (;;) {
      const start = at;
      while (text.charCodeAt(at) === SPACE) at++;
      const letter = text.charCodeAt(at);
      if (at >= text.length) {
        this.offset = at;
        this.column = -1;
        return;
      }
      if (letter !== NEWLINE && letter !== HASH) {
        this.offset = at;
        this.column = at - start;
        return;
      }
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end + 1;
    }
  }

  /** After a value: only a comment may follow on its line. */
  private endLine(): boolean {
    const {text} = this;
    const start = this.offset;
    while (text.charCodeAt(this.offset) === SPACE) this.offset++;
    const letter = text.charCodeAt(this.offset);
    if (this.offset < text.length && letter !== NEWLINE && !(letter === HASH && this.offset > start))
      return false;
    const end = text.indexOf('\n', this.offset);
    this.offset = end === -1 ? text.length : end + 1;
    this.nextLine();
    return true;
  }

  /** A mapping or list whose first letter is next. */
  private readBlock(key: Span | undefined, level: number): Read | undefined {
    if (level > MOST_LEVELS) return this.beyond();
    return this.isItem() ? this.readItems(key, level) : this.readEntries(key, level);
  }

  private isItem(): boolean {
    const next = this.text.charCodeAt(this.offset + 1);
    return this.text.charCodeAt(this.offset) === DASH && (next === SPACE || next === NEWLINE);
  }

  private isEntry(): boolean {
    const {offset} = this;
    const key = this.readKey();
    this.offset = offset;
    return key !== undefined;
  }

  private beyond(): undefined {
    this.isBeyond = true;
    return undefined;
  }

  private readEntries(key: Span | undefined, level: number): Read | undefined {
    const {column} = this;
    let {offset: start} = this;
    let end = start;
    const value: {[key: string]: Plain} = {};
    const children = new Map<string, TreeNode>();
    while (this.column === column) {
      const entry = this.readOne(column, level);
      // Keys that stand twice are told by the other reader.
      if (entry === undefined || children.has(entry.name)) return this.beyond();
      const {name, read} = entry;
      if (children.size === 0) start = read.node.key?.start ?? start;
      children.set(name, read.node);
      if (read.value !== undefined) value[name] = read.value;
      end = read.node.span.end;
    }
    return this.column > column ? this.beyond() : {value, node: {span: this.span(start, end), key, children}};
  }

  private readOne(column: number, level: number): ReadEntry | undefined {
    const start = this.offset;
    const key = this.readKey();
    const read = key === undefined ? undefined : this.readValue(key.span, column, level);
    if (key !== undefined && read !== undefined) return {name: key.name, read};
    if (this.isBeyond) return undefined;
    const end = this.endOfEntry(start, column);
    this.offset = end;
    this.nextLine();
    return this.readEntry({range: this.span(start, end), column, level});
  }

  /** Where the next entry's lines begin, or those of what holds this one. */
  private endOfEntry(start: number, column: number): number {
    const {text} = this;
    for (let line = text.indexOf('\n', start) + 1; line > 0; line = text.indexOf('\n', line) + 1) {
      let at = line;
      while (text.charCodeAt(at) === SPACE) at++;
      const letter = text.charCodeAt(at);
      const saysNothing = at >= text.length || letter === NEWLINE || letter === HASH;
      // A list may stand below its key without an indent.
      if (!saysNothing && (at - line < column || (at - line === column && letter !== DASH))) return line;
    }
    return text.length;
  }

  private readItems(key: Span | undefined, level: number): Read | undefined {
    const {column, offset: start} = this;
    const value: Plain[] = [];
    const children = new Map<number, TreeNode>();
    let end = start;
    while (this.column === column && this.isItem()) {
      const line = this.offset - column;
      this.offset++;
      while (this.text.charCodeAt(this.offset) === SPACE) this.offset++;
      const read = this.readItem(column, this.offset - line, level);
      if (read === undefined) return undefined;
      children.set(value.length, read.node);
      value.push(read.value ?? null);
      end = read.node.span.end;
    }
    return this.column > column ? undefined : {value, node: {span: this.span(start, end), key, children}};
  }

  /** What stands after a dash: a value on the line, or the first entry of a mapping. */
  private readItem(column: number, inner: number, level: number): Read | undefined {
    if (!this.isEntry()) return this.readInline(undefined, column, level + 1);
    if (level >= MOST_LEVELS) return this.beyond();
    this.column = inner;
    return this.readEntries(undefined, level + 1);
  }

  /** A key with its colon and the spaces after it. */
  private readKey(): NewKey | undefined {
    const {text, offset: start} = this;
    let at = start;
    while (isKeyLetter(text.charCodeAt(at))) at++;
    const next = text.charCodeAt(at + 1);
    const isKey =
      at > start &&
      text.charCodeAt(at) === COLON &&
      (next === SPACE || next === NEWLINE || at + 1 === text.length);
    if (!isKey || at - start > LONGEST_KEY) return undefined;
    const name = text.slice(start, at);
    if (typeof plainValue(name) !== 'string' || name === '__proto__') return undefined;
    at++;
    while (text.charCodeAt(at) === SPACE) at++;
    this.offset = at;
    return {name, span: this.span(start, start + name.length)};
  }

  private readValue(key: Span, column: number, level: number): Read | undefined {
    const letter = this.text.charCodeAt(this.offset);
    const isEmpty = this.offset >= this.text.length || letter === NEWLINE || letter === HASH;
    if (!isEmpty) return this.readInline(key, column, level + 1);
    const at = this.offset;
    if (!this.endLine()) return undefined;
    const isDeeper = this.column > column;
    if (isDeeper && !this.isItem() && !this.isEntry()) return this.readBelow(key, column, level + 1);
    if (isDeeper || (this.column === column && this.isItem())) return this.readBlock(key, level + 1);
    return {value: null, node: {span: this.span(at, at), key, children: NO_CHILDREN}};
  }

  /** A value that stands alone on a line below its key, or a mapping whose first key is not plain. */
  private readBelow(key: Span, column: number, level: number): Read | undefined {
    const {offset, column: own} = this;
    const read = this.readInline(key, column, level);
    if (read !== undefined || this.isBeyond) return read;
    this.offset = offset;
    this.column = own;
    return this.readBlock(key, level);
  }

  /** A value that begins on this line, with the rest of its last line. */
  private readInline(key: Span | undefined, column: number, level: number): Read | undefined {
    const read = this.readFlow(key, column, level, false);
    // Deeper lines would go on with a text.
    return read !== undefined && this.endLine() && this.column <= column ? read : undefined;
  }

  private readFlow(
    key: Span | undefined,
    column: number,
    level: number,
    isInside: boolean,
  ): Read | undefined {
    if (level > MOST_LEVELS) return this.beyond();
    switch (this.text.charCodeAt(this.offset)) {
      case OPEN_LIST:
        return this.readFlowList(key, column, level);
      case OPEN_MAP:
        return this.readFlowMap(key, column, level);
      case QUOTE:
      case DOUBLE_QUOTE:
        return this.readQuoted(key);
      default:
        return this.readPlain(key, isInside);
    }
  }

  private readFlowList(key: Span | undefined, column: number, level: number): Read | undefined {
    const start = this.offset++;
    const value: Plain[] = [];
    const children = new Map<number, TreeNode>();
    for (;;) {
      if (!this.skipFlowSpace(column)) return undefined;
      if (this.text.charCodeAt(this.offset) === CLOSE_LIST) break;
      const read = this.readFlow(undefined, column, level + 1, true);
      if (read === undefined || !this.endFlowItem(column, CLOSE_LIST)) return undefined;
      children.set(value.length, read.node);
      value.push(read.value ?? null);
    }
    this.offset++;
    return {value, node: {span: this.span(start, this.offset), key, children}};
  }

  private readFlowMap(key: Span | undefined, column: number, level: number): Read | undefined {
    const start = this.offset++;
    const value: {[key: string]: Plain} = {};
    const children = new Map<string, TreeNode>();
    for (;;) {
      if (!this.skipFlowSpace(column)) return undefined;
      if (this.text.charCodeAt(this.offset) === CLOSE_MAP) break;
      const entry = this.readKey();
      if (entry === undefined || children.has(entry.name)) return undefined;
      const read = this.readFlow(entry.span, column, level + 1, true);
      if (read === undefined || !this.endFlowItem(column, CLOSE_MAP)) return undefined;
      children.set(entry.name, read.node);
      if (read.value !== undefined) value[entry.name] = read.value;
    }
    this.offset++;
    return {value, node: {span: this.span(start, this.offset), key, children}};
  }

  /** A comma, or the end of the collection, which is not read yet. */
  private endFlowItem(column: number, close: number): boolean {
    if (!this.skipFlowSpace(column)) return false;
    const letter = this.text.charCodeAt(this.offset);
    if (letter === COMMA) this.offset++;
    return letter === COMMA || letter === close;
  }

  /** Lines inside a flow collection must be deeper than what holds it. */
  private skipFlowSpace(column: number): boolean {
    const {text} = this;
    while (text.charCodeAt(this.offset) === SPACE) this.offset++;
    const letter = text.charCodeAt(this.offset);
    if (letter === HASH && text.charCodeAt(this.offset - 1) !== SPACE) return false;
    if (letter !== NEWLINE && letter !== HASH) return this.offset < text.length;
    const end = text.indexOf('\n', this.offset);
    if (end === -1) return false;
    this.offset = end + 1;
    this.nextLine();
    return this.column > column;
  }

  private readQuoted(key: Span | undefined): Read | undefined {
    const {text, offset: start} = this;
    const quote = text.charCodeAt(start);
    let at = start + 1;
    for (; ; at++) {
      const letter = text.charCodeAt(at);
      // Escapes, and texts over several lines, have rules of their own.
      if (at >= text.length || letter === NEWLINE || (letter === 92 && quote === DOUBLE_QUOTE))
        return undefined;
      if (letter !== quote) continue;
      if (quote === DOUBLE_QUOTE || text.charCodeAt(at + 1) !== QUOTE) break;
      at++;
    }
    this.offset = at + 1;
    const inside = text.slice(start + 1, at);
    const value = quote === QUOTE ? inside.replaceAll("''", "'") : inside;
    return {value, node: {span: this.span(start, this.offset), key, children: NO_CHILDREN}};
  }

  private readPlain(key: Span | undefined, isInside: boolean): Read | undefined {
    const {text, offset: start} = this;
    if (!isPlainStart(text.charCodeAt(start), text.charCodeAt(start + 1))) return undefined;
    let at = start;
    let end = start;
    for (; at < text.length; at++) {
      const letter = text.charCodeAt(at);
      if (letter === SPACE) continue;
      if (letter === NEWLINE || (letter === HASH && text.charCodeAt(at - 1) === SPACE)) break;
      if (isInside && isFlowLetter(letter)) break;
      if (letter === COLON) {
        const next = text.charCodeAt(at + 1);
        const endsWord = next === SPACE || next === NEWLINE || at + 1 === text.length;
        if (endsWord || (isInside && isFlowLetter(next))) return undefined;
      }
      end = at + 1;
    }
    const value = plainValue(text.slice(start, end));
    if (value === undefined) return undefined;
    this.offset = end;
    return {value, node: {span: this.span(start, end), key, children: NO_CHILDREN}};
  }

  private span(start: number, end: number): Span {
    return {file: this.file, start, end};
  }
}

function isLetterOrDigit(letter: number): boolean {
  return (letter >= 97 && letter <= 122) || (letter >= 65 && letter <= 90) || (letter >= 48 && letter <= 57);
}

/** Letters, digits and `_ - . /`; a dash at the start belongs to lists. */
function isKeyLetter(letter: number): boolean {
  return isLetterOrDigit(letter) || letter === 95 || letter === DASH || letter === 46 || letter === 47;
}

/** What begins a plain text without a doubt: letters, digits, `_ / . $ ( ~`, any letter beyond ASCII, a minus of a number. */
function isPlainStart(letter: number, next: number): boolean {
  if (isLetterOrDigit(letter) || letter === 95 || letter > 160) return true;
  if (letter === DASH) return next >= 48 && next <= 57;
  return letter === 47 || letter === 46 || letter === 36 || letter === 40 || letter === 126;
}

function isFlowLetter(letter: number): boolean {
  return (
    letter === COMMA ||
    letter === OPEN_LIST ||
    letter === CLOSE_LIST ||
    letter === OPEN_MAP ||
    letter === CLOSE_MAP
  );
}

const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,14})?$/;
/** Other ways to write a number: hexadecimal, with an exponent, infinite. */
const STRANGE_NUMBER =
  /^[-+.]?(?:\d[\d.]*(?:[eE][-+]?\d+)?|0[xo][\da-fA-F]+|\.?(?:inf|Inf|INF|nan|NaN|NAN))$/;

/** A plain text by the core schema of YAML 1.2; undefined for numbers in an unusual form. */
function plainValue(text: string): string | number | boolean | null | undefined {
  switch (text) {
    case 'true':
    case 'True':
    case 'TRUE':
      return true;
    case 'false':
    case 'False':
    case 'FALSE':
      return false;
    case 'null':
    case 'Null':
    case 'NULL':
    case '~':
      return null;
    default:
  }
  const letter = text.charCodeAt(0);
  // A digit, or `+ - .` before one.
  const mayBeNumber = (letter >= 48 && letter <= 57) || letter === 43 || letter === DASH || letter === 46;
  if (!mayBeNumber) return text;
  if (NUMBER.test(text)) return text === '-0' ? undefined : Number(text);
  return STRANGE_NUMBER.test(text) ? undefined : text;
}
