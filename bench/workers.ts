/**
 * Three workers against one: 5,000 landing requests of a site that answers after 50 ms, handed out through a ledger and a
 * queue on a real Postgres. Every process asks with the same concurrency. Prints times and the speed-up.
 * Arguments: how many requests, and how many at once a process.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {cpus, tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {createInterface} from 'node:readline';
import {hasPostgres, testPostgres} from '../test/kit/postgres.ts';

const [, , count = '5000', fetches = '8'] = process.argv;
const DELAY_MS = 50;
const MAIN = join(import.meta.dirname, '..', 'bin', 'gameplan.js');

const DATES = Array.from({length: Number(count)}, (_, i) =>
  new Date(Date.UTC(2000, 0, 1) + i * 86_400_000).toISOString().slice(0, 10),
);

const FETCH = `import type {Files} from 'gameplan';
export const files: Files = async ({partition, site, put}) => {
  await put('answer.json', (await site.get(partition.key)).bytes);
};
`;

const children: ChildProcess[] = [];
const folders: string[] = [];

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {...process.env, ...env},
  });
  children.push(child);
  return child;
}

/** The lines that a process prints, until one is what is waited for. */
async function lineOf(child: ChildProcess, isIt: (line: string) => boolean): Promise<string> {
  if (child.stdout === null) throw new Error('It has no output.');
  for await (const line of createInterface({input: child.stdout})) if (isIt(line)) return line;
  throw new Error('It ended without the line that was waited for.');
}

function writeProject(url: string): string {
  const root = mkdtempSync(join(tmpdir(), 'gameplan-workers-'));
  folders.push(root);
  const dates = DATES.map(date => ({date, season: '1999-00'}));
  const manifest = {
    name: 'bench',
    targets: {local: {warehouse: {engine: 'duckdb'}, ledger: '$'.concat('{GAMEPLAN_LEDGER}')}},
    defaults: {partition_by: 'game_date'},
    sites: {api: {url, concurrency: Number(fetches)}},
    calendars: {listed: {timezone: 'UTC', dates}},
    assets: {'landing.games': {files: 'assets/fetch.ts', path: 'games/{game_date}/', site: 'api'}},
  };
  for (const [path, text] of [
    ['pipeline.yaml', JSON.stringify(manifest)],
    ['assets/fetch.ts', FETCH],
  ] as const) {
    mkdirSync(dirname(join(root, path)), {recursive: true});
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Seconds from the first partition handed out to the last one heard of. */
async function measure(workers: number, url: string): Promise<number> {
  const root = writeProject(url);
  const env = {GAMEPLAN_LEDGER: await (await testPostgres()).database()};
  const command = (...args: readonly string[]): ChildProcess =>
    start([MAIN, ...args, '-C', root, '--concurrency', fetches, '--json'], env);
  const crew = [];
  // One after the other: the first makes ledger and queue.
  for (let i = 0; i < workers; i++) {
    const worker = command('worker');
    crew.push(worker);
    await lineOf(worker, line => line.includes('worker-ready'));
  }
  const run = command('materialize', '--spread');
  const summary = JSON.parse(await lineOf(run, line => line.includes('"kind":"summary"')));
  for (const worker of crew) {
    worker.kill('SIGTERM');
    await once(worker, 'exit');
  }
  if (summary.succeeded !== DATES.length) throw new Error(JSON.stringify(summary));
  return summary.durationMs / 1000;
}

if (!hasPostgres) {
  console.log('Skipped: there is no PostgreSQL on this machine.');
  process.exit();
}
try {
  const site = start([join(import.meta.dirname, 'slow-site.ts'), String(DELAY_MS)]);
  const url = await lineOf(site, line => line.startsWith('http'));
  const [one, three] = [await measure(1, url), await measure(3, url)];
  const ideal = (DATES.length * DELAY_MS) / 1000 / Number(fetches);
  const rows = [
    ['1 worker', one, ideal],
    ['3 workers', three, ideal / 3],
  ] as const;
  console.log(
    `${count} requests of ${DELAY_MS} ms, ${fetches} at once a process, ${cpus().length} processors`,
  );
  for (const [name, seconds, least] of rows)
    console.log(`${name.padEnd(10)} ${seconds.toFixed(1)} s (the site alone: ${least.toFixed(1)} s)`);
  console.log(`speed-up ${(one / three).toFixed(2)}`);
  console.log(
    JSON.stringify({bench: 'workers', requests: DATES.length, fetches: Number(fetches), one, three}),
  );
} finally {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, {recursive: true, force: true});
}
