// Keeps the bytes of answers by request path, the least lately used going first.
// Does not deal with answers so big that a few of them would fill it.
import type {Answer} from './asked.ts';

export interface KeptAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

export class AnswerCache {
  readonly #limit: number;
  readonly #kept = new Map<string, KeptAnswer>();
  #bytes = 0;

  /** `limit`: bytes of all bodies together. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  find(path: string): KeptAnswer | undefined {
    const found = this.#kept.get(path);
    if (found !== undefined) {
      // A Map keeps the order of insertion: the front is what was used longest ago.
      this.#kept.delete(path);
      this.#kept.set(path, found);
    }
    return found;
  }

  keep(path: string, {status, type, body}: Answer): KeptAnswer {
    const bytes: KeptAnswer = {status, type, body: Buffer.from(body)};
    if (bytes.body.length > this.#limit / 8) return bytes;
    this.#forget(path);
    this.#kept.set(path, bytes);
    this.#bytes += bytes.body.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#limit) break;
      this.#forget(oldest);
    }
    return bytes;
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #forget(path: string): void {
    this.#bytes -= this.#kept.get(path)?.body.length ?? 0;
    this.#kept.delete(path);
  }
}
