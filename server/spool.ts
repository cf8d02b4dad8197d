/**
 * A file that a process writes into and this one reads: it takes what is written whether or not somebody reads, and
 * leaves nothing behind. It does not deal with what is written.
 */
import {closeSync, fstatSync, mkdtempSync, openSync, readSync, rmdirSync, rmSync, unlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';

/** Bytes. */
const PIECE = 256 * 1024;

export class Spool {
  /** To hand to the process. */
  readonly descriptor: number;
  readonly #folder: string | undefined;

  constructor() {
    const folder = mkdtempSync(path.join(tmpdir(), 'gameplan-page-'));
    const file = path.join(folder, 'said');
    try {
      this.descriptor = openSync(file, 'a+', 0o600);
    } catch (error) {
      rmdirSync(folder);
      throw error;
    }
    if (process.platform === 'win32') {
      this.#folder = folder;
      return;
    }
    // Its name goes at once where the system lets it: then no end of either process leaves it behind.
    unlinkSync(file);
    rmdirSync(folder);
  }

  /** The last bytes so far, as text; of a longer one without the line that the cut goes through. */
  tail(most: number): string {
    const {size} = fstatSync(this.descriptor);
    const text = fromBytes(this.#read(Math.max(0, size - most), most));
    return size > most ? text.slice(text.indexOf('\n') + 1) : text;
  }

  /** Every whole line that begins so, a piece of the file at a time. */
  *linesFrom(beginning: string): Generator<string> {
    let rest = '';
    for (let at = 0; ; at += PIECE) {
      const text = this.#read(at, PIECE);
      if (text === '') return;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith(beginning)) yield fromBytes(line);
    }
  }

  close(): void {
    closeSync(this.descriptor);
    if (this.#folder !== undefined) rmSync(this.#folder, {recursive: true, force: true});
  }

  /** A letter a byte, so that no cut goes through one. */
  #read(from: number, most: number): string {
    const bytes = Buffer.alloc(most);
    return bytes.subarray(0, readSync(this.descriptor, bytes, 0, most, from)).toString('latin1');
  }
}

/** What a process writes to its output and to its errors. Both are made, or none. */
export interface Spools {
  readonly out: Spool;
  readonly err: Spool;
  close(): void;
}

export function openSpools(): Spools {
  const out = new Spool();
  try {
    const err = new Spool();
    return {
      out,
      err,
      close: () => {
        out.close();
        err.close();
      },
    };
  } catch (error) {
    out.close();
    throw error;
  }
}

function fromBytes(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
