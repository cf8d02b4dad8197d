/**
 * The versions of packages that a project's modules import: as locked, else as installed.
 * It does not install or load any.
 */
import {readFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';

/** Looks from `root` upwards. Undefined: neither locked nor installed. */
export function packageVersions(root: string): (name: string) => Promise<string | undefined> {
  let lock: Promise<unknown> | undefined;
  return async name => {
    lock ??= nearest(root, 'package-lock.json', json => field(json, 'packages'));
    const locked = versionIn(field(await lock, `node_modules/${name}`));
    return locked ?? (await nearest(root, join('node_modules', name, 'package.json'), versionIn));
  };
}

/** The name of the package that a bare specifier belongs to. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function versionIn(json: unknown): string | undefined {
  const version = field(json, 'version');
  return typeof version === 'string' ? version : undefined;
}

function field(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null
    ? Object.getOwnPropertyDescriptor(json, name)?.value
    : undefined;
}

/** What `find` finds in the first file of that path, from `folder` upwards, that holds it. */
async function nearest<T>(
  folder: string,
  path: string,
  find: (json: unknown) => T | undefined,
): Promise<T | undefined> {
  const text = await readFile(join(folder, path), 'utf8').catch(() => undefined);
  const found = text === undefined ? undefined : find(parse(text));
  const parent = dirname(folder);
  return found ?? (parent === folder ? undefined : await nearest(parent, path, find));
}

/** Undefined for what is not JSON: such a file says nothing. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
