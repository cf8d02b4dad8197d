/**
 * The README's walk through a project of one's own: its commands run one after the other in one shell, and print what
 * the README says. `UPDATE_CASES=1` writes what they print into the README.
 */
import {spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {sectionsOf, withPrinted} from './kit/console-page.ts';

const root = path.dirname(import.meta.dirname);
const file = path.join(root, 'README.md');
const readme = readFileSync(file, 'utf8');
const steps = sectionsOf(readme).find(({title}) => title === 'A project of your own')?.commands ?? [];

/** Between the output of two commands; no command prints it. */
const END = '\u0004';

let folder: string;
let printed: readonly string[];
let codes: readonly string[];
let tookMs: number;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gameplan-walk-'));
  mkdirSync(path.join(folder, 'bin'));
  const command = path.join(folder, 'bin/gameplan');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${path.join(root, 'cli/main.ts')}' "$@"\n`);
  chmodSync(command, 0o755);
  const script = steps.map(({line}) => `${line}\nprintf '${END}%s${END}' $?`).join('\n');
  const begun = Date.now();
  const {stdout} = spawnSync('bash', ['-c', `{ ${script}\n} 2>&1`], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${folder}/bin:${process.env['PATH']}`,
      COLUMNS: '100',
      NODE_COMPILE_CACHE: `${folder}/bin`,
    },
    encoding: 'utf8',
  });
  tookMs = Date.now() - begun;
  const parts = stdout.split(END);
  printed = parts.filter((_, index) => index % 2 === 0);
  codes = parts.filter((_, index) => index % 2 === 1);
  if (process.env['UPDATE_CASES'] !== '1') return;
  const shown = steps.map((step, index) => [step, (printed[index] ?? '').replace(/\n$/, '')] as const);
  writeFileSync(file, withPrinted(readme, new Map(shown)));
}, 180_000);
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** What another time and another machine print otherwise; lines break elsewhere by it. */
function timeless(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d GMT\+0/g, 'NOW')
    .replaceAll(/\d{8}-\d{6}-[0-9a-f]{6}/g, 'RUN')
    .replaceAll(/\d+(\.\d+)? (ms|s|min|h|d)\b/g, 'TIME')
    .replaceAll(/\b(Under|About) TIME/g, 'TIME')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

test('it goes from nothing to a gap that is found and mended', () => {
  const commands = steps.map(({line}) => line);
  expect(commands[0]).toBe('gameplan init league');
  expect(commands.filter(command => command === 'gameplan materialize')).toHaveLength(2);
  expect(commands.some(command => command.startsWith('gameplan gaps'))).toBe(true);
  expect(printed[steps.length - 1]).toContain('Nothing to do.');
});

test('nothing but the run that finds the gap ends with an error', () => {
  const wrong = steps.filter((_, index) => codes[index] !== '0').map(({line}) => line);
  expect(wrong).toEqual(['gameplan materialize']);
});

test('its commands leave most of ten minutes for reading', () => {
  expect(tookMs).toBeLessThan(120_000);
});

describe('prints what the README says', () => {
  for (const [index, {line, shown}] of steps.entries()) {
    test(line, () => {
      expect(timeless(printed[index] ?? '')).toBe(timeless(shown));
    });
  }
});
