import {expect, test} from 'vitest';
import {tokenLines, tokensOf} from '../../web/code-tokens.ts';

const kinds = (text: string, language: 'sql' | 'typescript' = 'sql') =>
  tokensOf(text, language).flatMap(({kind, text: own}) => (kind === 'plain' ? [] : [`${kind} ${own}`]));

test('words, texts, numbers, comments and calls of a query are told apart', () => {
  expect(
    kinds("SELECT count(*), 0.44e0 * x FROM box -- all 'of' it\nWHERE team = 'O''Neal' /* from */"),
  ).toEqual([
    'keyword SELECT',
    'call count',
    'number 0.44e0',
    'keyword FROM',
    "comment -- all 'of' it",
    'keyword WHERE',
    "text 'O''Neal'",
    'comment /* from */',
  ]);
});

test('code has comments and texts of its own', () => {
  expect(kinds("const a = `x y`; // it's\nreturn fetch('https://x')", 'typescript')).toEqual([
    'keyword const',
    'text `x y`',
    "comment // it's",
    'keyword return',
    'call fetch',
    "text 'https://x'",
  ]);
});

test('no letter is lost, also of what does not end', () => {
  for (const text of ["SELECT 'a", '/* b', 'a "', '`', '', '1e', "x\n'y\nz", '--', '#', '\\']) {
    for (const language of ['sql', 'typescript'] as const)
      expect(
        tokensOf(text, language)
          .map(token => token.text)
          .join(''),
      ).toBe(text);
  }
});

test('a comment over several lines is one in each', () => {
  expect(tokenLines('a\r\n/* b\n\nc */ d\n', 'sql')).toEqual([
    [{kind: 'plain', text: 'a'}],
    [{kind: 'comment', text: '/* b'}],
    [],
    [
      {kind: 'comment', text: 'c */'},
      {kind: 'plain', text: ' d'},
    ],
  ]);
});
