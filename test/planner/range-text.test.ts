import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {dateOf} from '../../planner/day.ts';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {matchesKey, parseAssetRange, parseRange} from '../../planner/range-text.ts';
import {pipeline} from './selector-pipeline.ts';

function keys(range: string, candidates: readonly string[]): readonly string[] {
  const {patterns, diagnostics} = parseRange(range);
  expect(formatDiagnostics(diagnostics)).toBe('');
  return candidates.filter(key => matchesKey(patterns ?? [], key));
}

const dates = ['2024-11-30', '2024-12-01', '2024-12-31', '2025-01-01', '2023-24', '2024-25', 'all'];

test.for<readonly [range: string, meant: readonly string[]]>([
  ['2024-12-01', ['2024-12-01']],
  ['2024-12-01..2024-12-31', ['2024-12-01', '2024-12-31']],
  ['2024-12-01 .. 2024-12-31', ['2024-12-01', '2024-12-31']],
  ['2024-12-*', ['2024-12-01', '2024-12-31']],
  ['2024-1?-?1', ['2024-12-01', '2024-12-31']],
  ['2024-11-30,2025-01-01', ['2024-11-30', '2025-01-01']],
  ['2024-11-30 , 2025-*', ['2024-11-30', '2025-01-01']],
  ['2023-24..2024-25', ['2023-24', '2024-25']],
  ['all', ['all']],
  ['2024-01-01..2024-12-05', ['2024-11-30', '2024-12-01']],
])('the range "%s" means %s', ([range, meant]) => {
  expect(keys(range, dates)).toEqual(meant);
});

describe('the range is refused at its place:', () => {
  test.for<readonly [range: string, squiggle: string, sentence: string]>([
    ['2024-02-30', '~~~~~~~~~~', "'2024-02-30' is no key: write a date"],
    ['2023-25', '~~~~~~~', "'2023-25' is no key"],
    ['2024-01-01,2024-1-5', '           ~~~~~~~~', "'2024-1-5' is no key"],
    ['2024-01-01, x', '            ~', "'x' is no key"],
    ['2024-12-31..2024-12-01', '~~~~~~~~~~~~~~~~~~~~~~', "write '2024-12-01..2024-12-31'"],
    ['2023-24..2024-12-01', '~~~~~~~~~~~~~~~~~~~', 'goes from a season to a date'],
    ['2024-01-01..2024-01-02..2024-01-03', '            ~~~~~~~~~~~~~~~~~~~~~~', 'is no key'],
    ['2024-01-01...2024-01-02', '            ~~~~~~~~~~~', "'.2024-01-02' is no key"],
    ['2024-01-01..', '            ~', 'A key is missing here'],
    ['..2024-01-01', '~', 'A key is missing here'],
    ['2024-01-01,', '           ~', 'A key is missing here'],
    ['2024-01-01,,2024-01-02', '           ~', 'A key is missing here'],
    ['2024-*..2024-12-01', '~~~~~~', "'2024-*' is a pattern and no end of a range"],
    ['games*', '~~~~~~', "'games*' can match no key"],
  ])("'%s'", ([range, squiggle, sentence]) => {
    const {patterns, diagnostics} = parseRange(range);
    expect(patterns).toBeUndefined();
    const printed = formatDiagnostics(diagnostics);
    expect(printed).toContain(sentence);
    expect(printed.split('\n').slice(1, 3)).toEqual([`  ${range}`, `  ${squiggle}`]);
    expect(diagnostics.map(({code}) => code)).toEqual(['bad-selector']);
  });
});

test('an empty range is refused although it has no line to show', () => {
  expect(formatDiagnostics(parseRange('').diagnostics)).toContain('A key is missing here');
});

test('both ends of a range are told where both are wrong', () => {
  expect(parseRange('x..y').diagnostics.map(({at}) => at.start)).toEqual([0, 3]);
});

test('an asset with a range is read as both', () => {
  const {asset, patterns} = parseAssetRange('raw.games@2024-12-*', pipeline);
  expect(asset).toBe('raw.games');
  expect(matchesKey(patterns ?? [], '2024-12-25')).toBe(true);
});

describe('an asset with a range is refused:', () => {
  test.for<readonly [text: string, codes: readonly string[], sentence: string]>([
    [
      'raw.gmaes@2024-13-01',
      ['0 unknown-selection', '10 bad-selector'],
      "No asset is named 'raw.gmaes'. Did you mean 'raw.games'?",
    ],
    ['raw.games', ['9 bad-selector'], "Say which keys: write 'raw.games@2024-01-15'"],
    ['', ['0 bad-selector', '0 bad-selector'], "write 'ASSET@2024-01-15'"],
    ['@all', ['0 bad-selector'], 'The name of an asset is missing before the keys'],
    ['raw.*@all', ['0 bad-selector'], "'raw.*' is a pattern, and only one asset can stand before '@'"],
    ['raw.games@', ['10 bad-selector'], 'A key is missing here'],
    ['raw.games@all@all', ['10 bad-selector'], "'all@all' is no key"],
  ])("'%s'", ([text, codes, sentence]) => {
    const {asset, patterns, diagnostics} = parseAssetRange(text, pipeline);
    expect({asset, patterns}).toEqual({asset: undefined, patterns: undefined});
    expect(diagnostics.map(({code, at}) => `${at.start} ${code}`)).toEqual(codes);
    expect(formatDiagnostics(diagnostics)).toContain(sentence);
  });
});

const days = fc.integer({min: 15_000, max: 22_000}).map(dateOf);

test('both ends of a range are meant, and all between', () => {
  fc.assert(
    fc.property(days, days, days, (a, b, key) => {
      const [from = '', to = ''] = [a, b].sort();
      expect(keys(`${from}..${to}`, [key, from, to]).includes(key)).toBe(from <= key && key <= to);
      expect(keys(`${from}..${to}`, [from, to])).toEqual([from, to]);
    }),
  );
});

test('a comma joins ranges', () => {
  fc.assert(
    fc.property(days, days, (a, b) => {
      const all = [a, b, '2023-24'];
      const either = new Set([...keys(a, all), ...keys(b, all)]);
      expect(new Set(keys(`${a},${b}`, all))).toEqual(either);
    }),
  );
});

test('any text is read or refused within itself, and never throws', () => {
  const parts = fc.constantFrom(
    '2024-01-15',
    '2023-24',
    'all',
    '..',
    '.',
    ',',
    ' ',
    '*',
    '?',
    '@',
    'raw.games',
    '-',
  );
  const texts = fc.oneof(
    fc.string({unit: 'grapheme', maxLength: 30}),
    fc.array(parts).map(all => all.join('')),
  );
  fc.assert(
    fc.property(texts, text => {
      for (const result of [parseRange(text), parseAssetRange(text, pipeline)]) {
        expect(result.patterns === undefined).toBe(result.diagnostics.length > 0);
        for (const {at} of result.diagnostics) expect(at.start).toBeLessThanOrEqual(text.length);
        formatDiagnostics(result.diagnostics);
      }
    }),
    {numRuns: 500},
  );
});
