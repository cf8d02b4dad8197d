/** docs/comparison.md speaks of the versions that the bench installs, and says when it looked. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {dataform, dbt} from '../../bench/peers/compiling-peers.ts';
import {dagster, sqlmesh} from '../../bench/peers/python-peers.ts';

const page = readFileSync(path.join(import.meta.dirname, '..', '..', 'docs', 'comparison.md'), 'utf8');

for (const {name, packages} of [dagster, sqlmesh, dbt, dataform])
  test(`of ${name}`, () => {
    const row = page.split('\n').find(line => line.startsWith(`| ${name}`) && /\d/.test(line)) ?? '';
    for (const each of packages) expect(row).toContain(each.split(/==|(?<=.)@/).at(-1));
  });

test('it is dated', () => {
  expect(page).toMatch(/as of \d+ [A-Z][a-z]+ 20\d\d/);
});
