/**
 * Reads YAML into plain values, with the place of each: limits, syntax, duplicate keys, aliases.
 * It does not deal with what the values mean (schema.ts, manifest.ts).
 */
import {isAlias, isMap, isScalar, isSeq, parseDocument, type YAMLMap, type YAMLSeq} from 'yaml';
import {type Diagnostic, type DiagnosticCode, diagnose, type SourceFile, type Span} from './diagnostic.ts';
import type {Plain, Tree, TreeNode} from './tree.ts';

/** Values that aliases may add to those written out: enough to share settings, too few for a bomb. */
const MOST_ALIASED = 20_000;
const MOST_LEVELS = 64;
const MOST_SYNTAX_ERRORS = 20;

const MOST_LETTERS = 16 * 1024 * 1024;

const NO_CHILDREN: TreeNode['children'] = new Map();

/** Parses a whole file of YAML. */
export function parseTree(file: SourceFile): Tree {
  const root: TreeNode = {span: {file, start: 0, end: 0}, key: undefined, children: NO_CHILDREN};
  const fail = (...diagnostics: readonly Diagnostic[]): Tree => ({value: undefined, root, diagnostics});
  const large = tooLarge(file);
  if (large !== undefined) return fail(large);
  const document = parseText(file.text);
  if (document === undefined) return fail(tooDeep(root.span));
  const found = [...document.errors, ...document.warnings];
  // The parser tells its own stack as a mistake at the place where it gave up.
  if (found.some(({message}) => message.includes('call stack'))) return fail(tooDeep(root.span));
  // A tab makes every line after it look wrong: only the tab is.
  const tabs = found.filter(({code}) => code === 'TAB_AS_INDENT');
  const mistakes = (tabs.length > 0 ? tabs : found).slice(0, MOST_SYNTAX_ERRORS);
  if (mistakes.length > 0) {
    return fail(
      ...mistakes.map(({message, pos: [start, end]}) =>
        diagnose('yaml-syntax', {file, start, end}, `This is not valid YAML: ${sentence(message)}`),
      ),
    );
  }
  const walk: Walk = {
    file,
    anchors: new Map(),
    open: new Set(),
    aliased: 0,
    insideAlias: 0,
    diagnostics: [],
    told: new Set(),
  };
  const read = readNode(walk, document.contents, undefined, 0);
  return {value: read.value, root: read.node, diagnostics: walk.diagnostics};
}

/** Any file of a project that is not read for its size. */
export function tooLarge(file: SourceFile): Diagnostic | undefined {
  if (file.text.length <= MOST_LETTERS) return undefined;
  const at = {file, start: 0, end: 0};
  return diagnose('too-large', at, `'${file.path}' is larger than ${MOST_LETTERS >> 20} MiB: split it.`);
}

function parseText(text: string) {
  try {
    // Its own search for duplicate keys compares each with each; `readMap` does it with a table.
    return parseDocument(text, {
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
      stringKeys: false,
    });
  } catch (error) {
    // The parser calls itself once a level: only nesting without end overflows it.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Walk {
  readonly file: SourceFile;
  readonly anchors: Map<string, unknown>;
  /** Nodes that are being read, so that an alias inside its own anchor is seen. */
  readonly open: Set<unknown>;
  aliased: number;
  insideAlias: number;
  readonly diagnostics: Diagnostic[];
  /** Codes and places of the diagnostics. */
  readonly told: Set<string>;
}

interface Read {
  readonly value: Plain | undefined;
  readonly node: TreeNode;
}

function readNode(walk: Walk, yaml: unknown, key: Span | undefined, level: number): Read {
  const span = spanOf(walk, yaml) ?? key ?? {file: walk.file, start: 0, end: 0};
  const leaf = (value: Plain | undefined): Read => ({value, node: {span, key, children: NO_CHILDREN}});
  if (level > MOST_LEVELS) {
    report(walk, tooDeep(span));
    return leaf(undefined);
  }
  if (walk.insideAlias > 0 && ++walk.aliased > MOST_ALIASED) {
    if (walk.aliased === MOST_ALIASED + 1) {
      report(
        walk,
        diagnose(
          'alias',
          span,
          `The aliases of this file stand for more than ${MOST_ALIASED} values: write them out.`,
        ),
      );
    }
    return leaf(undefined);
  }
  if (isAlias(yaml)) return readAlias(walk, yaml.source, span, key, level);
  const anchor = anchorOf(yaml);
  if (anchor !== undefined) walk.anchors.set(anchor, yaml);
  walk.open.add(yaml);
  const read = isMap(yaml)
    ? readMap(walk, yaml, span, key, level)
    : isSeq(yaml)
      ? readSeq(walk, yaml, span, key, level)
      : leaf(isScalar(yaml) ? scalar(yaml.value) : null);
  walk.open.delete(yaml);
  return read;
}

function readAlias(walk: Walk, name: string, span: Span, key: Span | undefined, level: number): Read {
  const target = walk.anchors.get(name);
  if (target === undefined || walk.open.has(target)) {
    const message =
      target === undefined ? `No anchor '&${name}' stands before it.` : `Alias '*${name}' holds itself.`;
    report(walk, diagnose('alias', span, message));
    return {value: undefined, node: {span, key, children: NO_CHILDREN}};
  }
  walk.insideAlias++;
  const {value, node} = readNode(walk, target, key, level + 1);
  walk.insideAlias--;
  return {value, node: {...node, key}};
}

function readMap(walk: Walk, yaml: YAMLMap, span: Span, key: Span | undefined, level: number): Read {
  const value: {[key: string]: Plain} = {};
  const children = new Map<string, TreeNode>();
  for (const pair of yaml.items) {
    const at = spanOf(walk, pair.key) ?? span;
    const name = readKey(walk, pair.key, at);
    if (name === undefined) continue;
    const first = children.get(name);
    if (first?.key !== undefined) {
      const related = [{message: 'it stands here first', at: first.key}];
      report(
        walk,
        diagnose(
          'duplicate-key',
          at,
          `Key '${name}' stands here a second time: keep one of the two.`,
          related,
        ),
      );
      continue;
    }
    const read = readNode(walk, pair.value, at, level + 1);
    children.set(name, read.node);
    if (read.value !== undefined) value[name] = read.value;
  }
  return {value, node: {span: spanOfBlock(yaml, span, children), key, children}};
}

/** The parser counts the tags before a block and the line ends after it as part of it: here its values bound it. */
function spanOfBlock(
  yaml: YAMLMap | YAMLSeq,
  span: Span,
  children: ReadonlyMap<string | number, TreeNode>,
): Span {
  const [first] = children.values();
  let last: TreeNode | undefined;
  for (const child of children.values()) last = child;
  if (yaml.flow === true || first === undefined || last === undefined) return span;
  return {file: span.file, start: first.key?.start ?? span.start, end: last.span.end};
}

function readKey(walk: Walk, key: unknown, at: Span): string | undefined {
  const anchor = anchorOf(key);
  if (anchor !== undefined) walk.anchors.set(anchor, key);
  const name = isScalar(key) ? key.value : undefined;
  if (name === '<<') {
    report(walk, diagnose('merge-key', at, `Merge keys ('<<') are not read: write the keys out.`));
    return undefined;
  }
  if (typeof name !== 'string' || name === '__proto__') {
    report(
      walk,
      diagnose(
        'bad-key',
        at,
        `A key must be a plain text${typeof name === 'number' ? `: put '${name}' in quotes` : ''}.`,
      ),
    );
    return undefined;
  }
  return name;
}

function readSeq(walk: Walk, yaml: YAMLSeq, span: Span, key: Span | undefined, level: number): Read {
  const value: Plain[] = [];
  const children = new Map<number, TreeNode>();
  for (const [index, item] of yaml.items.entries()) {
    const read = readNode(walk, item, undefined, level + 1);
    children.set(index, read.node);
    value.push(read.value ?? null);
  }
  return {value, node: {span: spanOfBlock(yaml, span, children), key, children}};
}

function scalar(value: unknown): Plain {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : String(value);
}

function spanOf({file}: Walk, yaml: unknown): Span | undefined {
  if (typeof yaml !== 'object' || yaml === null || !('range' in yaml) || !Array.isArray(yaml.range))
    return undefined;
  const [start, end]: unknown[] = yaml.range;
  return typeof start === 'number' && typeof end === 'number' ? {file, start, end} : undefined;
}

function anchorOf(yaml: unknown): string | undefined {
  if (typeof yaml !== 'object' || yaml === null || !('anchor' in yaml)) return undefined;
  return typeof yaml.anchor === 'string' ? yaml.anchor : undefined;
}

function report(walk: Walk, diagnostic: Diagnostic): void {
  // One place can be reached many times through aliases.
  const place = `${diagnostic.code} ${diagnostic.at.start}`;
  if (walk.told.has(place)) return;
  walk.told.add(place);
  walk.diagnostics.push(diagnostic);
}

function tooDeep(at: Span): Diagnostic {
  const code: DiagnosticCode = 'too-deep';
  return diagnose(code, at, `The file is nested more than ${MOST_LEVELS} levels deep: make it flatter.`);
}

function sentence(message: string): string {
  const line = message.split('\n')[0] ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
