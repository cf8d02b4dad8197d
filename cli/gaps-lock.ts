/**
 * Lets one command at a time edit the file of known gaps: two that read it at once would each write what the other lacks.
 * It does not deal with what is in the file (known-gaps-file.ts), nor with people who edit it meanwhile.
 */
import {mkdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import type {Declared} from '../report/project-ledger.ts';

const LOOK_MS = 20;
/** An edit takes a moment: whoever holds it for so long was killed. */
const LONGEST_MS = 10_000;

export async function editAlone<T>({root, pipeline}: Declared, edit: () => Promise<T>): Promise<T> {
  const lock = `${path.resolve(root, pipeline.target.knownGaps)}.lock`;
  mkdirSync(path.dirname(lock), {recursive: true});
  let seen = {mark: '', since: 0};
  while (!take(lock)) {
    const mark = markOf(lock);
    if (mark !== seen.mark) seen = {mark, since: performance.now()};
    else if (performance.now() - seen.since > LONGEST_MS) rmSync(lock, {force: true});
    await delay(LOOK_MS);
  }
  try {
    return await edit();
  } finally {
    rmSync(lock, {force: true});
  }
}

function take(lock: string): boolean {
  try {
    writeFileSync(lock, '', {flag: 'wx'});
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Another one where another process holds it; empty where nobody does by now. */
function markOf(lock: string): string {
  const stats = statSync(lock, {throwIfNoEntry: false});
  return stats === undefined ? '' : `${stats.ino} ${stats.mtimeMs}`;
}
