/**
 * The grammar of selectors: a text becomes tokens with their places, and those a small tree.
 *
 *     selector     = [ intersection { space intersection } ]
 *     intersection = term { "," term }
 *     term         = [ [ steps ] "+" ] atom [ "+" [ steps ] ]
 *     atom         = name | method ":" value
 *
 * It does not deal with what the names mean in a pipeline (select.ts).
 */
import {type Diagnostic, diagnose, type SourceFile, type Span} from './diagnostic.ts';
import {didYouMean} from './suggest.ts';

/** Any of the alternatives; none: everything. */
export interface Selector {
  readonly alternatives: readonly Intersection[];
}

/** All of the terms at once. */
export interface Intersection {
  readonly terms: readonly Term[];
}

/** What is named, with what lies so many steps up and downstream of it; Infinity is all the way. */
export interface Term {
  readonly atom: Atom;
  readonly up: number;
  readonly down: number;
  /** The whole term, with its signs. */
  readonly at: Span;
}

export const METHODS = ['tag', 'group', 'state', 'quality'] as const;

/** A name or glob of assets, or what a method selects by. */
export interface Atom {
  readonly method: 'name' | (typeof METHODS)[number];
  readonly value: string;
  readonly at: Span;
}

export interface SelectorTree {
  /** Without the terms that are wrong. */
  readonly selector: Selector;
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a text to its end, whatever is in it: after a mistake it goes on at the next comma or space. */
export function readSelector(file: SourceFile): SelectorTree {
  const reader: Reader = {file, tokens: tokensOf(file.text), next: 0, diagnostics: []};
  const alternatives: Intersection[] = [];
  for (;;) {
    if (peek(reader).kind === 'space') reader.next++;
    if (peek(reader).kind === 'end') return {selector: {alternatives}, diagnostics: reader.diagnostics};
    alternatives.push(readIntersection(reader));
  }
}

type TokenKind = 'word' | 'plus' | 'comma' | 'colon' | 'space' | 'end';

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const SIGNS: ReadonlyMap<string, TokenKind> = new Map([
  ['+', 'plus'],
  [',', 'comma'],
  [':', 'colon'],
]);

/** A run of letters that are neither signs nor white space is one word. The last token is the end. */
function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let start = 0;
  while (start < text.length) {
    const kind = kindAt(text, start);
    let end = start + 1;
    while ((kind === 'word' || kind === 'space') && end < text.length && kindAt(text, end) === kind) end++;
    tokens.push({kind, text: text.slice(start, end), start, end});
    start = end;
  }
  return [...tokens, {kind: 'end', text: '', start, end: start}];
}

function kindAt(text: string, index: number): TokenKind {
  const letter = text[index] ?? '';
  return SIGNS.get(letter) ?? (letter.trim() === '' ? 'space' : 'word');
}

interface Reader {
  readonly file: SourceFile;
  readonly tokens: readonly Token[];
  next: number;
  readonly diagnostics: Diagnostic[];
}

function peek({tokens, next}: Reader, ahead = 0): Token {
  const token = tokens[next + ahead] ?? tokens.at(-1);
  if (token === undefined) throw new Error('Internal error: a selector without an end');
  return token;
}

/** The next token where it is of that kind; it is read then. */
function accept(reader: Reader, kind: TokenKind): Token | undefined {
  const token = peek(reader);
  if (token.kind !== kind) return undefined;
  reader.next++;
  return token;
}

function isEndOfTerm({kind}: Token): boolean {
  return kind === 'comma' || kind === 'space' || kind === 'end';
}

function refuse({file, diagnostics}: Reader, {start, end}: {start: number; end: number}, message: string) {
  diagnostics.push(diagnose('bad-selector', {file, start, end}, message));
}

function readIntersection(reader: Reader): Intersection {
  const terms: Term[] = [];
  for (;;) {
    const hasTerm = !isEndOfTerm(peek(reader));
    const term = hasTerm ? readTerm(reader) : undefined;
    if (term !== undefined) terms.push(term);
    const comma = accept(reader, 'comma');
    if (comma === undefined) return {terms};
    if (!hasTerm) refuseComma(reader, comma, 'before');
    if (peek(reader).kind === 'comma' || !isEndOfTerm(peek(reader))) continue;
    if (hasTerm) refuseComma(reader, comma, 'after');
    return {terms};
  }
}

function refuseComma(reader: Reader, comma: Token, side: 'before' | 'after'): void {
  refuse(reader, comma, `Nothing stands ${side} this comma: 'a,b' means both at once, and 'a b' either.`);
}

/** Undefined where it is wrong; the reader stands at the term's end in any case. */
function readTerm(reader: Reader): Term | undefined {
  const {start} = peek(reader);
  const before = reader.diagnostics.length;
  const up = readStepsBefore(reader);
  const atom = readAtom(reader);
  const down = atom === undefined ? 0 : readStepsAfter(reader);
  const stray = peek(reader);
  while (!isEndOfTerm(peek(reader))) reader.next++;
  const {start: end} = peek(reader);
  if (atom === undefined) return undefined;
  if (stray.start < end) refuseStray(reader, stray, end);
  const at = {file: reader.file, start, end};
  if ((atom.method === 'state' || atom.method === 'quality') && up + down > 0)
    refuse(
      reader,
      at,
      `'+' goes from asset to asset, and '${atom.method}:${atom.value}' speaks of partitions: put the '+' to an asset and join the two with a comma, such as '+own.table,${atom.method}:${atom.value}'.`,
    );
  return reader.diagnostics.length > before ? undefined : {atom, up, down, at};
}

function readStepsBefore(reader: Reader): number {
  if (peek(reader, 1).kind === 'plus' && isNumber(peek(reader))) {
    const steps = Number(accept(reader, 'word')?.text);
    reader.next++;
    return steps;
  }
  return accept(reader, 'plus') === undefined ? 0 : Number.POSITIVE_INFINITY;
}

function readStepsAfter(reader: Reader): number {
  if (accept(reader, 'plus') === undefined) return 0;
  return isNumber(peek(reader)) ? Number(accept(reader, 'word')?.text) : Number.POSITIVE_INFINITY;
}

function isNumber({kind, text}: Token): boolean {
  return kind === 'word' && [...text].every(letter => letter >= '0' && letter <= '9');
}

function readAtom(reader: Reader): Atom | undefined {
  const {file} = reader;
  const word = accept(reader, 'word');
  if (word === undefined) {
    const sign = peek(reader);
    if (sign.kind === 'colon')
      refuse(reader, sign, `What to select by stands before ':': write ${METHODS.join(':, ')}: or a name.`);
    // The sign before is what lacks a name, unless another follows it.
    else
      refuse(
        reader,
        peek(reader, sign.kind === 'plus' ? 0 : -1),
        "'+' needs a name beside it: '+x' is x and all upstream of it, 'x+' all downstream.",
      );
    return undefined;
  }
  if (peek(reader).kind !== 'colon')
    return {method: 'name', value: word.text, at: {file, start: word.start, end: word.end}};
  const method = METHODS.find(known => known === word.text);
  const colon = accept(reader, 'colon');
  const value = readValue(reader);
  if (method === undefined) {
    refuse(
      reader,
      {start: word.start, end: value.end},
      `There is no '${word.text}:' to select by.${didYouMean(word.text, METHODS) || ` There are ${METHODS.join(', ')}.`}`,
    );
    return undefined;
  }
  if (value.text === '') {
    refuse(
      reader,
      {start: word.start, end: colon?.end ?? word.end},
      `'${method}:' needs the name of a ${method} right after it, without a space.`,
    );
    return undefined;
  }
  return {method, value: value.text, at: {file, start: word.start, end: value.end}};
}

/** The labels of users may hold a colon themselves. */
function readValue(reader: Reader): {readonly text: string; readonly end: number} {
  let text = '';
  while (peek(reader).kind === 'word' || peek(reader).kind === 'colon') {
    text += peek(reader).text;
    reader.next++;
  }
  return {text, end: peek(reader).start};
}

function refuseStray(reader: Reader, {kind, start}: Token, end: number): void {
  const text = reader.file.text.slice(start, end);
  const message =
    kind === 'word'
      ? `'${text}' is no number of steps for the '+' before it, such as 'x+2': for two assets put a space between them.`
      : `Nothing can follow here but a space or a comma: '${text}' is too much.`;
  refuse(reader, {start, end}, message);
}
