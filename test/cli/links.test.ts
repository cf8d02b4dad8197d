/** Links out of the project: what the manifest names lies in it, also behind a link. */
import {mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
let outside: string;
beforeEach(() => {
  project = new ToyProject();
  outside = mkdtempSync(path.join(tmpdir(), 'gameplan-outside-'));
});
afterEach(() => {
  project.remove();
  rmSync(outside, {recursive: true, force: true});
});

test.each(['assets/points.ts', 'assets/totals.sql'])(
  '%s as a link that leads out is refused, and nothing runs',
  async file => {
    const elsewhere = path.join(outside, 'file');
    renameSync(path.join(project.root, file), elsewhere);
    symlinkSync(elsewhere, path.join(project.root, file));
    for (const command of ['validate', 'plan', 'materialize']) {
      const {code, err} = await project.run(command);
      expect([code, err]).toEqual([
        1,
        `error: '${file}' is a link, or lies behind one, that leads out of the project to '${elsewhere}'. Put the file itself there.\n`,
      ]);
    }
  },
);

test('a folder that leads out is refused as well; a link within the project is followed', async () => {
  const assets = path.join(project.root, 'assets');
  renameSync(assets, path.join(project.root, 'real'));
  symlinkSync(path.join(project.root, 'real'), assets);
  expect((await project.run('validate')).code).toBe(0);
  rmSync(assets);
  renameSync(path.join(project.root, 'real'), path.join(outside, 'real'));
  symlinkSync(path.join(outside, 'real'), assets);
  expect((await project.run('validate')).err).toContain('leads out of the project');
});

test('known gaps behind a link that leads out are refused', async () => {
  writeFileSync(path.join(outside, 'gaps.yaml'), '[]\n');
  symlinkSync(path.join(outside, 'gaps.yaml'), path.join(project.root, 'known-gaps.yaml'));
  expect((await project.run('plan')).err).toContain("'known-gaps.yaml' is a link");
});
