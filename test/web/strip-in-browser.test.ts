import type {Browser, Page} from 'playwright-core';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {hasChromium, startChromium} from '../kit/chromium.ts';
import {openStrips} from '../kit/strip-page.ts';

/** Run in the page: which columns of the line's picture are wholly of a colour of the theme. */
const COLUMNS = `async name => {
  await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const {width, height} = document.querySelector('.strip canvas');
  const {data} = document.querySelector('.strip canvas').getContext('2d').getImageData(0, 0, width, height);
  const colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const wanted = [1, 3, 5].map(at => Number.parseInt(colour.slice(at, at + 2), 16));
  const isWanted = (x, y) => wanted.every((part, i) => Math.abs(data[(y * width + x) * 4 + i] - part) <= 1);
  const rows = Array.from({length: height}, (_, y) => y);
  const columns = Array.from({length: width}, (_, x) => x).filter(x => rows.every(y => isWanted(x, y)));
  return {width, columns};
}`;

/** In pixels. */
function picture(page: Page): Promise<{readonly width: number; readonly columns: readonly number[]}> {
  return page.evaluate(`(${COLUMNS})('--state-missing')`);
}

describe.skipIf(!hasChromium)('a strip in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  const open = (asked: Parameters<typeof openStrips>[1]) => openStrips(browser, asked);
  const told = (page: Page, id: 'selected' | 'count' | 'opened') => page.locator(`#${id}`).textContent();
  const value = (page: Page) => page.locator('.strip').first().getAttribute('aria-valuetext');

  test('shows one gap among 100,000 partitions, two pixels wide and as high as the strip', async () => {
    const page = await open({count: 100_000, gaps: [61_234], width: 700});
    const {width, columns} = await picture(page);
    expect(columns.length).toBe(2);
    expect(Math.abs((columns[0] ?? 0) - 0.61234 * width)).toBeLessThanOrEqual(1);
    await page.close();
  });

  test('shows gaps at both of its ends', async () => {
    const page = await open({count: 50_000, gaps: [0, 49_999], width: 900});
    const {width, columns} = await picture(page);
    expect(columns).toEqual([0, 1, width - 2, width - 1]);
    await page.close();
  });

  test('selects what is dragged over, and says meanwhile how much that is', async () => {
    const page = await open({count: 400, gaps: []});
    const box = await page.locator('.strip').first().boundingBox();
    if (box === null) throw new Error('no strip');
    const at = (ordinal: number) => box.x + ((ordinal + 0.5) / 400) * box.width;
    await page.mouse.move(at(10), box.y + 5);
    await page.mouse.down();
    await page.mouse.move(at(40), box.y + 5, {steps: 5});
    expect(await page.locator('.strip-card').textContent()).toContain('31 partitions');
    await page.mouse.up();
    expect(await told(page, 'selected')).toBe('1700-01-11..1700-02-10');
    await page.keyboard.down('Control');
    await page.mouse.move(at(100), box.y + 5);
    await page.mouse.down();
    await page.mouse.move(at(101), box.y + 5);
    await page.mouse.up();
    await page.keyboard.up('Control');
    expect(await told(page, 'count')).toBe('33');
    await page.close();
  });

  test('is worked with keys alone', async () => {
    const page = await open({count: 400, gaps: [3, 70]});
    await page.keyboard.press('Tab');
    await page.keyboard.press('Home');
    expect(await value(page)).toBe('1700-01-01, fresh');
    await page.keyboard.press('n');
    expect(await value(page)).toBe('1700-01-04, missing');
    await page.keyboard.press('n');
    await page.keyboard.press('p');
    expect(await value(page)).toBe('1700-01-04, missing');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowRight');
    expect(await told(page, 'selected')).toBe('1700-01-04..1700-01-07');
    expect(await value(page)).toBe('1700-01-07, fresh, selected');
    for (let i = 0; i < 5; i++) await page.keyboard.press('Shift+ArrowLeft');
    expect(await told(page, 'selected')).toBe('1700-01-02..1700-01-04');
    await page.keyboard.press('Enter');
    expect(await told(page, 'opened')).toBe('1700-01-02');
    await page.keyboard.press('Escape');
    expect(await told(page, 'count')).toBe('0');
    await page.keyboard.press('Space');
    expect(await told(page, 'selected')).toBe('1700-01-02');
    await page.close();
  });

  test('zooms around the pointer, down to single cells, and back', async () => {
    const page = await open({count: 20_000, gaps: [12_000]});
    const box = await page.locator('.strip').first().boundingBox();
    if (box === null) throw new Error('no strip');
    await page.mouse.move(box.x + box.width * 0.60002, box.y + 5);
    await page.keyboard.down('Control');
    for (let i = 0; i < 12; i++) await page.mouse.wheel(0, -200);
    await page.keyboard.up('Control');
    expect((await picture(page)).columns.length).toBeGreaterThan(2);
    await page.locator('.strip').first().focus();
    await page.keyboard.press('0');
    expect((await picture(page)).columns.length).toBe(2);
    await page.close();
  });
});
