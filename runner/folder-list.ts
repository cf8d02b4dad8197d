/**
 * What lies in a folder of a store: a listing of all below it.
 * It does not follow links, nor read objects.
 */
import type {Dirent} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {generationsIn, isGeneration} from './generation.ts';
import {type Generation, type Listing, StoreError} from './store.ts';

const ASIDE = /^\..*\.tmp$/;

/** Of files that are being written, or that a killed process left so. */
export function isAside(name: string): boolean {
  return ASIDE.test(name);
}

/** Folders that are looked into at once. */
const AT_ONCE = 32;

interface Reader {
  /** Of a generation's folder; undefined where it was not committed. */
  readonly readManifest: (folder: string) => Promise<Generation | undefined>;
  readonly requireInside: (folder: string) => Promise<void>;
}

/** `path`: how the store names the folder; empty or ending with a slash. */
export async function listFolder(folder: string, path: string, reader: Reader): Promise<Listing> {
  const entries = await entriesOf(folder);
  if (entries === undefined) return {generations: [], objects: [], damaged: []};
  await reader.requireInside(folder);
  const own = await newestIn(folder, path, entries, reader);
  const objects = entries.filter(entry => entry.isFile() && !isAside(entry.name));
  const below: Listing[] = [];
  const folders = entries.filter(entry => entry.isDirectory() && !isGeneration(entry.name));
  for (let from = 0; from < folders.length; from += AT_ONCE) {
    const some = folders.slice(from, from + AT_ONCE);
    below.push(
      ...(await Promise.all(some.map(({name}) => listFolder(join(folder, name), `${path}${name}/`, reader)))),
    );
  }
  return {
    generations: [...own.generations, ...below.flatMap(({generations}) => generations)],
    objects: [...objects.map(({name}) => `${path}${name}`), ...below.flatMap(each => each.objects)],
    damaged: [...own.damaged, ...below.flatMap(({damaged}) => damaged)],
  };
}

async function newestIn(
  folder: string,
  path: string,
  entries: readonly Dirent[],
  {readManifest}: Reader,
): Promise<Pick<Listing, 'generations' | 'damaged'>> {
  const names = entries.filter(entry => entry.isDirectory()).map(({name}) => name);
  for (const id of generationsIn(names).reverse()) {
    try {
      const generation = await readManifest(join(folder, id));
      if (generation !== undefined) return {generations: [{path, generation}], damaged: []};
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'damaged')
        return {generations: [], damaged: [{path, error}]};
      throw error;
    }
  }
  return {generations: [], damaged: []};
}

/** Undefined where there is no such folder. In the order of their names. */
async function entriesOf(folder: string): Promise<readonly Dirent[] | undefined> {
  try {
    const entries = await readdir(folder, {withFileTypes: true});
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}
