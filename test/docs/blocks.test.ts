/** Every block of docs/ is of a kind that says whether its commands are typed by a test; those that are not say why. */
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {DOC_PAGES, type DocPage} from './doc-page.ts';

/** What a block may show. `console` is typed by a test, `sh` by nobody here. */
const KINDS = ['console', 'css', 'csv', 'dockerfile', 'ini', 'json', 'sh', 'sql', 'text', 'ts', 'yaml', ''];

const LISTED = path.join(import.meta.dirname, '..', 'cases', 'docs', 'not-run.txt');

interface Block {
  readonly kind: string;
  readonly text: string;
  /** The paragraph that it stands directly below. */
  readonly above: string;
}

function blocksOf({text}: DocPage): readonly Block[] {
  const found = text.matchAll(/(?:^|\n)([^\n]*)\n*\n```([^\n]*)\n([\s\S]*?)^```$/gm);
  return [...found].map(([, above = '', kind = '', block = '']) => ({kind, text: block, above}));
}

describe.each(DOC_PAGES)('$name', page => {
  test('has blocks of known kinds', () => {
    const opened = [...page.text.matchAll(/^```(.*)$/gm)].filter((_, index) => index % 2 === 0);
    for (const [, kind] of opened) expect(KINDS).toContain(kind);
  });

  test('shows no command in a block that nothing types', () => {
    const others = blocksOf(page).filter(({kind}) => kind !== 'console' && kind !== 'sh');
    const commands = others.flatMap(
      ({text}) => text.match(/^(?:\$ |(?:npx )?gameplan \w+ |npm ).*$/gm) ?? [],
    );
    expect(commands).toEqual([]);
  });

  test('says why its other commands are not typed', () => {
    for (const {text, above} of blocksOf(page).filter(({kind}) => kind === 'sh'))
      expect({text, above}).toEqual({text, above: expect.stringMatching(/^Not run by a test: .*\.$/)});
  });
});

test('what is not run is listed', () => {
  const listed = DOC_PAGES.flatMap(page =>
    blocksOf(page)
      .filter(({kind}) => kind === 'sh')
      .map(({text, above}) => `${page.name}\n  ${above}\n${text.replaceAll(/^(?=.)/gm, '    ')}`),
  ).join('\n');
  if (process.env['UPDATE_CASES'] === '1') {
    mkdirSync(path.dirname(LISTED), {recursive: true});
    writeFileSync(LISTED, listed);
  }
  expect(existsSync(LISTED) ? readFileSync(LISTED, 'utf8') : '').toBe(listed);
});
