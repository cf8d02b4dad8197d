/**
 * The project as a fresh clone has it, in a temporary folder, with the packages that are installed here.
 * It does not install anything.
 */
import {spawnSync} from 'node:child_process';
import {cpSync, existsSync, mkdtempSync, rmSync, symlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');

export interface Copy {
  readonly folder: string;
  remove(): void;
}

/** Everything that git keeps or would keep; ignored files stay behind. */
export function copyProject(): Copy {
  const folder = mkdtempSync(path.join(tmpdir(), 'gameplan-copy-'));
  const {stdout} = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of stdout.split('\0').filter(name => name !== '' && existsSync(path.join(root, name)))) {
    cpSync(path.join(root, file), path.join(folder, file));
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  return {folder, remove: () => rmSync(folder, {recursive: true, force: true})};
}
