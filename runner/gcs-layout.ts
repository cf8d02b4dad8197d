/**
 * What the names of a bucket's objects mean to the store: generations and their objects, and objects at fixed places.
 * It asks nobody.
 */
import type {BucketObject} from './gcs-bucket.ts';
import {isGeneration, MANIFEST} from './generation.ts';

/** What gameplan keeps for itself beside the store, such as rows that wait to be loaded; no listing shows it. */
const OWN = '.gameplan/';

export interface Held {
  /** Of the store, such as `league/results/2024-01-15/`. */
  readonly path: string;
  readonly id: string;
  readonly objects: BucketObject[];
}

export type Place =
  | {readonly kind: 'generation'; readonly path: string; readonly id: string; readonly name: string}
  | {readonly kind: 'fixed'; readonly path: string}
  | {readonly kind: 'own'}
  /** Consoles make empty objects that stand for folders. */
  | {readonly kind: 'folder'};

/** `name`: within the store. */
export function placeIn(name: string): Place {
  if (name.startsWith(OWN)) return {kind: 'own'};
  if (name.endsWith('/')) return {kind: 'folder'};
  const segments = name.split('/');
  const at = segments.findIndex((segment, i) => i < segments.length - 1 && isGeneration(segment));
  const id = segments[at];
  if (id === undefined) return {kind: 'fixed', path: name};
  const path = segments.slice(0, at).map(segment => `${segment}/`);
  return {kind: 'generation', path: path.join(''), id, name: segments.slice(at + 1).join('/')};
}

/** Generations by the folder that they lie in, the newest first. */
export class Generations {
  readonly #folders = new Map<string, Map<string, Held>>();

  add({path, id}: Place & {readonly kind: 'generation'}, object: BucketObject): void {
    const folder = this.#folders.get(path) ?? new Map<string, Held>();
    const held = folder.get(id) ?? {path, id, objects: []};
    held.objects.push(object);
    folder.set(id, held);
    this.#folders.set(path, folder);
  }

  folders(): readonly (readonly Held[])[] {
    return [...this.#folders.values()].map(folder =>
      [...folder.values()].sort((one, other) => (one.id < other.id ? 1 : -1)),
    );
  }
}

export function isCommitted({objects, id}: Held): boolean {
  return objects.some(({name}) => name.endsWith(`/${id}/${MANIFEST}`) || name === `${id}/${MANIFEST}`);
}

export function bytesOf({objects}: Held): number {
  return objects.reduce((sum, {size}) => sum + size, 0);
}

/** The folders that one listing can see: those of one parent, with the range of names that they span. */
export function rangesOf(
  folders: readonly string[],
): readonly {readonly prefix: string; readonly from: string; readonly to: string}[] {
  const byParent = new Map<string, string[]>();
  for (const folder of folders) {
    const parent = folder.replace(/[^/]*\/$/, '');
    byParent.set(parent, [...(byParent.get(parent) ?? []), folder]);
  }
  return [...byParent].map(([prefix, some]) => {
    // Listings are in the order of UTF-8, which is another than that of strings here.
    const [first = '', ...rest] = some.toSorted((one, other) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    );
    const last = rest.at(-1) ?? first;
    return {prefix, from: first, to: `${last.slice(0, -1)}0`};
  });
}
