/**
 * Where Google's reference evaluator lies on this machine, and how it comes there: by its own npm call into a folder of
 * its own, because it is 340 MB that only a test needs. It does not start it (evaluator.ts).
 */
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';

const PACKAGE = '@fivetrandevelopers/zetasql';
const VERSION = '1.13.0';

function folderOf(root: string): string {
  return process.env['GAMEPLAN_EVALUATOR'] ?? path.join(root, '.gameplan', 'evaluator');
}

/** The folder that holds its `node_modules`; undefined where it is not installed, or has no program for this machine. */
export function findEvaluator(root: string): string | undefined {
  const folder = folderOf(root);
  return existsSync(programIn(folder)) ? folder : undefined;
}

export function packageIn(folder: string): string {
  return path.join(folder, 'node_modules', PACKAGE, 'lib', 'zetasql');
}

export function programIn(folder: string): string {
  const name = `remote_server${process.arch === 'arm64' ? '_arm' : ''}${process.platform === 'darwin' ? '' : '.so'}`;
  return path.join(packageIn(folder), name);
}

/** Installs it where it is absent. Throws where npm cannot. */
export function ensureEvaluator(root: string, tell: (line: string) => void): string {
  const found = findEvaluator(root);
  if (found !== undefined) return found;
  const folder = folderOf(root);
  tell(`Installing ${PACKAGE} ${VERSION} (340 MB) into ${folder} …`);
  mkdirSync(folder, {recursive: true});
  // A manifest of its own keeps npm from looking for one in the folders above.
  writeFileSync(path.join(folder, 'package.json'), '{"private": true}\n');
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `${PACKAGE}@${VERSION}`];
  const {status} = spawnSync('npm', args, {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm could not install ${PACKAGE} ${VERSION} into ${folder}.`);
  if (!existsSync(programIn(folder))) {
    throw new Error(`${PACKAGE} ${VERSION} has no program for ${process.platform} ${process.arch}.`);
  }
  return folder;
}
