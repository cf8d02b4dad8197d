/**
 * The versions of packages that a project's modules import: as locked, else as installed.
 * It does not install or load any.
 */
import {readFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {z} from 'zod';

const lockShape = z.object({packages: z.record(z.string(), z.object({version: z.string().optional()}))});
const packageShape = z.object({version: z.string()});

/** Looks from `root` upwards. Undefined: neither locked nor installed. */
export function packageVersions(root: string): (name: string) => Promise<string | undefined> {
  let lock: Promise<z.infer<typeof lockShape> | undefined> | undefined;
  return async name => {
    lock ??= nearest(root, 'package-lock.json', lockShape);
    const locked = (await lock)?.packages[`node_modules/${name}`]?.version;
    return locked ?? (await nearest(root, join('node_modules', name, 'package.json'), packageShape))?.version;
  };
}

/** The name of the package that a bare specifier belongs to. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

async function nearest<T>(folder: string, path: string, shape: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(join(folder, path), 'utf8').catch(() => undefined);
  const found = text === undefined ? undefined : shape.safeParse(parse(text)).data;
  const parent = dirname(folder);
  return found ?? (parent === folder ? undefined : await nearest(parent, path, shape));
}

/** Undefined for what is not JSON: such a file says nothing. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
