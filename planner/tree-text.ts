/**
 * Writes a parsed YAML file as JSON and reads it back, so that an unchanged file need not be parsed again: on a cold
 * start the YAML parser takes most of the time of a plan. It does not deal with where the text is kept.
 */
import type {SourceFile, Span} from './diagnostic.ts';
import type {Plain, Tree, TreeNode} from './tree.ts';

/** Kept texts of parsed files, by the hash of their source. Losing any of them costs only time. */
export interface TreeTexts {
  find(hash: string): string | undefined;
  keep(hash: string, text: string): void;
}

const FORMAT = 1;

type Range = readonly [start: number, end: number];
type Packed = readonly [
  span: Range,
  key: Range | null,
  children: readonly (readonly [string | number, Packed])[],
];

/** Only for a tree without mistakes: those are found by parsing. */
export function writeTree({value, root}: Tree): string {
  return JSON.stringify({format: FORMAT, value: value ?? null, root: pack(root)});
}

/** Undefined where the text is of another format or damaged; then the file is parsed. */
export function readTree(text: string, file: SourceFile): Tree | undefined {
  try {
    // Written by `writeTree`, which is the one writer of this format; another shape fails below.
    const {format, value, root} = JSON.parse(text) as {format: unknown; value: Plain; root: Packed};
    if (format !== FORMAT) return undefined;
    return {value, root: unpack(root, file), diagnostics: []};
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function pack({span, key, children}: TreeNode): Packed {
  return [
    [span.start, span.end],
    key === undefined ? null : [key.start, key.end],
    [...children].map(([name, child]) => [name, pack(child)] as const),
  ];
}

function unpack([span, key, children]: Packed, file: SourceFile): TreeNode {
  const place = ([start, end]: Range): Span => ({file, start, end});
  return {
    span: place(span),
    key: key === null ? undefined : place(key),
    children: new Map(children.map(([name, child]) => [name, unpack(child, file)])),
  };
}
