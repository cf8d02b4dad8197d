/**
 * The token that opens the page: where it is read, and how one that was given is compared with it.
 * It does not deal with how often somebody may try (try-limit.ts).
 */
import {createHmac, randomBytes, timingSafeEqual} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {SHORTEST_TOKEN, UnsafeAddress} from './address.ts';

/** Which token: that of the page, or the one that opens the triggers alone. */
const NAMES = {
  page: {variable: 'GAMEPLAN_TOKEN', flag: '--token-file'},
  triggers: {variable: 'GAMEPLAN_TRIGGER_TOKEN', flag: '--trigger-token-file'},
} as const;

/** Of a variable, or of a file; undefined where neither is given. Throws an UnsafeAddress where it is none. */
export function readToken(
  given: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly file: string | undefined;
  },
  of: keyof typeof NAMES = 'page',
): string | undefined {
  const {variable, flag} = NAMES[of];
  const [text, from] =
    given.file === undefined
      ? [given.env[variable], variable]
      : [textOf(given.file, flag), `${flag} ${given.file}`];
  if (text === undefined) return undefined;
  const token = text.trim();
  if (token.length < SHORTEST_TOKEN) {
    throw new UnsafeAddress(
      `${from}: a token has at least ${SHORTEST_TOKEN} characters, and this one has ${token.length}. \`openssl rand -hex 24\` makes one.`,
    );
  }
  if (/[^\x21-\x7e]/.test(token))
    throw new UnsafeAddress(`${from}: a token is one line of letters, digits and signs without spaces.`);
  return token;
}

function textOf(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UnsafeAddress(`${flag} ${file}: it cannot be read (${code}).`);
  }
}

/** Remembers a token by its hash alone. */
export class Token {
  readonly #salt = randomBytes(32);
  readonly #hash: Buffer;

  constructor(token: string) {
    this.#hash = this.#hashOf(token);
  }

  /** Takes as long for a near miss as for any other text. */
  matches(given: string): boolean {
    return timingSafeEqual(this.#hash, this.#hashOf(given));
  }

  #hashOf(text: string): Buffer {
    return createHmac('sha256', this.#salt).update(text).digest();
  }
}
