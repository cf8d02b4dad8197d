/**
 * A file of YAML as plain values with the place of each.
 * It does not deal with reading one (manifest-tree.ts).
 */
import type {Diagnostic, Span} from './diagnostic.ts';

export type Plain = string | number | boolean | null | Plain[] | {[key: string]: Plain};

/** The place of a value, and of what it holds. */
export interface TreeNode {
  readonly span: Span;
  /** The key that names it; undefined for the root and for list items. */
  readonly key: Span | undefined;
  readonly children: ReadonlyMap<string | number, TreeNode>;
}

export interface Tree {
  /** Undefined where the text is empty, too large or not YAML at all. */
  readonly value: Plain | undefined;
  readonly root: TreeNode;
  readonly diagnostics: readonly Diagnostic[];
}
