/**
 * What lies in a folder of a store and is needed by no plan: generations that were never committed, files of writes that
 * were cut off, and committed generations beyond those that are kept. It does not delete (folder-store.ts).
 */
import type {Dirent} from 'node:fs';
import {readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {isAside} from './folder-list.ts';
import {generationsIn, MANIFEST, timeOf} from './generation.ts';
import type {Leftover} from './store.ts';

interface Question {
  /** Milliseconds since 1970. */
  readonly before: number;
  /** Committed generations of a partition; undefined: all. The newest is always kept. */
  readonly keep: number | undefined;
  /** Whether a committed generation's manifest can be read. */
  readonly isWhole: (folder: string) => Promise<boolean>;
}

/** `path`: how the store names the folder; empty or ending with a slash. */
export async function findLeftovers(
  folder: string,
  path: string,
  question: Question,
): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  const entries = await entriesOf(folder);
  const folders = entries.filter(entry => entry.isDirectory()).map(({name}) => name);
  const generations = generationsIn(folders).reverse();
  let committed = 0;
  for (const id of generations) {
    const place = join(folder, id);
    const isCommitted = (await entriesOf(place)).some(({name}) => name === MANIFEST);
    // One whose manifest cannot be read is no fetch to fall back on, and stays to be looked at.
    if (isCommitted && !(await question.isWhole(place))) continue;
    if (isCommitted) committed++;
    const isOld = isCommitted
      ? question.keep !== undefined && committed > Math.max(1, question.keep)
      : timeOf(id) < question.before;
    if (!isOld) continue;
    const kind = isCommitted ? 'generation' : 'staging';
    found.push({kind, path: `${path}${id}/`, bytes: await bytesIn(place)});
  }
  for (const entry of entries) {
    if (!entry.isFile() || !isAside(entry.name)) continue;
    const {mtimeMs, size} = await stat(join(folder, entry.name));
    if (mtimeMs < question.before) found.push({kind: 'staging', path: `${path}${entry.name}`, bytes: size});
  }
  const known = new Set(generations);
  for (const name of folders.filter(each => !known.has(each)))
    found.push(...(await findLeftovers(join(folder, name), `${path}${name}/`, question)));
  return found;
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await entriesOf(folder)) {
    const place = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await bytesIn(place);
    else if (entry.isFile()) bytes += (await stat(place)).size;
  }
  return bytes;
}

/** None where there is no such folder (any more): a run may be at work. Links are not followed. */
async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, {withFileTypes: true});
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
