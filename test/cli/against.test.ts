import {spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => {
  vi.unstubAllEnvs();
  project.remove();
});

function git(...args: readonly string[]): string {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'commit.gpgsign=false'];
  const {status, stdout, stderr} = spawnSync('git', [...who, ...args], {cwd: project.root, encoding: 'utf8'});
  expect({args, status, stderr: status === 0 ? '' : stderr}).toEqual({args, status: 0, stderr: ''});
  return stdout;
}

function commit(): void {
  git('init', '--quiet', '--initial-branch', 'main');
  writeFileSync(path.join(project.root, '.gitignore'), '.gameplan/\n');
  git('add', '.');
  git('commit', '--quiet', '--message', 'Begin');
}

function change(file: string, from: string, to: string): void {
  const before = readFileSync(path.join(project.root, file), 'utf8');
  expect(before).toContain(from);
  project.write(file, before.replace(from, to));
}

const leftovers = () => readdirSync(tmpdir()).filter(name => name.startsWith('gameplan-against-'));

describe('against a commit', () => {
  test('nothing changed: nothing becomes stale', async () => {
    commit();
    await project.run('materialize');
    const {code, out, err} = await project.run('plan', '--against', 'HEAD');
    expect({code, err}).toEqual({code: 0, err: ''});
    expect(out).toMatch(/^Change since HEAD \([0-9a-f]{12}\) for toy \(local\)/);
    expect(out).toContain('Nothing becomes stale or missing by this change.');
  });

  test('a changed query, a helper of a module and a new asset are told, and nothing is touched', async () => {
    project.write('assets/helper.ts', 'export const more = 1;\n');
    change(
      'assets/points.ts',
      'const day =',
      "const {more} = await import('./helper.ts');\n  const day = more *",
    );
    commit();
    await project.run('materialize');
    change('assets/helper.ts', 'more = 1', 'more = 2');
    change('assets/running.sql', 'coalesce(sum', 'coalesce(max');
    change(
      'pipeline.yaml',
      '  stats.running:',
      '  stats.copy:\n    sql: assets/copy.sql\n    columns: {game_date: date, total: int64}\n    key: [game_date]\n    upstream: {totals: stats.totals}\n  stats.running:',
    );
    project.write('assets/copy.sql', 'SELECT game_date, total FROM totals\n');
    const index = readFileSync(path.join(project.root, '.git/index'));
    const before = leftovers();
    const {code, out} = await project.run('plan', '--against', 'main', '--detailed-exitcode');
    expect(code).toBe(2);
    expect(out).toContain(`  raw.points     its code changed
      3 stale  2024-01-15 … 2024-01-18
      3 to make  2024-01-15 … 2024-01-18
  stats.totals   as it was
      3 if changed  2024-01-15 … 2024-01-18
  stats.copy     added
      3 missing  2024-01-15 … 2024-01-18
      3 to make  2024-01-15 … 2024-01-18
  stats.running  its query changed
      3 stale  2024-01-15 … 2024-01-18
      3 to make  2024-01-15 … 2024-01-18
`);
    expect(readFileSync(path.join(project.root, '.git/index'))).toEqual(index);
    expect(git('status', '--short')).toBe(
      ' M assets/helper.ts\n M assets/running.sql\n M pipeline.yaml\n?? assets/copy.sql\n',
    );
    expect(leftovers()).toEqual(before);
    const json = JSON.parse((await project.run('plan', 'stats.running', '--against', 'main', '--json')).out);
    expect(json).toMatchObject({
      version: 1,
      against: {ref: 'main', hash: git('rev-parse', 'main').trim()},
      basis: 'ledger',
      becomes: {stale: 3, missing: 0},
      assets: [
        {asset: 'stats.running', change: 'redefined', run: ['2024-01-15', '2024-01-16', '2024-01-18']},
      ],
    });
    const markdown = (await project.run('plan', '--against', 'main', '--markdown', '--to', '2024-01-15')).out;
    expect(markdown).toContain(
      '| `raw.points` | its code changed | 1 stale: 2024-01-15 | 1 to make: 2024-01-15 |\n',
    );
  });

  test('with an empty ledger all that is due counts as there', async () => {
    commit();
    change('assets/totals.sql', 'sum(points)', 'max(points)');
    const {out} = await project.run('plan', '--against', 'main');
    expect(out).toContain('stats.totals   its query changed\n      3 stale');
    expect(out).toContain('Nothing has been made yet');
  });

  test('a project in a folder of its repository is read from there', async () => {
    const inner = path.join(project.root, 'inner');
    const names = readdirSync(project.root);
    mkdirSync(inner);
    for (const name of names) renameSync(path.join(project.root, name), path.join(inner, name));
    commit();
    change('inner/assets/totals.sql', 'sum(points)', 'max(points)');
    const {out, err} = await project.run('plan', '-C', 'inner', '--against', 'main');
    expect(err).toBe('');
    expect(out).toContain('stats.totals   its query changed');
  });
});

describe('what is in the way', () => {
  test('no repository, no such commit, no git', async () => {
    const bare = await project.run('plan', '--against', 'main');
    expect(bare).toMatchObject({code: 1, out: ''});
    expect(bare.err).toMatch(
      /^error: --against needs a git repository, and \S+ is in none\. Run 'git init' there\.\n$/,
    );
    commit();
    const unknown = await project.run('plan', '--against', 'mian');
    expect(unknown).toMatchObject({code: 1, out: ''});
    expect(unknown.err).toContain('--against mian: there is no such commit, branch or tag in');
    expect((await project.run('plan', '--against', '--help')).code).toBe(1);
    const empty = mkdtempSync(path.join(tmpdir(), 'gameplan-no-git-'));
    vi.stubEnv('PATH', empty);
    expect(await project.run('plan', '--against', 'main')).toMatchObject({
      code: 1,
      err: 'error: --against needs git, and there is none on the PATH. Install it.\n',
    });
    rmSync(empty, {recursive: true});
  });

  test('an older project that is wrong tells its mistakes', async () => {
    const manifest = readFileSync(path.join(project.root, 'pipeline.yaml'), 'utf8');
    change('pipeline.yaml', 'points: raw.points', 'points: raw.pionts');
    commit();
    project.write('pipeline.yaml', manifest);
    const {code, err} = await project.run('plan', '--against', 'HEAD');
    expect(code).toBe(1);
    expect(err).toMatch(/^error: The project at HEAD cannot be read:\npipeline.yaml:\d+:\d+ error/);
    rmSync(path.join(project.root, '.git'), {recursive: true});
    rmSync(path.join(project.root, 'pipeline.yaml'));
    commit();
    project.write('pipeline.yaml', manifest);
    expect((await project.run('plan', '--against', 'HEAD')).err).toContain(
      'error: The project at HEAD cannot be read:\n',
    );
  });

  test('flags that do not go with it', async () => {
    commit();
    for (const flags of [
      ['--force'],
      ['--limit', '3'],
      ['--out', 'plan.json'],
      ['--json', '--markdown'],
      ['state:stale'],
    ])
      expect((await project.run('plan', '--against', 'main', ...flags)).code).toBe(64);
    expect((await project.run('plan', '--markdown')).err).toBe('error: --markdown goes with --against.\n');
  });
});
