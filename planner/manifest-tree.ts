/**
 * Reads a file of YAML, the manifest or the known gaps, as a tree of plain values with their places.
 * It does not deal with what the values mean (schema.ts, manifest.ts).
 */
import {type Diagnostic, diagnose, type SourceFile} from './diagnostic.ts';
import {readPlainYaml} from './plain-yaml.ts';
import type {Tree, TreeNode} from './tree.ts';
import {readEntry, readWholeYaml} from './whole-yaml.ts';

const MOST_LETTERS = 16 * 1024 * 1024;

/** Parses a whole file of YAML. */
export function parseTree(file: SourceFile): Tree {
  const large = tooLarge(file);
  if (large !== undefined) {
    const root: TreeNode = {span: large.at, key: undefined, children: new Map()};
    return {value: undefined, root, diagnostics: [large]};
  }
  const plain = readPlainYaml(file, readEntry);
  return plain === undefined ? readWholeYaml(file) : {value: plain.value, root: plain.node, diagnostics: []};
}

/** Any file of a project that is not read for its size. */
export function tooLarge(file: SourceFile): Diagnostic | undefined {
  if (file.text.length <= MOST_LETTERS) return undefined;
  const at = {file, start: 0, end: 0};
  return diagnose('too-large', at, `'${file.path}' is larger than ${MOST_LETTERS >> 20} MiB: split it.`);
}
