/**
 * Compares whole printed text with a file of test/cases/. Where they differ, the new text stands in the failure,
 * ready to paste; `UPDATE_CASES=1` writes it.
 */
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {expect} from 'vitest';

const cases = path.join(import.meta.dirname, '..', 'cases');

export function expectGolden(name: string, text: string): void {
  const file = path.join(cases, name);
  if (process.env['UPDATE_CASES'] === '1') {
    mkdirSync(path.dirname(file), {recursive: true});
    writeFileSync(file, text);
  }
  const expected = existsSync(file) ? readFileSync(file, 'utf8') : '';
  expect(text, `differs from test/cases/${name}; what was printed:\n${text}`).toBe(expected);
}

/** No line may be longer than the terminal, except for one word that has no place to break. */
export function expectFits(text: string, width: number): void {
  expect(text.split('\n').filter(line => line.length > width)).toEqual([]);
}
