/**
 * What a warehouse says of statements that it was asked to bind without any rows, as mistakes with their places.
 * It does not bind (runner/binding.ts), nor judge what the text alone tells (judge-query.ts).
 */
import {type Diagnostic, diagnose, type SourceFile, type Span} from './diagnostic.ts';
import {firstWord, judgeColumns, wordAt} from './judge-query.ts';
import type {Asset, Check} from './pipeline.ts';
import type {QuerySource} from './sources.ts';
import {didYouMean} from './suggest.ts';
import {unreachable} from './unreachable.ts';

/** Why a statement can never run. */
export type BindMistake = {
  /** Into the text of the query, where the warehouse says it. */
  readonly offset: number | undefined;
} & (
  | {
      readonly kind: 'column';
      readonly name: string;
      /** Where it was looked for; undefined: in all that is read. */
      readonly relation: string | undefined;
      readonly candidates: readonly string[];
    }
  | {readonly kind: 'function'; readonly name: string; readonly candidates: readonly string[]}
  /** What the warehouse said, one sentence. */
  | {readonly kind: 'other'; readonly message: string}
);

/** What became of one statement. */
export interface Binding {
  readonly mistake: BindMistake | undefined;
  /** Names of the columns that a query returns. */
  readonly columns: readonly string[];
}

/** A statement of the project: a query, or a check that is declared without one. */
export type Bindable =
  | {
      readonly kind: 'query';
      readonly asset: Asset;
      readonly source: QuerySource;
      readonly use: 'asset' | 'check';
    }
  | {readonly kind: 'check'; readonly asset: Asset; readonly check: Check};

/** The mistakes of one statement. */
export function judgeBinding(bindable: Bindable, {mistake, columns}: Binding): readonly Diagnostic[] {
  if (bindable.kind === 'check') {
    const {check} = bindable;
    return mistake === undefined ? [] : [told(mistake, check.at, `The check '${check.name}'`)];
  }
  const {asset, source, use} = bindable;
  const file: SourceFile = {path: source.path, text: source.text};
  if (mistake !== undefined) return [told(mistake, placeOf(file, mistake), `'${source.path}'`)];
  // What the text names was held against the declaration before; a star names nothing.
  return use === 'asset' && source.facts.columns === undefined ? judgeColumns(asset, columns, file) : [];
}

function placeOf(file: SourceFile, {offset}: BindMistake): Span {
  if (offset === undefined) return firstWord(file);
  return {file, start: offset, end: offset + Math.max(1, wordAt(file.text, offset).length)};
}

function told(mistake: BindMistake, at: Span, what: string): Diagnostic {
  switch (mistake.kind) {
    case 'column': {
      const {name, relation, candidates} = mistake;
      const hint = didYouMean(
        name,
        candidates.map(each => each.slice(each.lastIndexOf('.') + 1)),
      );
      const lack =
        relation === undefined
          ? `No relation that is read here has a column '${name}'.`
          : `'${relation}' has no column '${name}'.`;
      return diagnose('unknown-column', at, `${lack}${hint}`);
    }
    case 'function':
      return diagnose(
        'unknown-function',
        at,
        `There is no function '${mistake.name}'.${didYouMean(mistake.name, mistake.candidates)}`,
      );
    case 'other':
      return diagnose('bad-query', at, `${what} can never run: ${mistake.message}`);
    default:
      return unreachable(mistake);
  }
}
