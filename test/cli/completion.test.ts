import {spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {SHELLS} from '../../cli/completion-values.ts';
import {ToyProject} from './command-line.ts';

const main = path.join(import.meta.dirname, '..', '..', 'cli', 'main.ts');
let project: ToyProject;
beforeAll(async () => {
  project = new ToyProject();
  await project.run('materialize', 'raw.points', '--dates', '2024-01-15');
  // The command as a shell finds it; main.ts is started as it is, without a build.
  mkdirSync(path.join(project.root, 'bin'));
  const command = path.join(project.root, 'bin', 'gameplan');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
  chmodSync(command, 0o755);
});
afterAll(() => project.remove());

/** What may stand in place of the last of the words, without descriptions. */
async function completed(...words: readonly string[]): Promise<readonly string[]> {
  const {code, out, err} = await project.run('complete', '--', ...words);
  expect({code, err}).toEqual({code: 0, err: ''});
  return out
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split('\t')[0] ?? '');
}

describe('completes', () => {
  test.for<readonly [words: readonly string[], found: readonly string[]]>([
    [['mat'], ['materialize']],
    [['in'], ['init']],
    [
      ['init', '-'],
      ['--json', '--help'],
    ],
    [['runs', 's'], ['show']],
    [['runs', 'show', 'l'], ['last']],
    [['plan', '--fa'], ['--failed']],
    [
      ['plan', '-'],
      ['-C', '--directory', '--manifest', '--target'],
    ],
    [['plan', '--target', ''], ['local']],
    [['plan', '--target=l'], ['--target=local']],
    [['plan', '--season', ''], ['2023-24']],
    [
      ['plan', '--from', '2024-01-1'],
      ['2024-01-15', '2024-01-16', '2024-01-18'],
    ],
    [['plan', '--dates', '2024-01-15,2024-01-16'], ['2024-01-15,2024-01-16']],
    [['plan', 'raw'], ['raw.points']],
    [
      ['plan', 'raw.points', 'stats'],
      ['stats.totals', 'stats.running'],
    ],
    [['plan', '2+stats.r'], ['2+stats.running']],
    [['plan', 'raw.points,+stats.t'], ['raw.points,+stats.totals']],
    [['plan', 'group:'], ['group:raw']],
    [['plan', '1+group:'], ['1+group:raw']],
    [['plan', 'state:s'], ['state:stale']],
    [['plan', '+state:s'], []],
    [['plan', '--json', '--limit', '3', 'raw'], ['raw.points']],
    [['explain', 'stats.t'], ['stats.totals@']],
    [
      ['explain', 'raw.points@'],
      ['raw.points@2024-01-15', 'raw.points@2024-01-16', 'raw.points@2024-01-18'],
    ],
    [['explain', 'no.such@'], []],
    [['forget', 'raw.points@2024-01-15..2024-01-16'], ['raw.points@2024-01-15..2024-01-16']],
    [
      ['gaps', '--by', ''],
      ['asset', 'season', 'cause'],
    ],
    [
      ['alerts', 'test', '--to', ''],
      ['slack', 'email', 'webhook'],
    ],
    [
      ['validate', '--format=git'],
      ['--format=github', '--format=gitlab'],
    ],
    [['completion', ''], [...SHELLS]],
    [['completion', 'bash', ''], []],
    [['nonsense', ''], []],
    [['query', ''], []],
    [['plan', '--out', ''], []],
  ])('%j', async ([words, found]) => {
    const all = await completed(...words);
    expect(words.at(-1) === '-' ? all.slice(0, found.length) : all).toEqual(found);
  });

  test('every command by its name, and none that is hidden', async () => {
    const found = await completed('');
    expect(found).toContain('materialize');
    expect(found).not.toContain('complete');
  });

  test('from the folder that -C names', async () => {
    expect(await completed('plan', '-C', 'nowhere', 'raw')).toEqual([]);
    expect(await completed('plan', '-C', project.root, 'raw')).toEqual(['raw.points']);
  });
});

describe('says nothing and does not fail', () => {
  let broken: ToyProject;
  beforeAll(() => {
    broken = new ToyProject();
  });
  afterAll(() => broken.remove());

  test.for<readonly [what: string, manifest: string]>([
    ['is no YAML', 'assets: {raw.points: [}'],
    ['is empty', ''],
    ['has other shapes', 'assets: [1, {a: 2}]\ntargets: 3\n'],
  ])('where the manifest %s', async ([, manifest]) => {
    broken.write('pipeline.yaml', manifest);
    for (const words of [
      ['plan', 'raw'],
      ['explain', 'raw.points@'],
      ['plan', '--target', ''],
    ]) {
      const {code, err} = await broken.run('complete', '--', ...words);
      expect({code, err}).toEqual({code: 0, err: ''});
    }
  });

  test('where a mistake stands in the manifest, and gives its names all the same', async () => {
    broken.write('pipeline.yaml', 'name: toy\nassets:\n  raw.one: {sqll: a.sql, tags: [new]}\n');
    expect((await broken.run('complete', '--', 'plan', 'raw')).out).toBe('raw.one\t\n');
    expect((await broken.run('complete', '--', 'plan', 'tag:')).out).toBe('tag:new\t\n');
  });

  test('where a name would be more than a word in a shell', async () => {
    broken.write('pipeline.yaml', 'assets:\n  raw.one: {tags: [fine, "a b", "$(ls)", "x;y"]}\n');
    expect((await broken.run('complete', '--', 'plan', 'tag:')).out).toBe('tag:fine\t\n');
  });

  test('where the ledger is none', async () => {
    broken.write('pipeline.yaml', 'name: toy\nassets: {}\n');
    broken.write('.gameplan/ledger.sqlite', 'not a ledger');
    expect(await broken.run('complete', '--', 'runs', 'show', '')).toMatchObject({code: 0, err: ''});
  });
});

describe('many keys', () => {
  test('are completed a year and a month at a time', async () => {
    const many = new ToyProject();
    const months = Array.from(
      {length: 24},
      (_, i) => `${2022 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}`,
    );
    const days = months.flatMap(month => ['05', '06', '07', '08'].map(day => `${month}-${day}`));
    const entries = days.map(date => `{date: ${date}, season: ${date < '2023' ? '2022-23' : '2023-24'}}`);
    many.write(
      'pipeline.yaml',
      `name: toy\ncalendars: {days: {dates: [${entries.join(', ')}], timezone: UTC}}\nassets:\n  raw.points: {rows: assets/points.ts, columns: {game_date: date}, key: [game_date], partition_by: game_date}\n`,
    );
    const values = async (word: string) =>
      (await many.run('complete', '--', 'explain', word)).out.trim().split(/\s+/);
    expect(await values('raw.points@')).toEqual(['raw.points@2022-', 'raw.points@2023-']);
    expect((await values('raw.points@2022-')).slice(0, 2)).toEqual([
      'raw.points@2022-01-05',
      'raw.points@2022-01-06',
    ]);
    many.remove();
  });
});

describe('in bash', () => {
  beforeAll(async () => {
    project.write('completion.bash', (await project.run('completion', 'bash')).out);
  });

  /** What bash is told for a line that was typed so far. */
  function inBash(line: string): readonly string[] {
    const script = `
      source completion.bash
      COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDS=($1) COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
      _gameplan gameplan "\${COMP_WORDS[COMP_CWORD]}" ''
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const {stdout, stderr, status} = spawnSync('bash', ['-c', script, 'bash', line], {
      cwd: project.root,
      env: {...process.env, PATH: `${path.join(project.root, 'bin')}:${process.env['PATH']}`},
      encoding: 'utf8',
    });
    expect({status, stderr}).toEqual({status: 0, stderr: ''});
    return stdout.split('\n').filter(each => each !== '');
  }

  test.for<readonly [line: string, replies: readonly string[]]>([
    ['gameplan plan sta', ['stats.totals', 'stats.running', 'state:fresh']],
    // Bash has put the colon and the at sign on the line already: what stands before them is not said again.
    ['gameplan plan group:', ['raw']],
    ['gameplan explain stats.t', ['stats.totals@']],
    ['gameplan explain raw.points@2024-01-1', ['2024-01-15', '2024-01-16', '2024-01-18']],
    ['gameplan plan --target=', ['local']],
    ["gameplan plan --target  local 'group:", ['group:raw']],
    ['gameplan query ', []],
  ])('%s', ([line, replies]) => {
    expect(inBash(line).slice(0, 3)).toEqual(replies);
  });
});

for (const shell of SHELLS) {
  test.skipIf(spawnSync(shell, ['--version']).error !== undefined)(`${shell} reads its script`, async () => {
    const {code, out} = await project.run('completion', shell);
    expect(code).toBe(0);
    const file = path.join(project.root, `completion.${shell}`);
    writeFileSync(file, out);
    const {status, stderr} = spawnSync(shell, ['-n', file], {encoding: 'utf8'});
    expect({status, stderr}).toEqual({status: 0, stderr: ''});
  });
}

test('there is no completion for other shells', async () => {
  expect(await project.run('completion', 'fihs')).toMatchObject({
    code: 64,
    err: "error: There is no completion for 'fihs'. Did you mean 'fish'?\n",
  });
  expect((await project.run('completion', 'powershell')).err).toContain('There is one for bash, zsh, fish.');
});
