/** What a clone does before it runs, where its packages are not there. */
import {spawnSync} from 'node:child_process';
import {cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {expect, test} from 'vitest';

test('packages of another clone, which are linked to, are not installed anew from here', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gameplan-ensure-'));
  const at = (...parts: readonly string[]) => path.join(folder, 'clone', ...parts);
  for (const file of ['scripts/ensure.mjs', 'bin/find-node.js']) cpSync(file, at(file));
  writeFileSync(at('package-lock.json'), '{"packages": {"node_modules/absent": {"version": "1.0.0"}}}');
  mkdirSync(path.join(folder, 'packages', 'present'), {recursive: true});
  symlinkSync(path.join(folder, 'packages'), at('node_modules'));
  const code = "import('./scripts/ensure.mjs').then(({ensureReady}) => ensureReady())";
  const {status, stderr} = spawnSync(process.execPath, ['-e', code], {
    cwd: at(),
    encoding: 'utf8',
    // Where it would be installed all the same, nothing is found.
    env: {PATH: ''},
  });
  expect(status).toBe(1);
  expect(stderr).toContain(`is a link to ${path.join(folder, 'packages')}, which lacks packages`);
  expect(readdirSync(path.join(folder, 'packages'))).toEqual(['present']);
  rmSync(folder, {recursive: true});
});
