/**
 * Files of `.gameplan/cache`: a first line that names what the rest depends on, with a hash of it, then the rest.
 * It does not know what is kept. A file that is damaged, or that another program wrote, counts as absent.
 */
import {createHash, randomBytes} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {mkdir, rename, rm, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';

export function hashOf(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Undefined where there is none of this scheme, whole. */
export function readCacheFile(path: string, scheme: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  const end = bytes.indexOf('\n');
  if (end === -1) return undefined;
  const body = bytes.subarray(end + 1);
  return bytes.toString('utf8', 0, end) === headOf(scheme, body) ? body.toString('utf8') : undefined;
}

/** Two at once both end with a whole file. Returns a warning where it could not be written. */
export async function writeCacheFile(
  path: string,
  scheme: string,
  text: string,
): Promise<string | undefined> {
  const body = Buffer.from(text);
  const aside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(path), {recursive: true});
    await writeFile(aside, [`${headOf(scheme, body)}\n`, body]);
    await rename(aside, path);
    return undefined;
  } catch (error) {
    await rm(aside, {force: true}).catch(() => undefined);
    const cause = error instanceof Error ? error.message : String(error);
    return `The cache '${path}' could not be written, so every command parses the project anew: ${cause}`;
  }
}

function headOf(scheme: string, body: Uint8Array): string {
  return `${scheme} ${hashOf(body)}`;
}
