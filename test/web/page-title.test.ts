import {expect, test} from 'vitest';
import {titleOf} from '../../web/page-title.ts';

test('a tab is called as what it shows', () => {
  expect(
    ['/', '/gaps', '/assets/raw.games', '/assets/raw.games/2024-01-15', '/runs/a%20b'].map(titleOf),
  ).toEqual(['Overview', 'Gaps', 'raw.games', 'raw.games@2024-01-15', 'Run a b']);
});
