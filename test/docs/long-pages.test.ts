/** As pages.test.ts, for pages that say `<!-- suite: seasons -->`: they take longer than `npm test` may. */
import {expect, test} from 'vitest';
import {pagesOf} from './doc-page.ts';
import {typePages} from './typed-pages.ts';

typePages(pagesOf('seasons'));

test('no page is typed twice', () => {
  const both = [...pagesOf('quick'), ...pagesOf('seasons')].map(({name}) => name);
  expect(new Set(both).size).toBe(both.length);
});
