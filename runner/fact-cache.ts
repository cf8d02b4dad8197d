/**
 * Facts about texts, kept in a file by the hash of their text, so that an unchanged project is not parsed again.
 * It does not know what the facts are; a file that is damaged or of another scheme counts as empty.
 */
import {createHash, randomBytes} from 'node:crypto';
import {mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';

/** Entries that nobody asked for are kept up to this many, for other targets and branches. */
const MOST_UNUSED = 2_000;

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

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
  static async open<T>(path: string, scheme: string): Promise<FactCache<T>> {
    const [head, body] = splitOnce(await readFile(path, 'utf8').catch(() => ''), '\n');
    if (head !== headOf(scheme, body)) return new FactCache(path, scheme, new Map());
    const entries = JSON.parse(body) as [string, T][]; // the head's hash says that `save` wrote it
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
    const body = JSON.stringify([...this.#entries]);
    const aside = `${this.#path}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      await mkdir(dirname(this.#path), {recursive: true});
      await writeFile(aside, `${headOf(this.#scheme, body)}\n${body}`);
      await rename(aside, this.#path);
      this.#isChanged = false;
      return undefined;
    } catch (error) {
      await rm(aside, {force: true}).catch(() => undefined);
      const cause = error instanceof Error ? error.message : String(error);
      return `The cache '${this.#path}' could not be written, so every command parses the project anew: ${cause}`;
    }
  }
}

function headOf(scheme: string, body: string): string {
  return `${scheme} ${hashOf(body)}`;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
