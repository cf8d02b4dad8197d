/**
 * What the page's server takes: bytes and milliseconds of its answers and its memory on 40 assets x 1,059 dates and on
 * 310 x 16,500, 200 readers of its messages while a run goes on, and how soon a browser shows the page.
 * `npm run bench -- serve [--project DIR --target NAME]` opens that project in the browser instead of the made one.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {parseArgs} from 'node:util';
import {gzipSync} from 'node:zlib';
import {CHROMIUM, hasChromium, startChromium} from '../test/kit/chromium.ts';
import {makeProject, type Shape} from './made-project.ts';

const root = path.dirname(import.meta.dirname);
const READERS = 200;
const TRIES = 7;
const shape = {calendar: 'games', holes: 0.001, corrected: 0.0001} as const;

interface Server {
  readonly url: string;
  /** Megabytes that its process holds now. */
  megabytes(): number;
  stop(): Promise<void>;
}

async function serve(folder: string, ...flags: readonly string[]): Promise<Server> {
  const child = spawn(
    process.execPath,
    [path.join(root, 'dist', 'cli.js'), 'serve', '-C', folder, '--port', '0', ...flags],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = await once(createInterface({input: child.stdout}), 'line');
  const [url = ''] = /http:\/\/\S+(?=\/ )/.exec(String(line)) ?? [];
  return {
    url,
    megabytes: () => megabytesOf(child),
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGINT');
      await gone;
    },
  };
}

function megabytesOf({pid}: ChildProcess): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

interface Answer {
  readonly ms: number;
  /** As it travels, and as it is. */
  readonly packed: number;
  readonly bytes: number;
}

async function ask(url: string): Promise<Answer> {
  const began = performance.now();
  // What fetch unpacks by itself would not be counted.
  const response = await fetch(url, {headers: {'accept-encoding': 'gzip'}});
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${url}: ${response.status} ${new TextDecoder().decode(bytes)}`);
  return {ms: performance.now() - began, packed: gzipSync(bytes).length, bytes: bytes.length};
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** The first answer reads the ledger and plans everything; the first overview is computed from that, later ones are kept. */
async function answers(about: Pick<Shape, 'assets' | 'dates'>): Promise<object> {
  const project = makeProject({...shape, ...about});
  const server = await serve(project.root);
  try {
    const first = await ask(`${server.url}/api/v1/pipeline`);
    const of = async (address: string) => {
      const found: Answer[] = [];
      for (let i = 0; i < TRIES; i++) found.push(await ask(`${server.url}/api/v1${address}`));
      const {bytes = 0, packed = 0} = found[0] ?? {};
      return {ms: Math.round(median(found.map(({ms}) => ms)) * 10) / 10, bytes, packed};
    };
    const {ms: overviewFirst} = await ask(`${server.url}/api/v1/overview`);
    const [overview, strips] = [await of('/overview'), await of('/strips')];
    const name = `${about.assets} x ${about.dates}`;
    say(`${name}: first view ${Math.round(first.ms)} ms, server ${server.megabytes()} MB`);
    say(
      `  overview ${Math.round(overviewFirst)} ms, then ${overview.ms} ms, ${kilobytes(overview.bytes)} (${kilobytes(overview.packed)} gzipped)`,
    );
    say(`  strips   ${strips.ms} ms, ${kilobytes(strips.bytes)} (${kilobytes(strips.packed)} gzipped)`);
    return {
      ...about,
      partitions: project.partitions,
      firstMs: Math.round(first.ms),
      overviewFirstMs: Math.round(overviewFirst),
      overview,
      strips,
      megabytes: server.megabytes(),
    };
  } finally {
    await server.stop();
    project.remove();
  }
}

const DATES = 1500;

/** A run of so many small partitions, and as many readers as an office has. */
async function readers(): Promise<object> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gameplan-readers-'));
  const days = Array.from({length: DATES}, (_, i) =>
    new Date(Date.UTC(2020, 0, 1 + i)).toISOString().slice(0, 10),
  );
  mkdirSync(path.join(folder, 'assets'));
  writeFileSync(
    path.join(folder, 'days.csv'),
    `date,season\n${days.map(day => `${day},2020-21\n`).join('')}`,
  );
  writeFileSync(path.join(folder, 'package.json'), '{"type": "module"}\n');
  writeFileSync(
    path.join(folder, 'assets', 'points.ts'),
    'export const rows = ({partition: {key}}) => [{game_date: key, points: 1}];\n',
  );
  writeFileSync(path.join(folder, 'pipeline.yaml'), MANIFEST);
  const server = await serve(folder);
  const stop = new AbortController();
  const heard = new Array<number>(READERS).fill(0);
  try {
    const before = server.megabytes();
    const listening = heard.map(async (_, index) => {
      const response = await fetch(`${server.url}/api/v1/stream`, {signal: stop.signal});
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? [])
        heard[index] = (heard[index] ?? 0) + (decoder.decode(chunk).match(/"kind":"ledger"/g)?.length ?? 0);
    });
    const began = performance.now();
    const post = (address: string, body: object) =>
      fetch(`${server.url}/api/v1${address}`, {
        method: 'POST',
        headers: {'content-type': 'application/json'},
        body: JSON.stringify(body),
      });
    const {id} = (await (await post('/plans', {})).json()) as {id: string};
    const {run} = (await (await post(`/plans/${id}/materialize`, {})).json()) as {run: string};
    const asked: number[] = [];
    for (let status = 'running'; status === 'running'; ) {
      const at = performance.now();
      ({status} = (await (await fetch(`${server.url}/api/v1/runs/${run}`)).json()) as {status: string});
      asked.push(performance.now() - at);
      await new Promise(done => setTimeout(done, 100));
    }
    const seconds = (performance.now() - began) / 1000;
    // The last look at the ledger.
    await new Promise(done => setTimeout(done, 1000));
    stop.abort();
    await Promise.allSettled(listening);
    const [least, most] = [Math.min(...heard), Math.max(...heard)];
    say(
      `${READERS} readers while ${DATES} partitions were made in ${seconds.toFixed(1)} s: each heard ${least} to ${most} changes;`,
    );
    say(
      `  a page asked for the run in ${Math.round(median(asked))} ms (worst ${Math.round(Math.max(...asked))}); server ${before} to ${server.megabytes()} MB`,
    );
    return {
      readers: READERS,
      partitions: DATES,
      seconds,
      least,
      most,
      askMs: median(asked),
      worstMs: Math.max(...asked),
      megabytes: server.megabytes(),
    };
  } finally {
    stop.abort();
    await server.stop();
    rmSync(folder, {recursive: true, force: true});
  }
}

const MANIFEST = `name: readers
calendars:
  days: {dates: days.csv, timezone: America/New_York}
targets:
  local:
    warehouse: {engine: duckdb, path: .gameplan/warehouse.duckdb}
    store: {kind: folder, path: .gameplan/store}
    ledger: .gameplan/ledger.sqlite
assets:
  raw.points:
    rows: assets/points.ts
    columns: {game_date: date, points: int64}
    key: [game_date]
`;

/** From a cold cache to the first paint, and to the overview with its strips. */
async function browser(given: {
  readonly project?: string | undefined;
  readonly target?: string | undefined;
}): Promise<object> {
  if (!hasChromium) {
    say(`The browser is left out: there is no ${CHROMIUM}.`);
    return {};
  }
  const made = given.project === undefined ? makeProject({...shape, assets: 40, dates: 1059}) : undefined;
  const server = await serve(
    given.project ?? made?.root ?? '',
    ...(given.target === undefined ? [] : ['--target', given.target]),
  );
  const opened = await startChromium();
  try {
    const [paint, ready]: [number[], number[]] = [[], []];
    for (let i = 0; i < TRIES; i++) {
      const page = await (await opened.newContext()).newPage();
      const began = performance.now();
      await page.goto(server.url);
      await page.locator('main h1, main canvas').first().waitFor();
      await page.locator('main canvas').first().waitFor();
      ready.push(performance.now() - began);
      const at = await page.evaluate(
        () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
      );
      paint.push(at);
      await page.context().close();
    }
    const what = given.project ?? '40 x 1059';
    say(
      `${what} in Chromium, cold: first paint ${Math.round(median(paint))} ms, strips drawn ${Math.round(median(ready))} ms (medians of ${TRIES})`,
    );
    return {firstPaintMs: Math.round(median(paint)), readyMs: Math.round(median(ready))};
  } finally {
    await opened.close();
    await server.stop();
    made?.remove();
  }
}

/** Of all that a page may load, gzipped; what draws the graph apart. */
function bundle(): object {
  const web = path.join(root, 'dist', 'web');
  const files = readdirSync(web, {recursive: true, encoding: 'utf8'}).filter(file =>
    /\.(js|css)$/.test(file),
  );
  const sizes = files.map(file => {
    const text = readFileSync(path.join(web, file));
    return {file, size: gzipSync(text).length, isGraph: text.includes('rankdir')};
  });
  const sum = (own: typeof sizes) => own.reduce((all, {size}) => all + size, 0);
  const [page, graph] = [
    sum(sizes.filter(({isGraph}) => !isGraph)),
    sum(sizes.filter(({isGraph}) => isGraph)),
  ];
  say(`bundle: ${kilobytes(page)} gzipped, and ${kilobytes(graph)} for the layout of the graph`);
  return {bundle: page, graphLayout: graph};
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const {values} = parseArgs({
  options: {project: {type: 'string'}, target: {type: 'string'}, small: {type: 'boolean'}},
});
const small = await answers({assets: 40, dates: 1059});
const large = values.small === true ? {} : await answers({assets: 310, dates: 16_500});
const listening = await readers();
const shown = await browser(values);
process.stdout.write(`${JSON.stringify({bench: 'serve', small, large, listening, shown, ...bundle()})}\n`);
