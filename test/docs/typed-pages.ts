/**
 * Types the commands of pages, each page in a project of its own, and compares what is printed with what stands below
 * them. `UPDATE_CASES=1` writes it anew. It does not deal with which pages there are.
 */
import {appendFileSync, mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {
  type Command,
  type Direction,
  likened,
  sectionsOf,
  settingOf,
  withoutProgress,
  withPrinted,
} from '../kit/console-page.ts';
import type {DocPage} from './doc-page.ts';
import {forgetProjects, openProject, type PageProject} from './page-project.ts';
import {PageShell} from './page-shell.ts';

/** When a page's commands begin, unless it says `<!-- clock: TIME -->` or `<!-- clock: real -->`: the last night is over. */
const CLOCK = '2024-12-13T09:00:00Z';

/** Where a reader's project lies; the test's has a name of its own each time. */
const HOME = '/home/ada/league';

export function typePages(pages: readonly DocPage[]): void {
  afterAll(forgetProjects);
  for (const page of pages) describe(page.name, () => typePage(page));
}

function typePage(page: DocPage): void {
  const printed = new Map<Command, string>();
  let isOld = false;
  let project: PageProject;
  let shell: PageShell;

  beforeAll(async () => {
    const opened = await openProject(settingOf(page.text, 'project') ?? 'league');
    project = opened;
    const clock = settingOf(page.text, 'clock') ?? CLOCK;
    const now = clock === 'real' ? Date.now() : Date.parse(clock);
    shell = new PageShell({...opened, now});
  });

  afterAll(async () => {
    await shell?.end();
    await project?.close();
    if (isOld) writeFileSync(page.file, withPrinted(page.text, printed));
  });

  for (const command of sectionsOf(page.text).flatMap(({commands}) => commands))
    test(command.line, async () => {
      for (const direction of command.before) await direct(direction, shell, project.folder);
      const typed = await shell.type(command.line);
      const text = withoutProgress(typed.text).replaceAll(project.folder, HOME).trimEnd();
      const wanted = Number(command.before.find(({word}) => word === 'exit')?.text ?? 0);
      expect(typed.code, `${text}\nends so; before the block <!-- exit: N --> may say otherwise`).toBe(
        wanted,
      );
      const isSame = isLike(text, command.shown);
      printed.set(command, isSame ? command.shown : text);
      if (isSame) return;
      if (process.env['UPDATE_CASES'] === '1') isOld = true;
      else expect(text, `differs from ${page.name}; UPDATE_CASES=1 writes it`).toBe(command.shown);
    });
}

/** A line `…` of the page stands for any lines. */
function isLike(text: string, shown: string): boolean {
  const parts = shown.split(/^…$/m).map(part => likened(part, HOME));
  const said = likened(text, HOME);
  if (parts.length === 1) return said === parts[0];
  let rest = said;
  for (const part of parts.slice(0, -1)) {
    const at = rest.indexOf(part);
    if (at === -1) return false;
    rest = rest.slice(at + part.length);
  }
  return said.startsWith(parts[0] ?? '') && rest.endsWith(parts.at(-1) ?? '');
}

/** What a page plays on its reader, and what it says of the page itself or of a command. */
async function direct({word, text, block}: Direction, shell: PageShell, folder: string): Promise<void> {
  const file = path.join(folder, text);
  switch (word) {
    case 'run': {
      const {code, text: said} = await shell.type(text);
      if (code !== 0) throw new Error(`'${text}' ended with ${code}: ${said}`);
      return;
    }
    case 'write':
      mkdirSync(path.dirname(file), {recursive: true});
      return writeFileSync(file, block);
    case 'append':
      return appendFileSync(file, `\n${block}`);
    case 'exit':
      return;
    default:
      throw new Error(`The page says '${word}', and no test knows what that is.`);
  }
}
