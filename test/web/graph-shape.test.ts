import {describe, expect, test} from 'vitest';
import type {DeclaredAssetBody} from '../../server/schema/pipeline.ts';
import {openGroups, openText, reachOf, shapeOf} from '../../web/graph/shape.ts';

/** `reads`: names, each with its window after a colon, and a question mark where it is not required. */
function asset(name: string, ...reads: readonly string[]): DeclaredAssetBody {
  return {
    asset: name,
    group: name.split('.')[0] ?? '',
    kind: 'sql',
    partitionedBy: 'date',
    axis: 'dates',
    partitions: 3,
    description: null,
    owner: null,
    tags: [],
    upstream: reads.map(text => {
      const [upstream = '', window = ''] = text.replace('?', '').split(':');
      return {
        asset: upstream,
        name: upstream,
        window,
        required: !text.endsWith('?'),
        atLeast: null,
        tracks: true,
      };
    }),
  };
}

const assets = [
  asset('raw.games'),
  asset('raw.players', 'raw.games'),
  asset('mid.form', 'raw.games:last 10 dates', 'raw.players?'),
  asset('mid.rest', 'raw.games:previous'),
  asset('top.features', 'mid.form', 'mid.rest?'),
];
const all = new Set(['raw', 'mid', 'top']);

describe('the shape', () => {
  test('of open groups has a node an asset and its edges with their windows', () => {
    const {nodes, edges} = shapeOf(assets, all);
    expect(nodes.map(({id}) => id)).toEqual([
      'raw.games',
      'raw.players',
      'mid.form',
      'mid.rest',
      'top.features',
    ]);
    expect(edges.find(({id}) => id === 'raw.games mid.form')).toMatchObject({
      windows: ['last 10 dates'],
      isSoft: false,
      count: 1,
    });
    expect(edges.find(({id}) => id === 'raw.players mid.form')).toMatchObject({windows: [], isSoft: true});
  });

  test('of a closed group is one node, whose edges are joined and whose own ones are not seen', () => {
    const {nodes, edges, nodeOf} = shapeOf(assets, new Set(['top']));
    expect(nodes.map(({id}) => id)).toEqual(['group:raw', 'group:mid', 'top.features']);
    expect(edges.map(({id}) => id)).toEqual(['group:raw group:mid', 'group:mid top.features']);
    expect(edges[0]).toMatchObject({windows: ['last 10 dates', 'previous'], isSoft: false, count: 3});
    expect(nodeOf.get('raw.players')).toBe('group:raw');
  });

  test('of two edges between the same assets is one edge with both windows', () => {
    const twice = [asset('raw.games'), asset('top.sum', 'raw.games:30 days', 'raw.games:365 days?')];
    expect(shapeOf(twice, all).edges).toEqual([
      {
        id: 'raw.games top.sum',
        from: 'raw.games',
        to: 'top.sum',
        windows: ['30 days', '365 days'],
        isSoft: false,
        count: 2,
      },
    ]);
  });
});

describe('what is reached', () => {
  test('goes all the way, and only the way that was asked for', () => {
    expect([...reachOf(assets, 'mid.form', 'up')].sort()).toEqual(['mid.form', 'raw.games', 'raw.players']);
    expect([...reachOf(assets, 'mid.form', 'down')].sort()).toEqual(['mid.form', 'top.features']);
    expect([...reachOf(assets, 'mid.form', 'both')].sort()).toEqual([
      'mid.form',
      'raw.games',
      'raw.players',
      'top.features',
    ]);
  });

  test('of nothing that is declared is nothing', () => {
    expect([...reachOf(assets, 'raw.gmaes', 'both')]).toEqual([]);
  });
});

describe('groups', () => {
  const many = Array.from({length: 61}, (_, at) => asset(`g${at % 7}.a${at}`));

  test('are open where that can be read, and closed where there are too many assets', () => {
    expect([...openGroups(assets, null, [])].sort()).toEqual(['mid', 'raw', 'top']);
    expect(openGroups(many, null, []).size).toBe(0);
  });

  test('are as the address says, and open where something in them is selected', () => {
    expect([...openGroups(many, 'g1,g2,gone', [])]).toEqual(['g1', 'g2']);
    expect(openGroups(many, '*', []).size).toBe(7);
    expect(openGroups(assets, 'none', []).size).toBe(0);
    expect([...openGroups(assets, 'none', [undefined, 'mid.rest'])]).toEqual(['mid']);
  });

  test('are written into the address as they are read from it', () => {
    for (const text of ['*', 'none', 'raw,top'])
      expect(openText(assets, openGroups(assets, text, []))).toBe(text);
  });
});

test('an edge is told in few words', () => {
  const soft = [asset('raw.games'), asset('top.sum', 'raw.games:30 days, not required?')];
  expect(shapeOf(soft, all).edges[0]).toMatchObject({windows: ['30 days'], isSoft: true});
  const same = [asset('raw.games'), asset('top.sum', 'raw.games:not required?')];
  expect(shapeOf(same, all).edges[0]).toMatchObject({windows: [], isSoft: true});
});
