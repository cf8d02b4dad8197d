/**
 * A store in a local folder: `<path>/<generation>/<objects>` with `manifest.json` written last.
 * It does not decide when to fetch, and deletes what was committed only where it is told to drop it.
 */
import {randomBytes} from 'node:crypto';
import {constants, existsSync, renameSync} from 'node:fs';
import {mkdir, open, readdir, readFile, realpath, rm} from 'node:fs/promises';
import {basename, dirname, isAbsolute, join, relative, sep} from 'node:path';
import {findLeftovers} from './folder-leftovers.ts';
import {listFolder} from './folder-list.ts';
import {
  generationsIn,
  MANIFEST,
  manifestBytes,
  nextGeneration,
  ObjectBook,
  parseManifest,
  sha256Of,
} from './generation.ts';
import {
  type Draft,
  type Generation,
  type Guard,
  type SeenObject,
  type Store,
  type StoredObjectInfo,
  StoreError,
} from './store.ts';
import {segmentsOf} from './store-path.ts';

/** How many manifests are kept in memory for reading objects. */
const MANIFESTS_KEPT = 1_000;

/** Creates the folder when something is first put. `now` gives milliseconds since 1970. */
export function openFolderStore(root: string, {now = Date.now}: {now?: () => number} = {}): Store {
  const requireInside = fenceAround(root);
  const manifests = new Map<string, Generation>();

  const readManifest = async (folder: string): Promise<Generation | undefined> => {
    const known = manifests.get(folder);
    if (known !== undefined) return known;
    const bytes = await readIfThere(join(folder, MANIFEST));
    if (bytes === undefined) return undefined;
    await requireInside(folder);
    const manifest = parseManifest(bytes, join(folder, MANIFEST));
    if (manifests.size >= MANIFESTS_KEPT) manifests.clear();
    manifests.set(folder, manifest);
    return manifest;
  };

  return {
    kind: 'folder',
    async draft(path) {
      const folder = join(root, ...segmentsOf(path, 'path'));
      const id = nextGeneration(await namesIn(folder), now());
      return new FolderDraft(requireInside, join(folder, id), id);
    },
    async findGeneration(path) {
      const folder = join(root, ...segmentsOf(path, 'path'));
      for (const id of generationsIn(await namesIn(folder)).reverse()) {
        const manifest = await readManifest(join(folder, id));
        if (manifest !== undefined) return manifest;
      }
      return undefined;
    },
    async list(prefix) {
      const folder = prefix === '' ? root : join(root, ...segmentsOf(prefix, 'path'));
      return await withStoreErrors(folder, () => listFolder(folder, prefix, {readManifest, requireInside}));
    },
    async look(folders) {
      const seen = new Map<string, readonly SeenObject[]>();
      for (const path of folders) {
        const folder = join(root, ...segmentsOf(path, 'path'));
        const objects = await withStoreErrors(folder, async () => {
          const {objects: names} = await listFolder(folder, '', {
            readManifest: async () => undefined,
            requireInside,
          });
          return await Promise.all(names.toSorted().map(name => seenObject(join(folder, name), name)));
        });
        if (objects.length > 0) seen.set(path, objects);
      }
      return seen;
    },
    async read(path, generation, name) {
      const folder = join(root, ...segmentsOf(path, 'path'), ...segmentsOf(generation, 'path'));
      const segments = segmentsOf(name, 'object name');
      const manifest = await readManifest(folder);
      const info = manifest?.objects.find(object => object.name === name);
      if (info === undefined) {
        throw new StoreError(
          'damaged',
          `The store has no object '${name}' in '${folder}'. Fetch that partition again.`,
        );
      }
      if (info.place !== undefined) {
        const file = join(root, ...segmentsOf(info.place, 'path'));
        await requireInside(dirname(file));
        return await readVerified(file, info);
      }
      const file = join(folder, ...segments);
      if (segments.length > 1) await requireInside(dirname(file));
      return await readVerified(file, info);
    },
    async find(path) {
      const file = join(root, ...segmentsOf(path, 'path'));
      const bytes = await readIfThere(file);
      if (bytes !== undefined) await requireInside(dirname(file));
      return bytes;
    },
    async replace(path, bytes, guard) {
      const file = join(root, ...segmentsOf(path, 'path'));
      await withStoreErrors(file, async () => {
        await mkdir(dirname(file), {recursive: true});
        await requireInside(dirname(file));
        await writeWhole(file, bytes, guard);
      });
    },
    leftovers: about => {
      const isWhole = (folder: string): Promise<boolean> =>
        readManifest(folder).then(
          found => found !== undefined,
          error => {
            if (error instanceof StoreError && error.kind === 'damaged') return false;
            throw error;
          },
        );
      return withStoreErrors(root, () => findLeftovers(root, '', {...about, isWhole}));
    },
    async remove(leftovers) {
      for (const {path} of leftovers) {
        const place = join(root, ...segmentsOf(path, 'path'));
        if (!existsSync(place)) continue;
        await withStoreErrors(place, async () => {
          await requireInside(dirname(place));
          await removeWhole(place);
        });
      }
      manifests.clear();
    },
    async drop(path) {
      const place = join(root, ...segmentsOf(path, 'path'));
      const parent = path.endsWith('/') ? place : dirname(place);
      const names = path.endsWith('/') ? generationsIn(await namesIn(place)) : [basename(place)];
      if (names.length === 0 || !existsSync(parent)) return;
      await withStoreErrors(place, async () => {
        await requireInside(parent);
        for (const name of names) await rm(join(parent, name), {recursive: true, force: true});
      });
      manifests.clear();
    },
  };
}

class FolderDraft implements Draft {
  readonly id: string;
  readonly #requireInside: Fence;
  readonly #folder: string;
  readonly #book = new ObjectBook();
  readonly #writing: Promise<void>[] = [];
  #made: Promise<void> | undefined;
  #ended = false;

  constructor(requireInside: Fence, folder: string, id: string) {
    this.id = id;
    this.#requireInside = requireInside;
    this.#folder = folder;
  }

  get objects(): readonly StoredObjectInfo[] {
    return this.#book.objects;
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    const writing = this.#write(name, bytes);
    this.#writing.push(writing);
    // Whoever does not wait for it hears of its failure when the generation is committed.
    writing.catch(() => undefined);
    return writing;
  }

  refer(object: StoredObjectInfo & {readonly place: string}): void {
    this.#requireOpen();
    this.#book.refer(object);
  }

  version(): string {
    return this.#book.version();
  }

  async commit(receipt: Omit<Generation, 'id' | 'objects' | 'version'>, guard?: Guard): Promise<Generation> {
    this.#requireOpen();
    this.#ended = true;
    await Promise.all(this.#writing);
    const generation = {...receipt, id: this.id, version: this.version(), objects: this.objects};
    const file = join(this.#folder, MANIFEST);
    await withStoreErrors(file, async () => {
      await this.#makeFolder();
      await writeWhole(file, manifestBytes(generation), guard);
    });
    return generation;
  }

  async discard(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await withStoreErrors(this.#folder, () => rm(this.#folder, {recursive: true, force: true}));
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    this.#requireOpen();
    const segments = segmentsOf(name, 'object name');
    this.#book.take(name);
    const file = join(this.#folder, ...segments);
    await withStoreErrors(file, async () => {
      await this.#makeFolder();
      if (segments.length > 1) await mkdir(dirname(file), {recursive: true});
      await writeDurably(file, bytes);
    });
    this.#book.add(name, bytes);
  }

  #makeFolder(): Promise<void> {
    this.#made ??= mkdir(this.#folder, {recursive: true}).then(() => this.#requireInside(this.#folder));
    return this.#made;
  }

  #requireOpen(): void {
    if (this.#ended) throw new Error('Internal error: the generation was committed or discarded.');
  }
}

async function seenObject(file: string, name: string): Promise<SeenObject> {
  const bytes = (await readIfThere(file)) ?? new Uint8Array();
  return {name, size: bytes.byteLength, version: sha256Of(bytes)};
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw storeError(folder, error);
  }
}

async function readVerified(file: string, info: StoredObjectInfo): Promise<Uint8Array> {
  const bytes = await readIfThere(file);
  if (bytes === undefined || sha256Of(bytes) !== info.sha256) {
    const problem = bytes === undefined ? 'is gone' : 'does not hold the bytes that were stored';
    throw new StoreError('damaged', `The object '${file}' ${problem}. Fetch that partition again.`);
  }
  return bytes;
}

/** Does not follow a link in the last part of the path. */
async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file, {flag: constants.O_RDONLY | constants.O_NOFOLLOW});
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
    if (hasCode(error, 'ELOOP')) throw leadsOut(file);
    throw storeError(file, error);
  }
}

/** Passes folders that lie in the store; links may lead out of it where names cannot. */
type Fence = (folder: string) => Promise<void>;

function fenceAround(root: string): Fence {
  let found: string | undefined;
  return async folder => {
    found ??= await realpath(root);
    const inside = relative(found, await realpath(folder));
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) throw leadsOut(folder);
  };
}

function leadsOut(path: string): StoreError {
  return new StoreError('name', `'${path}' is a link that leads out of the store. Replace it by a folder.`);
}

/** The manifest goes first: a kill in between leaves what was never committed, and not half of what was. */
async function removeWhole(place: string): Promise<void> {
  await rm(join(place, MANIFEST), {force: true}).catch(error => {
    // It is a file, which has nothing in it.
    if (!hasCode(error, 'ENOTDIR')) throw error;
  });
  await rm(place, {recursive: true, force: true});
}

/** A reader sees the old file or the new one, never a part. */
async function writeWhole(file: string, bytes: Uint8Array, guard?: Guard): Promise<void> {
  const aside = join(dirname(file), `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeDurably(aside, bytes);
    const put = (): void => renameSync(aside, file);
    if (guard === undefined) put();
    else await guard(put);
  } catch (error) {
    await rm(aside, {force: true});
    throw error;
  }
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function withStoreErrors<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw storeError(path, error);
  }
}

/** What the operating system says about a file, with its mend. */
export function storeError(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string') return cause;
  switch (cause.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StoreError(
        'disk-full',
        `The store cannot write '${path}': the disk is full. Free some space, then run the command again.`,
        {cause},
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StoreError(
        'unreadable',
        `The store may not use '${path}' (${cause.code}). Allow this user to read and write it.`,
        {cause},
      );
    default:
      return new StoreError('other', `The store cannot use '${path}': ${cause.message}.`, {cause});
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
