/**
 * Builds the site of docs/ as files that need no server: `npm run docs -- [FOLDER]`.
 * It does not deal with what pages say.
 */
import {copyFileSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import MiniSearch from 'minisearch';
import {SEARCH_OPTIONS} from './browser/search-options.ts';
import {pageHtml} from './layout.ts';
import {type Rendered, render} from './markdown.ts';
import {navigationOf} from './navigation.ts';
import {readPages} from './pages.ts';

const root = path.dirname(import.meta.dirname);

/** What was there before goes. Returns how many pages there are. */
export async function buildSite(out: string): Promise<number> {
  const pages = new Map(readPages().map(page => [page.name, render(page)]));
  const groups = navigationOf(new Map([...pages].map(([name, {title}]) => [name, title])));
  rmSync(out, {recursive: true, force: true});
  for (const [name, rendered] of pages) {
    write(path.join(out, `${name}.html`), pageHtml(rendered, {name, groups}));
    for (const file of rendered.files) copy(file, path.join(out, 'files', file));
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

/** A folder that is linked has no page of its own. */
function copy(from: string, to: string): void {
  const file = path.join(root, from);
  if (!existsSync(file)) throw new Error(`'${from}' is linked and is not there.`);
  if (statSync(file).isDirectory()) throw new Error(`'${from}' is a folder: link a file.`);
  mkdirSync(path.dirname(to), {recursive: true});
  copyFileSync(file, to);
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), {recursive: true});
  writeFileSync(file, text);
}
