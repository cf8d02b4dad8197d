/**
 * What an editor is told of a pipeline: mistakes as its squiggles, what a name means, where it is declared, and what may
 * stand at a place. It keeps no document and asks nothing (server.ts).
 */
import {
  type CompletionItem,
  CompletionItemKind,
  DiagnosticSeverity,
  type Hover,
  type Location,
  MarkupKind,
  type Range,
  type Diagnostic as Squiggle,
} from 'vscode-languageserver-protocol';
import {type Diagnostic, position, type SourceFile, type Span} from '../../planner/diagnostic.ts';
import type {Asset, Column, Pipeline} from '../../planner/pipeline.ts';
import {hasWindowRelation} from '../../planner/window-text.ts';
import {windowWords} from '../../report/window-words.ts';
import {assetNamed, assetsOfQuery, edgeNamed, edgesOf, type Word} from './place.ts';

/** The address of a file as an editor writes it. */
export type Address = (file: SourceFile) => string;

/** Editors count from 0. */
function rangeOf(span: Span): Range {
  const point = (start: number) => {
    const {line, column} = position({...span, start});
    return {line: line - 1, character: column - 1};
  };
  return {start: point(span.start), end: point(Math.max(span.start, span.end))};
}

export function squiggleOf(diagnostic: Diagnostic, address: Address): Squiggle {
  const {severity, code, message, at, related} = diagnostic;
  return {
    range: rangeOf(at),
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code,
    source: 'gameplan',
    message,
    relatedInformation: related.map(each => ({
      message: each.message,
      location: locationOf(each.at, address),
    })),
  };
}

function locationOf(at: Span, address: Address): Location {
  return {uri: address(at.file), range: rangeOf(at)};
}

/** A text of the project in an editor. */
export interface Text {
  /** From the project's folder, with `/`. */
  readonly path: string;
  /** Of the place, up to it and from it. */
  readonly line: string;
  readonly character: number;
}

function isQuery({path}: Text): boolean {
  return path.endsWith('.sql');
}

/** The asset that a word means there: by its own name, or in a query by that of the edge. */
function meant(pipeline: Pipeline, text: Text, word: Word): Asset | undefined {
  if (!isQuery(text)) return assetNamed(pipeline, word.text);
  const edge = edgeNamed(edgesOf(assetsOfQuery(pipeline, text.path)), word.part);
  return edge && assetNamed(pipeline, edge.upstream);
}

export function hoverAt(pipeline: Pipeline, text: Text, word: Word): Hover | undefined {
  const asset = meant(pipeline, text, word);
  const told = asset === undefined ? columnTold(pipeline, text, word) : assetTold(asset);
  return told === undefined ? undefined : {contents: {kind: MarkupKind.Markdown, value: told}};
}

function assetTold({name, making, partitioning, description, columns, key, upstream}: Asset): string {
  const reads = upstream.map(edge => {
    const words = windowWords(edge);
    return `\`${edge.upstream}\`${words === '' ? '' : ` (${words})`}`;
  });
  return [
    `**${name}** (${making.kind}, by ${partitioning.kind})`,
    ...(description === undefined ? [] : [description]),
    ...(reads.length === 0 ? [] : [`Reads ${reads.join(', ')}.`]),
    ...(columns.length === 0 ? [] : [columns.map(column => `- ${columnText(column, key)}`).join('\n')]),
  ].join('\n\n');
}

function columnText({name, type, unit, description}: Column, key: readonly string[]): string {
  const about = [
    `${type}${unit === undefined ? '' : `, ${unit}`}`,
    ...(key.includes(name) ? ['key'] : []),
  ].join(', ');
  return `\`${name}\` ${about}${description === undefined ? '' : `: ${description}`}`;
}

/** Of what the query reads. */
function columnTold(pipeline: Pipeline, text: Text, {part}: Word): string | undefined {
  if (!isQuery(text)) return undefined;
  const found = edgesOf(assetsOfQuery(pipeline, text.path)).flatMap(edge => {
    const upstream = assetNamed(pipeline, edge.upstream);
    const column = upstream?.columns.find(({name}) => name === part.toLowerCase());
    return column === undefined ? [] : [`${edge.name}: ${columnText(column, upstream?.key ?? [])}`];
  });
  return found.length === 0 ? undefined : found.join('\n\n');
}

/** From an edge to its asset, and from the manifest's path of a query to the query. */
export function definitionAt(
  pipeline: Pipeline,
  text: Text,
  word: Word,
  address: Address,
): Location | undefined {
  const asset = meant(pipeline, text, word);
  return asset && locationOf(asset.at, address);
}

/** Where the manifest names a file of an asset, as `sql: assets/x.sql`. */
export function fileAt(pipeline: Pipeline, {line, character}: Text): string | undefined {
  const before = /[\w./-]*$/.exec(line.slice(0, character))?.[0] ?? '';
  const after = /^[\w./-]*/.exec(line.slice(character))?.[0] ?? '';
  const name = before + after;
  const isNamed = [...pipeline.assets.values()].some(
    ({making, checks}) =>
      ('query' in making && making.query === name) ||
      ('module' in making && making.module === name) ||
      checks.some(check => check.kind === 'sql' && check.query === name),
  );
  return isNamed ? name : undefined;
}

export function completionsAt(pipeline: Pipeline, text: Text): readonly CompletionItem[] {
  const before = text.line.slice(0, text.character);
  return isQuery(text) ? inQuery(pipeline, text, before) : inManifest(pipeline, before);
}

function inQuery(pipeline: Pipeline, text: Text, before: string): readonly CompletionItem[] {
  const assets = assetsOfQuery(pipeline, text.path);
  const edges = edgesOf(assets);
  const of = /(\w+)\.\w*$/.exec(before)?.[1];
  const columnsOf = (name: string): readonly CompletionItem[] => {
    const upstream = assetNamed(pipeline, name);
    return (upstream?.columns ?? []).map(({name: label, type, description}) => ({
      label,
      kind: CompletionItemKind.Field,
      detail: `${type} of ${name}`,
      ...(description === undefined ? {} : {documentation: description}),
    }));
  };
  if (of !== undefined) {
    const edge = edgeNamed(edges, of);
    // What a query calls a relation by another name is not followed: then any column may be meant.
    return edge === undefined
      ? distinct(edges.flatMap(each => columnsOf(each.upstream)))
      : columnsOf(edge.upstream);
  }
  const relations = edges.flatMap((edge): CompletionItem[] => {
    const words = windowWords(edge);
    const own = {
      label: edge.name,
      kind: CompletionItemKind.Struct,
      detail: `${edge.upstream} ${words}`.trim(),
    };
    const window = {
      label: `${edge.name}_window`,
      kind: CompletionItemKind.Struct,
      detail: `key and upstream_key of ${edge.name}`,
    };
    return hasWindowRelation(edge.window) ? [own, window] : [own];
  });
  const partitions = {label: 'partitions', kind: CompletionItemKind.Struct, detail: 'the partitions to make'};
  return [...relations, partitions, ...distinct(edges.flatMap(each => columnsOf(each.upstream)))];
}

function distinct(items: readonly CompletionItem[]): readonly CompletionItem[] {
  return [...new Map(items.map(item => [item.label, item])).values()];
}

/** The names of assets, where one may stand: behind `asset:`, or in what `upstream:` says. */
function inManifest({assets}: Pipeline, before: string): readonly CompletionItem[] {
  if (!/(?:\basset:|\bupstream:.*[:[,]|^\s+\w+:)\s*[\w.]*$/.test(before)) return [];
  return [...assets.values()].map(({name, description}) => ({
    label: name,
    kind: CompletionItemKind.Class,
    ...(description === undefined ? {} : {documentation: description}),
  }));
}
