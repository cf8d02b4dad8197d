/**
 * How many jobs BigQuery is sent for a whole history: by the plan, with `batch` as it may be declared, and measured
 * against the server of the tests. `npm run bench -- jobs [DATES]`: so many dates where it is measured, 4,300 by default.
 */
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type Jobs, jobsOf} from '../planner/jobs.ts';
import {makePlan} from '../planner/make-plan.ts';
import {parseManifest} from '../planner/manifest.ts';
import {WHOLE_REQUEST} from '../planner/plan.ts';
import {materialize} from '../runner/execute.ts';
import {readProject} from '../runner/project.ts';
import {openTarget} from '../runner/target.ts';
import {startBigqueryServer} from '../test/google/bigquery-server.ts';
import {startStorageServer} from '../test/google/storage-server.ts';

const ASSETS = 40;
/** Of them rows from TypeScript; the rest are queries over one or two of those before. */
const LOADED = 10;
const DATES = 4_300;
const SEASON_DATES = 212;
const NOW = Date.parse('2040-01-01T12:00:00Z');
const PROJECT = 'bench-project';

interface Shape {
  readonly dates: number;
  /** Left out: what is usual in BigQuery. */
  readonly batch?: number | 'season';
}

interface Endpoints {
  readonly bigquery: string;
  readonly storage: string;
}

function writeProject({dates, batch}: Shape, {bigquery, storage}: Endpoints): string {
  const root = mkdtempSync(join(tmpdir(), 'gameplan-bench-'));
  const entries = Array.from({length: dates}, (_, i) => {
    const year = 2000 + Math.floor(i / SEASON_DATES);
    const day = new Date(Date.UTC(year, 9, 20) + (i % SEASON_DATES) * 86_400_000);
    const season = `${year}-${String((year + 1) % 100).padStart(2, '0')}`;
    return {date: day.toISOString().slice(0, 10), season};
  });
  const about = {columns: {game_date: 'date', n: 'int64'}, key: ['game_date'], ...(batch && {batch})};
  const declared = Array.from({length: ASSETS}, (_, i) => {
    if (i < LOADED) return [`raw.a${i}`, {rows: 'rows.ts', ...about}];
    const window = {asset: nameOf(i - 7), window: 'season to date', through: 'today'};
    return [nameOf(i), {sql: 'next.sql', upstream: {before: nameOf(i - LOADED), past: window}, ...about}];
  });
  const manifest = {
    name: 'bench',
    calendars: {days: {timezone: 'UTC', dates: entries, seasons: {from: '2000-01', rolls_over: '07-01'}}},
    defaults: {partition_by: 'game_date'},
    targets: {
      prod: {
        warehouse: {engine: 'bigquery', project: PROJECT, location: 'us-west2', endpoint: bigquery},
        store: {kind: 'gcs', bucket: 'rows', endpoint: storage},
      },
    },
    assets: Object.fromEntries(declared),
  };
  writeFileSync(join(root, 'pipeline.yaml'), JSON.stringify(manifest));
  writeFileSync(
    join(root, 'rows.ts'),
    'export const rows = async ({partition}) => [{game_date: partition.key, n: 1}];\n',
  );
  writeFileSync(
    join(root, 'next.sql'),
    `SELECT w.key AS game_date, COUNT(*) AS n
FROM past_window AS w JOIN past ON past.game_date = w.upstream_key JOIN before ON before.game_date = w.key
GROUP BY w.key`,
  );
  return root;
}

function nameOf(i: number): string {
  return i < LOADED ? `raw.a${i}` : `mart.a${i}`;
}

interface Row {
  readonly partitions: number;
  readonly planned: Jobs;
  /** Jobs that the server was sent, loads among them, and what the run took; undefined where it was only planned. */
  readonly measured:
    | {readonly jobs: number; readonly loads: number; readonly seconds: number; readonly peakMb: number}
    | undefined;
}

async function run(shape: Shape, isMeasured: boolean): Promise<Row> {
  const storage = await startStorageServer({buckets: {rows: {location: 'us-west2'}}});
  const bigquery = await startBigqueryServer({project: PROJECT, storageUrl: storage.url});
  const root = writeProject(shape, {bigquery: bigquery.url, storage: storage.url});
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 100);
  try {
    const file = {path: 'pipeline.yaml', text: readFileSync(join(root, 'pipeline.yaml'), 'utf8')};
    const {pipeline, diagnostics} = parseManifest({file, target: undefined, env: {}});
    if (pipeline === undefined) throw new Error(diagnostics.map(({message}) => message).join('\n'));
    const {sources} = await readProject({root, pipeline});
    const target = openTarget({root, pipeline, sources, clock: () => NOW, waitMs: 0});
    const input = {pipeline, sources, ledger: target.ledger.snapshot(), now: NOW, request: WHOLE_REQUEST};
    const planned = jobsOf(makePlan(input), new Map());
    if (planned === undefined) throw new Error('Nothing was planned.');
    const partitions = planned.run.partitionWrites;
    const quiet = new AbortController().signal;
    const began = performance.now();
    if (isMeasured) {
      const errors: string[] = [];
      const workshop = target.workshop({
        run: 'bench',
        emit: event => {
          if (event.kind === 'partition-ended' && event.error !== null) errors.push(event.error);
        },
        stop: quiet,
        cancel: quiet,
        acceptCalendar: false,
      });
      const about = {plan: WHOLE_REQUEST, now: NOW, command: 'bench', failFast: false};
      const {counts} = await materialize(workshop, {...about, concurrency: pipeline.limits});
      if (counts.succeeded !== partitions)
        throw new Error(`It came to ${JSON.stringify(counts)}: ${errors[0]}`);
    }
    const seconds = (performance.now() - began) / 1000;
    await target.close();
    // Statements of a script are jobs of their own; what is asked for is the script.
    const sent = bigquery.jobs.filter(
      ({parent, configuration}) => parent === undefined && configuration.dryRun !== true,
    );
    const loads = sent.filter(({configuration}) => configuration.load !== undefined).length;
    const measured = {jobs: sent.length, loads, seconds, peakMb: peak / 2 ** 20};
    return {partitions, planned, measured: isMeasured ? measured : undefined};
  } finally {
    clearInterval(timer);
    await bigquery.close();
    await storage.close();
    rmSync(root, {recursive: true, force: true});
  }
}

const dates = Number(process.argv[2] ?? DATES);
const cases: readonly {readonly name: string; readonly shape: Shape; readonly isMeasured: boolean}[] = [
  {name: 'nothing said', shape: {dates}, isMeasured: true},
  {name: 'batch: season', shape: {dates: DATES, batch: 'season'}, isMeasured: false},
  {name: 'batch: 100', shape: {dates: DATES, batch: 100}, isMeasured: false},
  {name: 'batch: 1', shape: {dates: DATES, batch: 1}, isMeasured: false},
];
const shown = [];
for (const {name, shape, isMeasured} of cases) {
  const {partitions, planned, measured} = await run(shape, isMeasured);
  shown.push({
    batch: name,
    partitions,
    batches: planned.run.batches,
    'jobs planned': planned.run.jobs,
    'jobs sent': measured?.jobs,
    loads: `${planned.run.loads}${measured === undefined ? '' : ` / ${measured.loads}`}`,
    seconds: measured && Number(measured.seconds.toFixed(1)),
    'peak MB': measured && Math.round(measured.peakMb),
    says: [...new Set(planned.shortfalls.map(({kind}) => kind))].join(', '),
  });
}
console.log(`${ASSETS} assets, of which ${LOADED} are rows from TypeScript; server and run in one process`);
console.table(shown);
