/**
 * Reads selectors of the command line: names, globs, what is up and downstream, tags, groups, states.
 * It does not deal with keys and dates (range-text.ts).
 */
import {type Diagnostic, type DiagnosticCode, diagnose, type SourceFile} from './diagnostic.ts';
import {type AssetGraph, buildGraph} from './graph.ts';
import type {Asset, AssetName, Pipeline} from './pipeline.ts';
import {STATES, type State} from './state.ts';
import {didYouMean} from './suggest.ts';

/** Any of the alternatives, each of which holds as a whole. */
export type Selection = readonly Alternative[];

export interface Alternative {
  readonly assets: ReadonlySet<AssetName>;
  /** Undefined: partitions in every state. */
  readonly states: ReadonlySet<State> | undefined;
}

export interface SelectorResult {
  /** Undefined where there is an error among the diagnostics. */
  readonly selection: Selection | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether a partition of `asset` that is in `state` is meant. */
export function matches(selection: Selection, asset: AssetName, state: State): boolean {
  return selection.some(
    ({assets, states}) => assets.has(asset) && (states === undefined || states.has(state)),
  );
}

/** The assets of which at least some state is meant. */
export function assetsOf(selection: Selection): ReadonlySet<AssetName> {
  const all = selection.filter(({states}) => states === undefined || states.size > 0);
  return new Set(all.flatMap(({assets}) => [...assets]));
}

/** Reads one selector text; spaces mean or, commas and. An empty text means everything. */
export function parseSelector(text: string, pipeline: Pipeline): SelectorResult {
  const file: SourceFile = {path: 'selector', text};
  const diagnostics: Diagnostic[] = [];
  const everything: Alternative = {assets: new Set(pipeline.assets.keys()), states: undefined};
  const parser: Parser = {file, pipeline, graph: buildGraph(pipeline.assets), diagnostics, everything};
  const selection: Alternative[] = [];
  for (const word of text.matchAll(/\S+/g)) selection.push(parseConjunction(parser, word[0], word.index));
  if (diagnostics.length > 0) return {selection: undefined, diagnostics};
  return {selection: selection.length === 0 ? [everything] : selection, diagnostics};
}

interface Parser {
  readonly file: SourceFile;
  readonly pipeline: Pipeline;
  readonly graph: AssetGraph;
  readonly diagnostics: Diagnostic[];
  readonly everything: Alternative;
}

function parseConjunction(parser: Parser, word: string, offset: number): Alternative {
  let result = parser.everything;
  let start = offset;
  for (const term of word.split(',')) {
    if (term === '')
      refuse(
        parser,
        'bad-selector',
        {start, length: 1},
        `A comma stands between two conditions: nothing is on one side of it.`,
      );
    else result = both(result, parseTerm(parser, term, start));
    start += term.length + 1;
  }
  return result;
}

function both(a: Alternative, b: Alternative): Alternative {
  const {states} = a;
  return {
    assets: common(a.assets, b.assets),
    states: states === undefined ? b.states : b.states === undefined ? states : common(states, b.states),
  };
}

function common<Value>(a: ReadonlySet<Value>, b: ReadonlySet<Value>): ReadonlySet<Value> {
  return new Set([...a].filter(value => b.has(value)));
}

const NOTHING: Alternative = {assets: new Set(), states: undefined};

function parseTerm(parser: Parser, term: string, start: number): Alternative {
  const [, up = '', middle = '', down = ''] = /^(\d*\+)?(.*?)(\+\d*)?$/s.exec(term) ?? [];
  const place = {start: start + up.length, length: middle.length};
  const state = /^state:(.*)$/s.exec(middle)?.[1];
  if (state !== undefined) {
    if (up !== '' || down !== '') {
      return refuse(
        parser,
        'bad-selector',
        {start, length: term.length},
        `'+' follows assets, and '${middle}' speaks of partitions: write the two as one condition each, with a comma.`,
      );
    }
    const found = STATES.find(known => known === state);
    if (found !== undefined) return {...parser.everything, states: new Set([found])};
    return refuse(
      parser,
      'unknown-selection',
      place,
      `There is no state '${state}'.${didYouMean(state, STATES) || ` There are ${STATES.join(', ')}.`}`,
    );
  }
  const named = findAssets(parser, middle, place);
  return named === undefined
    ? NOTHING
    : {assets: extend(parser.graph, named, depthOf(up), depthOf(down)), states: undefined};
}

/** `+` is all the way, `2+` two steps, nothing none. */
function depthOf(sign: string): number {
  if (sign === '') return 0;
  const digits = sign.replace('+', '');
  return digits === '' ? Number.POSITIVE_INFINITY : Number(digits);
}

function extend(
  graph: AssetGraph,
  named: readonly AssetName[],
  up: number,
  down: number,
): ReadonlySet<AssetName> {
  const found = new Set(named);
  for (const name of named) {
    if (up > 0) for (const other of graph.upstreamOf(name, up)) found.add(other);
    if (down > 0) for (const other of graph.downstreamOf(name, down)) found.add(other);
  }
  return found;
}

interface Place {
  readonly start: number;
  readonly length: number;
}

function findAssets(parser: Parser, text: string, place: Place): readonly AssetName[] | undefined {
  const assets = [...parser.pipeline.assets.values()];
  const [, method, value = ''] = /^([a-z_]+):(.*)$/s.exec(text) ?? [];
  if (method === 'tag') return byLabel(parser, {assets, value, place, what: 'tag', labels: ({tags}) => tags});
  if (method === 'group') {
    return byLabel(parser, {
      assets,
      value,
      place,
      what: 'group',
      labels: ({group}) => (group === undefined ? [] : [group]),
    });
  }
  if (method !== undefined) {
    const methods = ['tag', 'group', 'state'];
    refuse(
      parser,
      'bad-selector',
      place,
      `There is no '${method}:' to select by.${didYouMean(method, methods) || ` There are ${methods.join(', ')}.`}`,
    );
    return undefined;
  }
  const test = globOf(text);
  const found = assets.filter(({name}) => test(name)).map(({name}) => name);
  if (found.length > 0) return found;
  const names = assets.map(({name}) => name);
  const message =
    text.includes('*') || text.includes('?')
      ? `No asset matches '${text}'.`
      : `No asset is named '${text}'.${didYouMean(text, names)}`;
  if (text === '')
    refuse(parser, 'bad-selector', {start: place.start - 1, length: 1}, `'+' needs a name beside it.`);
  else refuse(parser, 'unknown-selection', place, message);
  return undefined;
}

interface ByLabel {
  readonly assets: readonly Asset[];
  readonly value: string;
  readonly place: Place;
  readonly what: string;
  readonly labels: (asset: Asset) => readonly string[];
}

function byLabel(
  parser: Parser,
  {assets, value, place, what, labels}: ByLabel,
): readonly AssetName[] | undefined {
  const test = globOf(value);
  const found = assets.filter(asset => labels(asset).some(test)).map(({name}) => name);
  if (found.length > 0) return found;
  refuse(
    parser,
    'unknown-selection',
    place,
    `No asset has the ${what} '${value}'.${didYouMean(value, assets.flatMap(labels))}`,
  );
  return undefined;
}

/** `*` stands for any letters, `?` for one. Without recursion or backtracking that could explode: each part is found once. */
export function globOf(pattern: string): (text: string) => boolean {
  if (!/[*?]/.test(pattern)) return text => text === pattern;
  const parts = pattern.split(/\*+/).map(part => [...part]);
  const fits = (part: readonly string[], text: string, at: number) =>
    at >= 0 &&
    at + part.length <= text.length &&
    part.every((letter, i) => letter === '?' || letter === text[at + i]);
  return text => {
    const first = parts[0] ?? [];
    const last = parts.at(-1) ?? [];
    if (parts.length === 1) return text.length === first.length && fits(first, text, 0);
    if (!fits(first, text, 0)) return false;
    let at = first.length;
    for (const part of parts.slice(1, -1)) {
      while (at <= text.length && !fits(part, text, at)) at++;
      if (at > text.length) return false;
      at += part.length;
    }
    return text.length - last.length >= at && fits(last, text, text.length - last.length);
  };
}

function refuse(
  {file, diagnostics}: Parser,
  code: DiagnosticCode,
  {start, length}: Place,
  message: string,
): Alternative {
  const from = Math.max(0, start);
  diagnostics.push(diagnose(code, {file, start: from, end: from + Math.max(1, length)}, message));
  return NOTHING;
}
