/** Runs that are stopped, cancelled or end at the first failure: what is recorded is true, and the next run goes on. */
import {afterEach, expect, test} from 'vitest';
import type {Event} from '../../runner/event.ts';
import {at, ended, listed, manifest, Project, rowsFrom, tally} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const DATES = Array.from({length: 6}, (_, i) => `2024-01-0${i + 1}`);
const columns = {game_date: 'date', points: 'int64'};
const SCORES = {rows: 'assets/scores.ts', columns, key: ['game_date'], batch: 1};
const SUM = {
  sql: 'assets/sum.sql',
  upstream: {scores: {asset: 'raw.scores', window: 'season to date', through: 'today'}},
  columns,
  key: ['game_date'],
};
const SUM_SQL = `SELECT w.key AS game_date, sum(s.points) AS points
FROM scores_window AS w JOIN scores AS s ON s.game_date = w.upstream_key GROUP BY ALL`;
const SLOW_SQL = `SELECT game_date, (SELECT count(*) FROM range(100000000000) AS r(i) WHERE i % 7 = 8) AS points FROM partitions`;

let project: Project;
afterEach(() => project.remove());

function open(assets: object, files: Record<string, string> = {}): void {
  const calendars = listed({'2023-24': DATES});
  const texts = {'assets/scores.ts': rowsFrom('scores'), 'assets/sum.sql': SUM_SQL, ...files};
  project = new Project({'pipeline.yaml': manifest({calendars, assets}), ...texts}, NOW);
  project.data('scores', Object.fromEntries(DATES.map((date, i) => [date, [{game_date: date, points: i}]])));
}

/** Aborts `controller` at the n-th event that `isIt`. */
function abortAt(controller: AbortController, count: number, isIt: (event: Event) => boolean) {
  let seen = 0;
  return (event: Event): void => {
    if (isIt(event) && ++seen === count) controller.abort();
  };
}

const sum = ({requested, ...counts}: Readonly<Record<string, number>>): boolean =>
  requested === Object.values(counts).reduce((total, count) => total + count, 0);

async function expectWhole(): Promise<void> {
  expect(await project.query('SELECT points FROM mart.sum ORDER BY game_date')).toEqual(
    [0, 1, 3, 6, 10, 15].map(points => [points]),
  );
  expect((await project.materialize()).counts.requested).toBe(0);
}

test('interrupted once, what is at work ends well, the rest is cancelled, and the next run makes it', async () => {
  open({'raw.scores': SCORES, 'mart.sum': SUM});
  const stop = new AbortController();
  const onEvent = abortAt(stop, 5, ({kind}) => kind === 'batch-started');
  const done = await project.materialize({stop: stop.signal, onEvent});
  expect(done.isInterrupted).toBe(true);
  expect(sum(done.counts)).toBe(true);
  expect(done.counts).toMatchObject({requested: 12, failed: 0, skipped: 0, succeeded: 5, cancelled: 7});
  const good = [...done.outcomes].filter(([, outcome]) => outcome === 'succeeded').map(([ref]) => ref);
  const next = await project.materialize();
  expect(tally(next)).toEqual({succeeded: 7});
  expect([...next.outcomes.keys()].filter(ref => good.includes(ref))).toEqual([]);
  await expectWhole();
});

test('the run that was interrupted is recorded as such, with all its outcomes', async () => {
  open({'raw.scores': SCORES, 'mart.sum': SUM});
  const stop = new AbortController();
  const done = await project.materialize({
    stop: stop.signal,
    onEvent: abortAt(stop, 3, ({kind}) => kind === 'partition-ended'),
  });
  const {ledger, close} = await project.open();
  const run = ledger.findRun(done.run);
  await close();
  expect(run?.end?.status).toBe('interrupted');
  expect(run?.attempts).toHaveLength(done.counts.requested);
});

test('interrupted twice, what is at work is cancelled and counts as not tried', async () => {
  open(
    {'raw.scores': SCORES, 'mart.slow': {...SUM, sql: 'assets/slow.sql', upstream: {}}},
    {'assets/slow.sql': SLOW_SQL},
  );
  await project.materialize({select: 'raw.scores'});
  const cancel = new AbortController();
  const done = await project.materialize({
    stop: cancel.signal,
    cancel: cancel.signal,
    onEvent: event => {
      // Both slots are taken; the statements are on their way.
      if (event.kind === 'batch-started') setTimeout(() => cancel.abort(), 100);
    },
  });
  expect(tally(done)).toEqual({cancelled: 6});
  expect(sum(done.counts)).toBe(true);
  const plan = await project.plan();
  expect(plan.partitions.map(({reasons}) => reasons.map(({kind}) => kind))).toEqual(
    DATES.map(() => ['never-materialized']),
  );
});

test('interrupted twice within a batch of code, no partition is published without its rows', async () => {
  const code = `import type {Rows} from 'gameplan';
export const rows: Rows = async ({partition, signal}) => {
  if (partition.key !== '${DATES[2]}') return [{game_date: partition.key, points: 1}];
  return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
};\n`;
  const {batch: _, ...many} = SCORES;
  open({'raw.scores': {...many, empty: 'allowed'}}, {'assets/scores.ts': code});
  const cancel = new AbortController();
  const done = await project.materialize({
    stop: cancel.signal,
    cancel: cancel.signal,
    onEvent: event => {
      if (event.kind === 'batch-started') setTimeout(() => cancel.abort(), 100);
    },
  });
  expect(done.counts.succeeded + done.counts.cancelled).toBe(6);
  expect(done.outcomes.get(`raw.scores@${DATES[2]}`)).toBe('cancelled');
  expect(done.outcomes.get(`raw.scores@${DATES[5]}`)).toBe('cancelled');
  project.data('scores', {});
  const plan = await project.plan();
  expect(plan.states).toMatchObject({fresh: done.counts.succeeded, missing: done.counts.cancelled});
});

test('told to fail fast, a run starts nothing after the first failure', async () => {
  open({'raw.scores': SCORES, 'mart.sum': SUM});
  project.data('scores', {[DATES[0] ?? '']: 'down'});
  const done = await project.materialize({failFast: true});
  expect(done.isInterrupted).toBe(false);
  expect(sum(done.counts)).toBe(true);
  // Two batches are at work at once; nothing begins after the first has failed.
  expect(done.counts.failed).toBeGreaterThanOrEqual(1);
  expect(done.counts.failed + done.counts.succeeded).toBeLessThanOrEqual(3);
  expect(done.outcomes.get(`raw.scores@${DATES[5]}`)).toBe('cancelled');
});

test('without it, a run goes on with what does not hang on the failure', async () => {
  open(
    {'raw.scores': SCORES, 'mart.same': {...SUM, upstream: {scores: 'raw.scores'}, sql: 'assets/same.sql'}},
    {
      'assets/same.sql': 'SELECT game_date, points FROM scores',
    },
  );
  const rows = Object.fromEntries(DATES.map(date => [date, [{game_date: date, points: 1}]]));
  project.data('scores', {...rows, [DATES[0] ?? '']: 'down'});
  const done = await project.materialize();
  expect(tally(done)).toEqual({succeeded: 10, failed: 1, skipped: 1});
  expect(ended(done)[0]).toBe(`mart.same@${DATES[0]} skipped`);
});

test('stopped before anything starts, all is cancelled and nothing is touched', async () => {
  open({'raw.scores': SCORES, 'mart.sum': SUM});
  const done = await project.materialize({stop: AbortSignal.abort()});
  expect(done.counts).toMatchObject({requested: 12, cancelled: 12});
  expect(done.warehouseCalls).toBe(0);
  expect(tally(await project.materialize())).toEqual({succeeded: 12});
  await expectWhole();
});
