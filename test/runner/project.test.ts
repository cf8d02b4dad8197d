import {spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Asset, AssetName, Pipeline, ProjectPath} from '../../planner/pipeline.ts';
import {loadModule} from '../../runner/load-module.ts';
import {readProject} from '../../runner/project.ts';
import {temporaryFolder} from './ledger-cases.ts';

const path = (text: string): ProjectPath => text as ProjectPath; // a test's own path

type Making = Asset['making'];

/** As much of a pipeline as reading its files looks at. */
function pipelineOf(makings: readonly Making[], checks: readonly string[] = []): Pipeline {
  const assets = makings.map((making, index) => [
    `raw.a${index}` as AssetName,
    {making, checks: checks.map(query => ({kind: 'sql', query}))},
  ]);
  const target = {warehouse: {engine: 'duckdb'}};
  return {assets: new Map(assets as []), target} as unknown as Pipeline; // the rest is not read
}

const sql = (query: string): Making => ({kind: 'sql', query: path(query)});
const rows = (module: string): Making => ({kind: 'rows', module: path(module)});
const files = (module: string): Making => ({kind: 'files', module: path(module), path: 'a/'});

function write(root: string, texts: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(root, name)), {recursive: true});
    writeFileSync(join(root, name), text);
  }
  return root;
}

const project = (texts: Readonly<Record<string, string>>): string => write(temporaryFolder(), texts);

/** The one module of a project, entered at `a.ts`. */
async function moduleOf(root: string, making: Making = rows('a.ts')) {
  const {sources, warnings} = await readProject({root, pipeline: pipelineOf([making])});
  expect(warnings).toEqual([]);
  const module = sources.modules.get(path('a.ts'));
  if (module === undefined) throw new Error('no module');
  return module;
}

const hashOf = async (texts: Readonly<Record<string, string>>): Promise<string> => {
  const {hash, errors} = await moduleOf(project(texts));
  expect(errors).toEqual([]);
  return hash;
};

describe('queries', () => {
  test('those of assets and checks are read with their facts, and absent ones are left out', async () => {
    const root = project({
      'assets/games.sql': 'SELECT game_id FROM games',
      'assets/wrong.sql': 'SELEC 1',
      'checks/sum.sql': 'SELECT * FROM new_rows',
      'other.sql': 'SELECT 1',
    });
    const makings = [sql('assets/games.sql'), sql('assets/wrong.sql'), sql('assets/none.sql'), sql('assets')];
    const {sources} = await readProject({root, pipeline: pipelineOf(makings, ['checks/sum.sql'])});
    expect([...sources.queries.keys()].sort()).toEqual([
      'assets/games.sql',
      'assets/wrong.sql',
      'checks/sum.sql',
    ]);
    const games = sources.queries.get(path('assets/games.sql'));
    expect(games?.text).toBe('SELECT game_id FROM games');
    expect(games?.facts).toMatchObject({tables: [{name: 'games'}], error: undefined});
    expect(sources.queries.get(path('assets/wrong.sql'))?.facts.error?.message).toContain('SELEC');
    expect(sources.functions.has('safe_divide')).toBe(true);
  });
});

describe('the cache', () => {
  const texts = {
    'a.sql': 'SELECT 1 AS one FROM games',
    'wrong.sql': 'SELEC',
    'a.ts': 'export const rows = () => [];',
  };
  const makings = [sql('a.sql'), sql('wrong.sql'), rows('a.ts')];
  const read = (root: string) => readProject({root, pipeline: pipelineOf(makings)});

  test('what is cached is what was read', async () => {
    const root = project(texts);
    const first = await read(root);
    const caches = () =>
      readdirSync(join(root, '.gameplan/cache'))
        .sort()
        .map(name => [name, readFileSync(join(root, '.gameplan/cache', name), 'utf8')]);
    const written = caches();
    expect(written.map(([name]) => name)).toEqual(['modules.json', 'queries.json']);
    expect(await read(root)).toEqual(first);
    expect(caches()).toEqual(written);
  });

  test('a process that finds everything cached loads neither DuckDB nor a parser', async () => {
    const root = project(texts);
    const script = `
      import {registerHooks} from 'node:module';
      const loaded = [];
      registerHooks({load: (url, context, next) => (loaded.push(url), next(url, context))});
      const {readProject} = await import(${JSON.stringify(new URL('../../runner/project.ts', import.meta.url).href)});
      const assets = new Map(${JSON.stringify(makings.map((making, i) => [i, {making, checks: []}]))});
      const target = {warehouse: {engine: 'duckdb'}};
      await readProject({root: ${JSON.stringify(root)}, pipeline: {assets, target}});
      console.log(loaded.filter(url => /(duckdb.*|acorn.*)[.]m?js$/.test(url)).length);`;
    const run = () => spawnSync(process.execPath, ['--input-type=module', '-e', script], {encoding: 'utf8'});
    const first = run();
    expect(Number(first.stdout)).toBeGreaterThan(0);
    expect(first.stderr).toBe('');
    expect(run().stdout.trim()).toBe('0');
  });

  test.each(['', 'no cache\n[]', '[]', '1 duckdb x'])('one that holds %j is rebuilt', async wrong => {
    const root = project(texts);
    const first = await read(root);
    for (const name of ['modules.json', 'queries.json'])
      writeFileSync(join(root, '.gameplan/cache', name), wrong);
    expect(await read(root)).toEqual(first);
    expect(readFileSync(join(root, '.gameplan/cache/queries.json'), 'utf8')).toContain('"one"');
  });

  test('one whose entries were changed by hand is rebuilt', async () => {
    const root = project(texts);
    const first = await read(root);
    const file = join(root, '.gameplan/cache/queries.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"games"', '"gamez"'));
    expect(await read(root)).toEqual(first);
  });

  test('where it cannot be written the project is read all the same, with a warning', async () => {
    const root = project({...texts, '.gameplan': 'a file'});
    const {sources, warnings} = await read(root);
    expect(sources.queries.size).toBe(2);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('queries.json');
  });
});

describe('a module', () => {
  const entry = `import {parse} from './lib/parse.ts';\nexport const rows = async () => parse('a');\n`;
  const lib = `export function parse(text: string): string[] {\n  return [text];\n}\n`;
  const base = {'a.ts': entry, 'lib/parse.ts': lib};

  test('has one hash, wherever its project lies', async () => {
    const hash = await hashOf(base);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await hashOf(base)).toBe(hash);
  });

  test.each([
    ['a comment', {'a.ts': `// how it is parsed\n${entry}/* end */`}],
    ['layout', {'lib/parse.ts': 'export function parse(text:string):string[]{\n\n\treturn [ text, ];}'}],
    ['quotes and semicolons', {'a.ts': entry.replaceAll("'", '"').replaceAll(';', '')}],
    [
      'types',
      {'lib/parse.ts': 'interface Unused {a: 1}\nexport function parse(text: unknown) {return [text]}'},
    ],
    ['an import of types alone', {'a.ts': `import type {T} from './none.ts';\n${entry}`}],
    ['a file that nothing imports', {'lib/other.ts': 'export const other = 1;'}],
  ])('keeps its hash for %s', async (_, change) => {
    expect(await hashOf({...base, ...change})).toBe(await hashOf(base));
  });

  test.each([
    ['its own code', {'a.ts': entry.replace("'a'", "'b'")}],
    ['code that it imports', {'lib/parse.ts': lib.replace('[text]', '[text, text]')}],
    ['a line break that ends a statement', {'lib/parse.ts': lib.replace('return [text]', 'return\n[text]')}],
    ['a regular expression', {'lib/parse.ts': `${lib}export const pattern = /a/g;`}],
    ['another regular expression', {'lib/parse.ts': `${lib}export const pattern = /a/i;`}],
    ['a large integer', {'lib/parse.ts': `${lib}export const large = 9007199254740993n;`}],
    ['another large integer', {'lib/parse.ts': `${lib}export const large = 9007199254740992n;`}],
    ['text of a template', {'lib/parse.ts': `${lib}export const text = \`a\`;`}],
    ['other text of a template', {'lib/parse.ts': `${lib}export const text = \`b\`;`}],
  ])('gets its own hash for %s', async (_, change) => {
    const others = [base, {...base, 'lib/parse.ts': `${lib}export const pattern = /b/g;`}];
    const hash = await hashOf({...base, ...change});
    for (const other of others) expect(hash).not.toBe(await hashOf(other));
  });

  test('hashes differ between all small changes', async () => {
    const changes = ['/a/g', '/a/i', '1n', '2n', '`a`', '`b`', "'a'", '1', '2', '1e999', '-1'];
    const hashes = await Promise.all(
      changes.map(each => hashOf({...base, 'lib/parse.ts': `${lib}export const x = ${each};`})),
    );
    expect(new Set(hashes).size).toBe(changes.length);
  });

  test.each([
    ['a re-export', `export {parse} from './deep.ts';`],
    ['a star export', `export * from './deep.ts';`],
    ['a dynamic import', `export const parse = async () => (await import('./deep.ts')).parse();`],
    ['an import for its effects', `import './deep.ts';\nexport const parse = () => [];`],
    ['JSON', `import value from './deep.json' with {type: 'json'};\nexport const parse = () => [value];`],
  ])('counts what it reaches through %s', async (_, text) => {
    const of = (deep: string) =>
      hashOf({
        ...base,
        'lib/parse.ts': text,
        'lib/deep.ts': `export const parse = () => [${deep}];`,
        'lib/deep.json': deep,
      });
    expect(await of('1')).toBe(await of('1'));
    expect(await of('1')).not.toBe(await of('2'));
  });

  test('imports that go in a circle are followed once', async () => {
    const circle = {
      'a.ts': `${entry}export const own = 1;`,
      'lib/parse.ts': `import {own} from '../a.ts';\n${lib}${'void own;'}`,
    };
    expect(await hashOf(circle)).not.toBe(await hashOf(base));
  });

  test('packages count with the version that is locked, else installed', async () => {
    const text = `import {groupBy} from 'lodash/fp';\nimport x from '@scope/x/deep';\n${entry}groupBy(x);`;
    const lock = (version: string) =>
      JSON.stringify({
        packages: {'node_modules/lodash': {version}, 'node_modules/@scope/x': {version: '1.0.0'}},
      });
    const of = (locked: string) => hashOf({...base, 'a.ts': text, 'package-lock.json': locked});
    expect(await of(lock('4.0.0'))).toBe(await of(lock('4.0.0')));
    expect(await of(lock('4.0.0'))).not.toBe(await of(lock('4.0.1')));
    const installed = (version: string) => ({
      ...base,
      'a.ts': text,
      'node_modules/lodash/package.json': JSON.stringify({version}),
      'node_modules/@scope/x/package.json': '{"version": "1.0.0"}',
    });
    expect(await hashOf(installed('4.0.0'))).toBe(await of(lock('4.0.0')));
    expect(await hashOf(installed('4.0.1'))).not.toBe(await of(lock('4.0.0')));
  });

  test("neither gameplan nor Node's own modules count as packages", async () => {
    const text = `import {z} from 'gameplan';\nimport {join} from 'node:path';\nimport fs from 'fs';\n${entry}`;
    await hashOf({...base, 'a.ts': `${text}join(z, fs);`});
  });

  test('one that does not exist is left out', async () => {
    const {sources} = await readProject({root: project({}), pipeline: pipelineOf([rows('a.ts')])});
    expect(sources.modules.size).toBe(0);
  });
});

describe('mistakes in modules are told with their place', () => {
  const good = 'export const rows = () => [];\n';

  async function errorsOf(texts: Readonly<Record<string, string>>, making?: Making) {
    const {errors} = await moduleOf(project(texts), making);
    return errors.map(({path: file, text, offset, code, message}) => [
      `${file}:${text.slice(offset, offset + 8)} [${code}]`,
      message,
    ]);
  }

  test('a wrong type annotation', async () => {
    const [error] = await errorsOf({'a.ts': `const ü = 1;\n\n  const b: = 2;\n${good}`});
    expect(error?.[0]).toBe('a.ts:= 2;\nexp [module-syntax]');
  });

  test('TypeScript that Node cannot run', async () => {
    expect(await errorsOf({'a.ts': `${good}let a = 1; enum Team {BOS}`})).toEqual([
      ['a.ts:enum Tea [module-syntax]', 'TypeScript enum is not supported in strip-only mode'],
    ]);
  });

  test('a wrong statement of JavaScript, in an imported file', async () => {
    expect(await errorsOf({'a.ts': `import './b.js';\n${good}`, 'b.js': 'let a = 1;\nlet a = 2;\n'})).toEqual(
      [['b.js:a = 2;\n [module-syntax]', "Identifier 'a' has already been declared"]],
    );
  });

  test('imports that lead nowhere, out of the project, or cannot be followed', async () => {
    const text = [
      `import a from './gone.ts';`,
      `import b from './near';`,
      `import c from '../../outside.ts';`,
      `import d from '/etc/passwd';`,
      `import e from 'no-such-package-at-all/x';`,
      `import f from 'https://example.com/x.js';`,
      `import('./' + a);`,
      good,
    ].join('\n');
    expect(await errorsOf({'a.ts': text, 'near.ts': ''})).toEqual([
      [
        "a.ts:'./' + a [bad-module]",
        'An import that is computed cannot be followed. Write its path as a plain string.',
      ],
      ["a.ts:'./gone. [missing-import]", "No file 'gone.ts'. Check the path of the import."],
      ["a.ts:'./near' [missing-import]", "No file 'near'. Did you mean './near.ts'?"],
      ["a.ts:'../../o [bad-module]", "'../../outside.ts' leads out of the project. Move that file into it."],
      ["a.ts:'/etc/pa [bad-module]", expect.stringContaining("'/etc/passwd' is no relative path")],
      [
        "a.ts:'no-such [missing-import]",
        "No package 'no-such-package-at-all' is installed. Run 'npm install no-such-package-at-all'.",
      ],
      [
        "a.ts:'https:/ [bad-module]",
        expect.stringContaining("'https://example.com/x.js' is no relative path"),
      ],
    ]);
  });

  test('a mistake in a file that two modules import is told once', async () => {
    const root = project({
      'a.ts': `import './c.ts';\n${good}`,
      'b.ts': `import './c.ts';\n${good}`,
      'c.ts': 'let = 1',
    });
    const {sources} = await readProject({root, pipeline: pipelineOf([rows('a.ts'), rows('b.ts')])});
    expect([...sources.modules.values()].flatMap(({errors}) => errors)).toHaveLength(1);
  });

  test('a missing export', async () => {
    expect(await errorsOf({'a.ts': 'export const row = 1;'})).toEqual([
      [
        'a.ts:export c [missing-export]',
        "'a.ts' does not export 'rows'. Write 'export const rows: Rows = async ({partition, inputs}) => […]'.",
      ],
    ]);
    expect((await errorsOf({'a.ts': good}, files('a.ts')))[0]?.[1]).toContain("It exports 'rows'");
    expect(await errorsOf({'a.ts': 'export type rows = 1;'})).toHaveLength(1);
  });

  test.each([
    'export async function* rows() {}',
    'const all = () => [];\nexport {all as rows};',
    `export * from './b.ts';`,
    `export {rows} from './b.ts';`,
  ])('no export is missing in %j', async text => {
    expect(await errorsOf({'a.ts': text, 'b.ts': good})).toEqual([]);
  });

  test('a file that may not be read is an error with its path', async ({skip}) => {
    skip(process.getuid?.() === 0, 'the superuser may read every file');
    const root = project({'a.ts': good});
    chmodSync(join(root, 'a.ts'), 0);
    await expect(moduleOf(root)).rejects.toThrow('a.ts');
  });
});

describe('loading a module', () => {
  test("gives the asset's own function", async () => {
    const root = project({'a.ts': `export const rows = async (n: {a: number}) => [{twice: n.a * 2}];`});
    const makeRows = await loadModule(root, path('a.ts'), 'rows');
    expect(await Reflect.apply(makeRows, undefined, [{a: 2}])).toEqual([{twice: 4}]);
  });

  test.each([
    ['export const row = 1;', `'a.ts' does not export a function 'rows'.`],
    ['export const rows = 1;', `'a.ts' does not export a function 'rows'.`],
    [`throw new Error('at once');`, `'a.ts' cannot be loaded: at once`],
    [`import './none.ts';`, `'a.ts' cannot be loaded: `],
  ])('%j is an error that names the module', async (text, message) => {
    await expect(loadModule(project({'a.ts': text}), path('a.ts'), 'rows')).rejects.toThrow(message);
  });

  test("an asset's 'gameplan' is the module that runs it, also outside of any installation", () => {
    const root = project({
      'a.ts': `import {SiteError, z} from 'gameplan';\nexport const rows = () => [z.string().parse('x'), new SiteError('gone', {url: 'u'})];`,
    });
    const here = (file: string) => JSON.stringify(new URL(`../../runner/${file}`, import.meta.url).href);
    const script = `
      const {loadModule} = await import(${here('load-module.ts')});
      const {SiteError} = await import(${here('asset.ts')});
      const rows = await loadModule(${JSON.stringify(root)}, 'a.ts', 'rows');
      const [text, error] = rows();
      console.log(text, error instanceof SiteError);`;
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {encoding: 'utf8'});
    expect([run.stdout.trim(), run.stderr]).toEqual(['x true', '']);
  });
});
