/**
 * Copies of a ledger from before it was brought to a newer version, beside it: a bounded number of them.
 * It does not deal with the old file that a rebuild keeps (rebuild.ts).
 */
import {readdirSync, renameSync, rmSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';

/** How many are kept, the newest. */
const KEPT = 3;

const NAME = /^\.version-\d+-(\d{8}T\d{6}Z(?:-\d+)?)$/;

/**
 * Copies the ledger, which is of `version`, and returns the path of the copy; undefined where another process has
 * migrated it meanwhile. `at`: milliseconds since 1970.
 */
export function backUp(
  database: DatabaseSync,
  path: string,
  about: {readonly version: number; readonly at: number},
): string | undefined {
  const draft = `${path}.backup-${process.pid}`;
  rmSync(draft, {force: true});
  try {
    database.prepare('VACUUM INTO ?').run(draft);
    if (versionOf(draft) !== about.version) return undefined;
    const copy = freeName(path, about);
    renameSync(draft, copy);
    dropOld(path);
    return copy;
  } finally {
    rmSync(draft, {force: true});
  }
}

function versionOf(path: string): number {
  const database = new DatabaseSync(path, {readOnly: true});
  try {
    return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  } finally {
    database.close();
  }
}

function freeName(path: string, {version, at}: {readonly version: number; readonly at: number}): string {
  const stamp = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const taken = new Set(readdirSync(dirname(path)));
  for (let number = 1; ; number++) {
    const copy = `${path}.version-${version}-${stamp}${number === 1 ? '' : `-${number}`}`;
    if (!taken.has(basename(copy))) return copy;
  }
}

function dropOld(path: string): void {
  const own = basename(path);
  const copies = readdirSync(dirname(path)).flatMap(name => {
    const [, stamp] = (name.startsWith(own) && NAME.exec(name.slice(own.length))) || [];
    return stamp === undefined ? [] : [{name, stamp}];
  });
  const old = copies.toSorted((a, b) => (a.stamp < b.stamp ? 1 : -1)).slice(KEPT);
  for (const {name} of old) rmSync(join(dirname(path), name), {force: true});
}
