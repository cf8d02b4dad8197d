/**
 * A project as it was at some commit: its files laid out in a temporary folder. Nothing of the user's repository is
 * touched, neither its files nor its index. It does not read the project (project.ts).
 */
import {spawnSync} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {Refusal} from './world.ts';

export interface Commit {
  /** As it was asked for. */
  readonly ref: string;
  /** Its full name. */
  readonly hash: string;
}

/** Calls `use` with the folder that stands for `root`; the folder is gone afterwards. */
export async function withTreeAt<T>(
  root: string,
  ref: string,
  use: (folder: string, commit: Commit) => Promise<T>,
): Promise<T> {
  const top = topOf(root);
  const hash = commitOf(top, ref);
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'gameplan-against-')));
  try {
    const tree = path.join(folder, 'tree');
    layOut(top, hash, {tree, index: path.join(folder, 'index')});
    const project = path.join(tree, path.relative(top, realpathSync(root)));
    mkdirSync(project, {recursive: true});
    lend(root, project);
    return await use(project, {ref, hash});
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

function topOf(root: string): string {
  const {status, stdout} = git(root, ['rev-parse', '--show-toplevel']);
  if (status !== 0)
    throw new Refusal(
      `error: --against needs a git repository, and ${root} is in none. Run 'git init' there.\n`,
    );
  return realpathSync(stdout.trim());
}

function commitOf(top: string, ref: string): string {
  const {status, stdout} = git(top, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${ref}^{commit}`,
  ]);
  if (status === 0) return stdout.trim();
  const isShallow = git(top, ['rev-parse', '--is-shallow-repository']).stdout.trim() === 'true';
  const hint = isShallow
    ? "This clone is shallow: 'git fetch --unshallow' brings the rest."
    : "'git branch --all' and 'git tag' list what there is.";
  throw new Refusal(`error: --against ${ref}: there is no such commit, branch or tag in ${top}. ${hint}\n`);
}

/** By an index of its own, so that the user's stays as it is. */
function layOut(
  top: string,
  hash: string,
  {tree, index}: {readonly tree: string; readonly index: string},
): void {
  const env = {GIT_INDEX_FILE: index};
  for (const args of [
    ['read-tree', hash],
    ['checkout-index', '--all', '--force', `--prefix=${tree}${path.sep}`],
  ]) {
    const {status, stderr} = git(top, args, env);
    if (status !== 0) throw new Refusal(`error: git cannot read ${hash.slice(0, 12)}: ${stderr.trim()}\n`);
  }
}

/** What no commit holds: installed packages, whose versions may be asked for, and what was parsed before. */
function lend(root: string, project: string): void {
  const cache = path.join('.gameplan', 'cache');
  if (existsSync(path.join(root, cache)))
    cpSync(path.join(root, cache), path.join(project, cache), {recursive: true});
  for (let folder = root; ; folder = path.dirname(folder)) {
    const packages = path.join(folder, 'node_modules');
    if (existsSync(packages)) {
      if (!existsSync(path.join(project, 'node_modules')))
        symlinkSync(packages, path.join(project, 'node_modules'), 'junction');
      return;
    }
    if (folder === path.dirname(folder)) return;
  }
}

function git(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): {readonly status: number | null; readonly stdout: string; readonly stderr: string} {
  const {error, status, stdout, stderr} = spawnSync('git', [...args], {
    cwd,
    encoding: 'utf8',
    env: {...process.env, ...env},
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error === undefined) return {status, stdout, stderr};
  if ('code' in error && error.code === 'ENOENT')
    throw new Refusal('error: --against needs git, and there is none on the PATH. Install it.\n');
  throw error;
}
