/**
 * What a scrape of /metrics costs: the first, one after a change of the ledger, and one after none, on 40 assets x 4,300
 * dates with as many attempts on record, and what the warehouse's spans cost where nobody hears of them.
 * `npm run bench -- metrics`
 */
import {DatabaseSync} from 'node:sqlite';
import {makePlan} from '../planner/make-plan.ts';
import {WHOLE_REQUEST} from '../planner/plan.ts';
import {allSamples, stateSamples} from '../report/metrics.ts';
import {metricsText} from '../report/metrics-text.ts';
import {openLedgerToRead, readLedger} from '../runner/ledger-open.ts';
import {fileLedger} from '../runner/ledger-place.ts';
import type {Measured} from '../runner/ledger-reader.ts';
import {NO_TRACE} from '../runner/trace.ts';
import {type MadeProject, makeProject} from './made-project.ts';

const SHAPE = {assets: 40, dates: 4300, calendar: 'games', holes: 0.001, corrected: 0.0001} as const;
const TIMES = 7;
const CALLS = 1_000_000;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** One attempt of each partition, as runs would have left them. */
function addAttempts({ledger}: MadeProject): number {
  const database = new DatabaseSync(ledger);
  database.exec(`WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${SHAPE.dates})
    INSERT INTO attempts (sequence, run, asset, key, outcome, started_at, ended_at, duration_ms, reasons, rows)
    SELECT n, 'made', assets.id, n, 'succeeded', 0, 1, (assets.id * 37 + n) % 5000, '[]', 100 FROM assets, numbers`);
  const {count} = database.prepare('SELECT count(*) AS count FROM attempts').get() as {count: number}; // by the query
  database.close();
  return count;
}

function addOne({ledger}: MadeProject): void {
  const database = new DatabaseSync(ledger);
  database.exec(`INSERT INTO attempts (sequence, run, asset, key, outcome, started_at, ended_at, duration_ms, reasons, rows)
    SELECT sequence, run, asset, key, 'failed', 0, 1, 5, '[]', 0 FROM attempts LIMIT 1`);
  database.close();
}

const project = makeProject(SHAPE);
try {
  const attempts = addAttempts(project);
  const place = fileLedger(project.ledger);
  const clock = () => project.now;
  let before: Measured | undefined;
  const timed = <T>(work: () => T): readonly [T, number] => {
    const began = performance.now();
    const result = work();
    return [result, performance.now() - began];
  };
  const [states, planMs] = timed(() =>
    readLedger(place, ledger => {
      const planned = makePlan({...project, ledger, now: project.now, request: WHOLE_REQUEST});
      return timed(() => stateSamples(planned));
    }),
  );
  const scrape = (): number => {
    const [, ms] = timed(() => {
      const ledger = openLedgerToRead({place, now: clock});
      before = ledger?.measure(before?.counted);
      ledger?.close();
      const about = {pipeline: 'made', target: 'local', version: '0', mistakes: 0};
      return metricsText(allSamples(states[0], before, about));
    });
    return ms;
  };
  const firstMs = scrape();
  const sameMs = median(Array.from({length: TIMES}, scrape));
  const changedMs = median(
    Array.from({length: TIMES}, () => {
      addOne(project);
      return scrape();
    }),
  );
  const about = {pipeline: 'made', target: 'local', version: '0', mistakes: 0};
  const bytes = metricsText(allSamples(states[0], before, about)).length;
  const spanMs = await spans();
  say(`40 assets x 4,300 dates, ${attempts.toLocaleString('en')} attempts on record`);
  say(
    `  plan and states, once a change    ${planMs.toFixed(0)} ms, of which metrics ${states[1].toFixed(0)} ms`,
  );
  say(`  first scrape of the ledger        ${firstMs.toFixed(1)} ms`);
  say(`  a scrape after one attempt        ${changedMs.toFixed(1)} ms`);
  say(`  a scrape after no change          ${sameMs.toFixed(1)} ms, ${Math.round(bytes / 1024)} KB`);
  say(`  a span that nobody hears          ${((spanMs / CALLS) * 1e6).toFixed(0)} ns`);
  say(
    JSON.stringify({
      attempts,
      planMs,
      statesMs: states[1],
      firstMs,
      changedMs,
      sameMs,
      bytes,
      spanNs: (spanMs / CALLS) * 1e6,
    }),
  );
} finally {
  project.remove();
}

/** Milliseconds that so many cost beside the same work without them. */
async function spans(): Promise<number> {
  const nothing = async (): Promise<number> => 1;
  const began = performance.now();
  for (let i = 0; i < CALLS; i++) await nothing();
  const bare = performance.now() - began;
  const again = performance.now();
  for (let i = 0; i < CALLS; i++) await NO_TRACE.span({name: 'make', attributes: {asset: 'x'}}, nothing);
  return performance.now() - again - bare;
}
