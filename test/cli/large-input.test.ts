import {spawnSync} from 'node:child_process';
import {mkdirSync, truncateSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

const main = path.join(import.meta.dirname, '../../cli/main.ts');

/** The command in a process with little memory. */
function validate() {
  const {status, stderr} = spawnSync(process.execPath, ['--max-old-space-size=96', main, 'validate'], {
    cwd: project.root,
    encoding: 'utf8',
  });
  return {status, stderr};
}

test.each(['pipeline.yaml', 'known-gaps.yaml'])(
  '%s of 300 MB is refused before it fills the memory',
  name => {
    project.write(name, '');
    truncateSync(path.join(project.root, name), 300_000_000);
    expect(validate()).toEqual({status: 1, stderr: `error: '${name}' is larger than 64 MiB: split it.\n`});
  },
);

test('ten million dates in a CSV file are refused before they fill the memory', () => {
  mkdirSync(path.join(project.root, 'data'));
  project.write('data/days.csv', 'date,season\n');
  truncateSync(path.join(project.root, 'data/days.csv'), 190_000_000);
  project.write(
    'pipeline.yaml',
    'name: x\ncalendars: {d: {dates: data/days.csv}}\nassets: {t.a: {sql: a.sql, columns: {game_date: date}, key: [game_date]}}\n',
  );
  expect(validate()).toEqual({
    status: 1,
    stderr: "error: 'data/days.csv' is larger than 64 MiB: split it.\n",
  });
});

test('a manifest of 100,000 assets is refused in little memory', () => {
  const asset = (i: number) =>
    `  t.a${i}: {sql: a.sql, description: '${'x'.repeat(100)}', partition_by: all, columns: {n: int64}, key: [n]}\n`;
  project.write(
    'pipeline.yaml',
    `name: x\nassets:\n${Array.from({length: 100_000}, (_, i) => asset(i)).join('')}`,
  );
  const {status, stderr} = validate();
  expect(status).toBe(1);
  expect(stderr).toContain("error [too-large] 'pipeline.yaml' is larger than 16 MiB: split it.");
});
