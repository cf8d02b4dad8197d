/** What a clone does before it runs, where its packages are not there. */
import {spawnSync} from 'node:child_process';
import {cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gameplan-ensure-'));
  for (const file of ['scripts/ensure.mjs', 'bin/find-node.js']) cpSync(file, at(file));
  writeFileSync(at('package-lock.json'), '{"packages": {"node_modules/absent": {"version": "1.0.0"}}}');
});
afterEach(() => rmSync(folder, {recursive: true}));

function at(...parts: readonly string[]): string {
  return path.join(folder, 'clone', ...parts);
}

function begin(env: Readonly<Record<string, string>> = {}) {
  const code = "import('./scripts/ensure.mjs').then(({ensureReady}) => ensureReady())";
  return spawnSync(process.execPath, ['-e', code], {
    cwd: at(),
    encoding: 'utf8',
    // Where it would be installed all the same, nothing is found.
    env: {PATH: '', ...env},
  });
}

test('packages of another clone, which are linked to, are not installed anew from here', () => {
  mkdirSync(path.join(folder, 'packages', 'present'), {recursive: true});
  symlinkSync(path.join(folder, 'packages'), at('node_modules'));
  const {status, stderr} = begin();
  expect(status).toBe(1);
  expect(stderr).toContain(`is a link to ${path.join(folder, 'packages')}, which lacks packages`);
  expect(readdirSync(path.join(folder, 'packages'))).toEqual(['present']);
});

test('packages that a server is at work with are not installed anew below it', () => {
  mkdirSync(at('node_modules', 'present'), {recursive: true});
  const {status, stderr} = begin({GAMEPLAN_IN_USE: '1'});
  expect(status).toBe(1);
  expect(stderr).toContain("a server is at work with them. Stop it, run 'npm ci' in");
  expect(readdirSync(at('node_modules'))).toEqual(['present']);
});
