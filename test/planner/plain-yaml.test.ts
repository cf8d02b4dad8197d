/**
 * The reader of plain YAML against the parser of the whole language: where it reads a text, the parser finds no mistake
 * in it, the same values, and the same places.
 */
import {globSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {readPlainYaml} from '../../planner/plain-yaml.ts';
import type {TreeNode} from '../../planner/tree.ts';
import {readEntry, readWholeYaml} from '../../planner/whole-yaml.ts';

const root = join(import.meta.dirname, '../..');
const shipped = ['pipeline.yaml', 'known-gaps/recorded.yaml', 'test/planner/manifest.example.yaml'];
const files = [...shipped, ...globSync('test/cases/diagnostics/*/pipeline.yaml', {cwd: root}).sort()];
const texts = files.map(path => readFileSync(join(root, path), 'utf8'));

/** A tree without its texts, so that a difference can be read. */
function places({span, key, children}: TreeNode): unknown {
  return [
    [span.start, span.end],
    key === undefined ? null : [key.start, key.end],
    [...children].map(([name, child]) => [name, places(child)]),
  ];
}

/** Whether the text is plain; fails where the two readers differ. */
function isReadAlike(text: string): boolean {
  const file = {path: 'a.yaml', text};
  const plain = readPlainYaml(file, readEntry);
  if (plain === undefined) return false;
  const whole = readWholeYaml(file);
  const expected = {wrong: whole.diagnostics, value: whole.value, places: places(whole.root)};
  expect({wrong: [], value: plain.value, places: places(plain.node)}, text).toEqual(expected);
  return true;
}

/** Numbers from 0 to 1 by a linear congruential generator (Numerical Recipes). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test.each(shipped)('%s is plain without the help of the parser', path => {
  const text = readFileSync(join(root, path), 'utf8');
  expect(readPlainYaml({path, text}, () => undefined)).toBeDefined();
});

test('the shipped files and all cases of mistakes are read alike', () => {
  expect(texts.filter(isReadAlike).length).toBeGreaterThan(30);
});

test('an entry that is not plain is read by the parser, in its place', () => {
  const text = `a:\n  b: >\n    folded\n    text\n  'c': "tab\\t"\nd:\n- e: |-\n    kept\n  f: 1\n`;
  expect(isReadAlike(text)).toBe(true);
});

test.each([
  ['an anchor and its alias', 'a: &x 1\nb: *x\n'],
  ['a key that stands twice', 'a: 1\na: 2\n'],
  ['a tab', 'a:\tb\n'],
  ['a line that is too deep', 'a: 1\n  b: 2\n'],
  ['a second document', 'a: 1\n---\nb: 2\n'],
  ['a merge', 'a: {b: 1}\nc:\n  <<: *a\n'],
])('%s makes the parser read the whole file', (_, text) => {
  expect(readPlainYaml({path: 'a.yaml', text}, readEntry)).toBeUndefined();
});

const VALUES = [
  ...['a', 'b c', '12', '-1', '1.5', '.5', '007', '0x1f', '1e3', '-0', '+1', '.inf', '2024-01-15', '07-01'],
  ...['true', '~', 'null', '"q"', "'s'", "'it''s'", '"e\\n"', 'a:b', 'a#b', 'a # c', '# only', '', '100%'],
  ...[
    '[a, b]',
    '[]',
    '{}',
    '{a: 1, b: c}',
    '{a: [x, {y: z}]}',
    '[a,\n   b]',
    '{a: 1,\n  b: 2\n  }',
    '[a,\nb]',
  ],
  ...[
    '|\n  lit\n  two',
    '>-\n  fold\n  it',
    '"two\n  lines"',
    'two\n  lines',
    '\n  below',
    "\n  ['x']",
    '- x',
    '? k',
  ],
  ...[
    ': v',
    '&a b',
    '*a',
    '!!str 5',
    '@x',
    '%y',
    'a: b',
    '{a: b,}',
    '{a:b}',
    '[a:b]',
    '{x: }',
    '[a, ]',
    '[a,,b]',
  ],
  ...[
    'x:',
    '/p/q',
    `\${X:-y}`,
    '"a"b',
    'é',
    '..',
    '-',
    '---',
    '- - a',
    '- {a: b}',
    '"x": y',
    "'k': v",
    'a,b',
    '{a}',
  ],
];
const KEYS = ['a', 'x.y', 'k-1', '1', 'true', "'q'", 'a b', '<<', '__proto__', 'd/e', '.', 'é', '12:30'];
const LETTERS = [
  ...[
    ' ',
    '  ',
    '\n',
    '\n  ',
    ':',
    ': ',
    '#',
    ' #',
    '- ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '&a ',
    '*a',
    '|',
    '>',
  ],
  ...['~', '\\', '?', '!', '%', '@', '-', '.', '1', 'é', '\u00a0', '\u2028', '\u0085', '\0', '\n\n', ' \n'],
];

test('random blocks are read alike', () => {
  const random = randomFrom(2024);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T; // within its length
  const value = (pad: string) =>
    (random() < 0.5 ? pick(['a', 'b c', '12']) : pick(VALUES)).replaceAll('\n', `\n${pad}`);
  const block = (indent: number, depth: number): string => {
    const pad = ' '.repeat(indent);
    const isList = random() < 0.3;
    let text = '';
    for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
      if (random() < 0.08) text += pick(['\n', '# c\n', '   # d\n', `${pad}# e\n`, '  \n']);
      const own = random() < 0.03 ? ' '.repeat(Math.max(0, indent + pick([-2, -1, 1, 2]))) : pad;
      const isDeeper = depth > 0 && random() < 0.45;
      const end = `${pick(['', '', '', ' ', ' # c', '#c'])}\n`;
      const key = random() < 0.85 ? `k${left}${Math.floor(random() * 9)}` : pick(KEYS);
      if (isList && isDeeper) text += `${own}- ${block(indent + 2, depth - 1).trimStart()}`;
      else if (isList) text += `${own}- ${value(pad)}${end}`;
      else if (isDeeper) text += `${own}${key}:${end}${block(indent + pick([2, 2, 4, 1, 0]), depth - 1)}`;
      else text += `${own}${key}:${pick([' ', ' ', '  ', ''])}${value(pad)}${end}`;
    }
    return text;
  };
  const made = Array.from({length: 3_000}, () => block(0, 3));
  expect(made.filter(isReadAlike).length).toBeGreaterThan(500);
});

test('manifests with letters put in and taken out are read alike', () => {
  const random = randomFrom(7);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T; // within its length
  const made = Array.from({length: 1_000}, () => {
    const lines = pick(texts).split('\n');
    const from = Math.floor(random() * Math.max(1, lines.length - 30)) * (random() < 0.5 ? 0 : 1);
    let text = lines.slice(from, from + 40).join('\n');
    for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
      const at = Math.floor(random() * text.length);
      const rest = random() < 0.5 ? at : at + 1 + Math.floor(random() * 3);
      text = text.slice(0, at) + (rest === at ? pick(LETTERS) : '') + text.slice(rest);
    }
    return text;
  });
  expect(made.filter(isReadAlike).length).toBeGreaterThan(100);
});
