/**
 * Facts about texts, kept in a file by the hash of their text, so that an unchanged project is not parsed again.
 * It does not know what the facts are, nor how the file is kept (cache-file.ts).
 */
import {readCacheFile, writeCacheFile} from './cache-file.ts';

/** Entries that nobody asked for are kept up to this many, for other targets and branches. */
const MOST_UNUSED = 2_000;

export class FactCache<T> {
  readonly #path: string;
  readonly #scheme: string;
  readonly #entries: Map<string, T>;
  readonly #used = new Set<string>();
  #isChanged = false;

  private constructor(path: string, scheme: string, entries: Map<string, T>) {
    this.#path = path;
    this.#scheme = scheme;
    this.#entries = entries;
  }

  /** `scheme` names all that the facts depend on apart from the text. */
  static open<T>(path: string, scheme: string): FactCache<T> {
    const body = readCacheFile(path, scheme);
    // The file's hash says that `save` wrote it.
    const entries = body === undefined ? [] : (JSON.parse(body) as [string, T][]);
    return new FactCache(path, scheme, new Map(entries));
  }

  find(hash: string): T | undefined {
    this.#used.add(hash);
    return this.#entries.get(hash);
  }

  set(hash: string, facts: T): void {
    this.#used.add(hash);
    this.#entries.set(hash, facts);
    this.#isChanged = true;
  }

  /** Writes the file if there is something new. Returns a warning where it could not. */
  async save(): Promise<string | undefined> {
    if (!this.#isChanged) return undefined;
    const unused = [...this.#entries.keys()].filter(hash => !this.#used.has(hash));
    for (const hash of unused.slice(MOST_UNUSED)) this.#entries.delete(hash);
    const warning = await writeCacheFile(this.#path, this.#scheme, JSON.stringify([...this.#entries]));
    this.#isChanged = warning !== undefined;
    return warning;
  }
}
