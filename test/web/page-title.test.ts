import {expect, test} from 'vitest';
import {titleOf} from '../../web/page-title.ts';

test('a tab is called as what it shows', () => {
  expect(
    ['/', '/gaps', '/assets/raw.games', '/assets/raw.games/2024-01-15', '/runs/a%20b'].map(titleOf),
  ).toEqual(['Overview', 'Gaps', 'raw.games', 'raw.games@2024-01-15', 'Run a b']);
});

test('an address that is written wrong is called as it is written', () => {
  expect(['/assets/%', '/assets/raw.games/%E0%A4%A', '/runs/%25'].map(titleOf)).toEqual([
    '%',
    'raw.games@%E0%A4%A',
    'Run %',
  ]);
});
