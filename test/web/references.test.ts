import {expect, test} from 'vitest';
import {piecesOf} from '../../web/references.ts';

const assets = new Set(['raw.games', 'stats']);

test('partitions of declared assets are found in a sentence', () => {
  expect(piecesOf('waits for raw.games@2024-01-15 and stats@2023-24: failed', assets)).toEqual([
    'waits for ',
    {asset: 'raw.games', key: '2024-01-15', at: 10},
    ' and ',
    {asset: 'stats', key: '2023-24', at: 35},
    ': failed',
  ]);
});

test('what only looks like one stays text', () => {
  for (const text of ['ana@example.org', 'other@all', 'stats@2024-01-155', ''])
    expect(piecesOf(text, assets).join('')).toBe(text);
});
