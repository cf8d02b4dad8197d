/** What docs/selecting.md says is so: every selector of its table, its mistakes, and the states it lists. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {formatDiagnostics} from '../planner/diagnostic.ts';
import {parseManifest} from '../planner/manifest.ts';
import {assetsOf, parseSelector} from '../planner/select.ts';
import {STATES} from '../planner/state.ts';

const page = readFileSync(path.join(import.meta.dirname, '..', 'docs', 'selecting.md'), 'utf8');
const [, manifest = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? [];
const parsed = parseManifest({file: {path: 'pipeline.yaml', text: manifest}, target: undefined, env: {}});
const {pipeline} = parsed;
if (pipeline === undefined) throw new Error(formatDiagnostics(parsed.diagnostics));
const rows = [...page.matchAll(/^\| `([^`]+)` \| ([^|]+) \|$/gm)].map(([, selector = '', names = '']) => ({
  selector,
  names: names.split(', ').toSorted(),
}));

test('the page has examples', () => {
  expect(rows.length).toBeGreaterThan(10);
});

for (const {selector, names} of rows) {
  test(selector, () => {
    const {selection, diagnostics} = parseSelector(selector, pipeline);
    expect(formatDiagnostics(diagnostics)).toBe('');
    expect([...assetsOf(selection ?? [])].toSorted()).toEqual(names);
  });
}

test('the mistakes that are shown are printed so', () => {
  const [, shown = ''] = /^```\n(selector:1[\s\S]*?)^```$/m.exec(page) ?? [];
  const [, text = ''] = shown.split('\n');
  expect(formatDiagnostics(parseSelector(text.trim(), pipeline).diagnostics)).toBe(shown);
});

test('every state is listed', () => {
  expect(page).toContain(`(${STATES.join(', ')})`);
});
