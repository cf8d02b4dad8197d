/**
 * Writes a DuckDB file anew without the room that deleted rows left, and puts it in the old one's place as a whole.
 * The file is held meanwhile, as by a run. It does not decide whether that is worth it (clean.ts).
 */
import {closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync} from 'node:fs';
import {statementError} from './duckdb-error.ts';
import {literal, quoted} from './duckdb-name.ts';
import {type DuckdbOptions, openFile} from './duckdb-open.ts';
import {Session} from './duckdb-session.ts';

/** Bytes of the whole file, and of its blocks that hold nothing. The latter are less than what compacting gives back. */
export async function measureFile(
  options: DuckdbOptions,
): Promise<{readonly bytes: number; readonly free: number}> {
  return await withSession(options, async session => {
    const [row] = await session.rows(
      'SELECT block_size, free_blocks FROM pragma_database_size() WHERE database_name = current_database()',
    );
    return {bytes: statSync(options.path).size, free: Number(row?.[0] ?? 0) * Number(row?.[1] ?? 0)};
  });
}

/** Returns its size afterwards, in bytes. Killed at any moment, the old file or the new one is there, each of them whole. */
export async function compactFile(options: DuckdbOptions): Promise<number> {
  const {path} = options;
  const aside = `${path}.compacting`;
  for (const left of [aside, `${aside}.wal`]) rmSync(left, {force: true});
  try {
    await withSession(options, async session => {
      // Nothing may be left in the log beside the old file, which would be read into the new one.
      await session.run('CHECKPOINT');
      const [row] = await session.rows('SELECT current_database()');
      await session.run(`ATTACH ${literal(aside)} AS compacted`);
      await session.run(`COPY FROM DATABASE ${quoted(String(row?.[0]))} TO compacted`);
      await session.run('DETACH compacted');
      sync(aside);
      if (existsSync(`${path}.wal`) && statSync(`${path}.wal`).size > 0)
        throw new Error('Internal error: the log of the old file was not written into it');
      renameSync(aside, path);
    });
  } catch (error) {
    rmSync(aside, {force: true});
    throw statementError(error);
  }
  return statSync(path).size;
}

async function withSession<T>(options: DuckdbOptions, use: (session: Session) => Promise<T>): Promise<T> {
  const file = await openFile(options);
  try {
    const session = await Session.open(file.instance);
    try {
      return await use(session);
    } finally {
      session.close();
    }
  } finally {
    file.close();
  }
}

function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
