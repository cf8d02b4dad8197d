/**
 * Manifests that nobody should write: each is an answer or a diagnostic within its time, and one that a person can read.
 * The times are generous: what they keep out grows with the square, or without end.
 */
import {describe, expect, test} from 'vitest';
import {formatDiagnostics, type SourceFile} from '../../planner/diagnostic.ts';
import {parseManifest} from '../../planner/manifest.ts';
import type {ProjectPath} from '../../planner/pipeline.ts';
import {judgeSources} from '../../planner/query.ts';
import type {QueryFacts} from '../../planner/sources.ts';

const many = (count: number, text: (index: number) => string): string =>
  Array.from({length: count}, (_, index) => text(index)).join('');
const asset = (index: number, rest = '', sql = 'a.sql') =>
  `  t.a${index}: {sql: ${sql}, partition_by: all, ${rest}columns: {n: int64}, key: [n]}\n`;

function read(text: string, files: Readonly<Record<string, string>> = {}) {
  const find = (path: string): SourceFile | undefined =>
    files[path] === undefined ? undefined : {path, text: files[path]};
  const file = {path: 'pipeline.yaml', text};
  const result = parseManifest({file, target: undefined, env: {}, knownGaps: find, calendarFile: find});
  return {...result, printed: formatDiagnostics(result.diagnostics)};
}

const codesOf = ({diagnostics}: ReturnType<typeof read>) => [...new Set(diagnostics.map(({code}) => code))];

describe('many of them', () => {
  test('100,000 assets with descriptions are refused for their size', () => {
    const assets = many(100_000, i => asset(i, `description: '${'x'.repeat(100)}', `));
    expect(codesOf(read(`name: x\nassets:\n${assets}`))).toEqual(['too-large']);
  }, 30_000);

  test('20,000 assets in one chain are read', () => {
    const assets = many(20_000, i => asset(i, i === 0 ? '' : `upstream: {b: t.a${i - 1}}, `));
    expect(read(`name: x\nassets:\n${assets}`).pipeline?.assets.size).toBe(20_000);
  }, 60_000);

  test('20,000 assets that all read what is not there are told, a few hundred in print', () => {
    const result = read(`name: x\nassets:\n${many(20_000, i => asset(i, `upstream: {b: t.b${i}}, `))}`);
    expect(result.diagnostics).toHaveLength(20_000);
    expect(result.printed.length).toBeLessThan(200_000);
    expect(result.printed).toContain("Did you mean 't.a0'?");
    expect(result.printed.endsWith('\n19,500 more are not shown: mend these first.\n')).toBe(true);
  }, 60_000);

  test('20,000 edges of one asset are read and judged', () => {
    const edges = many(20_000, i => `e${i}: t.a${i}, `);
    const last = `  t.b: {sql: b.sql, partition_by: all, upstream: {${edges}}, columns: {n: int64}, key: [n]}\n`;
    const {pipeline} = read(`name: x\nassets:\n${many(20_000, i => asset(i))}${last}`);
    if (pipeline === undefined) throw new Error('It is wrong.');
    const names = ['none', ...Array.from({length: 20_000}, (_, i) => `e${i}`)];
    const judged = judgeSources(pipeline, {
      queries: new Map(
        ['a.sql', 'b.sql'].map(name => {
          const path = name as ProjectPath; // as the manifest has it
          return [path, {path, text: 'SELECT', facts: reading(name === 'b.sql' ? names : [])}];
        }),
      ),
      modules: new Map(),
      functions: new Map(),
    });
    expect(judged.map(({code}) => code)).toEqual(['unknown-relation']);
  }, 60_000);

  test('20,000 columns with a key, checks and a name that is wrong are read', () => {
    const names = many(20_000, i => `c${i}, `);
    const columns = many(20_000, i => `c${i}: int64, `);
    const wide = `  t.a: {sql: a.sql, partition_by: all, columns: {${columns}}, key: [${names}], checks: [{not_null: [${names} d]}]}\n`;
    expect(codesOf(read(`name: x\nassets:\n${wide}`))).toEqual(['unknown-column']);
  }, 60_000);

  test('8,000 keys that stand twice are told', () => {
    const result = read(`name: x\nassets:\n${many(8_000, i => asset(i % 10))}`);
    expect(codesOf(result)).toEqual(['duplicate-key']);
    expect(result.printed.length).toBeLessThan(500_000);
  }, 60_000);
});

function reading(tables: readonly string[]): QueryFacts {
  return {
    tables: tables.map(name => ({name, start: 0, end: 6, qualified: false})),
    functions: [],
    tableFunctions: [],
    unorderedLimits: [],
    columns: undefined,
    error: undefined,
  };
}

describe('cycles', () => {
  test('one of 5,000 assets is told by its ends', () => {
    const assets = many(5_000, i => asset(i, `upstream: {b: t.a${(i + 4_999) % 5_000}}, `));
    const {diagnostics, printed} = read(`name: x\nassets:\n${assets}`);
    expect(diagnostics.map(({code}) => code)).toEqual(['cycle']);
    expect(diagnostics[0]?.related.map(({message}) => message).slice(8, 13)).toEqual([
      "'t.a4992' needs 't.a4991'",
      "'t.a4991' needs 't.a4990'",
      '4,980 hops between are left out, of which this is the first',
      "'t.a10' needs 't.a9'",
      "'t.a9' needs 't.a8'",
    ]);
    expect(diagnostics[0]?.related.at(-1)?.message).toBe("'t.a1' needs 't.a0'");
    expect(printed.length).toBeLessThan(6_000);
  }, 60_000);

  test('a knot of 3,000 assets is told as a few short ones', () => {
    const assets = many(3_000, i =>
      asset(i, `upstream: {b: t.a${(i + 2_999) % 3_000}, c: t.a${(i + 1) % 3_000}}, `),
    );
    const {diagnostics, printed} = read(`name: x\nassets:\n${assets}`);
    expect(diagnostics.length).toBeLessThanOrEqual(20);
    expect(printed.length).toBeLessThan(30_000);
  }, 60_000);
});

describe('dates', () => {
  const listed = (dates: string) =>
    `name: x\ncalendars: {d: {dates: ${dates}}}\nassets: {t.a: {sql: a.sql, columns: {game_date: date}, key: [game_date]}}\n`;

  test('a CSV file of a million dates is refused for its size', () => {
    const days = `date,season\n${many(1_000_000, () => '2024-01-15,2023-24\n')}`;
    const result = read(listed('days.csv'), {'days.csv': days});
    expect(result.printed).toBe(
      "days.csv:1:1 error [too-large] 'days.csv' is larger than 16 MiB: split it.\n  date,season\n  ~\n",
    );
  }, 30_000);

  test.each([
    ['the same again and again', '2024-01-15,2023-24\n', 'duplicate-key'],
    ['no dates', 'yesterday,2023-24\n', 'bad-date'],
  ])(
    'of a list of 500,000 that are %s the first hundred are told',
    (_, line, code) => {
      const result = read(listed('days.csv'), {'days.csv': `date,season\n${many(500_000, () => line)}`});
      expect(codesOf(result)).toEqual([code]);
      expect(result.diagnostics).toHaveLength(100);
    },
    30_000,
  );

  test.each(['-9999-01-01', '27379-01-01', '2024-02-30'])('%s is no end of a range', end => {
    expect(codesOf(read(`name: x\nend: '${end}'\nassets:\n${asset(0)}`))).toEqual(['bad-date']);
  });

  test('a range of ten thousand years is read', () => {
    const range = 'start: 0001-01-01\nend: 9999-12-31\n';
    expect(read(`name: x\n${range}assets:\n${asset(0)}`).pipeline?.end).toBe('9999-12-31');
  });

  test.each(['-3 days', '0 days', '99999999 dates', '1e9 games per team'])('%s is no window', window => {
    const manifest = listed('days.csv').replace(
      'key: [',
      `upstream: {a: {asset: t.a, window: ${window}}}, key: [`,
    );
    const result = read(manifest, {'days.csv': 'date,season\n2024-01-15,2023-24\n'});
    expect(codesOf(result)).toEqual(['bad-window']);
  });
});

describe('texts', () => {
  test('a name of 10,000 letters is a mistake with an end', () => {
    const long = 'a'.repeat(10_000);
    for (const text of [`  t.${long}: {}\n`, asset(0, `upstream: {b: t.${long}}, `)]) {
      const {pipeline, printed} = read(`name: x\nassets:\n${text}`);
      expect(pipeline).toBeUndefined();
      expect(printed.length).toBeLessThan(12_000);
    }
  });

  test.for<readonly [string, string]>([
    ['open brackets', '['.repeat(200_000)],
    ['closed brackets', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['mappings', `${'{a: '.repeat(20_000)}1${'}'.repeat(20_000)}`],
    ['steps', many(3_000, i => `\n${' '.repeat(i)}a:`)],
  ])('%s that are nested too deeply are told as that', {timeout: 30_000}, ([, text]) => {
    expect(codesOf(read(`name: x\nassets: ${text}\n`))).toEqual(['too-deep']);
  });

  test.for([
    ['an integer of 100,000 digits', `defaults: {retries: ${'9'.repeat(100_000)}}`],
    ['an infinite one', 'defaults: {retries: 1e999}'],
    ['a text of five million letters', `owner: ${'x'.repeat(5_000_000)}`],
    ['a mapping in itself', 'defaults: &a {retries: *a}'],
    ['a tag of code', 'defaults: !!js/function "function(){}"'],
    ['prototypes', '__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}'],
    [
      'a date in the year 999999999',
      'calendars: {d: {dates: [{date: 999999999-01-01, season: x}], timezone: UTC}}',
    ],
  ])('%s is a mistake that can be read', ([, text]) => {
    const {pipeline, printed} = read(`name: x\n${text}\nassets:\n${asset(0)}`);
    expect(pipeline).toBeUndefined();
    expect(printed.length).toBeLessThan(5_000);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test('a bomb of aliases is refused, also where the rest of the file is plain', () => {
    const bomb = many(9, i => `    k${i}: &k${i} [${many(10, () => (i === 0 ? 'x, ' : `*k${i - 1}, `))}]\n`);
    expect(codesOf(read(`name: x\nassets:\n${asset(0)}  t.bomb:\n${bomb}`))).toContain('alias');
  }, 30_000);
});
