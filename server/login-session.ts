/**
 * Who has logged in: sessions in memory, known to a browser by a cookie that says nothing of the token.
 * A server that is started anew knows nobody. It does not deal with cookies (login.ts).
 */
import {createHash, randomBytes} from 'node:crypto';

/** A working day; and as many as people at one pipeline have browsers. The oldest gives way. */
const LASTS_MS = 12 * 3_600_000;
const MOST = 500;

export class LoginSessions {
  /** By hash, when each ends. */
  readonly #endOf = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The name of a new one: 256 random bits. */
  begin(): string {
    const name = randomBytes(32).toString('base64url');
    const [oldest] = this.#endOf.keys();
    if (this.#endOf.size >= MOST && oldest !== undefined) this.#endOf.delete(oldest);
    this.#endOf.set(hashOf(name), this.#now() + LASTS_MS);
    return name;
  }

  /** Looked up by hash: how long it takes says nothing about a name that is nearly right. */
  has(name: string): boolean {
    const hash = hashOf(name);
    const end = this.#endOf.get(hash);
    if (end === undefined) return false;
    if (end > this.#now()) return true;
    this.#endOf.delete(hash);
    return false;
  }

  end(name: string): void {
    this.#endOf.delete(hashOf(name));
  }
}

function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('base64');
}
