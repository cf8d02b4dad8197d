/**
 * Reads a file of YAML, the manifest or the known gaps, as a tree of plain values with their places.
 * It does not deal with what the values mean (schema.ts, manifest.ts).
 */
import {diagnose, type SourceFile} from './diagnostic.ts';
import {readPlainYaml} from './plain-yaml.ts';
import type {Tree, TreeNode} from './tree.ts';
import {readEntry, readWholeYaml} from './whole-yaml.ts';

const MOST_LETTERS = 16 * 1024 * 1024;

/** Parses a whole file of YAML. */
export function parseTree(file: SourceFile): Tree {
  if (file.text.length > MOST_LETTERS) {
    const root: TreeNode = {span: {file, start: 0, end: 0}, key: undefined, children: new Map()};
    const message = `'${file.path}' is larger than ${MOST_LETTERS >> 20} MiB: split it.`;
    return {value: undefined, root, diagnostics: [diagnose('too-large', root.span, message)]};
  }
  const plain = readPlainYaml(file, readEntry);
  return plain === undefined ? readWholeYaml(file) : {value: plain.value, root: plain.node, diagnostics: []};
}
