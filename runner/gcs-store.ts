/**
 * A store in a bucket of Cloud Storage: `<path>/<generation>/<objects>` with `manifest.json` written last, as in a folder.
 * It does not decide when to fetch, and deletes what was committed only where it is told to.
 */
import type {BucketObject, ObjectBucket} from './gcs-bucket.ts';
import {GcsDraft} from './gcs-draft.ts';
import {bytesOf, Generations, type Held, isCommitted, type Place, placeIn, rangesOf} from './gcs-layout.ts';
import {
  generationsIn,
  MANIFEST,
  nextGeneration,
  parseManifest,
  sha256Of,
  stampOf,
  timeOf,
} from './generation.ts';
import {
  type Draft,
  type Generation,
  type Guard,
  type Leftover,
  type Listing,
  type SeenObject,
  type Store,
  StoreError,
} from './store.ts';
import {segmentsOf} from './store-path.ts';

/** How many manifests are kept in memory for reading objects. */
const MANIFESTS_KEPT = 1_000;

/** How often an object at a fixed place is written while others write it, too. */
const TURNS = 5;

/** Of UTF-8: https://cloud.google.com/storage/docs/objects#naming */
const LONGEST_NAME = 1024;

export interface GcsStoreOptions {
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Asks nothing yet. */
export function openGcsStore(bucket: ObjectBucket, options: GcsStoreOptions): Store {
  return new GcsStore(bucket, options).asStore();
}

class GcsStore {
  readonly #bucket: ObjectBucket;
  readonly #prefix: string;
  readonly #now: () => number;
  readonly #manifests = new Map<string, Generation>();

  constructor(bucket: ObjectBucket, {prefix, now}: GcsStoreOptions) {
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#now = now;
  }

  /** A store may be spread into another: each of its calls is its own property. */
  asStore(): Store {
    return {
      kind: 'gcs',
      draft: path => this.#draft(path),
      findGeneration: path => this.#findGeneration(path),
      list: prefix => this.#list(prefix),
      look: folders => this.#look(folders),
      read: (path, generation, name) => this.#read(path, generation, name),
      find: async path => await this.#bucket.read(this.#nameOf(segmentsOf(path, 'path'))),
      replace: (path, bytes, guard) => this.#replace(path, bytes, guard),
      leftovers: about => this.#leftovers(about),
      remove: async leftovers => {
        for (const {path} of leftovers) {
          if (path.endsWith('/')) await this.#removeFolder(path);
          else await this.#removeObject(path);
        }
      },
      drop: async path => {
        if (path.endsWith('/'))
          await this.#removeFolder(path, place => place.kind === 'generation' && place.path === path);
        else await this.#removeObject(path);
      },
    };
  }

  async #draft(path: string): Promise<Draft> {
    const folder = this.#folderOf(path);
    const now = this.#now();
    const later: string[] = [];
    const range = {prefix: folder, from: `${folder}${stampOf(now)}`, delimiter: '/'} as const;
    for await (const {folders} of this.#bucket.list(range)) later.push(...folders);
    const id = nextGeneration(namesBelow(folder, later), now);
    const segments = [...segmentsOf(path, 'path'), id];
    return new GcsDraft(this.#bucket, id, name => this.#nameOf([...segments, name]));
  }

  async #findGeneration(path: string): Promise<Generation | undefined> {
    const folder = this.#folderOf(path);
    const found: string[] = [];
    for await (const {folders} of this.#bucket.list({prefix: folder, delimiter: '/'})) found.push(...folders);
    for (const id of generationsIn(namesBelow(folder, found)).reverse()) {
      const manifest = await this.#readManifest(`${folder}${id}/`);
      if (manifest !== undefined) return manifest;
    }
    return undefined;
  }

  async #list(path: string): Promise<Listing> {
    const newest = new Map<string, string>();
    const objects: string[] = [];
    for await (const object of this.#objects(path === '' ? this.#prefix : this.#folderOf(path))) {
      const place = placeIn(this.#within(object.name));
      if (place.kind === 'fixed') objects.push(place.path);
      // Names come in order: the last is the newest.
      if (place.kind === 'generation' && place.name === MANIFEST) newest.set(place.path, place.id);
    }
    const looked = await Promise.all(
      [...newest].map(async ([folder, id]) => {
        try {
          // One that went in the meantime is none.
          return {path: folder, generation: await this.#readManifest(`${this.#prefix}${folder}${id}/`)};
        } catch (error) {
          if (error instanceof StoreError && error.kind === 'damaged') return {path: folder, error};
          throw error;
        }
      }),
    );
    return {
      generations: looked.flatMap(({path: folder, generation}) =>
        generation === undefined ? [] : [{path: folder, generation}],
      ),
      objects,
      damaged: looked.flatMap(({path: folder, error}) =>
        error === undefined ? [] : [{path: folder, error}],
      ),
    };
  }

  /** Folders of one parent are one listing. */
  async #look(folders: readonly string[]): Promise<ReadonlyMap<string, readonly SeenObject[]>> {
    const wanted = new Map(folders.map(path => [`${segmentsOf(path, 'path').join('/')}/`, path]));
    const seen = new Map<string, SeenObject[]>(folders.map(path => [path, []]));
    for (const {prefix, from, to} of rangesOf([...wanted.keys()])) {
      const range = {from: `${this.#prefix}${from}`, to: `${this.#prefix}${to}`};
      for await (const {name: full, size, generation} of this.#objects(`${this.#prefix}${prefix}`, range)) {
        const place = placeIn(this.#within(full));
        if (place.kind !== 'fixed') continue;
        const folder = place.path.slice(0, place.path.indexOf('/', prefix.length) + 1);
        const path = wanted.get(folder);
        if (path === undefined) continue;
        seen.get(path)?.push({name: place.path.slice(folder.length), size, version: generation});
      }
    }
    for (const [path, objects] of seen) if (objects.length === 0) seen.delete(path);
    return seen;
  }

  async #read(path: string, generation: string, name: string): Promise<Uint8Array> {
    const folder = this.#folderOf(`${path.replace(/\/$/, '')}/${generation}`);
    segmentsOf(generation, 'path');
    const own = `${folder}${segmentsOf(name, 'object name').join('/')}`;
    const manifest = await this.#readManifest(folder);
    const info = manifest?.objects.find(object => object.name === name);
    if (info === undefined)
      throw new StoreError(
        'damaged',
        `The store has no object '${this.#shown(own)}'. Fetch that partition again.`,
      );
    const full = info.place === undefined ? own : this.#nameOf(segmentsOf(info.place, 'path'));
    const place = this.#shown(full);
    const bytes = await this.#bucket.read(full);
    if (bytes === undefined || sha256Of(bytes) !== info.sha256) {
      const problem = bytes === undefined ? 'is gone' : 'does not hold the bytes that were stored';
      throw new StoreError('damaged', `The object '${place}' ${problem}. Fetch that partition again.`);
    }
    return bytes;
  }

  /** Over whatever is there; where another process writes it at the same time, one of the two is the last. */
  async #replace(path: string, bytes: Uint8Array, guard: Guard | undefined): Promise<void> {
    const name = this.#nameOf(segmentsOf(path, 'path'));
    for (let turn = 1; ; turn++) {
      const before = await this.#bucket.stat(name);
      // As with a manifest the guard cannot hold its lock until the server answers. What comes late here writes over
      // nothing that was written since: the generation would be another.
      await guard?.(() => undefined);
      try {
        await this.#bucket.write(name, bytes, {over: before?.generation});
        return;
      } catch (error) {
        if (!(error instanceof StoreError) || error.kind !== 'taken' || turn === TURNS) throw error;
      }
    }
  }

  async #leftovers({
    before,
    keep,
  }: {
    readonly before: number;
    readonly keep: number | undefined;
  }): Promise<readonly Leftover[]> {
    const generations = new Generations();
    const found: Leftover[] = [];
    for await (const object of this.#objects(this.#prefix)) {
      const path = this.#within(object.name);
      const place = placeIn(path);
      if (place.kind === 'generation') generations.add(place, object);
      if (place.kind === 'own' && object.updated < before)
        found.push({kind: 'staging', path, bytes: object.size});
    }
    for (const folder of generations.folders()) {
      for (const held of folder) {
        if (isCommitted(held) || timeOf(held.id) >= before) continue;
        found.push({kind: 'staging', path: `${held.path}${held.id}/`, bytes: bytesOf(held)});
      }
      if (keep !== undefined)
        found.push(...(await this.#beyond(folder.filter(isCommitted), Math.max(1, keep))));
    }
    return found;
  }

  /** Committed generations after so many whole ones; one whose manifest is damaged stays to be looked at. */
  async #beyond(committed: readonly Held[], keep: number): Promise<readonly Leftover[]> {
    if (committed.length <= keep) return [];
    const isWhole = await Promise.all(
      committed.map(({path, id}) =>
        this.#readManifest(`${this.#prefix}${path}${id}/`).then(
          manifest => manifest !== undefined,
          error => {
            if (error instanceof StoreError && error.kind === 'damaged') return false;
            throw error;
          },
        ),
      ),
    );
    return committed
      .filter((_, i) => isWhole[i])
      .slice(keep)
      .map(held => ({kind: 'generation', path: `${held.path}${held.id}/`, bytes: bytesOf(held)}));
  }

  /**
   * The manifests go first, the oldest before the newer ones: a kill in between leaves what was never committed, and no
   * older fetch in the place of a newer.
   */
  async #removeFolder(path: string, isWanted: (place: Place) => boolean = () => true): Promise<void> {
    const manifests: BucketObject[] = [];
    const others: BucketObject[] = [];
    for await (const object of this.#objects(this.#folderOf(path))) {
      const place = placeIn(this.#within(object.name));
      if (!isWanted(place)) continue;
      const isManifest = place.kind === 'generation' && place.name === MANIFEST;
      (isManifest ? manifests : others).push(object);
    }
    for (const manifest of manifests) await this.#bucket.remove(manifest);
    await Promise.all(others.map(object => this.#bucket.remove(object)));
    this.#manifests.clear();
  }

  async #removeObject(path: string): Promise<void> {
    const object = await this.#bucket.stat(this.#nameOf(segmentsOf(path, 'path')));
    if (object !== undefined) await this.#bucket.remove(object);
  }

  async *#objects(
    prefix: string,
    range: {readonly from?: string; readonly to?: string} = {},
  ): AsyncGenerator<BucketObject> {
    for await (const {objects} of this.#bucket.list({prefix, ...range})) yield* objects;
  }

  /** `folder`: full name of a generation's folder. */
  async #readManifest(folder: string): Promise<Generation | undefined> {
    const known = this.#manifests.get(folder);
    if (known !== undefined) return known;
    const bytes = await this.#bucket.read(`${folder}${MANIFEST}`);
    if (bytes === undefined) return undefined;
    const manifest = parseManifest(bytes, this.#shown(`${folder}${MANIFEST}`));
    if (this.#manifests.size >= MANIFESTS_KEPT) this.#manifests.clear();
    this.#manifests.set(folder, manifest);
    return manifest;
  }

  #folderOf(path: string): string {
    return `${this.#nameOf(segmentsOf(path, 'path'))}/`;
  }

  #nameOf(segments: readonly string[]): string {
    const name = `${this.#prefix}${segments.join('/')}`;
    if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
    throw new StoreError(
      'name',
      `The object name '${name.slice(0, 60)}...' cannot be stored: with the store's prefix and its generation it is longer than ${LONGEST_NAME} bytes. Use a shorter one.`,
    );
  }

  #within(name: string): string {
    return name.slice(this.#prefix.length);
  }

  #shown(name: string): string {
    return `gs://${this.#bucket.name}/${name}`;
  }
}

/** What comes after the folder, without the slash at the end. */
function namesBelow(folder: string, folders: readonly string[]): string[] {
  return folders.map(each => each.slice(folder.length, -1));
}
