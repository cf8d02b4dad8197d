/**
 * A stream into what commands write to, for protocols that ask for one.
 * It does not deal with any of them.
 */
import {Writable} from 'node:stream';

export function writableOf(write: (text: string) => void): Writable {
  return new Writable({
    write: (chunk: Uint8Array | string, _, done) => {
      // A protocol writes whole messages, so no letter is cut in two.
      write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
      done();
    },
  });
}
