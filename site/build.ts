/**
 * Builds the site of docs/ as files that need no server: `npm run docs -- [FOLDER]`.
 * It does not deal with what pages say.
 */
import {cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import MiniSearch from 'minisearch';
import {SEARCH_OPTIONS} from './browser/search-options.ts';
import {escaped} from './escaped.ts';
import {pageHtml} from './layout.ts';
import {type Rendered, render} from './markdown.ts';
import {type NavigationGroup, navigationOf} from './navigation.ts';
import {readPages} from './pages.ts';

const root = path.dirname(import.meta.dirname);

/** What was there before goes. Returns how many pages there are. */
export async function buildSite(out: string): Promise<number> {
  const pages = new Map(readPages().map(page => [page.name, render(page)]));
  const groups = navigationOf(new Map([...pages].map(([name, {title}]) => [name, title])));
  rmSync(out, {recursive: true, force: true});
  for (const [name, rendered] of pages) {
    write(path.join(out, `${name}.html`), pageHtml(rendered, {name, groups}));
    for (const file of rendered.files) {
      copy(file, path.join(out, 'files', file));
      if (statSync(path.join(root, file)).isDirectory()) listFolder(out, file, groups);
    }
  }
  copy('web/icon.svg', path.join(out, 'icon.svg'));
  copy('site/browser/site.css', path.join(out, 'site.css'));
  write(path.join(out, 'search.js'), `window.gameplanSearch = ${searchIndex(pages)};\n`);
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: {site: 'site/browser/site.ts', scheme: 'site/browser/scheme.ts'},
    outdir: out,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    legalComments: 'eof',
    logLevel: 'warning',
  });
  return pages.size;
}

function searchIndex(pages: ReadonlyMap<string, Rendered>): string {
  const index = new MiniSearch(SEARCH_OPTIONS);
  for (const [name, {title, passages}] of pages)
    index.addAll(
      passages.map(passage => ({
        ...passage,
        id: `${name}.html#${passage.id}`,
        page: title,
        // what is shown of it
        excerpt: passage.text.slice(0, 140),
      })),
    );
  return JSON.stringify(index);
}

function copy(from: string, to: string): void {
  const file = path.join(root, from);
  if (!existsSync(file)) throw new Error(`'${from}' is linked and is not there.`);
  mkdirSync(path.dirname(to), {recursive: true});
  cpSync(file, to, {recursive: true});
}

/** A folder that is linked shows what is in it. */
function listFolder(out: string, folder: string, groups: readonly NavigationGroup[]): void {
  const lines = readdirSync(path.join(root, folder))
    .sort()
    .map(file => `<li><a href="${escaped(encodeURI(file))}">${escaped(file)}</a></li>`);
  const html = `<h1>${escaped(folder)}</h1>\n<ul>\n${lines.join('\n')}\n</ul>\n`;
  const list = {title: folder, summary: `What is in ${folder}.`, html, headings: [], passages: [], files: []};
  const name = `files/${folder}/index`;
  write(path.join(out, `${name}.html`), pageHtml(list, {name, groups}));
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), {recursive: true});
  writeFileSync(file, text);
}
