/**
 * Reads a project's own files: as they are, at once, and only those that lie in the project, also where a link leads.
 * It does not deal with what is in them.
 */
import {readFileSync, realpathSync} from 'node:fs';
import {join, sep} from 'node:path';

/** A file that cannot be read, or must not be. `message` has place, cause and mend. */
export class ProjectFileError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, {cause});
    this.name = 'ProjectFileError';
  }
}

/**
 * The text of a file by its path in the project; undefined where there is none. Throws a `ProjectFileError`. At once,
 * because thousands of small files take several times as long through a pool of threads.
 */
export function readProjectFile(root: string, path: string): string | undefined {
  const file = join(root, path);
  try {
    const text = readFileSync(file, 'utf8');
    const real = realpathSync.native(file);
    const folder = realpathSync.native(root);
    if (real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return text;
    throw new ProjectFileError(
      `'${path}' is a link, or lies behind one, that leads out of the project to '${real}'. Put the file itself there.`,
    );
  } catch (cause) {
    if (cause instanceof ProjectFileError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw new ProjectFileError(
      `'${path}' cannot be read (${String(code)}). Allow this user to read it.`,
      cause,
    );
  }
}
