/**
 * How long the main thread of a browser works on a frame while a strip of 100,000 partitions is dragged over and zoomed:
 * `npm run bench -- strip [PARTITIONS]`. In Chromium, with its own trace; where there is none, that is said.
 */
import type {CDPSession, Page} from 'playwright-core';
import {CHROMIUM, hasChromium, startChromium} from '../test/kit/chromium.ts';
import {openStrips} from '../test/kit/strip-page.ts';

const COUNT = Number(process.argv[2] ?? 100_000);
const AIM_MS = 8;
/** Between two inputs, about as often as a mouse tells where it is. */
const PACE_MS = 16;

interface Act {
  readonly name: string;
  readonly run: (page: Page) => Promise<void>;
}

const rest = (page: Page) => page.waitForTimeout(PACE_MS);

/** `first`: the line; `last`: the calendar by weeks. */
async function boxOf(page: Page, which: 'first' | 'last') {
  const box = await page.locator('.strip')[which]().boundingBox();
  if (box === null) throw new Error('The strip is not on the page.');
  return box;
}

async function drag(page: Page, which: 'first' | 'last'): Promise<void> {
  const {x, y, width, height} = await boxOf(page, which);
  await page.mouse.move(x + width * 0.1, y + height * 0.3);
  await page.mouse.down();
  for (let step = 0; step <= 150; step++) {
    const along = 0.1 + 0.8 * Math.abs(Math.sin((step / 150) * Math.PI * 1.5));
    await page.mouse.move(x + width * along, y + height * (0.3 + (0.5 * step) / 150));
    await rest(page);
  }
  await page.mouse.up();
}

async function wheel(page: Page, deltas: readonly number[], key: 'Control' | 'Shift'): Promise<void> {
  const {x, y, width, height} = await boxOf(page, 'first');
  await page.mouse.move(x + width * 0.4, y + height / 2);
  await page.keyboard.down(key);
  for (const delta of deltas) {
    await page.mouse.wheel(0, delta);
    await rest(page);
  }
  await page.keyboard.up(key);
}

const ACTS: readonly Act[] = [
  {name: 'hover', run: page => hover(page)},
  {name: 'drag', run: page => drag(page, 'first')},
  {
    name: 'zoom in and out',
    run: page => wheel(page, [...Array<number>(75).fill(-60), ...Array<number>(75).fill(60)], 'Control'),
  },
  {
    name: 'move while zoomed',
    run: async page => {
      await wheel(page, Array<number>(40).fill(-60), 'Control');
      await wheel(
        page,
        Array.from({length: 110}, (_, i) => (i < 55 ? 90 : -90)),
        'Shift',
      );
    },
  },
  {name: 'drag over weeks', run: page => drag(page, 'last')},
  {name: 'scroll weeks', run: page => scroll(page)},
];

async function hover(page: Page): Promise<void> {
  const {x, y, width, height} = await boxOf(page, 'first');
  for (let step = 0; step <= 150; step++) {
    await page.mouse.move(x + (width * step) / 151, y + height / 2);
    await rest(page);
  }
}

async function scroll(page: Page): Promise<void> {
  const {x, y, width, height} = await boxOf(page, 'last');
  await page.mouse.move(x + width / 2, y + height / 2);
  for (let step = 0; step <= 150; step++) {
    await page.mouse.wheel(0, step < 75 ? 120 : -90);
    await rest(page);
  }
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  /** Of the thread's own time: not what it waited for a core. */
  readonly tdur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: {readonly name?: string};
}

/** What the main thread of the page worked in each of its frames, in milliseconds of its own. */
async function measure(page: Page, session: CDPSession, act: Act): Promise<readonly number[]> {
  const events: TraceEvent[] = [];
  const collect = ({value}: {readonly value: readonly object[]}) => {
    for (const event of value) events.push(event as TraceEvent); // as Chromium writes them
  };
  session.on('Tracing.dataCollected', collect);
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: {
      includedCategories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel'],
    },
  });
  await act.run(page);
  const ended = new Promise<void>(resolve => {
    session.once('Tracing.tracingComplete', () => resolve());
  });
  await session.send('Tracing.end');
  await ended;
  session.off('Tracing.dataCollected', collect);
  return framesOf(events);
}

/** A frame is what is done from one commit to the next. */
function framesOf(events: readonly TraceEvent[]): readonly number[] {
  const commits = events.filter(({name, ph}) => name === 'Commit' && ph === 'X');
  // The page's own renderer is the one that draws.
  const threads = Map.groupBy(commits, ({pid, tid}) => `${pid} ${tid}`);
  const [thread = ''] = [...threads].sort((a, b) => b[1].length - a[1].length)[0] ?? [];
  const times = (threads.get(thread) ?? []).map(({ts}) => ts).sort((a, b) => a - b);
  const tasks = events
    .filter(({name, ph, pid, tid}) => name === 'RunTask' && ph === 'X' && `${pid} ${tid}` === thread)
    .sort((a, b) => a.ts - b.ts);
  const frames = new Float64Array(times.length);
  let frame = 0;
  for (const {ts, dur = 0, tdur = dur} of tasks) {
    while (frame < times.length && (times[frame] ?? 0) < ts) frame++;
    if (frame < times.length) frames[frame] = (frames[frame] ?? 0) + tdur / 1000;
  }
  return [...frames];
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

if (!hasChromium) {
  console.log(`strip: skipped, there is no Chromium at ${CHROMIUM} (CHROMIUM names another)`);
  console.log(JSON.stringify({bench: 'strip', skipped: true}));
} else {
  const browser = await startChromium();
  try {
    const page = await openStrips(browser, {count: COUNT});
    const session = await browser.newBrowserCDPSession();
    console.log(
      `Milliseconds that the main thread works a frame, ${COUNT.toLocaleString('en-US')} partitions, aim ${AIM_MS}`,
    );
    console.log('act                  frames  median     95%   worst  over the aim');
    const acts = [];
    for (const act of ACTS) {
      await act.run(page); // once for the compiler
      const frames = (await measure(page, session, act)).toSorted((a, b) => a - b);
      const over = frames.filter(ms => ms > AIM_MS).length;
      const [median, most, worst] = [
        quantile(frames, 0.5),
        quantile(frames, 0.95),
        frames.at(-1) ?? Number.NaN,
      ];
      console.log(
        `${act.name.padEnd(20)}${String(frames.length).padStart(7)}${[median, most, worst].map(ms => ms.toFixed(2).padStart(8)).join('')}${String(over).padStart(14)}`,
      );
      acts.push({name: act.name, frames: frames.length, median, p95: most, worst, over});
    }
    console.log(JSON.stringify({bench: 'strip', partitions: COUNT, aim: AIM_MS, acts}));
  } finally {
    await browser.close();
  }
}
