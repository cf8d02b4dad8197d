/**
 * What a module's text means apart from comments, layout and types: a hash of its syntax tree, its imports and exports.
 * It does not follow imports (module-source.ts) and runs nothing. The parser is loaded when it is first needed.
 */
import {createHash} from 'node:crypto';
import type {AnyNode, ExportNamedDeclaration, Program} from 'acorn';

/** A name or place within the text, as an offset. */
export interface CodePlace {
  readonly text: string;
  readonly offset: number;
}

export interface CodeFacts {
  /** SHA-256 of the syntax tree without places, hex. */
  readonly hash: string;
  /** Specifiers of imports, re-exports and dynamic imports, as written. */
  readonly imports: readonly CodePlace[];
  /** Dynamic imports whose specifier is computed; `text` is empty. */
  readonly computedImports: readonly CodePlace[];
  readonly exports: readonly string[];
  /** Specifiers of `export * from`. */
  readonly starExports: readonly string[];
  /** Set when the text does not parse; then the rest is empty. */
  readonly error: {readonly message: string; readonly offset: number} | null;
}

/** Raise when the facts of one text change, so that cached ones are read again. */
export const CODE_SCHEME = 1;

/** Never throws for a wrong text: `error` says what is wrong with it. */
export async function readCode(text: string, language: 'ts' | 'js'): Promise<CodeFacts> {
  const [{parse}, strip] = await Promise.all([
    import('acorn'),
    language === 'ts' ? typeStripper() : undefined,
  ]);
  const failed = (message: string, offset: number): CodeFacts => ({
    hash: createHash('sha256').update(text).digest('hex'),
    imports: [],
    computedImports: [],
    exports: [],
    starExports: [],
    error: {message, offset},
  });
  let code = text;
  try {
    // Types become spaces, so that offsets stay.
    if (strip !== undefined) code = strip(text);
  } catch (error) {
    return failed(messageOf(error), strippingOffset(error, text));
  }
  try {
    return factsOf(parse(code, {ecmaVersion: 'latest', sourceType: 'module'}));
  } catch (error) {
    const offset = error instanceof SyntaxError && 'pos' in error ? Number(error.pos) : 0;
    return failed(messageOf(error).replace(/ \(\d+:\d+\)$/, ''), offset);
  }
}

function factsOf(program: Program): CodeFacts {
  const imports: CodePlace[] = [];
  const computedImports: CodePlace[] = [];
  const exports: string[] = [];
  const starExports: string[] = [];
  for (const node of nodesIn(program)) {
    if (node.type === 'ExportNamedDeclaration') exports.push(...exportedNames(node));
    if (node.type === 'ExportDefaultDeclaration') exports.push('default');
    if (node.type === 'ExportAllDeclaration') {
      if (node.exported == null) starExports.push(String(node.source.value));
      else exports.push(nameOf(node.exported));
    }
    if (node.type === 'ImportExpression') {
      const specifier = literalText(node.source);
      const offset = node.source.start;
      if (specifier === undefined) computedImports.push({text: '', offset});
      else imports.push({text: specifier, offset});
    } else if ('source' in node && node.source != null && node.source.type === 'Literal') {
      imports.push({text: String(node.source.value), offset: node.source.start});
    }
  }
  const hash = createHash('sha256').update(JSON.stringify(program, withoutPlaces)).digest('hex');
  return {hash, imports, computedImports, exports, starExports, error: null};
}

/** Offsets, and how a literal was written, do not count. */
function withoutPlaces(this: unknown, key: string, value: unknown): unknown {
  if (key === 'start' || key === 'end') return undefined;
  if (key === 'raw' && isNode(this)) return undefined;
  // JSON has no such numbers; a bigint stands beside it as text.
  if (typeof value === 'bigint') return undefined;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

function* nodesIn(node: AnyNode): Generator<AnyNode> {
  yield node;
  for (const child of Object.values(node)) {
    for (const each of Array.isArray(child) ? child : [child]) {
      if (isNode(each)) yield* nodesIn(each);
    }
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function exportedNames({declaration, specifiers}: ExportNamedDeclaration): readonly string[] {
  if (declaration == null) return specifiers.map(({exported}) => nameOf(exported));
  if (declaration.type !== 'VariableDeclaration') return [declaration.id.name];
  return declaration.declarations.flatMap(({id}) => (id.type === 'Identifier' ? [id.name] : []));
}

function nameOf(node: ExportNamedDeclaration['specifiers'][number]['exported']): string {
  return node.type === 'Identifier' ? node.name : String(node.value);
}

function literalText(node: AnyNode): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node.type !== 'TemplateLiteral' || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}

type Strip = (text: string) => string;

/** Node's own; it warns once that it may change, which a user can do nothing about. */
async function typeStripper(): Promise<Strip> {
  const {stripTypeScriptTypes} = await import('node:module');
  return text => {
    const {emitWarning} = process;
    process.emitWarning = () => undefined;
    try {
      return stripTypeScriptTypes(text, {sourceUrl: SOURCE});
    } finally {
      process.emitWarning = emitWarning;
    }
  };
}

/** Stands before the line number in the place that Node puts on the stack of its errors. */
const SOURCE = 'module.ts';

/** Node tells the place of a mistake only in words: `module.ts:3`, the line, and carets under it. */
function strippingOffset(error: unknown, text: string): number {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const line = Number(/^module\.ts:(\d+)\n/.exec(stack)?.[1] ?? 1);
  const column = /\n( *)\^/.exec(stack)?.[1]?.length ?? 0;
  const before = text.split('\n').slice(0, line - 1);
  return before.reduce((offset, each) => offset + each.length + 1, 0) + column;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
