import {spawnSync} from 'node:child_process';
import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {expect, test} from 'vitest';

const SPOOL = pathToFileURL(path.join(import.meta.dirname, '..', '..', 'server', 'spool.ts')).href;

/** Makes spools with ever more descriptors left to the process, and prints what became of each try. */
const TRIES = `
import {closeSync, openSync} from 'node:fs';
import {openSpools} from ${JSON.stringify(SPOOL)};
const takeAll = () => {
  const taken = [];
  for (;;) {
    try {
      taken.push(openSync('/dev/null'));
    } catch {
      return taken;
    }
  }
};
const told = [];
for (let left = 0; left < 12; left++) {
  const taken = takeAll();
  const before = taken.length;
  for (const each of taken.splice(0, left)) closeSync(each);
  let made;
  try {
    made = openSpools();
  } catch {}
  const isMade = made !== undefined;
  made?.close();
  for (const each of taken) closeSync(each);
  const after = takeAll();
  told.push({isMade, lost: before - after.length});
  for (const each of after) closeSync(each);
}
console.log(JSON.stringify(told));
`;

test.skipIf(process.platform === 'win32')('where one of the two files cannot be made, neither stays', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gameplan-spools-'));
  const {stdout, stderr} = spawnSync(
    'sh',
    ['-c', 'ulimit -n 128; exec "$0" --input-type=module -e "$1"', process.execPath, TRIES],
    {encoding: 'utf8', env: {...process.env, TMPDIR: folder}},
  );
  expect(stderr).toBe('');
  const told = JSON.parse(stdout) as {isMade: boolean; lost: number}[];
  expect(told.map(({lost}) => lost)).toEqual(told.map(() => 0));
  expect(told[0]?.isMade).toBe(false);
  expect(told.at(-1)?.isMade).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, {recursive: true});
});
