/**
 * Strips alone in a browser (web/strip-alone.tsx): bundled when asked for, and handed to the browser without a server.
 * It does not deal with what is done there.
 */
import {tmpdir} from 'node:os';
import path from 'node:path';
import {build} from 'esbuild';
import type {Browser, Page} from 'playwright-core';
import {pageOptions} from '../../scripts/page-options.mjs';

const root = path.dirname(path.dirname(import.meta.dirname));
const HTML = `<!doctype html><html lang="en"><link rel="stylesheet" href="/page.css"><div id="root"></div>
<script type="module" src="/page.js"></script></html>`;

/** By address. */
let files: Promise<ReadonlyMap<string, string>> | undefined;

async function bundle(): Promise<ReadonlyMap<string, string>> {
  const {outputFiles = []} = await build({
    ...pageOptions(root, path.join(tmpdir(), 'gameplan-strip')),
    entryPoints: {page: 'web/strip-alone.tsx'},
    metafile: false,
    write: false,
  });
  return new Map(outputFiles.map(({path: file, text}) => [`/${path.basename(file)}`, text]));
}

/** Of `gaps`, ordinals, each is missing and all others are fresh; without them some two of a hundred are not fresh. */
export async function openStrips(
  browser: Browser,
  {
    count,
    gaps,
    width = 1600,
  }: {readonly count: number; readonly gaps?: readonly number[]; readonly width?: number},
): Promise<Page> {
  files ??= bundle();
  const made = await files;
  const page = await browser.newPage({viewport: {width, height: 900}});
  page.on('pageerror', error => {
    throw error;
  });
  await page.route('**/*', route => {
    const {pathname} = new URL(route.request().url());
    const body = made.get(pathname);
    if (body === undefined) return route.fulfill({body: HTML, contentType: 'text/html'});
    return route.fulfill({body, contentType: pathname.endsWith('.css') ? 'text/css' : 'text/javascript'});
  });
  const asked = new URLSearchParams({
    count: String(count),
    ...(gaps === undefined ? {} : {gaps: gaps.join(',')}),
  });
  await page.goto(`http://strip.invalid/?${asked}`);
  await page.locator('.strip canvas[width]').first().waitFor();
  return page;
}
