/**
 * How many outcomes a second each engine's ledger takes, in batches of several sizes, and how long a reading of 172,000
 * partitions takes. `npm run bench -- ledger`. PostgreSQL is one of this machine's that syncs nothing to the disk.
 */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type LedgerSnapshot, PLAIN_TRUST} from '../planner/ledger.ts';
import {openLedger, readLedger} from '../runner/ledger-open.ts';
import {fileLedger, type LedgerPlace} from '../runner/ledger-place.ts';
import {advance, type PartitionRow, type PublishedOutcome} from '../runner/ledger-row.ts';
import {hasPostgres, testPostgres} from '../test/kit/postgres.ts';
import {median} from './filled.ts';

const BATCHES = [1, 50, 1_000] as const;
/** So long each size of batch is tried, milliseconds. */
const LONG_MS = 3_000;
const [ASSETS, KEYS] = [40, 4_300];
const ROUNDS = 5;
const fingerprint = {hash: 'f'.repeat(64), parts: {query: 'select 1'}};

function outcome(asset: string, number: number): PublishedOutcome {
  const version = number.toString(16).padStart(16, '0');
  const key = new Date(number * 86_400_000).toISOString().slice(0, 10);
  const times = {startedAt: 1_000, endedAt: 2_000, durationMs: 5, reasons: []};
  const inputs = {fingerprint, digest: version, triedDigest: version, readAt: 0, entry: null};
  const made = {version, rows: 10, expected: null, found: null, absent: [], trust: PLAIN_TRUST};
  return {asset, key, ...times, ...inputs, ...made, outcome: 'succeeded', error: null};
}

/** Each batch of partitions that are new, as a run records it. */
function outcomesASecond(place: LedgerPlace, size: number): number {
  const ledger = openLedger({place, now: Date.now});
  const began = performance.now();
  let number = 0;
  while (performance.now() - began < LONG_MS) {
    const outcomes = Array.from({length: size}, () => outcome(`raw.of_${size}`, number++));
    ledger.recordOutcomes({run: 'bench', outcomes});
  }
  const seconds = (performance.now() - began) / 1000;
  ledger.close();
  return Math.round(number / seconds);
}

function fill(place: LedgerPlace): void {
  const assets = Array.from({length: ASSETS}, (_, i) => `raw.asset_${i}`);
  const rowsOf = (asset: string): ReadonlyMap<string, PartitionRow> =>
    new Map(
      Array.from({length: KEYS}, (_, number) => {
        const made = outcome(asset, number);
        const row = advance(undefined, made, 1);
        if (row === undefined) throw new Error('Internal error: nothing was published');
        return [made.key, row];
      }),
    );
  const ledger = openLedger({place, now: Date.now});
  ledger.restore({
    rows: new Map(assets.map(each => [each, rowsOf(each)])),
    calendars: [],
    sequence: 1,
    unread: [],
  });
  ledger.close();
}

/** What every plan reads. */
function readHot(snapshot: LedgerSnapshot): number {
  return snapshot.assets.reduce((sum, asset) => sum + (snapshot.find(asset)?.version.hi.length ?? 0), 0);
}

function milliseconds(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

async function measure(engine: string, newPlace: () => Promise<LedgerPlace>) {
  const events = [];
  for (const size of BATCHES) events.push({size, aSecond: outcomesASecond(await newPlace(), size)});
  const place = await newPlace();
  const fillMs = milliseconds(() => fill(place));
  const planMs = median(Array.from({length: ROUNDS}, () => milliseconds(() => readLedger(place, readHot))));
  const ledger = openLedger({place, now: Date.now});
  const wholeMs = median(Array.from({length: ROUNDS}, () => milliseconds(() => ledger.snapshot())));
  ledger.close();
  return {engine, events, fillMs, planMs, wholeMs};
}

const folder = mkdtempSync(join(tmpdir(), 'gameplan-bench-'));
let count = 0;
const rows = [await measure('SQLite', async () => fileLedger(join(folder, `${++count}.sqlite`)))];
if (hasPostgres) {
  const server = await testPostgres();
  rows.push(
    await measure('PostgreSQL', async () => ({
      kind: 'postgres',
      url: await server.database(),
      schema: 'gameplan',
    })),
  );
}
rmSync(folder, {recursive: true, force: true});
const heads = [...BATCHES.map(size => `in ${size}s`), 'fill ms', 'read ms', 'whole ms'];
console.log(
  `Outcomes a second by size of batch; ${ASSETS * KEYS} partitions filled, read as by plan, read as a whole`,
);
console.log(`${'engine'.padEnd(12)}${heads.map(head => head.padStart(11)).join('')}`);
for (const {engine, events, fillMs, planMs, wholeMs} of rows) {
  const cells = [
    ...events.map(({aSecond}) => String(aSecond)),
    ...[fillMs, planMs, wholeMs].map(ms => ms.toFixed(1)),
  ];
  console.log(`${engine.padEnd(12)}${cells.map(cell => cell.padStart(11)).join('')}`);
}
console.log(JSON.stringify({bench: 'ledger', partitions: ASSETS * KEYS, rows}));
process.exit(0);
