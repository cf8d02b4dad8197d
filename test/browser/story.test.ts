/**
 * The whole story in a real browser: nothing there, a plan, a run that is watched, a failure, its explanation, a gap that
 * is accepted, a source that is mended, a gap that heals, and addresses that bring all of it back.
 */
import type {Request} from 'playwright-core';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {ToyProject} from '../cli/command-line.ts';
import {TestBrowser, type WatchedPage} from '../kit/browser.ts';
import {hasChromium} from '../kit/chromium.ts';
import {PageServer} from '../kit/page-server.ts';

if (!hasChromium) process.stdout.write('skipped: the page in a browser (apt-get install chromium)\n');

describe.skipIf(!hasChromium)('in Chromium', () => {
  let browser: TestBrowser;
  let project: ToyProject;
  let server: PageServer;
  let opened: WatchedPage;

  beforeAll(async () => {
    browser = await TestBrowser.open();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    project = new ToyProject();
    server = await PageServer.start(project);
    opened = await browser.page(server.url);
  });
  afterEach(async () => {
    await opened.close();
    await server.stop();
    project.remove();
  });

  test('from nothing to filled, by way of a failure, an accepted gap and a mended source', async () => {
    const {page} = opened;
    project.declare('assets:\n  raw.points', 'healing: {auto_within: 9999d}\nassets:\n  raw.points');
    project.write('fail-2024-01-16', '');

    await page.goto('/');
    await page
      .getByText(/nothing .*made yet/i)
      .first()
      .waitFor();
    expect(await opened.axe()).toEqual([]);

    await page.getByRole('navigation', {name: 'Pages'}).getByRole('link', {name: 'Plan'}).click();
    await page.getByRole('button', {name: 'Materialize these 9 partitions'}).click();
    const asking = page.getByRole('dialog');
    await asking
      .getByText(/9 partitions/)
      .first()
      .waitFor();
    expect(await opened.axe()).toEqual([]);
    await asking.getByRole('button', {name: /^Materialize/}).click();

    await page.waitForURL(/\/runs\/\d{8}-/);
    await page.getByText('the source answered HTTP 503 for 2024-01-16').first().waitFor();
    expect(await opened.axe()).toEqual([]);

    await page.getByRole('link', {name: 'raw.points@2024-01-16'}).first().click();
    await page.waitForURL(/\/assets\/raw\.points\/2024-01-16/);
    await page.getByRole('heading', {name: /raw\.points\s*@\s*2024-01-16/}).waitFor();
    await page
      .getByText(/HTTP 503/)
      .first()
      .waitFor();
    expect(await opened.axe()).toEqual([]);

    await page.getByRole('button', {name: 'Accept as a gap'}).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('The arena lost power; nobody kept the score.');
    await dialog
      .getByRole('button', {name: /accept/i})
      .last()
      .click();
    await page.getByText('The arena lost power; nobody kept the score.').first().waitFor();
    await page.getByText(/^accepted by ada on/).waitFor();

    await page.goto('/gaps?standing=accepted');
    await page.getByText('raw.points').first().waitFor();
    expect(await opened.axe()).toEqual([]);

    // The source is mended: the gap is open again, and heals.
    project.write(
      'assets/points.ts',
      "export const rows = ({partition: {key}}) => [{game_date: key, player: 'ana', points: 3}];\n",
    );
    await page.goto('/assets/raw.points/2024-01-16');
    await page.getByRole('button', {name: 'Reopen'}).click();
    const reopening = page.getByRole('dialog');
    await reopening.getByLabel('Reason').fill('The score was found.');
    await reopening.getByRole('button', {name: 'Reopen it'}).click();
    await reopening.waitFor({state: 'detached'});
    await page.getByRole('navigation', {name: 'Pages'}).getByRole('link', {name: 'Gaps'}).click();
    await page.getByRole('button', {name: 'Heal now'}).click();
    await page.waitForURL(/\/runs\/\d{8}-/);
    await page.getByText('succeeded').first().waitFor();
    const healed = page.url();

    await page.goto('/');
    await page
      .getByText(/No gap is open/)
      .first()
      .waitFor();
    await page.goto(healed);
    await page.getByText('succeeded').first().waitFor();
    const {states} = await server.get<{states: Record<string, number>}>('/status');
    expect(states).toMatchObject({fresh: 9, missing: 0, stale: 0, accepted: 0});
    expect(opened.troubles).toEqual([]);
  });

  test('what would follow is not asked any more once it is done', async () => {
    const {page} = opened;
    project.declare('assets:\n  raw.points', 'healing: {auto_within: 9999d}\nassets:\n  raw.points');
    project.write('fail-2024-01-16', '');
    await project.run('materialize', 'raw.points');
    const isPreview = (request: Request) => request.postDataJSON()?.dryRun === true;
    const isDone = page.waitForResponse(
      answer => answer.url().endsWith('/gaps/accept') && !isPreview(answer.request()),
    );
    await page.route('**/gaps/accept', async (route, request) => {
      if (isPreview(request)) await isDone;
      await route.continue();
    });
    const asking = page.waitForRequest(isPreview);
    await page.goto('/assets/raw.points/2024-01-16');
    await page.getByRole('button', {name: 'Accept as a gap'}).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('The arena lost power.');
    await dialog.getByRole('button', {name: 'Accept the gap'}).click();
    await page.getByText(/^accepted by ada on/).waitFor();
    expect(await (await asking).response()).toBeNull();
    expect(opened.troubles).toEqual([]);
  });

  test('an address brings back what was chosen', async () => {
    const {page} = opened;
    await project.run('materialize', 'raw.points');
    await page.goto('/plan?select=stats.totals');
    await page.getByRole('button', {name: 'Materialize these 3 partitions'}).waitFor();
    await page.getByRole('form', {name: 'What to plan'}).getByText('stats.totals', {exact: true}).waitFor();
    await page.reload();
    await page.getByRole('button', {name: 'Materialize these 3 partitions'}).waitFor();
    expect(opened.troubles).toEqual([]);
  });

  test('a strip fills while a run in a terminal goes on', async () => {
    const {page} = opened;
    await page.goto('/');
    await page
      .getByText(/nothing .*made yet/i)
      .first()
      .waitFor();
    await project.run('materialize');
    await page
      .getByText(/nothing .*made yet/i)
      .first()
      .waitFor({state: 'detached'});
    const health = page.getByRole('main');
    await health.getByText('9', {exact: true}).first().waitFor();
    expect(opened.troubles).toEqual([]);
  });

  test('without its server the page says so, and goes on when it is back', async () => {
    const {page} = opened;
    await project.run('materialize');
    await page.goto('/');
    await page.getByText('live', {exact: true}).waitFor();
    const {port} = new URL(server.url);
    await server.stop();
    await page.getByText(/^offline/).waitFor();
    server = await PageServer.start(project, '--port', port);
    await page.getByText('live', {exact: true}).waitFor();
  });

  test('a page whose code does not arrive says so, and is there once the server is back', async () => {
    const {page} = opened;
    await page.goto('/');
    await page.getByText('live', {exact: true}).waitFor();
    await page.route('**/static/chunks/gaps-*', route => route.abort());
    await page.getByRole('navigation', {name: 'Pages'}).getByRole('link', {name: 'Gaps'}).click();
    await page.getByRole('alert').getByText('The code of this page does not arrive.').waitFor();
    await page.unroute('**/static/chunks/gaps-*');
    await page.getByRole('button', {name: 'Try again'}).click();
    await page.getByRole('heading', {name: 'Gaps'}).waitFor();
  });

  test('read-only: buttons are off, and say why', async () => {
    await server.stop();
    server = await PageServer.start(project, '--read-only');
    const own = await browser.page(server.url);
    await own.page.goto('/plan');
    const button = own.page.getByRole('button', {name: /^Materialize these/});
    await button.waitFor();
    await button.hover({force: true});
    await own.page
      .getByText(/read-only/)
      .last()
      .waitFor();
    expect(await button.isDisabled().catch(() => true)).toBe(true);
    await own.close();
  });
});

describe.skipIf(!hasChromium)('after a failure, dark and light', () => {
  let browser: TestBrowser;
  let project: ToyProject;
  let server: PageServer;
  let opened: readonly WatchedPage[];

  beforeAll(async () => {
    project = new ToyProject();
    project.write('fail-2024-01-16', '');
    await project.run('materialize');
    server = await PageServer.start(project);
    browser = await TestBrowser.open();
    const schemes = ['light', 'dark'] as const;
    opened = await Promise.all(schemes.map(colorScheme => browser.page(server.url, {colorScheme})));
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
    project.remove();
  });

  test.each([
    '/',
    '/graph',
    '/assets/stats.running',
    '/assets/stats.running/2024-01-18',
    '/plan',
    '/runs',
    '/gaps',
    '/alerts',
    '/events',
  ])('%s passes axe, and asks nobody else', async address => {
    for (const {page} of opened) {
      await page.goto(address);
      await page.getByRole('main').getByRole('heading').first().waitFor();
      await page.waitForLoadState('load');
    }
    await opened[0]?.page.waitForTimeout(400);
    for (const [i, own] of opened.entries()) {
      expect(await own.axe(), `${address} ${i === 0 ? 'light' : 'dark'}`).toEqual([]);
      expect(own.troubles).toEqual([]);
    }
  });
});
