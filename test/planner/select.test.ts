import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {buildGraph} from '../../planner/graph.ts';
import {assetsOf, matches, parseSelector, type Selection} from '../../planner/select.ts';
import {STATES} from '../../planner/state.ts';
import {name} from '../kit/toy.ts';
import {pipeline} from './selector-pipeline.ts';

function selectionOf(selector: string): Selection {
  const {selection, diagnostics} = parseSelector(selector, pipeline);
  expect(formatDiagnostics(diagnostics)).toBe('');
  return selection ?? [];
}

function selected(selector: string): readonly string[] {
  return [...assetsOf(selectionOf(selector))].sort();
}

const NONE = (): number => Number.NaN;

/** What is meant, partition by partition. */
function meaning(selector: string): readonly string[] {
  const selection = selectionOf(selector);
  return [...pipeline.assets.keys()].flatMap(asset =>
    STATES.filter(state => matches(selection, {asset, state, score: NONE})).map(state => `${asset} ${state}`),
  );
}

test.for<readonly [selector: string, names: readonly string[]]>([
  ['', ['mart.features', 'mart.player', 'mart.team', 'raw.games', 'raw.players']],
  ['raw.games', ['raw.games']],
  ['raw.*', ['raw.games', 'raw.players']],
  ['*.play*', ['mart.player', 'raw.players']],
  ['mart.????', ['mart.team']],
  ['+mart.player', ['mart.player', 'mart.team', 'raw.games', 'raw.players']],
  ['1+mart.player', ['mart.player', 'mart.team', 'raw.players']],
  ['0+mart.player', ['mart.player']],
  ['raw.games+', ['mart.features', 'mart.player', 'mart.team', 'raw.games']],
  ['raw.games+1', ['mart.team', 'raw.games']],
  ['1+mart.player+1', ['mart.features', 'mart.player', 'mart.team', 'raw.players']],
  ['+mart.team+', ['mart.features', 'mart.player', 'mart.team', 'raw.games']],
  ['1+mart.*', ['mart.features', 'mart.player', 'mart.team', 'raw.games', 'raw.players']],
  ['tag:boxscores', ['mart.team', 'raw.games']],
  ['tag:daily:9', ['mart.team']],
  ['group:raw', ['raw.games', 'raw.players']],
  ['group:r*+1', ['mart.player', 'mart.team', 'raw.games', 'raw.players']],
  ['raw.games mart.team', ['mart.team', 'raw.games']],
  ['tag:boxscores,group:raw', ['raw.games']],
  ['tag:boxscores,group:raw mart.player', ['mart.player', 'raw.games']],
  ['raw.games,raw.players', []],
])('"%s" selects %s', ([selector, names]) => {
  expect(selected(selector)).toEqual(names);
});

test('a state holds for partitions, within the assets beside it', () => {
  const selection = selectionOf('raw.*,state:missing mart.team');
  expect(matches(selection, {asset: name('raw.games'), state: 'missing', score: NONE})).toBe(true);
  expect(matches(selection, {asset: name('raw.games'), state: 'fresh', score: NONE})).toBe(false);
  expect(matches(selection, {asset: name('mart.team'), state: 'fresh', score: NONE})).toBe(true);
  expect(selected('raw.*,state:missing mart.team')).toEqual(['mart.team', 'raw.games', 'raw.players']);
});

test('a state alone holds for every asset', () => {
  expect(meaning('state:stale')).toEqual([...pipeline.assets.keys()].map(asset => `${asset} stale`));
});

test('two states at once hold for no partition', () => {
  expect(assetsOf(selectionOf('state:missing,state:stale')).size).toBe(0);
});

describe('nothing in the pipeline is called so:', () => {
  test.for<readonly [selector: string, squiggle: string, sentence: string]>([
    ['mart.plaier', '~~~~~~~~~~~', "No asset is named 'mart.plaier'. Did you mean 'mart.player'?"],
    ['raw.games 2+x.y', '            ~~~', "No asset is named 'x.y'."],
    ['landing.*', '~~~~~~~~~', "No asset matches 'landing.*'."],
    ['raw', '~~~', "No asset is named 'raw': to select the group, write 'group:raw'."],
    [
      '1+boxscores',
      '  ~~~~~~~~~',
      "No asset is named 'boxscores': to select the tag, write 'tag:boxscores'.",
    ],
    ['1+tag:boxscore', '  ~~~~~~~~~~~~', "No asset has the tag 'boxscore'. Did you mean 'boxscores'?"],
    ['tag:z', '~~~~~', "No asset has the tag 'z'. There are boxscores, daily:9."],
    ['group:mart', '~~~~~~~~~~', "No asset has the group 'mart'. There is raw."],
    ['state:missin', '~~~~~~~~~~~~', "There is no state 'missin'. Did you mean 'missing'?"],
    ['state:x', '~~~~~~~', "There is no state 'x'. There are fresh, partial, stale"],
    ['raw.games@2024-01-15', '~~~~~~~~~~~~~~~~~~~~', 'give keys by --dates, --season, --from and --to'],
  ])("'%s'", ([selector, squiggle, sentence]) => {
    const {selection, diagnostics} = parseSelector(selector, pipeline);
    expect(selection).toBeUndefined();
    const printed = formatDiagnostics(diagnostics);
    expect(printed).toContain(sentence);
    expect(printed.split('\n').slice(1, 3)).toEqual([`  ${selector}`, `  ${squiggle}`]);
    expect(diagnostics.map(({code}) => code)).toEqual(['unknown-selection']);
  });
});

test('mistakes of grammar and of names are told together, in the order of the text', () => {
  const {diagnostics} = parseSelector('mart.plaier raw.games,,raw.players state:old', pipeline);
  expect(diagnostics.map(({code, at}) => `${at.start} ${code}`)).toEqual([
    '0 unknown-selection',
    '22 bad-selector',
    '35 unknown-selection',
  ]);
});

const names = [...pipeline.assets.keys()];
const terms = fc.constantFrom(
  ...names.flatMap(asset => [asset, `+${asset}`, `${asset}+1`]),
  'raw.*',
  'tag:boxscores',
  'group:raw+',
  'state:missing',
  'state:stale',
);
const selectors = fc
  .array(fc.array(terms, {minLength: 1, maxLength: 3}), {minLength: 1, maxLength: 3})
  .map(all => all.map(each => each.join(',')).join(' '));

test('a space is union: the order and repeats say nothing, and each side is within it', () => {
  fc.assert(
    fc.property(selectors, selectors, (a, b) => {
      const both = meaning(`${a} ${b}`);
      expect(both).toEqual(meaning(`${b} ${a}`));
      expect(meaning(`${a} ${a}`)).toEqual(meaning(a));
      const either = new Set([...meaning(a), ...meaning(b)]);
      expect(new Set(both)).toEqual(either);
    }),
  );
});

test('a comma is intersection: the order and repeats say nothing, and it is what both sides mean', () => {
  const intersections = fc.array(terms, {minLength: 1, maxLength: 3}).map(each => each.join(','));
  fc.assert(
    fc.property(intersections, intersections, (a, b) => {
      const both = meaning(`${a},${b}`);
      expect(both).toEqual(meaning(`${b},${a}`));
      expect(meaning(`${a},${a}`)).toEqual(meaning(a));
      const inB = new Set(meaning(b));
      expect(both).toEqual(meaning(a).filter(partition => inB.has(partition)));
    }),
  );
});

test('a comma binds tighter than a space', () => {
  fc.assert(
    fc.property(terms, terms, terms, (a, b, c) => {
      expect(meaning(`${a} ${b},${c}`)).toEqual(meaning(`${b},${c} ${a}`));
      const either = new Set([...meaning(a), ...meaning(`${b},${c}`)]);
      expect(new Set(meaning(`${a} ${b},${c}`))).toEqual(either);
    }),
  );
});

test('+ follows the graph, so many steps', () => {
  const graph = buildGraph(pipeline.assets);
  for (const asset of names) {
    expect(selected(`+${asset}`)).toEqual([asset, ...graph.upstreamOf(asset)].sort());
    expect(selected(`${asset}+`)).toEqual([asset, ...graph.downstreamOf(asset)].sort());
    for (const steps of [0, 1, 2, 9]) {
      expect(selected(`${steps}+${asset}`)).toEqual([asset, ...graph.upstreamOf(asset, steps)].sort());
      expect(selected(`${asset}+${steps}`)).toEqual([asset, ...graph.downstreamOf(asset, steps)].sort());
    }
  }
});

test('any text selects or is refused with a reason, and never throws', () => {
  const parts = fc.constantFrom(
    'raw.games',
    'mart.*',
    '+',
    ',',
    ' ',
    ':',
    '1',
    'tag',
    'group',
    'state',
    'stale',
    '@',
  );
  const texts = fc.oneof(
    fc.string({unit: 'grapheme', maxLength: 40}),
    fc.array(parts).map(all => all.join('')),
  );
  fc.assert(
    fc.property(texts, text => {
      const {selection, diagnostics} = parseSelector(text, pipeline);
      expect(selection === undefined).toBe(diagnostics.length > 0);
      formatDiagnostics(diagnostics);
    }),
    {numRuns: 500},
  );
});

test.for<readonly [selector: string, meant: readonly number[]]>([
  ['quality:gold', [95, 100]],
  ['quality:silver', [75, 94.9]],
  ['quality:<silver', [0, 60, 74.9]],
  ['quality:<=silver', [0, 60, 74.9, 75, 94.9]],
  ['quality:>silver', [95, 100]],
  ['quality:>=75', [75, 94.9, 95, 100]],
  ['quality:>75', [94.9, 95, 100]],
  ['quality:>=50,quality:<75', [60, 74.9]],
  ['raw.games,quality:unusable', [0]],
])('"%s" selects what scores %s, and nothing that has no score', ([selector, meant]) => {
  const selection = selectionOf(selector);
  const isMeant = (score: number) =>
    matches(selection, {asset: name('raw.games'), state: 'fresh', score: () => score});
  expect([0, 60, 74.9, 75, 94.9, 95, 100].filter(isMeant)).toEqual(meant);
  expect(isMeant(Number.NaN)).toBe(false);
});

test.each(['quality:slver', 'quality:75', 'quality:<101', 'quality:<'])('"%s" is refused', selector => {
  const {diagnostics} = parseSelector(selector, pipeline);
  expect(diagnostics[0]?.message).toMatch(/is no bound of quality/);
});
