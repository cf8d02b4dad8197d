/**
 * What a run costs beside the work itself: many partitions of next to none, in one process. Prints partitions a second,
 * what the ledger and the leases take of each, and the peak memory.
 */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseManifest} from '../planner/manifest.ts';
import {WHOLE_REQUEST} from '../planner/plan.ts';
import {materialize} from '../runner/execute.ts';
import type {Ledger} from '../runner/ledger.ts';
import {readProject} from '../runner/project.ts';
import {openTarget} from '../runner/target.ts';
import type {Workshop} from '../runner/workshop.ts';

interface Shape {
  readonly assets: number;
  readonly dates: number;
  readonly batch: number;
}

interface Measured {
  readonly partitions: number;
  readonly seconds: number;
  /** Milliseconds of the ledger's methods, and of those of sessions and leases among them. */
  readonly ledgerMs: number;
  readonly leaseMs: number;
  readonly peakMb: number;
}

const NOW = Date.parse('2026-03-01T12:00:00Z');
const LEASES: ReadonlySet<string> = new Set([
  'claim',
  'newsSince',
  'beat',
  'beginSession',
  'endSession',
  'whileAlive',
]);

function writeProject({assets, dates, batch}: Shape): string {
  const root = mkdtempSync(join(tmpdir(), 'gameplan-bench-'));
  const keys = Array.from({length: dates}, (_, i) => new Date(Date.UTC(2000, 0, 1) + i * 86_400_000));
  const entries = keys.map(day => ({date: day.toISOString().slice(0, 10), season: '1999-00'}));
  const columns = {game_date: 'date', n: 'int64'};
  const declared = Array.from({length: assets}, (_, i) => [
    `raw.a${i}`,
    {
      sql: i === 0 ? 'first.sql' : 'next.sql',
      columns,
      key: ['game_date'],
      batch,
      ...(i === 0 ? {} : {upstream: {before: `raw.a${i - 1}`}}),
    },
  ]);
  const manifest = {
    name: 'bench',
    calendars: {days: {timezone: 'UTC', dates: entries}},
    defaults: {partition_by: 'game_date'},
    assets: Object.fromEntries(declared),
  };
  writeFileSync(join(root, 'pipeline.yaml'), JSON.stringify(manifest));
  writeFileSync(join(root, 'first.sql'), 'SELECT game_date, 1 AS n FROM partitions');
  writeFileSync(join(root, 'next.sql'), 'SELECT game_date, n + 1 AS n FROM before');
  return root;
}

async function run(shape: Shape): Promise<Measured> {
  const root = writeProject(shape);
  const text = JSON.stringify;
  try {
    const {readFileSync} = await import('node:fs');
    const file = {path: 'pipeline.yaml', text: readFileSync(join(root, 'pipeline.yaml'), 'utf8')};
    const {pipeline, diagnostics} = parseManifest({file, target: undefined, env: {}});
    if (pipeline === undefined) throw new Error(text(diagnostics.map(({message}) => message)));
    const {sources} = await readProject({root, pipeline});
    const target = openTarget({root, pipeline, sources, clock: Date.now, waitMs: 0});
    const quiet = new AbortController().signal;
    const spent = {ledger: 0, leases: 0};
    let peak = 0;
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 50);
    const workshop = target.workshop({
      run: 'bench',
      emit: () => undefined,
      stop: quiet,
      cancel: quiet,
      acceptCalendar: false,
    });
    const began = performance.now();
    const {counts} = await materialize(timed(workshop, spent), {
      plan: WHOLE_REQUEST,
      now: NOW,
      command: 'bench',
      concurrency: pipeline.limits,
      failFast: false,
    });
    const seconds = (performance.now() - began) / 1000;
    clearInterval(timer);
    await target.close();
    if (counts.succeeded !== shape.assets * shape.dates) throw new Error(`It came to ${text(counts)}`);
    return {
      partitions: counts.succeeded,
      seconds,
      ledgerMs: spent.ledger,
      leaseMs: spent.leases,
      peakMb: Math.max(peak, process.memoryUsage().rss) / 2 ** 20,
    };
  } finally {
    rmSync(root, {recursive: true, force: true});
  }
}

/** The ledger with each of its calls measured. */
function timed(workshop: Workshop, spent: {ledger: number; leases: number}): Workshop {
  const ledger = new Proxy(workshop.ledger, {
    get(of, name) {
      const found: unknown = Reflect.get(of, name);
      if (typeof found !== 'function') return found;
      return (...args: readonly unknown[]) => {
        const began = performance.now();
        try {
          return Reflect.apply(found, of, args);
        } finally {
          const ms = performance.now() - began;
          spent.ledger += ms;
          if (LEASES.has(String(name))) spent.leases += ms;
        }
      };
    },
  });
  return {...workshop, ledger: ledger satisfies Ledger};
}

const [wanted] = process.argv.slice(2);
const shapes: readonly Shape[] =
  wanted === undefined
    ? [
        {assets: 10, dates: 2_000, batch: 500},
        {assets: 10, dates: 2_000, batch: 50},
        {assets: 25, dates: 2_000, batch: 500},
      ]
    : [{assets: 10, dates: Number(wanted), batch: 500}];
await run({assets: 2, dates: 200, batch: 100});
const rows = [];
for (const shape of shapes) rows.push({...shape, ...(await run(shape))});
const round = (value: number, digits = 1): number => Number(value.toFixed(digits));
const shown = rows.map(({batch, partitions, seconds, ledgerMs, leaseMs, peakMb}) => ({
  partitions,
  batch,
  seconds: round(seconds, 2),
  perSecond: Math.round(partitions / seconds),
  ledgerMsEach: round(ledgerMs / partitions, 4),
  leaseMsEach: round(leaseMs / partitions, 4),
  peakMb: Math.round(peakMb),
}));
console.table(shown);
console.log(JSON.stringify({bench: 'runs', rows: shown}));
