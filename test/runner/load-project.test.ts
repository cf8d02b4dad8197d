import {spawnSync} from 'node:child_process';
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {loadProject} from '../../runner/load-project.ts';
import {temporaryFolder} from './ledger-cases.ts';

const MANIFEST = `name: toy
calendars:
  days: {dates: days.csv}
targets:
  local: {end: '\${LAST_DAY:-2024-01-31}', sites: {league: {url: 'https://example.com'}}}
  other: {end: 2024-02-29}
sites:
  league: {url: 'https://example.org', headers: {x-league: 'from \${LEAGUE_KEY:-none}'}}
assets:
  landing.answers: {files: assets/answers.ts, site: league}
  stats.totals:
    sql: assets/totals.sql
    columns: {game_date: date, n: int64}
    key: [game_date]
    checks: [{sql: assets/check.sql}]
`;

const FILES = {
  'pipeline.yaml': MANIFEST,
  'days.csv': 'date,season\n2024-01-15,2023-24\n',
  'known-gaps.yaml': '[]\n',
  'assets/answers.ts': "import {name} from './lib/name.ts';\nexport const files = async () => name;\n",
  'assets/lib/name.ts': "import data from './data.json' with {type: 'json'};\nexport const name = data;\n",
  'assets/lib/data.json': '{"a": 1}',
  'assets/totals.sql': 'SELECT game_date, 1 AS n FROM partitions\n',
  'assets/check.sql': 'SELECT game_date FROM new_rows WHERE n < 0\n',
};

interface Asked {
  readonly env?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly build?: string | undefined;
  readonly bind?: boolean;
}

class Toy {
  readonly root = temporaryFolder();
  readonly cache = join(this.root, '.gameplan/cache');

  constructor() {
    for (const [path, text] of Object.entries(FILES)) this.write(path, text);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), {recursive: true});
    writeFileSync(join(this.root, path), text);
  }

  remove(path: string): void {
    rmSync(join(this.root, path));
  }

  async load({env = {}, target, bind = false, ...rest}: Asked = {}) {
    const build = 'build' in rest ? rest.build : 'test';
    const find = (path: string) => {
      try {
        return {path, text: readFileSync(join(this.root, path), 'utf8')};
      } catch {
        return undefined;
      }
    };
    const file = find('pipeline.yaml');
    if (file === undefined) throw new Error('There is no manifest.');
    return await loadProject({root: this.root, file, target, env, findFile: find, build, bind});
  }

  /** What is loaded with the cache, once it was held against what is loaded without. */
  async loadTwice(asked: Asked = {}) {
    const kept = await this.load(asked);
    const fresh = await this.load({...asked, build: undefined});
    expect(plain(kept)).toEqual(plain(fresh));
    return kept;
  }

  kept(): readonly string[] {
    return readdirSync(this.cache).filter(name => name.startsWith('pipeline-'));
  }
}

/** Without what only judging needs. */
function plain({project, ...rest}: Awaited<ReturnType<Toy['load']>>) {
  if (project === undefined) return rest;
  const {pipeline, sources} = project;
  const queries = [...sources.queries.values()].map(({path, text}) => [path, text]);
  return {...rest, pipeline, queries, modules: sources.modules};
}

const hash = async (toy: Toy) =>
  [...((await toy.loadTwice()).project?.sources.modules.values() ?? [])].map(module => module.hash);

describe('what is loaded from the cache is what is loaded without it', () => {
  test('unchanged', async () => {
    const toy = new Toy();
    const first = await toy.loadTwice();
    expect(first.diagnostics).toEqual([]);
    expect(first.project?.pipeline.assets.size).toBe(2);
    expect(plain(await toy.loadTwice())).toEqual(plain(first));
    expect(toy.kept()).toHaveLength(1);
  });

  test('when the manifest changes, also back to what it was', async () => {
    const toy = new Toy();
    await toy.loadTwice();
    toy.write('pipeline.yaml', MANIFEST.replace('n: int64', 'n: float64'));
    const changed = await toy.loadTwice();
    expect([...(changed.project?.pipeline.assets.values() ?? [])][1]?.columns[1]?.type).toBe('float64');
    toy.write('pipeline.yaml', `# a line before\n${MANIFEST}`);
    const [moved] = (await toy.loadTwice()).project?.pipeline.assets.values() ?? [];
    expect(moved?.at.start).toBe(`# a line before\n${MANIFEST}`.indexOf('landing.answers'));
    toy.write('pipeline.yaml', MANIFEST);
    await toy.loadTwice();
  });

  test('when a mistake comes and goes it is told each time, in its place', async () => {
    const toy = new Toy();
    await toy.load();
    toy.write('pipeline.yaml', MANIFEST.replace('key: [game_date]', 'key: [game_dat]'));
    for (let time = 0; time < 2; time++) {
      expect((await toy.loadTwice()).diagnostics.map(({code}) => code)).toEqual(['unknown-column']);
    }
    toy.write('pipeline.yaml', MANIFEST);
    expect((await toy.loadTwice()).diagnostics).toEqual([]);
  });

  test('when a query changes, is wrong, or is gone', async () => {
    const toy = new Toy();
    await toy.load();
    toy.write('assets/totals.sql', 'SELECT game_date, 2 AS n FROM partitions\n');
    const texts = [...((await toy.loadTwice()).project?.sources.queries.values() ?? [])].map(
      ({text}) => text,
    );
    expect(texts[0]).toContain('2 AS n');
    toy.write('assets/totals.sql', 'SELECT game_date, 2 AS m FROM partitions\n');
    for (let time = 0; time < 2; time++) {
      expect((await toy.loadTwice()).diagnostics.map(({code}) => code)).toEqual([
        'column-mismatch',
        'column-mismatch',
      ]);
    }
    toy.write('assets/totals.sql', FILES['assets/totals.sql']);
    toy.write('assets/check.sql', 'SELECT game_date FROM elsewhere\n');
    expect((await toy.loadTwice()).diagnostics.map(({code}) => code)).toEqual(['unknown-relation']);
    toy.remove('assets/check.sql');
    expect((await toy.loadTwice()).diagnostics.map(({code}) => code)).toEqual(['missing-file']);
    toy.write('assets/check.sql', FILES['assets/check.sql']);
    expect((await toy.loadTwice()).diagnostics).toEqual([]);
  });

  test('when a module, what it imports, or what that imports changes', async () => {
    const toy = new Toy();
    const seen = new Set(await hash(toy));
    toy.write('assets/answers.ts', FILES['assets/answers.ts'].replace('=> name', '=> [name]'));
    for (const each of await hash(toy)) seen.add(each);
    toy.write('assets/lib/name.ts', FILES['assets/lib/name.ts'].replace('= data', '= [data]'));
    for (const each of await hash(toy)) seen.add(each);
    toy.write('assets/lib/data.json', '{"a": 2}');
    for (const each of await hash(toy)) seen.add(each);
    expect(seen.size).toBe(4);
    toy.write('assets/lib/name.ts', 'export const other = 1;\n');
    toy.write('assets/answers.ts', 'export const rows = 1;\n');
    expect((await toy.loadTwice()).diagnostics.map(({code}) => code)).toEqual(['missing-export']);
    toy.write('assets/answers.ts', FILES['assets/answers.ts']);
    toy.remove('assets/lib/name.ts');
    for (let time = 0; time < 2; time++) {
      expect((await toy.loadTwice()).diagnostics.map(({code}) => code)).toEqual(['missing-import']);
    }
  });

  test('when the known gaps or the calendar file change, come or go', async () => {
    const toy = new Toy();
    await toy.load();
    const gap =
      "- {asset: stats.totals, keys: ['2024-01-15'], reason: lost, accepted_by: me, accepted_on: 2024-02-01}\n";
    toy.write('known-gaps.yaml', gap);
    expect((await toy.loadTwice()).project?.pipeline.knownGaps).toHaveLength(1);
    expect((await toy.loadTwice()).project?.pipeline.knownGaps[0]?.at.file.text).toBe(gap);
    toy.remove('known-gaps.yaml');
    expect((await toy.loadTwice()).project?.pipeline.knownGaps).toEqual([]);
    toy.write('known-gaps.yaml', gap);
    expect((await toy.loadTwice()).project?.pipeline.knownGaps).toHaveLength(1);
    toy.write('days.csv', 'date,season\n2024-01-15,2023-24\n2024-01-16,2023-24\n');
    const source = [...((await toy.loadTwice()).project?.pipeline.calendars.values() ?? [])][0]?.source;
    expect(source?.kind === 'list' && source.entries.length).toBe(2);
    toy.remove('days.csv');
    expect((await toy.loadTwice()).diagnostics.map(({code}) => code)).toEqual(['missing-file']);
  });

  test('when a variable changes, is set or unset', async () => {
    const toy = new Toy();
    const end = async (env: Readonly<Record<string, string>>) =>
      (await toy.loadTwice({env})).project?.pipeline.end;
    const key = async (env: Readonly<Record<string, string>>) =>
      (await toy.loadTwice({env})).project?.pipeline.sites.get('league')?.headers['x-league'];
    expect(await end({})).toBe('2024-01-31');
    expect(await end({LAST_DAY: '2024-01-20'})).toBe('2024-01-20');
    expect(await end({LAST_DAY: '2024-01-21', ELSE: '1'})).toBe('2024-01-21');
    expect(await end({LAST_DAY: ''})).toBe('2024-01-31');
    expect(await key({LEAGUE_KEY: 'a'})).toBe('from a');
    expect(await key({LEAGUE_KEY: 'b'})).toBe('from b');
    expect(await key({})).toBe('from none');
  });

  test('when the target is another', async () => {
    const toy = new Toy();
    for (let time = 0; time < 2; time++) {
      expect((await toy.loadTwice()).project?.pipeline.end).toBe('2024-01-31');
      expect((await toy.loadTwice({target: 'other'})).project?.pipeline.end).toBe('2024-02-29');
      expect((await toy.loadTwice({target: 'othr'})).diagnostics.map(({code}) => code)).toEqual([
        'unknown-target',
      ]);
    }
    expect(toy.kept()).toHaveLength(2);
  });
});

describe('statements that are bound', () => {
  test('are told where they can never run, each once, and again by the next command', async () => {
    const toy = new Toy();
    toy.write('assets/check.sql', 'SELECT game_date\nFROM new_rows WHERE nn < 0\n');
    expect((await toy.loadTwice()).diagnostics).toEqual([]);
    for (let time = 0; time < 2; time++) {
      const {project, diagnostics} = await toy.loadTwice({bind: true});
      expect(project).toBeUndefined();
      expect(diagnostics.map(({code, at}) => `${at.file.path}:${at.start} ${code}`)).toEqual([
        'assets/check.sql:37 unknown-column',
      ]);
    }
    toy.write('assets/check.sql', FILES['assets/check.sql']);
    expect((await toy.loadTwice({bind: true})).diagnostics).toEqual([]);
  });

  test('are bound once for each text and what it reads', async () => {
    const toy = new Toy();
    const bindings = () => readFileSync(join(toy.cache, 'bindings.json'), 'utf8');
    await toy.load({bind: true});
    const first = bindings();
    toy.write('assets/answers.ts', 'export const files = async () => 2;\n');
    toy.write(
      'pipeline.yaml',
      MANIFEST.replace('[{sql: assets/check.sql}]', '[{sql: assets/check.sql, name: other}]'),
    );
    await toy.load({bind: true});
    expect(bindings()).toBe(first);
    toy.write('pipeline.yaml', MANIFEST.replace('n: int64', 'n: string'));
    await toy.load({bind: true});
    expect(bindings()).not.toBe(first);
  });
});

test('no secret of the environment is kept', async () => {
  const toy = new Toy();
  await toy.load({env: {LEAGUE_KEY: 'sesame-1234', LAST_DAY: '2024-01-19'}});
  for (const name of readdirSync(toy.cache)) {
    expect(readFileSync(join(toy.cache, name), 'utf8')).not.toMatch(/sesame|2024-01-19/);
  }
});

test('what another build of the program kept is not taken', async () => {
  const toy = new Toy();
  await toy.load();
  const [name = ''] = toy.kept();
  const before = readFileSync(join(toy.cache, name), 'utf8');
  await toy.load({build: 'another'});
  expect(readFileSync(join(toy.cache, name), 'utf8')).not.toBe(before);
  await toy.loadTwice();
});

test.each([
  ['empty', () => ''],
  ['cut short', (text: string) => text.slice(0, text.length / 2)],
  ['changed by hand', (text: string) => text.replace('stats.totals', 'stats.totalz')],
  ['something else', () => '{}\n{}\n{}'],
])('a cache that is %s counts as absent', async (_, damage) => {
  const toy = new Toy();
  await toy.load();
  for (const name of readdirSync(toy.cache)) {
    const text = readFileSync(join(toy.cache, name), 'utf8');
    writeFileSync(join(toy.cache, name), damage(text));
  }
  expect((await toy.loadTwice()).project?.pipeline.assets.size).toBe(2);
});

test('where nothing can be kept the project is loaded all the same, with warnings', async () => {
  const toy = new Toy();
  toy.write('.gameplan', 'a file');
  const {project, warnings} = await toy.load();
  expect(project?.pipeline.assets.size).toBe(2);
  expect(warnings.some(warning => warning.includes('pipeline-'))).toBe(true);
});

test('two at once both load, and leave one whole file', async () => {
  const toy = new Toy();
  const all = await Promise.all([toy.load(), toy.load(), toy.load()]);
  expect(new Set(all.map(({project}) => project?.pipeline.assets.size))).toEqual(new Set([2]));
  expect(readdirSync(toy.cache).filter(name => name.endsWith('.tmp'))).toEqual([]);
  await toy.loadTwice();
});

test('the pipelines that are kept are few, however many manifests there were', async () => {
  const toy = new Toy();
  const file = {path: '', text: MANIFEST};
  const find = (path: string) => ({path, text: readFileSync(join(toy.root, path), 'utf8')});
  for (let i = 0; i < 20; i++) {
    const about = {root: toy.root, target: undefined, env: {}, findFile: find, build: 'test', bind: false};
    await loadProject({...about, file: {...file, path: `${i}.yaml`}});
  }
  expect(toy.kept()).toHaveLength(12);
});

test('a command on an unchanged project loads no parser of YAML, SQL or modules, and no schema', () => {
  const toy = new Toy();
  const main = new URL('../../cli/program.ts', import.meta.url).href;
  const script = `
    import {registerHooks} from 'node:module';
    const loaded = [];
    registerHooks({load: (url, context, next) => (loaded.push(url), next(url, context))});
    const {runProgram} = await import(${JSON.stringify(main)});
    const world = {write: () => {}, complain: text => process.stderr.write(text), env: {}, cwd: process.cwd(), build: 'test',
      version: '0', columns: () => 80, now: Date.now};
    const code = await runProgram(['validate'], world);
    const heavy = /node_modules\\/(zod|yaml|acorn|@duckdb)\\/|planner\\/(schema|manifest|query)\\.ts/;
    console.log([code, ...loaded.filter(url => heavy.test(url))].join('\\n'));`;
  const run = () =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script], {cwd: toy.root, encoding: 'utf8'});
  const first = run();
  expect(first.stderr).toBe('');
  expect(first.stdout).toContain('planner/schema.ts');
  expect(run().stdout).toBe('0\n');
});
