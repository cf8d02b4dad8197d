import {expect, test} from 'vitest';
import {
  diagnose,
  formatDiagnostics,
  missingManifest,
  position,
  sortDiagnostics,
} from '../../planner/diagnostic.ts';

const file = {path: 'a.yaml', text: 'one\r\ntwo\n\tthree\n\nlast'};
const span = (start: number, end: number) => ({file, start, end});

test('lines and columns count from 1', () => {
  expect(position(span(0, 1))).toEqual({line: 1, column: 1});
  expect(position(span(5, 6))).toEqual({line: 2, column: 1});
  expect(position(span(10, 12))).toEqual({line: 3, column: 2});
  expect(position(span(file.text.length, file.text.length))).toEqual({line: 5, column: 5});
});

test('the line and its squiggle are printed, tabs kept, line ends left out', () => {
  const mistakes = [
    diagnose('bad-value', span(10, 15), 'Third.'),
    diagnose('bad-value', span(0, 3), 'First.'),
  ];
  expect(formatDiagnostics(mistakes)).toBe(
    'a.yaml:1:1 error [bad-value] First.\n  one\n  ~~~\n\na.yaml:3:2 error [bad-value] Third.\n  \tthree\n  \t~~~~~\n',
  );
});

test('a span over several lines is drawn under its first', () => {
  expect(formatDiagnostics([diagnose('bad-value', span(5, 16), 'Long.')])).toBe(
    'a.yaml:2:1 error [bad-value] Long.\n  two\n  ~~~\n',
  );
});

test('what is related has its own place', () => {
  const related = [{message: 'it stands here first', at: span(0, 3)}];
  expect(formatDiagnostics([diagnose('duplicate-key', span(5, 8), 'Twice.', related)])).toBe(
    'a.yaml:2:1 error [duplicate-key] Twice.\n  two\n  ~~~\n\na.yaml:1:1 it stands here first\n  one\n  ~~~\n',
  );
});

test('mistakes are sorted within their files, and files as they first occur', () => {
  const other = {path: 'b.sql', text: 'x'};
  const sorted = sortDiagnostics([
    diagnose('bad-value', span(5, 8), '2'),
    diagnose('bad-value', {file: other, start: 0, end: 1}, '3'),
    diagnose('bad-value', span(0, 3), '1'),
  ]);
  expect(sorted.map(({message}) => message)).toEqual(['1', '2', '3']);
});

test('a secret is masked on every line that would show it', () => {
  const secret = {path: 's.yaml', text: 'key: hunter2 more: x'};
  const at = (start: number, end: number) => ({file: secret, start, end});
  const printed = formatDiagnostics([
    {...diagnose('secret-in-manifest', at(0, 3), 'Secret.'), hides: at(5, 12)},
    diagnose('unknown-key', at(13, 17), 'Unknown.'),
  ]);
  expect(printed).not.toContain('hunter2');
  expect(printed).toContain('key: ******* more: x');
});

test('a line does not write to the terminal', () => {
  const evil = {path: 'e.yaml', text: 'a: \u001b[2Jx'};
  const printed = formatDiagnostics([diagnose('bad-value', {file: evil, start: 0, end: 1}, 'Evil.')]);
  expect(printed).toContain('a: \u00b7[2Jx');
});

test('a long line is cut around the mistake', () => {
  const long = {path: 'l.yaml', text: `${'x'.repeat(5000)}HERE${'y'.repeat(5000)}`};
  const [, line = '', squiggle = ''] = formatDiagnostics([
    diagnose('bad-value', {file: long, start: 5000, end: 5004}, 'Long.'),
  ]).split('\n');
  expect(line.length).toBeLessThan(300);
  expect(line.slice(squiggle.indexOf('~'), squiggle.lastIndexOf('~') + 1)).toBe('HERE');
});

test('colours are there only on request', () => {
  const mistakes = [diagnose('bad-value', span(0, 3), 'First.')];
  expect(formatDiagnostics(mistakes)).not.toContain('\u001b');
  expect(formatDiagnostics(mistakes, {color: true})).toContain('\u001b[31m');
});

test('a manifest that is not there is named', () => {
  expect(formatDiagnostics([missingManifest('pipeline.yaml')])).toBe(
    "pipeline.yaml:1:1 error [missing-manifest] There is no manifest 'pipeline.yaml': go to the project's folder, or write one.\n",
  );
});
