import {expect, test} from 'vitest';
import {buildGraph, findCycles, needsOf} from '../../planner/graph.ts';
import {parseManifest} from '../../planner/manifest.ts';
import type {Asset, AssetName, Edge} from '../../planner/pipeline.ts';

const base = parsed('  a.base: {sql: a.sql, partition_by: all, columns: {n: int64}, key: [n]}\n');

function parsed(assets: string): ReadonlyMap<AssetName, Asset> {
  const file = {path: 'pipeline.yaml', text: `name: toy\nassets:\n${assets}`};
  const {pipeline, diagnostics} = parseManifest({file, target: undefined, env: {}});
  expect(diagnostics).toEqual([]);
  return pipeline?.assets ?? new Map();
}

/** Assets by what each needs: `{b: ['a']}`. */
function toy(needs: Readonly<Record<string, readonly string[]>>): ReadonlyMap<AssetName, Asset> {
  const [asset] = base.values();
  if (asset === undefined) throw new Error('The toy asset is not there.');
  const assets = Object.entries(needs).map(([name, upstream]) => {
    const edges = upstream.map((to): Edge => {
      const window = {kind: 'same'} as const;
      const told = {
        required: true,
        atLeast: undefined,
        throughToday: false,
        crossesSeasons: false,
        tracks: true,
        source: undefined,
      };
      return {name: to, upstream: to as AssetName, window, ...told, at: asset.at}; // a toy's name
    });
    return {...asset, name: name as AssetName, upstream: edges}; // a toy's name
  });
  return new Map(assets.map(asset => [asset.name, asset]));
}

const hops = (needs: Readonly<Record<string, readonly string[]>>) =>
  findCycles(needsOf(toy(needs))).map(cycle => cycle.map(({from, to}) => `${from}>${to}`).join(' '));

test('every asset comes after all of its upstream, and otherwise as in the manifest', () => {
  expect(buildGraph(toy({d: ['c', 'a'], a: [], c: ['b'], b: [], e: []})).order).toEqual([
    'b',
    'c',
    'a',
    'd',
    'e',
  ]);
  expect(buildGraph(toy({a: [], b: [], c: ['a', 'b']})).order).toEqual(['a', 'b', 'c']);
});

test('upstream and downstream reach as far as they are asked to', () => {
  const graph = buildGraph(toy({a: [], b: ['a'], c: ['b'], d: ['c', 'a'], e: []}));
  const name = (text: string) => text as AssetName; // a toy's name
  expect(graph.upstreamOf(name('d'))).toEqual(['a', 'b', 'c']);
  expect(graph.upstreamOf(name('d'), 1)).toEqual(['a', 'c']);
  expect(graph.downstreamOf(name('a'), 1)).toEqual(['b', 'd']);
  expect(graph.downstreamOf(name('a'))).toEqual(['b', 'c', 'd']);
  expect(graph.upstreamOf(name('e'))).toEqual([]);
});

test('a graph without cycles has none', () => {
  expect(hops({a: [], b: ['a'], c: ['a', 'b'], d: ['b', 'c']})).toEqual([]);
});

test('a cycle is told with every hop, from its first asset on', () => {
  expect(hops({x: ['a'], a: ['c'], b: ['a'], c: ['b']})).toEqual(['a>c c>b b>a']);
});

test('two cycles that share an asset are both told', () => {
  expect(hops({a: ['b', 'c'], b: ['a'], c: ['a']})).toEqual(['a>b b>a', 'a>c c>a']);
});

test('an asset that needs itself is a cycle of one hop', () => {
  expect(hops({a: ['a'], b: ['a']})).toEqual(['a>a']);
});

test('a cycle of 5,000 assets is found without a deep stack', () => {
  const names = Array.from({length: 5000}, (_, i) => `t.a${i}`);
  const needs = Object.fromEntries(names.map((name, i) => [name, [names[(i + 1) % names.length] ?? '']]));
  const [cycle] = findCycles(needsOf(toy(needs)));
  expect(cycle?.length).toBe(5000);
});

test('a chain of 5,000 assets has an order', () => {
  const names = Array.from({length: 5000}, (_, i) => `t.a${i}`);
  const needs = Object.fromEntries(
    names.map((name, i) => [name, i + 1 < names.length ? [names[i + 1] ?? ''] : []]),
  );
  expect(buildGraph(toy(needs)).order).toEqual(names.toReversed());
});
