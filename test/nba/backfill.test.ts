/**
 * What docs/backfill.md says is so: its commands run in its order on the shipped pipeline, against a league that is
 * played from a seed, and print what stands below them. `UPDATE_CASES=1` writes what they print into the page.
 */
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type LeagueProcess, startLeagueProcess} from '../../demo/league/league-process.ts';
import type {FaultRule} from '../../demo/league.ts';
import {
  type Command,
  type Direction,
  likened,
  sectionsOf,
  withoutProgress,
  withPrinted,
} from '../kit/console-page.ts';
import {Shell} from './shell.ts';
import {ShippedProject} from './shipped-project.ts';

const file = path.join(import.meta.dirname, '..', '..', 'docs', 'backfill.md');
const page = readFileSync(file, 'utf8');
const sections = sectionsOf(page);
const printed = new Map<Command, string>();
/** Whether the page shows something else than what is printed now; then it is written anew as a whole, with one time. */
let isOld = false;

let league: LeagueProcess;
let project: ShippedProject;
let shell: Shell;

beforeAll(async () => {
  league = await startLeagueProcess(['--simulated', '--seed', '11', '--from', '2023-24', '--to', '2024-25']);
  project = new ShippedProject({
    target: 'simulated',
    league: league.url,
    start: '2024-06-12',
    end: '2024-10-29',
  });
  const [now, since] = [project.now, performance.now()];
  project.clock = () => now + Math.round(performance.now() - since);
  project.columns = 100;
  shell = new Shell(project);
});

afterAll(async () => {
  await shell?.end();
  await league?.stop();
  project?.remove();
  if (isOld) writeFileSync(file, withPrinted(page, printed));
});

/** What the page plays on its reader. */
async function direct({word, text}: Direction): Promise<void> {
  switch (word) {
    case 'fault':
      // the league refuses what is none
      return await league.addFaults(...(JSON.parse(text) as FaultRule[]));
    case 'mended':
      return await league.clearFaults();
    case 'until':
      return await shell.until(Number.parseInt(text, 10));
    default:
      throw new Error(`The page says '${word}', and no test knows what that is.`);
  }
}

test('the page has every step', () => {
  const commands = sections.flatMap(({commands}) => commands);
  expect(sections.length).toBeGreaterThan(10);
  expect(commands.length).toBeGreaterThan(20);
});

for (const {title, commands} of sections)
  describe(title, () => {
    for (const command of commands)
      test(command.line, async () => {
        for (const direction of command.before) await direct(direction);
        const text = withoutProgress(await shell.type(command.line)).trimEnd();
        printed.set(command, text);
        if (likened(text, project.root) === likened(command.shown, project.root)) return;
        if (process.env['UPDATE_CASES'] === '1') isOld = true;
        else expect(text, 'differs from docs/backfill.md; UPDATE_CASES=1 writes it').toBe(command.shown);
      });
  });
