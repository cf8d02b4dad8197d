/** `gameplan init`: what it writes works at once, has one gap to find, and nothing of the user's is written over. */
import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {manifestJsonSchema} from '../../planner/schema.ts';
import {type Said, ToyProject} from './command-line.ts';
import {expectFits, expectGolden} from './golden.ts';

/** Its own project is not used: `init` is typed beside it. */
let toy: ToyProject;
let folder: string;
beforeEach(() => {
  toy = new ToyProject();
  toy.columns = 110;
  toy.clockMs = Date.parse('2025-06-01T12:00:00Z') - toy.begun;
  folder = mkdtempSync(path.join(tmpdir(), 'gameplan-init-'));
});
afterEach(() => {
  toy.remove();
  rmSync(folder, {recursive: true, force: true});
});

const at = (...parts: readonly string[]) => path.join(folder, ...parts);
const textOf = (...parts: readonly string[]) => readFileSync(at(...parts), 'utf8');
const filesIn = () => readdirSync(folder, {recursive: true, encoding: 'utf8'}).toSorted();
const said = ({out, err}: Said) => (out + err).replaceAll(folder, 'FOLDER');

test('says what was written and what to do next', async () => {
  const done = await toy.run('init', at('league'));
  expect(done.code).toBe(0);
  expectFits(said(done), 110);
  expectGolden('print/init.txt', said(done));
});

test('what is written passes at once, but for one night whose file is not there', async () => {
  await toy.run('init', at('league'));
  const run = (...args: readonly string[]) => toy.run(...args, '-C', at('league'));
  expect(await run('validate', '--portable')).toMatchObject({
    code: 0,
    out: "The pipeline is valid: 4 assets, target 'local'.\n",
    err: '',
  });
  expect((await run('test')).out).toContain('2 passed, 0 failed');
  expect((await run('plan')).out).toContain('Plan: 40 to materialize (40 missing)');

  const first = await run('materialize');
  expect(first.code).toBe(1);
  expect(first.out).toContain('40 requested: 34 succeeded, 1 failed, 5 skipped');
  expect((await run('status')).out).toMatch(/landing\.results +9\/10 +1 missing/);
  const gaps = JSON.parse((await run('gaps', '--json')).out);
  expect(gaps.gaps.map(({root}: {root: string}) => root)).toEqual(
    Array.from({length: 6}, () => 'landing.results@2024-11-14'),
  );
  expect((await run('explain', 'mart.form@2024-11-28')).out).toContain(
    'not there: mart.club_nights@2024-11-14',
  );

  mkdirSync(at('league/data/results/2024-11-14'));
  cpSync(at('league/late/2024-11-14.csv'), at('league/data/results/2024-11-14/scores.csv'));
  const second = await run('materialize');
  expect(second).toMatchObject({code: 0});
  expect(second.out).toContain('6 requested: 6 succeeded');
  expect((await run('plan', '--detailed-exitcode')).code).toBe(0);
  expect((await run('test', '--batches')).out).toContain('2 passed, 0 failed');
});

test('the manifest offers a schedule and who is told, which hold as they are written', async () => {
  await toy.run('init', at('league'));
  const manifest = textOf('league/pipeline.yaml').replaceAll(
    /^# (?=(healing|alerts| {2}slack| {2}email):)/gm,
    '',
  );
  writeFileSync(at('league/pipeline.yaml'), manifest);
  const run = (...args: readonly string[]) => toy.run(...args, '-C', at('league'));
  expect(await run('validate')).toMatchObject({code: 0, err: ''});
  const alerts = await run('alerts');
  expect(alerts.out).toMatch(/slack +is off: the environment variable 'SLACK_WEBHOOK' is not set/);
  expect(alerts.out).toMatch(/email +is off: the environment variable 'SMTP_URL' is not set/);
});

test('a file that is corrected makes anew what reads its night, and nothing else', async () => {
  await toy.run('init', at('league'));
  const run = (...args: readonly string[]) => toy.run(...args, '-C', at('league'));
  await run('materialize');
  const scores = 'league/data/results/2024-10-03/scores.csv';
  writeFileSync(at(scores), textOf(scores).replace('10,0', '9,1'));
  await run('materialize', 'landing.results', '--dates', '2024-10-03', '--force');
  const plan = JSON.parse((await run('plan', '--json')).out);
  const stale = plan.partitions.filter(({state}: {state: string}) => state === 'stale');
  expect(stale.map(({asset, key}: {asset: string; key: string}) => `${asset}@${key}`)).toEqual([
    'raw.results@2024-10-03',
  ]);
  expect(plan.actions['run-if']).toBe(4);
});

test('scores that do not add up are held back with what is wrong', async () => {
  await toy.run('init', at('league'));
  const scores = 'league/data/results/2024-10-03/scores.csv';
  writeFileSync(at(scores), textOf(scores).replace('10,0', '10,1'));
  const {out} = await toy.run('materialize', '--dates', '2024-10-03', '-C', at('league'));
  expect(out).toContain('raw.results@2024-10-03: ten games a match');
});

test('a file with its columns in another order is refused', async () => {
  await toy.run('init', at('league'));
  const scores = 'league/data/results/2024-10-03/scores.csv';
  writeFileSync(at(scores), textOf(scores).replace('home,away', 'away,home'));
  const {out} = await toy.run('materialize', '--dates', '2024-10-03', '-C', at('league'));
  expect(out.replaceAll(/\s+/g, ' ')).toContain(
    "The first line of 'scores.csv' is 'away,home,home_games,away_games', not 'home,away,home_games,away_games'.",
  );
});

test('a score that is not there is null and held back, not 0', async () => {
  await toy.run('init', at('league'));
  const scores = 'league/data/results/2024-10-03/scores.csv';
  writeFileSync(at(scores), textOf(scores).replace('Harbour,Station,10,0', 'Harbour,Station,10,'));
  const {out} = await toy.run('materialize', '--dates', '2024-10-03', '-C', at('league'));
  expect(out).toContain('1 row has no away_games');
});

test('editors complete the manifest by a schema that is written beside it', async () => {
  await toy.run('init', at('league'));
  expect(textOf('league/pipeline.yaml')).toMatch(
    /^# yaml-language-server: \$schema=\.\/pipeline\.schema\.json\n/,
  );
  expect(JSON.parse(textOf('league/pipeline.schema.json'))).toEqual(manifestJsonSchema());
});

test('the current folder is meant where none is named', async () => {
  const before = toy.files();
  const refused = await toy.run('init');
  expect(refused.code).toBe(64);
  expect(refused.err).toMatch(/^error: 'pipeline\.yaml' is there: /);
  expect(toy.files()).toEqual(before);
});

test('what a folder has already stays as it was, and is told', async () => {
  writeFileSync(at('.gitignore'), 'mine\n');
  writeFileSync(at('README.md'), '# mine\n');
  const {code, out} = await toy.run('init', folder);
  expect(code).toBe(0);
  expect(out).toContain(
    "There before, and left as it was: .gitignore, README.md.\nAdd '.gameplan/' to .gitignore",
  );
  expect(out).not.toContain('README.md there');
  expect([textOf('.gitignore'), textOf('README.md')]).toEqual(['mine\n', '# mine\n']);
});

test('programs are told what was written', async () => {
  writeFileSync(at('README.md'), '# mine\n');
  const {out} = await toy.run('init', folder, '--json');
  const told = JSON.parse(out);
  expect(told).toMatchObject({version: 1, folder, kept: ['README.md']});
  expect([...told.written, 'README.md'].toSorted()).toEqual(
    filesIn().filter(name => name.includes('.') && !/results\/[\d-]+$/.test(name) && name !== 'data'),
  );
});

describe('refuses', () => {
  test.for<readonly [why: string, there: string, error: string]>([
    [
      'a folder with a pipeline',
      'pipeline.yaml',
      "error: 'FOLDER/pipeline.yaml' is there: a pipeline is declared in this folder already, and init writes over nothing. Give a new folder, such as 'gameplan init FOLDER/league', or see what it holds with 'gameplan validate'.\n",
    ],
    [
      'a folder with a file that it would write',
      'assets/mart/form.sql',
      "error: 'FOLDER/assets/mart/form.sql' is there, and init writes over nothing: give a new folder, or move the file.\n",
    ],
    [
      'a folder with a file in place of a folder',
      'assets',
      "error: 'FOLDER/assets/checks/ten_games.sql' is there, and init writes over nothing: give a new folder, or move the file.\n",
    ],
  ])('%s', async ([, there, error]) => {
    mkdirSync(path.dirname(at(there)), {recursive: true});
    writeFileSync(at(there), 'mine\n');
    const before = filesIn();
    const refused = await toy.run('init', folder);
    expect({code: refused.code, text: said(refused)}).toEqual({code: 64, text: error});
    expect(filesIn()).toEqual(before);
    expect(textOf(there)).toBe('mine\n');
  });

  test('a file', async () => {
    writeFileSync(at('file'), '');
    const refused = await toy.run('init', at('file'));
    expect({code: refused.code, text: said(refused)}).toEqual({
      code: 64,
      text: "error: 'FOLDER/file' is there and is no folder: give another name.\n",
    });
  });

  test('a folder that cannot be made', async () => {
    writeFileSync(at('file'), '');
    const refused = await toy.run('init', at('file/league'));
    expect(refused.code).toBe(1);
    expect(said(refused)).toContain("error: 'FOLDER/file/league/.gitignore' cannot be written (ENOTDIR");
    expect(said(refused)).toContain('mend that, or give another folder.\n');
  });
});
