/**
 * Chromium with pages that watch themselves: what a page writes to its console as an error, what it asks of
 * another host, and what axe finds wrong with it.
 * It does not deal with what is on a page.
 */
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import type {Browser, BrowserContextOptions, Page} from 'playwright-core';
import {startChromium} from './chromium.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export class TestBrowser {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async open(): Promise<TestBrowser> {
    return new TestBrowser(await startChromium());
  }

  async page(url: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
    const context = await this.#browser.newContext({
      viewport: {width: 1280, height: 900},
      // Nothing moves, so that nothing is looked at while it does.
      reducedMotion: 'reduce',
      baseURL: url,
      ...options,
    });
    return new WatchedPage(await context.newPage(), url);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

export class WatchedPage {
  readonly page: Page;
  /** Errors of the console and of the page, and requests to other hosts. */
  readonly troubles: string[] = [];

  constructor(page: Page, url: string) {
    this.page = page;
    page.setDefaultTimeout(30_000);
    page.on('console', message => {
      if (message.type() === 'error')
        this.troubles.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', error => this.troubles.push(`error: ${error.message}`));
    page.on('request', request => {
      const asked = request.url();
      if (!asked.startsWith(`${url}/`) && !asked.startsWith('data:') && !asked.startsWith('blob:'))
        this.troubles.push(`request: ${asked}`);
    });
  }

  /** What axe finds, a line each; empty where nothing is wrong. */
  async axe(): Promise<readonly string[]> {
    // Not as a script of the page: its policy allows none.
    await this.page.evaluate(readFileSync(AXE, 'utf8'));
    const found = await this.page.evaluate(async () => {
      const {axe} = globalThis as unknown as {axe: typeof import('axe-core')}; // put there by the line above
      const {violations} = await axe.run({
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
      });
      return violations.map(
        ({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 160)).join(' | ')}`,
      );
    });
    return found;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
