/** From DuckDB and a folder to BigQuery and Cloud Storage, and back: nothing is made again, and the facts go along. */
import {spawn} from 'node:child_process';
import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest';
import {breakCode, copiedProject, TARGETS} from '../kit/copied-project.ts';
import {copyInto} from '../kit/copying.ts';
import {type Google, googleTargets, startGoogle} from '../kit/google.ts';
import {at, lines, openAt, type Project, tally} from '../kit/project.ts';

const NOW = at('2024-01-10T12:00:00Z');
const TABLES = ['raw.schedule', 'raw.box', 'mart.summary', 'mart.rating', 'mart.total'];

let google: Google;
let count = 0;
beforeAll(async () => {
  google = await startGoogle();
});
afterAll(() => google.close());

let source: Project;
let prod: Project;
let back: Project;
beforeEach(async () => {
  count++;
  const targets = {
    local: TARGETS.local,
    prod: {...googleTargets(google, `t${count}_`).prod, ledger: 'bigquery/ledger.sqlite'},
    back: TARGETS.prod,
  };
  // Runs of one process and instant have one id, and so would their jobs on the one server.
  source = copiedProject(NOW + count, {targets});
  await source.materialize();
  breakCode(source);
  prod = openAt(source.root, source.now);
  prod.target = 'prod';
  back = openAt(source.root, source.now);
  back.target = 'back';
});
afterEach(() => source.remove());

const contentsOf = (project: Project) =>
  Promise.all(TABLES.map(name => project.query(`SELECT * FROM ${name} ORDER BY ALL`)));

const toMake = async (project: Project) => lines(await project.plan()).filter(line => / run/.test(line));

test('all is there, the plan is empty, and what comes back is what was sent', async () => {
  const there = await copyInto(prod, source);
  expect(tally(there)).toEqual({succeeded: there.counts.requested});
  expect(lines(await prod.plan())).toEqual(lines(await source.plan()));
  expect(await toMake(prod)).toEqual([]);
  const asked = google.bigquery.calls.length;
  expect((await copyInto(prod, source)).counts.requested).toBe(0);
  expect(google.bigquery.calls.length).toBe(asked);
  const home = await copyInto(back, prod);
  expect(tally(home)).toEqual({succeeded: home.counts.requested});
  expect(home.counts.requested).toBe(there.counts.requested);
  expect(await contentsOf(back)).toEqual(await contentsOf(source));
  expect(await toMake(back)).toEqual([]);
  const target = await prod.open();
  try {
    expect(target.ledger.billed().get('raw.box')?.bytesBilled).toBeGreaterThan(0);
  } finally {
    await target.close();
  }
});

test('a copy that is killed after its rows were committed goes on with what is left', async () => {
  const script = new URL('../kit/killed-copy.ts', import.meta.url).pathname;
  const args = [script, source.root, String(source.now), 'prod', 'after-publish', '1'];
  // The server answers in this process, which must not wait.
  const signal = await new Promise(resolve =>
    spawn(process.execPath, args).on('exit', (_, by) => resolve(by)),
  );
  expect(signal).toBe('SIGKILL');
  const done = await copyInto(prod, source);
  expect(tally(done)).toEqual({succeeded: done.counts.requested});
  expect(await toMake(prod)).toEqual([]);
  await copyInto(back, prod);
  expect(await contentsOf(back)).toEqual(await contentsOf(source));
});
