/** The pages of docs/reference/ are what the program's own data makes of them, and no key is passed over in silence. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {unsaid} from '../../site/manifest-page.ts';
import {manifestSchemaForDocs, referencePages} from '../../site/reference.ts';

const root = path.join(import.meta.dirname, '..', '..');

for (const [name, text] of referencePages())
  test(`${name} is up to date`, () => {
    expect(readFileSync(path.join(root, name), 'utf8'), 'node scripts/write-schema.ts writes it').toBe(text);
  });

test('every key of the manifest says what it is for', () => {
  const {silent, stray} = unsaid(manifestSchemaForDocs());
  expect({silent, stray}, 'site/manifest-notes.ts, or a description in the schema').toEqual({
    silent: [],
    stray: [],
  });
});
