import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {readSelector, type Term} from '../../planner/selector.ts';

function treeOf(text: string) {
  const {selector, diagnostics} = readSelector({path: 'selector', text});
  expect(formatDiagnostics(diagnostics)).toBe('');
  return selector.alternatives.map(({terms}) => terms.map(written));
}

/** A term as `method value ^up vdown`, with its own place. */
function written({atom, up, down, at}: Term): string {
  const steps = [up > 0 ? ` ^${up}` : '', down > 0 ? ` v${down}` : ''].join('');
  return `${atom.method} ${atom.value}${steps} @${at.start}-${at.end}`;
}

describe('the tree of', () => {
  test.for<readonly [text: string, tree: readonly (readonly string[])[]]>([
    ['', []],
    ['  ', []],
    ['a.b', [['name a.b @0-3']]],
    ['+a.b', [['name a.b ^Infinity @0-4']]],
    ['a.b+', [['name a.b vInfinity @0-4']]],
    ['2+a.b', [['name a.b ^2 @0-5']]],
    ['a.b+3', [['name a.b v3 @0-5']]],
    ['+a.b+', [['name a.b ^Infinity vInfinity @0-5']]],
    ['2+a.b+3', [['name a.b ^2 v3 @0-7']]],
    ['0+a.b', [['name a.b @0-5']]],
    ['a.*', [['name a.* @0-3']]],
    ['tag:x', [['tag x @0-5']]],
    ['1+tag:x:9+', [['tag x:9 ^1 vInfinity @0-10']]],
    ['group:x+', [['group x vInfinity @0-8']]],
    ['state:stale', [['state stale @0-11']]],
    ['a.b c.d', [['name a.b @0-3'], ['name c.d @4-7']]],
    [' a.b\n\tc.d ', [['name a.b @1-4'], ['name c.d @6-9']]],
    ['a.b,+c.d', [['name a.b @0-3', 'name c.d ^Infinity @4-8']]],
    ['a.b,tag:x c.d', [['name a.b @0-3', 'tag x @4-9'], ['name c.d @10-13']]],
    ['12', [['name 12 @0-2']]],
  ])("'%s'", ([text, tree]) => {
    expect(treeOf(text)).toEqual(tree);
  });
});

describe('is refused at its place:', () => {
  test.for<readonly [text: string, squiggle: string, sentence: string]>([
    [',a.b', '~', 'Nothing stands before this comma'],
    ['a.b,', '   ~', 'Nothing stands after this comma'],
    ['a.b, c.d', '   ~', "'a,b' means both at once, and 'a b' either"],
    ['a.b ,c.d', '    ~', 'Nothing stands before this comma'],
    ['a.b,,c.d', '    ~', 'Nothing stands before this comma'],
    [',', '~', 'Nothing stands before this comma'],
    ['+', '~', "'+' needs a name beside it"],
    ['2+', ' ~', "'+' needs a name beside it"],
    ['a.b,+ c.d', '    ~', "'+' needs a name beside it"],
    ['++a.b', ' ~', "'+' needs a name beside it"],
    ['a.b++', '    ~', "'+' is too much"],
    ['a.b+c.d', '    ~~~', "'c.d' is no number of steps"],
    ['a.b+2x', '    ~~', "'2x' is no number of steps"],
    ['a.b+2+', '     ~', 'Nothing can follow here but a space or a comma'],
    ['2+3+a.b', '    ~~~', "'a.b' is no number of steps"],
    [':x', '~', "What to select by stands before ':': write tag:, group:, state:, quality: or a name."],
    ['+:x', ' ~', 'What to select by'],
    ['tag:', '~~~~', "'tag:' needs the name of a tag right after it"],
    ['tag: x', '~~~~', "'tag:' needs the name of a tag right after it"],
    ['state:+', '~~~~~~', "'state:' needs the name of a state"],
    [
      'colour:<silver',
      '~~~~~~~~~~~~~~',
      "There is no 'colour:' to select by. There are tag, group, state, quality.",
    ],
    ['+tags:x', ' ~~~~~~', "There is no 'tags:' to select by. Did you mean 'tag'?"],
    ['state:stale+', '~~~~~~~~~~~~', "such as '+own.table,state:stale'"],
    ['a.b,2+state:stale', '    ~~~~~~~~~~~~~', "'+' goes from asset to asset"],
  ])("'%s'", ([text, squiggle, sentence]) => {
    const {diagnostics} = readSelector({path: 'selector', text});
    const printed = formatDiagnostics(diagnostics);
    expect(printed).toContain(sentence);
    expect(printed.split('\n').slice(1, 3)).toEqual([`  ${text}`, `  ${squiggle}`]);
    expect(diagnostics.map(({code}) => code)).toEqual(['bad-selector']);
  });
});

test('every mistake of a text is told, in its order, and the right terms are kept', () => {
  const {selector, diagnostics} = readSelector({
    path: 'selector',
    text: 'a.b,,+c.d state:x+,e.f tga:y g.h+i',
  });
  expect(diagnostics.map(({at}) => at.start)).toEqual([4, 10, 23, 33]);
  expect(selector.alternatives.map(({terms}) => terms.map(({atom}) => atom.value))).toEqual([
    ['a.b', 'c.d'],
    ['e.f'],
    [],
    [],
  ]);
});

const texts = fc.oneof(
  fc.string({unit: 'grapheme', maxLength: 40}),
  fc
    .array(
      fc.constantFrom(
        'a.b',
        '*',
        '?',
        '+',
        ',',
        ' ',
        ':',
        '2',
        'tag',
        'state',
        'stale',
        '@',
        '\t',
        '😀',
        '\ud800',
      ),
    )
    .map(parts => parts.join('')),
);

test('any text is read to its end, and every mistake lies within it', () => {
  fc.assert(
    fc.property(texts, text => {
      const {selector, diagnostics} = readSelector({path: 'selector', text});
      for (const {at} of diagnostics) {
        expect(at.start).toBeGreaterThanOrEqual(0);
        expect(at.end).toBeGreaterThan(at.start);
        expect(at.end).toBeLessThanOrEqual(text.length);
      }
      const terms = selector.alternatives.flatMap(each => each.terms);
      for (const {at} of terms) expect(text.slice(at.start, at.end)).not.toMatch(/[\s,]/);
      const words = text.split(/[\s,]+/).filter(word => word !== '').length;
      if (diagnostics.length === 0) expect(terms.length).toBe(words);
    }),
    {numRuns: 500},
  );
});

test('a term that is written out reads as the same term', () => {
  const steps = fc.constantFrom(0, 1, 12, Number.POSITIVE_INFINITY);
  const sign = (count: number, write: (digits: string) => string) =>
    count === 0 ? '' : write(count === Number.POSITIVE_INFINITY ? '' : String(count));
  const method = fc.constantFrom('name', 'tag', 'group');
  fc.assert(
    fc.property(method, fc.stringMatching(/^[a-z*?._@-]{1,8}$/), steps, steps, (method, value, up, down) => {
      const atom = method === 'name' ? value : `${method}:${value}`;
      const text = sign(up, n => `${n}+`) + atom + sign(down, n => `+${n}`);
      const {selector} = readSelector({path: 'selector', text});
      expect(selector.alternatives[0]?.terms).toMatchObject([{atom: {method, value}, up, down}]);
    }),
  );
});
