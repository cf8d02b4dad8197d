/** Scores: what a partition has of itself, what it needs, and what a gate and a query make of it. */
import {expect, test} from 'vitest';
import {frameOf} from '../../planner/frame.ts';
import {PLAIN_TRUST, type Trust} from '../../planner/ledger.ts';
import {tierOf} from '../../planner/tier.ts';
import {name, ordinalIn, Toy} from '../kit/toy.ts';
import type {ToyAsset} from '../kit/toy-spec.ts';

const DAYS = ['2024-01-15', '2024-01-16', '2024-01-20', '2024-01-22'] as const;
const [DAY1, DAY2, DAY3, DAY4] = DAYS;
const GAMES = {
  [DAY1]: ['BOS-LAL #1', 'NYK-MIA #2', 'SEA-DEN #5'],
  [DAY2]: ['SEA-DEN #3'],
  [DAY3]: ['BOS-NYK #4'],
  [DAY4]: ['BOS-LAL #6'],
};
const COVERS = {column: 'game_id'};
const taken = (source: string, ceiling: number, depth = 2): Trust => ({
  ...PLAIN_TRUST,
  sources: [{name: source, games: 'all'}],
  ceiling,
  depth,
});
const warned = (...penalties: readonly number[]): Trust => ({
  ...PLAIN_TRUST,
  warned: penalties.map(penalty => ({check: 'odd', count: 1, penalty})),
});

function toyOf(assets: Record<string, ToyAsset>, texts: Record<string, string> = {}): Toy {
  const toy = new Toy({
    assets: {
      'landing.nba': {files: 'assets/nba.ts'},
      'landing.bdl': {files: 'assets/bdl.ts'},
      'raw.box': {
        rows: 'assets/box.ts',
        covers: COVERS,
        sources: [
          {name: 'nba', upstream: 'landing.nba'},
          {name: 'bdl', upstream: 'landing.bdl', quality: 85},
        ],
      },
      ...assets,
    },
    texts,
  });
  toy.calendar(GAMES);
  for (const day of DAYS) {
    toy.touch('landing.nba', day);
    toy.touch('landing.bdl', day);
  }
  return toy;
}

const SAME = {'mart.sum': {upstream: {box: 'raw.box'}}};
const scoreOf = (toy: Toy, asset: string, key: string): number => {
  const frame = toy.frame();
  const found = frameOf(frame, name(asset));
  return frame.quality.scoreAt(found, ordinalIn(found, key));
};

test('tiers begin where they are said to', () => {
  expect([100, 95, 94.99, 75, 74.99, 50, 49, 25, 24.9, 0].map(tierOf)).toEqual([
    ...['gold', 'gold', 'silver', 'silver', 'bronze', 'bronze', 'poor', 'poor', 'unusable', 'unusable'],
  ]);
});

test('a partition has the ceiling of its source, times its games, less what checks warned of', () => {
  const toy = toyOf(SAME);
  expect(scoreOf(toy, 'raw.box', DAY1)).toBeNaN();
  toy.touch('raw.box', DAY1, {trust: taken('nba', 100, 1)});
  expect(scoreOf(toy, 'raw.box', DAY1)).toBe(100);
  toy.touch('raw.box', DAY1, {trust: taken('bdl', 85), absent: ['2']});
  expect(scoreOf(toy, 'raw.box', DAY1)).toBeCloseTo((85 * 2) / 3, 9);
  toy.touch('raw.box', DAY1, {trust: {...taken('bdl', 85), warned: warned(5, 10).warned}});
  expect(scoreOf(toy, 'raw.box', DAY1)).toBe(70);
  toy.touch('raw.box', DAY1, {trust: warned(60, 70)});
  expect(scoreOf(toy, 'raw.box', DAY1)).toBe(0);
});

test('a changed ceiling counts for what was made before', () => {
  const toy = toyOf(SAME);
  toy.touch('raw.box', DAY1, {trust: taken('bdl', 85)});
  const box = toy.spec.assets['raw.box'];
  const sources = [
    {name: 'nba', upstream: 'landing.nba'},
    {name: 'bdl', upstream: 'landing.bdl', quality: 60},
  ];
  toy.change({assets: {...toy.spec.assets, 'raw.box': {...box, sources}}});
  expect(toy.verdict('raw.box', DAY1)).toBe('fresh');
  expect(scoreOf(toy, 'raw.box', DAY1)).toBe(60);
});

test('what a partition needs bounds its score, through any number of edges, and soft edges do not', () => {
  const toy = toyOf({
    ...SAME,
    'mart.next': {upstream: {sum: 'mart.sum'}},
    'mart.soft': {upstream: {box: {asset: 'raw.box', required: false}}},
    'mart.as_is': {upstream: {box: {asset: 'raw.box', tracks: false}}},
  });
  toy.touch('raw.box', DAY1, {trust: taken('bdl', 85)});
  const readers = ['mart.sum', 'mart.next', 'mart.soft', 'mart.as_is'];
  for (const asset of readers) toy.touch(asset, DAY1);
  expect(readers.map(asset => scoreOf(toy, asset, DAY1))).toEqual([85, 85, 100, 85]);
});

test('a window gives its mean by games: one bad opening night is no bad season', () => {
  const toy = toyOf({
    'mart.season': {upstream: {box: {asset: 'raw.box', window: 'season to date', at_least: '10%'}}},
  });
  toy.touch('raw.box', DAY1, {trust: taken('bdl', 85)});
  toy.touch('raw.box', DAY2, {trust: taken('nba', 100, 1)});
  for (const day of DAYS) toy.touch('mart.season', day);
  expect(scoreOf(toy, 'mart.season', DAY1)).toBe(100);
  expect(scoreOf(toy, 'mart.season', DAY2)).toBe(85);
  expect(scoreOf(toy, 'mart.season', DAY3)).toBe((3 * 85 + 100) / 4);
  // The third day is not there: its one game counts 0 of five.
  expect(scoreOf(toy, 'mart.season', DAY4)).toBe((3 * 85 + 100) / 5);
});

test('what is signed off is left out of the mean', () => {
  const toy = toyOf({
    'mart.season': {upstream: {box: {asset: 'raw.box', window: 'season to date', at_least: '10%'}}},
  });
  toy.touch('raw.box', DAY2, {trust: taken('bdl', 85)});
  toy.touch('mart.season', DAY3);
  expect(scoreOf(toy, 'mart.season', DAY3)).toBe(85 / 4);
  const gap = {
    asset: 'raw.box',
    keys: [DAY1],
    reason: 'lost',
    accepted_by: 'a@b.c',
    accepted_on: '2024-01-20',
  };
  toy.change({knownGaps: [gap]});
  expect(scoreOf(toy, 'mart.season', DAY3)).toBe(85);
});

test('repaired rows raise all that reads them, and nothing is made again for it', () => {
  const toy = toyOf(SAME);
  toy.touch('raw.box', DAY1, {trust: taken('bdl', 85), version: 'a'.repeat(16)});
  toy.touch('mart.sum', DAY1);
  expect(scoreOf(toy, 'mart.sum', DAY1)).toBe(85);
  toy.touch('raw.box', DAY1, {trust: taken('nba', 100, 1), version: 'a'.repeat(16)});
  expect(toy.verdict('mart.sum', DAY1)).toBe('fresh');
  expect(scoreOf(toy, 'mart.sum', DAY1)).toBe(100);
});

test('a query that is shown the score is stale when it changes, and then alone', () => {
  const toy = toyOf(
    {...SAME, 'mart.shown': {upstream: {sum: 'mart.sum'}}},
    {'mart.shown': 'SELECT sum.*, quality_score FROM sum JOIN partitions USING (game_date)'},
  );
  toy.touch('raw.box', DAY1, {trust: taken('bdl', 85), version: 'a'.repeat(16)});
  toy.touch('mart.sum', DAY1);
  toy.touch('mart.shown', DAY1);
  expect(toy.verdict('mart.shown', DAY1)).toBe('fresh');
  toy.touch('raw.box', DAY1, {trust: taken('nba', 100, 1), version: 'a'.repeat(16)});
  expect(toy.verdict('mart.sum', DAY1)).toBe('fresh');
  expect(toy.explain('mart.shown', DAY1)).toMatchObject({
    state: 'stale',
    action: 'run',
    reasons: [{kind: 'quality-changed', was: 85, is: 100}],
  });
  toy.touch('mart.shown', DAY1);
  expect(toy.verdict('mart.shown', DAY1)).toBe('fresh');
});

test('a query is not shown the score of what it does not track', () => {
  const toy = toyOf(
    {'mart.shown': {upstream: {box: {asset: 'raw.box', tracks: false}}}},
    {'mart.shown': 'SELECT quality_score FROM partitions'},
  );
  toy.touch('raw.box', DAY1, {trust: taken('bdl', 85)});
  toy.touch('mart.shown', DAY1);
  toy.touch('raw.box', DAY1, {trust: taken('nba', 100, 1)});
  expect(toy.verdict('mart.shown', DAY1)).toBe('fresh');
  expect(scoreOf(toy, 'mart.shown', DAY1)).toBe(100);
});

test('a gate waits for better inputs, and names what pulls them down', () => {
  const toy = toyOf({...SAME, 'mart.gated': {upstream: {sum: 'mart.sum'}, gate: {quality: 90}}});
  toy.touch('raw.box', DAY1, {trust: taken('bdl', 85)});
  toy.touch('mart.sum', DAY1);
  const only = {selection: [{assets: new Set([name('mart.gated')]), states: undefined}]};
  expect(toy.explain('mart.gated', DAY1, only)).toMatchObject({
    action: 'wait',
    reasons: [{kind: 'never-materialized'}, {kind: 'gate', score: 85, gate: 90, upstream: `raw.box@${DAY1}`}],
  });
  expect(toy.verdict('mart.gated', DAY1, {...only, ignoreGate: true})).toBe(
    'missing run: never-materialized',
  );
  toy.touch('raw.box', DAY1, {trust: taken('nba', 100, 1)});
  expect(toy.explain('mart.gated', DAY1).action).toBe('run');
});

test('a gate is judged after the run has made what it needs', () => {
  const toy = toyOf({...SAME, 'mart.gated': {upstream: {sum: 'mart.sum'}, gate: {quality: 90}}});
  expect(toy.explain('mart.gated', DAY1).action).toBe('run');
  expect(toy.run().get(`mart.gated@${DAY1}`)).toBe('succeeded');
});
