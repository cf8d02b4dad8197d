/**
 * Opens a DuckDB file: makes it and its folder, waits a bounded time for another process, and says what is wrong with a mend.
 * It does not deal with what is in the file.
 */
import {randomUUID} from 'node:crypto';
import {closeSync, existsSync, openSync, readSync} from 'node:fs';
import {link, mkdir, rm} from 'node:fs/promises';
import {dirname, resolve} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {DuckDBInstance} from '@duckdb/node-api';
import {engineError} from './duckdb-error.ts';
import {WarehouseError} from './warehouse.ts';

export interface DuckdbOptions {
  /** A file, or `:memory:` for a warehouse that ends with its process. */
  readonly path: string;
  /** Whose it has to be, or becomes where it is nobody's; undefined: whoever's. */
  readonly pipeline?: string | undefined;
  /** Such as `2GB`; DuckDB's own default is 80 % of the machine. */
  readonly memoryLimit?: string | undefined;
  readonly threads?: number | undefined;
  /** How long to wait for a file that another process holds. Milliseconds. */
  readonly waitMs?: number | undefined;
}

const PAUSE = 100;
/** Files that this process holds: the operating system's lock does not keep a process from itself. */
const held = new Set<string>();

export interface OpenFile {
  readonly instance: DuckDBInstance;
  close(): void;
}

/** Throws a `WarehouseError` of kind `locked`, `unreadable` or `disk-full`. */
export async function openFile(options: DuckdbOptions): Promise<OpenFile> {
  const path = options.path === ':memory:' ? options.path : resolve(options.path);
  const inMemory = path === ':memory:';
  if (held.has(path)) {
    throw new WarehouseError('locked', `'${options.path}' is open in this process already; close it first.`);
  }
  if (!inMemory) {
    await makeFolder(options.path);
    held.add(path);
  }
  try {
    if (!inMemory) await makeFile(options, path);
    const instance = await createWithin(options, path);
    return {
      instance,
      close: () => {
        instance.closeSync();
        held.delete(path);
      },
    };
  } catch (error) {
    held.delete(path);
    throw error;
  }
}

async function makeFolder(path: string): Promise<void> {
  const folder = dirname(resolve(path));
  try {
    await mkdir(folder, {recursive: true});
  } catch (cause) {
    throw new WarehouseError(
      'unreadable',
      `The folder of the warehouse '${path}' cannot be made: ${reason(cause)} Give the target another path.`,
      {cause},
    );
  }
}

/**
 * Puts an empty database where there is no file, as a whole. DuckDB takes one whose making was cut short, or is under
 * way in another process, for damaged.
 */
async function makeFile(options: DuckdbOptions, path: string): Promise<void> {
  if (existsSync(path)) return;
  const aside = `${path}.new-${randomUUID()}`;
  try {
    const instance = await DuckDBInstance.create(aside, settings(options));
    instance.closeSync();
    await link(aside, path);
  } catch (error) {
    // Another process was quicker, or the disk knows no links: then DuckDB makes it in its place.
    if (!(error instanceof Error && 'syscall' in error && error.syscall === 'link'))
      throw openError(options.path, error);
  } finally {
    await rm(aside, {force: true});
  }
}

async function createWithin(options: DuckdbOptions, path: string): Promise<DuckDBInstance> {
  // No clock that someone may set meanwhile.
  const until = performance.now() + (options.waitMs ?? 0);
  for (;;) {
    try {
      return await DuckDBInstance.create(path, settings(options));
    } catch (error) {
      const mistake = openError(options.path, error);
      if (mistake.kind !== 'locked' || performance.now() + PAUSE > until) throw mistake;
      await pause(PAUSE);
    }
  }
}

function settings({memoryLimit, threads}: DuckdbOptions): Record<string, string> {
  return {
    errors_as_json: 'true',
    // A checkpoint rewrites a table's last row group: one after every few batches does that again and again.
    wal_autocheckpoint: '256MB',
    // A name that no extension here knows must fail at once, offline too.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    ...(memoryLimit === undefined ? {} : {memory_limit: memoryLimit}),
    ...(threads === undefined ? {} : {threads: String(threads)}),
  };
}

function openError(path: string, cause: unknown): WarehouseError {
  const {message} = engineError(cause);
  if (/conflicting lock|could not set lock|being used by another process/i.test(message)) {
    return new WarehouseError(
      'locked',
      `The warehouse '${path}' is held by ${holder(message)}; wait for it or end it, then run again.`,
      {cause, holder: holder(message)},
    );
  }
  if (/no space left|disk full/i.test(message)) {
    return new WarehouseError(
      'disk-full',
      `The disk of the warehouse '${path}' is full; free some space and run again.`,
      {
        cause,
      },
    );
  }
  return unreadable(path, cause);
}

/** Also of a file whose header is whole and whose rest is not. */
export function unreadable(path: string, cause: unknown): WarehouseError {
  if (/read-only file system|permission denied/i.test(engineError(cause).message))
    return new WarehouseError(
      'unreadable',
      `The warehouse '${path}' cannot be opened: this user may not write it. Allow this user to write the file and its folder.`,
      {cause},
    );
  const message = startsAs(path, 'SQLite format 3') ? 'It is a SQLite file.' : reason(cause);
  return new WarehouseError(
    'unreadable',
    `The warehouse '${path}' cannot be opened: ${message} Bring it back from a backup; or, to make everything anew, move it and the ledger away; or give the target another path.`,
    {cause},
  );
}

function startsAs(path: string, text: string): boolean {
  const start = Buffer.alloc(text.length);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, start);
    } finally {
      closeSync(file);
    }
  } catch {
    return false; // what cannot be read starts as nothing
  }
  return start.toString('latin1') === text;
}

/** DuckDB says `Conflicting lock is held in /usr/bin/node (PID 1234) by user x`. */
function holder(message: string): string {
  const found = /lock is held in (.+?) \(PID (\d+)\)/.exec(message);
  return found === null ? 'another process' : `process ${found[2]} (${found[1]})`;
}

function reason(cause: unknown): string {
  const flat = engineError(cause)
    .message.replaceAll(/\s*\n\s*/g, ' ')
    .trim();
  return /[.!?]$/.test(flat) ? flat : `${flat}.`;
}
