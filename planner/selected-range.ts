/**
 * Reads ASSETS@RANGE of the command line: a selector of assets, and which of their keys.
 * It does not deal with either's own grammar (selector.ts, range-text.ts).
 */
import {type Diagnostic, diagnose} from './diagnostic.ts';
import type {AssetName, Pipeline} from './pipeline.ts';
import {type KeyPattern, parseRange} from './range-text.ts';
import {assetsOf, parseSelector} from './select.ts';

export type SelectedRange =
  | {readonly assets: ReadonlySet<AssetName>; readonly patterns: readonly KeyPattern[]}
  | {readonly diagnostics: readonly Diagnostic[]};

export function parseSelectedRange(text: string, pipeline: Pipeline): SelectedRange {
  const at = text.lastIndexOf('@');
  const file = {path: 'partitions', text};
  const refuse = (start: number, end: number, message: string): SelectedRange => ({
    diagnostics: [diagnose('bad-selector', {file, start, end}, message)],
  });
  if (at === -1) {
    const asked = text.trim() || 'ASSET';
    return refuse(text.length, text.length + 1, `Say which keys: write '${asked}@2024-01-01..2024-01-31'.`);
  }
  const selector = text.slice(0, at);
  if (selector.trim() === '')
    return refuse(0, 1, "The name of an asset is missing before the keys: '*' means every one.");
  const {selection, diagnostics} = parseSelector(selector, pipeline);
  const range = parseRange(text.slice(at + 1));
  const mistakes = [...diagnostics, ...range.diagnostics];
  if (selection === undefined || range.patterns === undefined) return {diagnostics: mistakes};
  const isOfAssets = selection.every(({states, scores}) => states === undefined && scores === undefined);
  if (!isOfAssets) return refuse(0, at, `'${selector}' chooses by state or quality: choose assets alone.`);
  return {assets: assetsOf(selection), patterns: range.patterns};
}
