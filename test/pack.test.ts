/** What `npm pack` puts into the package, and that it works where it is installed. */
import {spawnSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {ToyProject} from './cli/command-line.ts';
import {type Copy, copyProject} from './cli/project-copy.ts';

/** Installing takes a while and a registry: `npm test -- --slow`. */
const isSlow = process.env['GAMEPLAN_SLOW'] === '1';
const environment = {...process.env, npm_config_loglevel: 'error', npm_execpath: undefined};

let copy: Copy;
let tarball: string;
let files: readonly string[];

beforeAll(() => {
  copy = copyProject();
  const {status, stdout, stderr} = spawnSync('npm', ['pack', '--json'], {
    cwd: copy.folder,
    env: environment,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`npm pack failed: ${stderr}`);
  const parsed = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)));
  // npm 11 gives a list, npm 12 an object by name.
  const [packed] = Array.isArray(parsed) ? parsed : Object.values<typeof parsed>(parsed);
  tarball = path.join(copy.folder, packed.filename);
  files = packed.files.map((file: {path: string}) => file.path);
});
afterAll(() => copy.remove());

function filesOf(folder: string): readonly string[] {
  return readdirSync(path.join(copy.folder, folder), {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => path.relative(copy.folder, path.join(entry.parentPath, entry.name)));
}

test('the package holds what is needed and nothing else', () => {
  const built = (name: string) => /^dist\/([\w-]+\.js|web\/chunks\/[\w.-]+\.js)$/.test(name);
  const template = filesOf('template');
  const deploy = filesOf('deploy');
  expect(files.filter(name => !built(name) && ![...template, ...deploy].includes(name)).toSorted()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin/find-node.js',
    'bin/gameplan.js',
    'dist/THIRD-PARTY-LICENSES.txt',
    'dist/types/runner/asset-error.d.ts',
    'dist/types/runner/asset.d.ts',
    'dist/web/app.css',
    'dist/web/app.js',
    'dist/web/icon.svg',
    'dist/web/index.html',
    'dist/web/scheme.js',
    'package.json',
    'pipeline.schema.json',
  ]);
  expect(template.length).toBeGreaterThan(15);
  expect(files).toEqual(expect.arrayContaining([...template, ...deploy]));
  expect(files).toContain('dist/cli.js');
  expect(files).toContain('dist/asset.js');
});

describe.skipIf(!isSlow)('installed into an empty project', () => {
  let project: ToyProject;
  const run = (command: string) =>
    spawnSync('bash', ['-c', command], {cwd: project.root, env: environment, encoding: 'utf8'});
  beforeAll(() => {
    project = new ToyProject();
    const {status, stderr} = run(`npm install --no-audit --no-fund --prefer-offline '${tarball}'`);
    expect({status, stderr}).toEqual({status: 0, stderr: ''});
  }, 300_000);
  afterAll(() => project.remove());

  test('its command plans and fills tables', () => {
    const {status, stdout} = run('npx gameplan materialize');
    expect(stdout).toContain('9 requested: 9 succeeded');
    expect(status).toBe(0);
    expect(run('npx gameplan plan --detailed-exitcode').status).toBe(0);
  });

  test('its command writes a project that works beside it', () => {
    expect(run('npx gameplan init league').status).toBe(0);
    const {status, stdout} = run(
      'cd league && npx gameplan validate && npx gameplan test && npx gameplan materialize',
    );
    expect(stdout).toContain('The pipeline is valid: 4 assets');
    expect(stdout).toContain('2 passed, 0 failed');
    expect(stdout).toContain('34 succeeded, 1 failed, 5 skipped');
    expect(status).toBe(1);
  });

  test('its types are enough to write an asset by', () => {
    project.write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {module: 'nodenext', target: 'es2024', strict: true, noEmit: true, types: []},
        files: ['typed.ts'],
      }),
    );
    project.write(
      'typed.ts',
      `import {type Files, type Rows, z} from 'gameplan';
export const rows: Rows = async ({partition}) => [{game_date: partition.key, points: 1}];
export const files: Files = async ({site, put}) => {
  const answer = await site.get('/x');
  const {id} = answer.json(z.object({id: z.string()}));
  await put(id, answer.bytes);
  return undefined;
};
`,
    );
    const tsc = path.join(copy.folder, 'node_modules/typescript/bin/tsc');
    const {status, stdout} = run(`'${process.execPath}' '${tsc}' -p tsconfig.json`);
    expect({status, stdout}).toEqual({status: 0, stdout: ''});
  });
});
