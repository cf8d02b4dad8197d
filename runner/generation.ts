/**
 * One fetch of one partition in a store: how its folder is named, what its manifest object says and what its version is.
 * It does not deal with where objects lie.
 */
import {createHash, randomBytes} from 'node:crypto';
import {z} from 'zod';
import {versionOfObjects} from './object-version.ts';
import {type Generation, type StoredObjectInfo, StoreError} from './store.ts';

export const MANIFEST = 'manifest.json';

const GENERATION = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}$/;

export function isGeneration(name: string): boolean {
  return GENERATION.test(name);
}

/** Milliseconds since 1970. */
export function timeOf(generation: string): number {
  return Date.parse(generation.replace(GENERATION, '$1-$2-$3T$4:$5:$6.$7Z'));
}

/** Those of the names that are generations, the oldest first. */
export function generationsIn(names: readonly string[]): string[] {
  return names.filter(isGeneration).sort();
}

/** An id that sorts after all of the names, also where the clock was set back. */
export function nextGeneration(names: readonly string[], now: number): string {
  const last = generationsIn(names).at(-1);
  const time = last === undefined ? now : Math.max(now, timeOf(last) + 1);
  return `${stampOf(time)}-${randomBytes(4).toString('hex')}`;
}

/** What the ids of generations of that time begin with. */
export function stampOf(time: number): string {
  return new Date(time).toISOString().replaceAll(/[-:.]/g, '');
}

const hexDigits = (count: number) => z.string().regex(new RegExp(`^[0-9a-f]{${count}}$`));
const generationShape = z.object({
  asset: z.string(),
  key: z.string(),
  id: z.string(),
  intent: z.string(),
  run: z.string(),
  fingerprint: z.string(),
  parts: z.record(z.string(), z.string()).optional(),
  digest: z.string(),
  entry: z.string().optional(),
  version: hexDigits(16),
  objects: z.array(
    z.object({
      name: z.string(),
      size: z.int().min(0),
      sha256: hexDigits(64),
      place: z.string().optional(),
    }),
  ),
  expected: z.number().nullable(),
  found: z.number().nullable(),
  absent: z.array(z.string()),
  at: z.number(),
  by: z.string().optional(),
  why: z.string().optional(),
  carried: z.object({publishedAt: z.number(), madeAt: z.number()}).optional(),
});

/** `place`: of the manifest, for the message. */
export function parseManifest(bytes: Uint8Array, place: string): Generation {
  try {
    return generationShape.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    throw new StoreError(
      'damaged',
      `The manifest '${place}' is damaged. Remove its folder and fetch that partition again.`,
      {cause},
    );
  }
}

export function manifestBytes(generation: Generation): Uint8Array {
  return Buffer.from(`${JSON.stringify(generation, undefined, 1)}\n`);
}

/** The objects that were put into one generation so far. */
export class ObjectBook {
  readonly #names = new Set([MANIFEST]);
  readonly #objects = new Map<string, StoredObjectInfo>();

  /** Throws a `StoreError` where the name is taken. */
  take(name: string): void {
    if (this.#names.has(name)) {
      throw new StoreError(
        'name',
        `The object name '${name}' is taken. Put each object of a partition under its own name.`,
      );
    }
    this.#names.add(name);
  }

  /** What is written whole. */
  add(name: string, bytes: Uint8Array): void {
    this.#objects.set(name, {name, size: bytes.byteLength, sha256: sha256Of(bytes)});
  }

  /** What lies at its own place, under whatever name. */
  refer(object: StoredObjectInfo & {readonly place: string}): void {
    this.#names.add(object.name);
    this.#objects.set(object.name, object);
  }

  get objects(): readonly StoredObjectInfo[] {
    return [...this.#objects.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  version(): string {
    return versionOfObjects(this.objects.map(({name, sha256}) => ({name, bytes: sha256})));
  }
}

/** Hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
