import {expect, test} from 'vitest';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {parseManifest} from '../../planner/manifest.ts';
import type {AssetName} from '../../planner/pipeline.ts';
import {matchesKey, parseAssetRange, parseRange} from '../../planner/range-text.ts';
import {assetsOf, globOf, matches, parseSelector} from '../../planner/select.ts';

const asset = (name: string, upstream: string, rest = '') =>
  `  ${name}: {sql: a.sql, partition_by: all, columns: {n: int64}, key: [n], upstream: {${upstream}}${rest}}\n`;
const text = `name: toy
assets:
${asset('raw.games', '', ', tags: [boxscores], group: raw')}${asset('raw.players', '', ', group: raw')}\
${asset('mart.team', 'a: raw.games', ', tags: [boxscores, daily]')}${asset('mart.player', 'a: mart.team, b: raw.players')}\
${asset('mart.features', 'a: mart.player')}`;
const parsed = parseManifest({file: {path: 'pipeline.yaml', text}, target: undefined, env: {}});
if (parsed.pipeline === undefined) throw new Error(formatDiagnostics(parsed.diagnostics));
const pipeline = parsed.pipeline;

function selected(selector: string): readonly string[] {
  const {selection, diagnostics} = parseSelector(selector, pipeline);
  expect(diagnostics).toEqual([]);
  return [...assetsOf(selection ?? [])].sort();
}

function complaint(selector: string): string {
  const {selection, diagnostics} = parseSelector(selector, pipeline);
  expect(selection).toBeUndefined();
  return formatDiagnostics(diagnostics);
}

test.for([
  ['', ['mart.features', 'mart.player', 'mart.team', 'raw.games', 'raw.players']],
  ['raw.games', ['raw.games']],
  ['raw.*', ['raw.games', 'raw.players']],
  ['*.play*', ['mart.player', 'raw.players']],
  ['mart.????', ['mart.team']],
  ['+mart.player', ['mart.player', 'mart.team', 'raw.games', 'raw.players']],
  ['1+mart.player', ['mart.player', 'mart.team', 'raw.players']],
  ['raw.games+', ['mart.features', 'mart.player', 'mart.team', 'raw.games']],
  ['raw.games+1', ['mart.team', 'raw.games']],
  ['1+mart.player+1', ['mart.features', 'mart.player', 'mart.team', 'raw.players']],
  ['tag:boxscores', ['mart.team', 'raw.games']],
  ['group:raw', ['raw.games', 'raw.players']],
  ['group:r*+1', ['mart.player', 'mart.team', 'raw.games', 'raw.players']],
  ['raw.games mart.team', ['mart.team', 'raw.games']],
  ['tag:boxscores,group:raw', ['raw.games']],
  ['tag:boxscores,group:raw mart.player', ['mart.player', 'raw.games']],
] as const)('"%s" selects %s', ([selector, names]) => {
  expect(selected(selector)).toEqual(names);
});

test('a state holds for partitions, within the assets beside it', () => {
  const {selection = []} = parseSelector('raw.*,state:missing mart.team', pipeline);
  const games = 'raw.games' as AssetName; // a name of the toy pipeline
  const team = 'mart.team' as AssetName; // likewise
  expect(matches(selection, games, 'missing')).toBe(true);
  expect(matches(selection, games, 'fresh')).toBe(false);
  expect(matches(selection, team, 'fresh')).toBe(true);
  expect([...assetsOf(selection)].sort()).toEqual(['mart.team', 'raw.games', 'raw.players']);
});

test('two states at once hold for no partition', () => {
  const {selection = []} = parseSelector('state:missing,state:stale', pipeline);
  expect(assetsOf(selection).size).toBe(0);
});

test('a mistake points into the selector', () => {
  expect(complaint('raw.games +mart.plaier')).toBe(
    "selector:1:12 error [unknown-selection] No asset is named 'mart.plaier'. Did you mean 'mart.player'?\n  raw.games +mart.plaier\n             ~~~~~~~~~~~\n",
  );
  expect(complaint('state:missin')).toContain("There is no state 'missin'. Did you mean 'missing'?");
  expect(complaint('tag:boxscore')).toContain("No asset has the tag 'boxscore'. Did you mean 'boxscores'?");
  expect(complaint('quality:gold')).toContain(
    "There is no 'quality:' to select by. There are tag, group, state.",
  );
  expect(complaint('landing.*')).toContain("No asset matches 'landing.*'.");
  expect(complaint('+state:missing')).toContain("'+' follows assets");
  expect(complaint('raw.games,,mart.team')).toContain('selector:1:11');
  expect(complaint('+')).toContain("'+' needs a name beside it.");
});

test('a glob of many stars is read in no time', () => {
  const test = globOf(`${'*a'.repeat(200)}*b`);
  expect(test('a'.repeat(5000))).toBe(false);
  expect(globOf('a*b*c')('aXbYc')).toBe(true);
  expect(globOf('a*a')('a')).toBe(false);
  expect(globOf('*')('')).toBe(true);
});

function keys(range: string, candidates: readonly string[]): readonly string[] {
  const {patterns, diagnostics} = parseRange(range);
  expect(diagnostics).toEqual([]);
  return candidates.filter(key => matchesKey(patterns ?? [], key));
}

const dates = ['2024-11-30', '2024-12-01', '2024-12-31', '2025-01-01', '2023-24', '2024-25', 'all'];

test.for([
  ['2024-12-01', ['2024-12-01']],
  ['2024-12-01..2024-12-31', ['2024-12-01', '2024-12-31']],
  ['2024-12-*', ['2024-12-01', '2024-12-31']],
  ['2024-11-30,2025-01-01', ['2024-11-30', '2025-01-01']],
  ['2023-24..2024-25', ['2023-24', '2024-25']],
  ['all', ['all']],
  ['2024-01-01..2024-12-05', ['2024-11-30', '2024-12-01']],
] as const)('the range "%s" means %s', ([range, meant]) => {
  expect(keys(range, dates)).toEqual(meant);
});

test.for([
  ['', 'A key is missing here'],
  ['2024-02-30', "'2024-02-30' is no key"],
  ['2024-12-31..2024-12-01', 'ends before it starts'],
  ['2023-24..2024-12-01', 'goes from a season to a date'],
  ['2024-01-01..2024-01-02..2024-01-03', 'is no key'],
  ['2024-01-01,', 'A key is missing here'],
  ['games*', 'can match no key'],
] as const)('the range "%s" is refused', ([range, sentence]) => {
  const {patterns, diagnostics} = parseRange(range);
  expect(patterns).toBeUndefined();
  expect(formatDiagnostics(diagnostics)).toContain(sentence);
});

test('an asset with a range is read as both, and both are judged', () => {
  const {asset, patterns} = parseAssetRange('raw.games@2024-12-*', pipeline);
  expect(asset).toBe('raw.games');
  expect(matchesKey(patterns ?? [], '2024-12-25')).toBe(true);
  const wrong = formatDiagnostics(parseAssetRange('raw.gmaes@2024-13-01', pipeline).diagnostics);
  expect(wrong).toContain("partitions:1:1 error [unknown-selection] No asset is named 'raw.gmaes'.");
  expect(wrong).toContain("partitions:1:11 error [bad-selector] '2024-13-01' is no key");
  expect(formatDiagnostics(parseAssetRange('raw.games', pipeline).diagnostics)).toContain('Say which keys');
});
