/**
 * What a selector means in a pipeline: which assets, and which states of their partitions.
 * It does not deal with how selectors are written (selector.ts), nor with keys and dates (range-text.ts).
 */
import {type Diagnostic, diagnose, sortDiagnostics} from './diagnostic.ts';
import {globOf, isGlob} from './glob.ts';
import {type AssetGraph, buildGraph} from './graph.ts';
import type {Asset, AssetName, Pipeline} from './pipeline.ts';
import {isWithin, parseScoreBound, type ScoreBound} from './score-bound.ts';
import {type Atom, type Intersection, readSelector, type Term} from './selector.ts';
import {STATES, type State} from './state.ts';
import {didYouMean} from './suggest.ts';
import {TIERS} from './tier.ts';
import {unreachable} from './unreachable.ts';

/** Any of the alternatives, each of which holds as a whole. */
export type Selection = readonly Alternative[];

interface Alternative {
  readonly assets: ReadonlySet<AssetName>;
  /** Undefined: partitions in every state. */
  readonly states: ReadonlySet<State> | undefined;
  /** Bounds of the score, all of which hold; without any also of what has none. */
  readonly scores?: readonly ScoreBound[];
}

export interface SelectorResult {
  /** Undefined where there is an error among the diagnostics. */
  readonly selection: Selection | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether a partition of `asset` that is in `state` is meant. `score` is NaN where nothing is published. */
export function matches(
  selection: Selection,
  {asset, state, score}: {readonly asset: AssetName; readonly state: State; score(): number},
): boolean {
  return selection.some(
    ({assets, states, scores = []}) =>
      assets.has(asset) &&
      (states === undefined || states.has(state)) &&
      scores.every(bound => isWithin(score(), bound)),
  );
}

/** The assets of which at least some state is meant. */
export function assetsOf(selection: Selection): ReadonlySet<AssetName> {
  const all = selection.filter(({states}) => states === undefined || states.size > 0);
  return new Set(all.flatMap(({assets}) => [...assets]));
}

/** Reads one selector text and tells every mistake in it. An empty text means everything. */
export function parseSelector(text: string, pipeline: Pipeline): SelectorResult {
  const {selector, diagnostics: mistakes} = readSelector({path: 'selector', text});
  const scope: Scope = {
    pipeline,
    graph: buildGraph(pipeline.assets),
    everything: new Set(pipeline.assets.keys()),
    diagnostics: [...mistakes],
  };
  const selection = selector.alternatives.map(each => meet(scope, each));
  const diagnostics = sortDiagnostics(scope.diagnostics);
  if (diagnostics.length > 0) return {selection: undefined, diagnostics};
  const everything = [{assets: scope.everything, states: undefined}];
  return {selection: selection.length === 0 ? everything : selection, diagnostics};
}

interface Scope {
  readonly pipeline: Pipeline;
  readonly graph: AssetGraph;
  readonly everything: ReadonlySet<AssetName>;
  readonly diagnostics: Diagnostic[];
}

function meet(scope: Scope, {terms}: Intersection): Alternative {
  let {assets, states}: Alternative = {assets: scope.everything, states: undefined};
  const scores: ScoreBound[] = [];
  for (const term of terms) {
    if (term.atom.method === 'state') {
      const found = stateOf(scope, term.atom);
      states = states === undefined ? found : common(states, found);
    } else if (term.atom.method === 'quality') scores.push(...scoresOf(scope, term.atom));
    else assets = common(assets, assetsMeant(scope, term));
  }
  return scores.length === 0 ? {assets, states} : {assets, states, scores};
}

function common<Value>(a: ReadonlySet<Value>, b: ReadonlySet<Value>): ReadonlySet<Value> {
  return new Set([...a].filter(value => b.has(value)));
}

function stateOf(scope: Scope, {value, at}: Atom): ReadonlySet<State> {
  const found = STATES.find(known => known === value);
  if (found !== undefined) return new Set([found]);
  const hint = didYouMean(value, STATES) || ` There are ${STATES.join(', ')}.`;
  scope.diagnostics.push(diagnose('unknown-selection', at, `There is no state '${value}'.${hint}`));
  return new Set();
}

function scoresOf({diagnostics}: Scope, {value, at}: Atom): readonly ScoreBound[] {
  const bound = parseScoreBound(value);
  if (bound !== undefined) return [bound];
  const hint = didYouMean(value.replace(/^[<>]=?/, ''), TIERS);
  const message = `'quality:${value}' is no bound of quality: write a tier (${TIERS.join(', ')}), or <, <=, > or >= before a tier or a number from 0 to 100, such as quality:<silver.${hint}`;
  diagnostics.push(diagnose('unknown-selection', at, message));
  return [];
}

function assetsMeant({pipeline, graph, diagnostics}: Scope, term: Term): ReadonlySet<AssetName> {
  const {atom} = term;
  const test = globOf(atom.value);
  const named = [...pipeline.assets.values()].filter(asset => labelsOf(asset, atom.method).some(test));
  if (named.length === 0)
    diagnostics.push(diagnose('unknown-selection', atom.at, nothingNamed(pipeline, atom)));
  const names = new Set(named.map(({name}) => name));
  const up = reach(names, term.up, name => graph.upstreamOf(name, 1));
  const down = reach(names, term.down, name => graph.downstreamOf(name, 1));
  return new Set([...up, ...down]);
}

function labelsOf({name, tags, group}: Asset, method: Atom['method']): readonly string[] {
  switch (method) {
    case 'name':
      return [name];
    case 'tag':
      return tags;
    case 'group':
      return group === undefined ? [] : [group];
    case 'state':
    case 'quality':
      return [];
    default:
      return unreachable(method);
  }
}

function nothingNamed(pipeline: Pipeline, {method, value}: Atom): string {
  const {assets} = pipeline;
  const labels = new Set([...assets.values()].flatMap(asset => labelsOf(asset, method)));
  const hint = didYouMean(value, labels);
  if (method !== 'name') return `No asset has the ${method} '${value}'.${hint || listed(labels)}`;
  if (value.includes('@'))
    return `'${value}' names a partition, and a selector names assets: give keys by --dates, --season, --from and --to.`;
  if (isGlob(value)) return `No asset matches '${value}'.`;
  const label = labelNamed(pipeline, value);
  if (label === undefined) return `No asset is named '${value}'.${hint}`;
  return `No asset is named '${value}': to select the ${label}, write '${label}:${value}'.`;
}

/** What is called so where no asset is: the prefix is easily left out. */
function labelNamed({assets}: Pipeline, value: string): 'group' | 'tag' | undefined {
  const all = [...assets.values()];
  return (['group', 'tag'] as const).find(method =>
    all.some(asset => labelsOf(asset, method).includes(value)),
  );
}

/** What there is, where that is few enough to read. */
function listed(labels: ReadonlySet<string>): string {
  if (labels.size === 0 || labels.size > 12) return '';
  return ` There ${labels.size === 1 ? 'is' : 'are'} ${[...labels].toSorted().join(', ')}.`;
}

/** The assets and all within so many steps of any of them, each looked at once. */
function reach(
  from: ReadonlySet<AssetName>,
  steps: number,
  next: (name: AssetName) => readonly AssetName[],
): ReadonlySet<AssetName> {
  const seen = new Set(from);
  let frontier = [...from];
  for (let step = 0; step < steps && frontier.length > 0; step++) {
    frontier = [...new Set(frontier.flatMap(next))].filter(name => !seen.has(name));
    for (const name of frontier) seen.add(name);
  }
  return seen;
}
