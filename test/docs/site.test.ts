/**
 * The site of docs/ as it is built: every link leads somewhere, every page is in the navigation, and a browser shows it
 * from files, without errors and without asking anyone.
 */
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {buildSite} from '../../site/build.ts';
import {TestBrowser} from '../kit/browser.ts';
import {hasChromium} from '../kit/chromium.ts';
import {DOC_PAGES} from './doc-page.ts';

const base = mkdtempSync(path.join(tmpdir(), 'gameplan-site-'));
/** A space and a sign, as a folder may have. */
const out = path.join(base, 'a site & more');

beforeAll(async () => {
  await buildSite(out);
});
afterAll(() => rmSync(base, {recursive: true, force: true}));

function pages(): readonly string[] {
  return readdirSync(out, {recursive: true, encoding: 'utf8'}).filter(
    name => name.endsWith('.html') && !name.startsWith('files'),
  );
}

function textOf(name: string): string {
  return readFileSync(path.join(out, name), 'utf8');
}

/** What a page points to within the site, as files of it. */
function targetsOf(name: string): readonly {readonly file: string; readonly anchor: string}[] {
  const found = textOf(name).matchAll(/ (?:href|src)="([^"]*)"/g);
  return [...found]
    .map(([, target = '']) => target)
    .filter(target => !/^(?:https?|mailto):/.test(target))
    .map(target => {
      const [file = '', anchor = ''] = target.split('#');
      return {file: file === '' ? name : path.join(path.dirname(name), file), anchor};
    });
}

test("every page of docs/ is one of the site, and so is the README's walk", () => {
  const names = pages().map(name => `docs/${name.replace(/html$/, 'md')}`);
  for (const {name} of DOC_PAGES) expect(names).toContain(name);
  expect(names).toContain('docs/getting-started.md');
});

test('every link leads to a page, a file or a heading that is there', () => {
  const ids = new Map(
    pages().map(name => [name, new Set([...textOf(name).matchAll(/ id="([^"]*)"/g)].map(([, id]) => id))]),
  );
  const lost = pages().flatMap(name =>
    targetsOf(name)
      .filter(
        ({file, anchor}) => !(anchor === '' ? existsSync(path.join(out, file)) : ids.get(file)?.has(anchor)),
      )
      .map(({file, anchor}) => `${name}: ${file}#${anchor}`),
  );
  expect(lost).toEqual([]);
});

test('every page is reached from the navigation', () => {
  const [, navigation = ''] = /<nav id="navigation"[^>]*>([\s\S]*?)<\/nav>/.exec(textOf('index.html')) ?? [];
  const listed = [...navigation.matchAll(/ href="([^"]*)"/g)].map(([, href]) => href);
  expect(listed.toSorted()).toEqual([...pages()].sort());
});

test('no comment for tests is shown', () => {
  for (const name of pages()) expect(textOf(name)).not.toContain('<!--');
});

describe.skipIf(!hasChromium)('in a browser, from files', () => {
  const url = pathToFileURL(out).href;
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.open();
  });
  afterAll(() => browser?.close());

  test.each([
    ['light', 'reference/manifest'],
    ['dark', 'troubleshooting'],
  ] as const)('axe finds nothing in the %s', async (colorScheme, name) => {
    const watched = await browser.page(url, {colorScheme});
    for (const each of ['index', name]) {
      await watched.page.goto(`${url}/${each}.html`);
      expect(await watched.axe(), each).toEqual([]);
    }
    await watched.close();
  });

  test('no page is wider than a phone, whose navigation opens', async () => {
    const watched = await browser.page(url, {viewport: {width: 390, height: 800}});
    const {page} = watched;
    for (const name of pages()) {
      await page.goto(`${url}/${name}`);
      const width = await page.evaluate('document.documentElement.scrollWidth');
      expect({name, width}).toEqual({name, width: 390});
    }
    await page.goto(`${url}/index.html`);
    await page.getByRole('button', {name: 'Pages'}).click();
    await page.getByRole('link', {name: 'Concepts'}).first().click();
    await page.waitForURL(/concepts\.html$/);
    expect(watched.troubles).toEqual([]);
    await watched.close();
  });

  test('what is looked for is found by keys alone', async () => {
    const watched = await browser.page(url);
    const {page} = watched;
    await page.goto(`${url}/reference/commands.html`);
    await page.keyboard.press('/');
    await page.keyboard.type('bad-window');
    await page.locator('#found a').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/reference\/errors\.html#bad-window$/);
    await page.keyboard.press('/');
    await page.keyboard.type('qqqqqq');
    await page.getByText("Nothing has 'qqqqqq'.").waitFor();
    await page.keyboard.press('Escape');
    expect(await page.locator('#found').isHidden()).toBe(true);
    expect(watched.troubles).toEqual([]);
    await watched.close();
  });

  test('the colours that were chosen stay', async () => {
    const watched = await browser.page(url, {colorScheme: 'light'});
    const {page} = watched;
    await page.goto(`${url}/index.html`);
    await page.getByRole('button', {name: 'Switch between light and dark'}).click();
    await page.goto(`${url}/concepts.html`);
    expect(await page.locator('html').getAttribute('data-scheme')).toBe('dark');
    await watched.close();
  });

  test('a button copies what is typed, and not what is printed', async () => {
    const watched = await browser.page(url, {permissions: ['clipboard-read', 'clipboard-write']});
    const {page} = watched;
    await page.goto(`${url}/index.html`);
    await page.locator('.copy').first().click();
    await page.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('gameplan status');
    await watched.close();
  });
});
