/**
 * Sees to it that a clone can run: packages as the lock file says, and dist/ built from the sources as they stand.
 * Plain JavaScript for old Nodes and only built-in modules: it runs before anything is installed. A second call does nothing.
 */
import {spawnSync} from 'node:child_process';
import {existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {findNode, NO_NODE} from '../bin/find-node.js';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** What the command is made of; the page is made of web/. */
export const COMMAND_SOURCES = ['planner', 'runner', 'report', 'server', 'cli'];
const at = (...parts) => path.join(root, ...parts);

/** Installs and builds what is missing or out of date; returns the Node to go on with. Ends the process on a failure. */
export function ensureReady() {
  if (!isInstalled()) {
    refuseToInstall();
    say('Installing packages (npm ci)');
    // npm's own file, where a script of npm started this; stdout stays free for what the user asked for.
    const npm = process.env.npm_execpath;
    const rest = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
    const usesFile = npm !== undefined && /npm-cli\.[cm]?js$/.test(npm);
    run(usesFile ? process.execPath : 'npm', usesFile ? [npm, ...rest] : rest, {shell: !usesFile});
  }
  const node = findNode();
  if (node === undefined) fail(NO_NODE);
  if (!isBuilt()) {
    say('Building dist/');
    run(node, [at('scripts', 'build.mjs')], {});
  }
  return node;
}

/** `npm ci` empties the folder first, which may be that of another clone, or one that a server is at work with. */
function refuseToInstall() {
  const packages = at('node_modules');
  if (lstatSync(packages, {throwIfNoEntry: false})?.isSymbolicLink())
    fail(
      `${packages} is a link to ${readlinkSync(packages)}, which lacks packages of the lock file: run 'npm ci' there.`,
    );
  if (process.env.GAMEPLAN_IN_USE !== undefined)
    fail(
      `The packages are not those of package-lock.json, and a server is at work with them. Stop it, run 'npm ci' in ${root}, and start it again.`,
    );
}

/** npm keeps a copy of what it installed; every package of the lock file that this platform needs must be in it. */
function isInstalled() {
  const record = at('node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted).every(([place, entry]) => {
    if (place === '') return true;
    const found = present[place];
    // An optional package of another platform is not installed.
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** Compares times of change: a folder's own tells of files that were removed. */
function isBuilt() {
  const built = at('dist', 'THIRD-PARTY-LICENSES.txt');
  if (!existsSync(built)) return false;
  const since = statSync(built).mtimeMs;
  const files = [
    at('package.json'),
    at('package-lock.json'),
    at('scripts', 'build.mjs'),
    at('scripts', 'page-options.mjs'),
    ...[...COMMAND_SOURCES, 'web'].flatMap(folder => tree(at(folder))),
  ];
  return files.every(file => statSync(file).mtimeMs <= since);
}

function tree(folder) {
  const inside = readdirSync(folder, {withFileTypes: true});
  return [
    folder,
    ...inside.flatMap(entry => {
      const place = path.join(folder, entry.name);
      return entry.isDirectory() ? tree(place) : [place];
    }),
  ];
}

function run(command, args, options) {
  const {status, error} = spawnSync(command, args, {cwd: root, stdio: ['ignore', 2, 2], ...options});
  if (error !== undefined) fail(`Cannot start ${command}: ${error.message}`);
  if (status !== 0) fail(`'${[command, ...args].join(' ')}' failed; its own words are above.`);
}

function say(text) {
  process.stderr.write(`${text} …\n`);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
