/**
 * A ledger that cannot be read or written: which file, why, and what to do about it.
 * It does not deal with mistakes in what is recorded.
 */

import {statfsSync} from 'node:fs';
import {dirname} from 'node:path';

export type LedgerErrorKind =
  | 'newer'
  | 'other-program'
  | 'other-pipeline'
  | 'not-a-ledger'
  | 'damaged'
  | 'unreadable'
  | 'busy'
  | 'unreachable'
  | 'denied'
  | 'disk-full';

export class LedgerError extends Error {
  readonly kind: LedgerErrorKind;
  readonly path: string;
  readonly mend: string;

  /** `message` says path, cause and mend in two sentences. */
  constructor(kind: LedgerErrorKind, about: {path: string; problem: string; mend: string; cause?: unknown}) {
    super(`The ledger '${about.path}' ${about.problem}. ${about.mend}`, {cause: about.cause});
    this.name = 'LedgerError';
    this.kind = kind;
    this.path = about.path;
    this.mend = about.mend;
  }
}

/** SQLite's primary result codes that have a cause a user can mend: https://sqlite.org/rescode.html */
const CAUSES: Readonly<Record<number, {kind: LedgerErrorKind; problem: string; mend: string}>> = {
  5: {
    kind: 'busy',
    problem: 'is in use by another process',
    mend: 'Wait until that process has ended, then run the command again.',
  },
  8: {
    kind: 'unreadable',
    problem: 'cannot be written',
    mend: 'Allow this user to write the file and its folder.',
  },
  10: {
    kind: 'unreadable',
    problem: 'cannot be read or written: the disk reports an error',
    mend: 'Look after the disk, then run the command again.',
  },
  11: {
    kind: 'damaged',
    problem: 'is damaged',
    mend: "'gameplan ledger rebuild' writes it anew from the receipts beside the data; or bring it back from a backup.",
  },
  13: {
    kind: 'disk-full',
    problem: 'cannot grow: the disk is full',
    mend: 'Free some space, then run the command again.',
  },
  14: {
    kind: 'unreadable',
    problem: 'cannot be opened',
    mend: 'Allow this user to read and write the file and its folder.',
  },
  26: {
    kind: 'not-a-ledger',
    problem: 'is not a SQLite file',
    mend: "If it was the ledger, 'gameplan ledger rebuild' writes it anew from the receipts beside the data; else point the target's 'ledger' elsewhere.",
  },
};

/** What a row names is not there, in a file that SQLite can read. */
export class DamagedContent extends Error {}

/** The problem, where an error tells of content that no gameplan wrote. */
function contentProblem(error: unknown): string | undefined {
  if (error instanceof DamagedContent) return `is damaged: it holds ${error.message}`;
  if (error instanceof SyntaxError && error.message.includes('JSON'))
    return 'is damaged: a text in it is no JSON';
  const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_OUT_OF_RANGE';
  return isTooLarge ? 'is damaged: a number in it is too large' : undefined;
}

const DAMAGED = 11;
const DISK_ERROR = 10;
const DISK_FULL = 13;

/** Where there is no room for the file that SQLite shares among processes, it speaks of a disk error. */
function causeOf(code: number, path: string): number {
  return code === DISK_ERROR && isFull(dirname(path)) ? DISK_FULL : code;
}

/** SQLite's shared file grows by so much. */
const LEAST_BYTES = 64 * 1024;

function isFull(folder: string): boolean {
  try {
    const {bavail, bsize} = statfsSync(folder);
    return bavail * bsize < LEAST_BYTES;
  } catch {
    return false; // what cannot be looked at is not known to be full
  }
}

/** Runs `action`; what SQLite says about the file becomes a `LedgerError`, and all else passes as it is. */
export function withLedgerErrors<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
    const problem = contentProblem(error);
    const cause = CAUSES[problem === undefined ? causeOf(Number(code) & 0xff, path) : DAMAGED];
    if (cause === undefined) throw error;
    throw new LedgerError(cause.kind, {...cause, ...(problem && {problem}), path, cause: error});
  }
}
