/**
 * What only a warehouse of jobs has: a job that goes on without the process that sent it, and refusals that pass. The
 * calls of all components are broken in crash.test.ts.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import type {Job} from '../google/bigquery-job.ts';
import {type Google, googleTargets, PROJECT, startGoogle} from '../kit/google.ts';
import type {OtherResult, OtherRun} from '../kit/other-run.ts';
import {at, ended, listed, manifest, Project, rowsFrom, tally} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const DATES = ['2024-01-01', '2024-01-02', '2024-01-03'] as const;
const columns = {game_date: 'date', points: 'int64'};
const ASSETS = {
  'raw.scores': {rows: 'assets/scores.ts', columns, key: ['game_date']},
  'mart.double': {sql: 'assets/double.sql', upstream: {scores: 'raw.scores'}, columns, key: ['game_date']},
};

let google: Google;
let project: Project;
let prefix: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  google = await startGoogle();
});
afterAll(() => google.close());

let count = 0;
beforeEach(() => {
  prefix = `t${++count}_`;
  const files = {
    'pipeline.yaml': manifest({
      targets: googleTargets(google, prefix),
      calendars: listed({'2023-24': DATES}),
      assets: ASSETS,
    }),
    'assets/scores.ts': rowsFrom('scores'),
    'assets/double.sql': 'SELECT game_date, 2 * points AS points FROM scores',
  };
  project = new Project(files, NOW);
  write(1);
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  google.bigquery.heal();
  google.bigquery.restore();
  project.remove();
});

/** What the code gives: `base` at the first date, and one more at each after it. */
function write(base: number): void {
  project.data(
    'scores',
    Object.fromEntries(DATES.map((date, i) => [date, [{game_date: date, points: base + i}]])),
  );
}

async function expectDoubled(base: number): Promise<void> {
  const rows = await project.query(`SELECT points FROM \`${PROJECT}.${prefix}mart.double\` ORDER BY points`);
  expect(rows.map(([points]) => Number(points))).toEqual(DATES.map((_, i) => 2 * (base + i)));
}

interface Other {
  readonly pid: number;
  readonly result: Promise<OtherResult>;
}

/** A run in a process of its own. */
function start(about: Partial<OtherRun> = {}): Other {
  const script = join(import.meta.dirname, '..', 'kit', 'other-run.ts');
  const asked: OtherRun = {root: project.root, now: NOW, waitMs: 20_000, pulse: SHORT, ...about};
  const child = spawn(process.execPath, [script, JSON.stringify(asked)], {stdio: ['ignore', 'pipe', 'pipe']});
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (text: Buffer) => {
    out += text;
  });
  child.stderr.on('data', (text: Buffer) => {
    err += text;
  });
  const result = new Promise<OtherResult>((resolve, reject) => {
    child.on('close', () =>
      out === '' ? reject(new Error(`It ended without a word. ${err}`)) : resolve(JSON.parse(out)),
    );
  });
  // Of those that are killed nobody asks.
  result.catch(() => undefined);
  return {pid: child.pid ?? 0, result};
}

/** A short life, so that a test need not wait a minute. */
const SHORT = {deadMs: 600, beatMs: 100};

async function until<T>(find: () => T | undefined | false): Promise<T> {
  const end = performance.now() + 20_000;
  for (;;) {
    const found = find();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error('It did not happen within 20 s.');
    await pause(10);
  }
}

/** Jobs of this test by their labels, without the statements of scripts. */
function jobs(asset: string, step: string): readonly Job[] {
  const label = asset.replace('.', '--');
  return google.bigquery.jobs.filter(({configuration: {labels = {}, query, load}, parent}) => {
    const isOwn = JSON.stringify([query, load]).includes(prefix);
    return parent === undefined && isOwn && labels['step'] === step && labels['asset']?.startsWith(label);
  });
}

/** What the job comes to that an asset's step inserts. */
const on = (step: string, asset = '') => ({
  method: 'POST',
  path: '/jobs$',
  body: `"asset":"${asset.replace('.', '--')}[^"]*".*"step":"${step}"`,
});

async function outcomesOf(run: string): Promise<readonly string[]> {
  const {ledger, close} = await project.open();
  const found = ledger.findRun(run)?.attempts ?? [];
  await close();
  return found.map(({asset, key, outcome}) => `${asset}@${key} ${outcome}`).sort();
}

async function runs(): Promise<readonly string[]> {
  const {ledger, close} = await project.open();
  const ids = ledger.runs(100).map(({id}) => id);
  await close();
  return ids;
}

const SUCCEEDED = {
  scores: DATES.map(date => `raw.scores@${date} succeeded`),
  doubles: DATES.map(date => `mart.double@${date} succeeded`),
};

async function expectNothingLeft(): Promise<void> {
  expect((await project.materialize()).counts.requested).toBe(0);
}

describe('a process that is gone', () => {
  test('while its publishing job is at work: the job goes on, and the next run waits for it', async () => {
    google.bigquery.fail({
      on: on('publish', 'raw.scores'),
      trouble: {kind: 'slow', milliseconds: 2_000, at: 'commit'},
    });
    const first = start();
    const job = await until(() => jobs('raw.scores', 'publish').find(({state}) => state === 'RUNNING'));
    process.kill(first.pid, 'SIGKILL');
    const done = await project.materialize();
    expect(job).toMatchObject({state: 'DONE', error: undefined});
    // What had ended by the time that the next run looked is not needed any more, and may have been planned before.
    const made = ended(done).filter(each => !each.endsWith(' not-needed'));
    expect(made).toEqual(SUCCEEDED.doubles);
    expect(tally(done)['failed']).toBeUndefined();
    const killed = (await runs()).find(id => id !== done.run) ?? '';
    expect(await outcomesOf(killed)).toEqual(SUCCEEDED.scores);
    expect(jobs('raw.scores', 'publish')).toHaveLength(1);
    await expectDoubled(1);
    await expectNothingLeft();
  });

  test('before its publishing job was sent: that id is taken, and the partitions are made again', async () => {
    const first = start({stopAt: {point: 'at-insert', asset: 'raw.scores'}});
    await until(() => existsSync(join(project.root, `stopped-${first.pid}`)));
    process.kill(first.pid, 'SIGKILL');
    write(11);
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 6});
    expect(fences()).toHaveLength(1);
    await expectDoubled(11);
    await expectNothingLeft();
  });
});

/** Jobs that hold the id of a publishing job. */
function fences(): readonly Job[] {
  return google.bigquery.jobs.filter(
    ({reference: {jobId}, configuration: {labels}}) =>
      labels?.['step'] === 'fence' && jobId.includes('--publish--'),
  );
}

test('a process that sleeps before it sends its publishing job is refused when it wakes, and writes nothing', async () => {
  const first = start({stopAt: {point: 'at-insert', asset: 'raw.scores'}});
  await until(() => existsSync(join(project.root, `stopped-${first.pid}`)) && isStopped(first.pid));
  write(11);
  const second = await start().result;
  expect(second.error).toBeUndefined();
  expect(new Set(Object.values(second.outcomes))).toEqual(new Set(['succeeded']));
  process.kill(first.pid, 'SIGCONT');
  const woken = await first.result;
  expect(woken.error).toMatch(/showed no sign of life/);
  const id = fences().at(-1)?.reference.jobId ?? 'none';
  const asked = google.bigquery.calls.filter(({method, body}) => method === 'POST' && body.includes(id));
  // By the one that took it, and in vain by the one that woke up.
  expect(asked).toHaveLength(2);
  expect(jobs('raw.scores', 'publish')).toHaveLength(1);
  await expectDoubled(11);
  await expectNothingLeft();
});

function isStopped(pid: number): boolean {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).startsWith('T');
}

describe('what passes', () => {
  const REASONS = [
    ['backendError', 'An internal error occurred.'],
    ['internalError', 'An internal error occurred.'],
    ['rateLimitExceeded', 'Exceeded rate limits.'],
    ['jobRateLimitExceeded', 'Exceeded rate limits.'],
    ['invalidQuery', 'Transaction is aborted due to concurrent update against table t.'],
  ] as const;
  test.each(REASONS)(
    '%s (%s) ends a job of each step: it is run again, and nothing is lost',
    async (reason, message) => {
      for (const step of ['load', 'stage', 'publish', 'audit']) {
        google.bigquery.fail({
          on: on(step),
          trouble: {kind: 'job', reason, message},
        });
      }
      expect(tally(await project.materialize())).toEqual({succeeded: 6});
      const again = ['load', 'stage', 'publish', 'audit'].map(
        step =>
          [...jobs('raw.scores', step), ...jobs('mart.double', step)].filter(({error}) => error !== undefined)
            .length,
      );
      expect(again).toEqual([1, 1, 1, 1]);
      await expectDoubled(1);
      await expectNothingLeft();
    },
  );

  const ANSWERS = [
    ['503 before', {kind: 'answer', status: 503, reason: 'backendError', when: 'before'}],
    ['503 after', {kind: 'answer', status: 503, reason: 'backendError', when: 'after'}],
    ['no answer before', {kind: 'reset', when: 'before'}],
    ['no answer after', {kind: 'reset', when: 'after'}],
    ['429 before', {kind: 'answer', status: 429, reason: 'rateLimitExceeded', when: 'before'}],
  ] as const;
  test.each(ANSWERS)('%s each job is taken: it runs once', async (_, trouble) => {
    for (const step of ['load', 'stage', 'publish']) google.bigquery.fail({on: on(step), times: 2, trouble});
    expect(tally(await project.materialize())).toEqual({succeeded: 6});
    expect(jobs('raw.scores', 'publish')).toHaveLength(1);
    expect(jobs('mart.double', 'publish')).toHaveLength(1);
    await expectDoubled(1);
    await expectNothingLeft();
  });

  test.each(ANSWERS)(
    '%s, whenever it is asked: nothing is lost, and the next run goes on',
    async (_, trouble) => {
      google.bigquery.fail({on: on('publish', 'mart.double'), times: 1_000, trouble});
      const first = await attempt();
      // What was taken is found by its id, although nobody said that it was.
      if (trouble.when === 'after') expect(first).toEqual({succeeded: 6});
      else expect(first).toMatch(/run again/i);
      google.bigquery.heal();
      expect(tally(await project.materialize())).toEqual(trouble.when === 'after' ? {} : {succeeded: 3});
      await expectDoubled(1);
      await expectNothingLeft();
    },
  );
});

test('a publication that is rolled back and tried again is billed to its run twice', async () => {
  google.bigquery.fail({
    on: on('publish', 'mart.double'),
    trouble: {kind: 'job', reason: 'backendError', at: 'commit'},
  });
  expect(tally(await project.materialize())).toEqual({succeeded: 6});
  const publications = jobs('mart.double', 'publish');
  expect(publications.map(({error}) => error?.reason)).toEqual(['backendError', undefined]);
  const all = [...publications, ...jobs('mart.double', 'stage'), ...jobs('mart.double', 'audit')];
  const {ledger, close} = await project.open();
  const [run] = ledger.runs(1);
  const attempts = ledger.findRun(run?.id ?? '')?.attempts.filter(({asset}) => asset === 'mart.double');
  await close();
  const sum = (bytes: readonly (string | number | undefined)[] = []): number =>
    bytes.reduce<number>((total, each) => total + Number(each ?? 0), 0);
  expect(sum(publications.map(({statistics}) => statistics.query?.totalBytesBilled))).toBeGreaterThan(0);
  expect(sum(attempts?.map(({billed}) => billed?.bytesBilled))).toBe(
    sum(all.map(({statistics}) => statistics.query?.totalBytesBilled)),
  );
});

test('a batch whose publication is refused is halved, and each half has a job of its own', async () => {
  google.bigquery.fail({
    on: on('publish', 'raw.scores'),
    trouble: {kind: 'job', reason: 'invalidQuery', message: 'Bad int64 value.'},
  });
  expect(tally(await project.materialize())).toEqual({succeeded: 6});
  expect(jobs('raw.scores', 'publish').map(({error}) => error?.reason)).toEqual([
    'invalidQuery',
    undefined,
    undefined,
  ]);
  await expectDoubled(1);
  await expectNothingLeft();
});

/** What a run came to, or what it ended with. */
async function attempt(): Promise<unknown> {
  try {
    return tally(await project.materialize());
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test('credentials that are revoked in mid-run end it with their mend, and the next run goes on', async () => {
  google.bigquery.fail({on: on('publish', 'mart.double'), trouble: {kind: 'revoke'}});
  expect(await attempt()).toMatch(/credentials are not accepted.*gcloud auth application-default login/);
  google.bigquery.restore();
  expect(tally(await project.materialize())).toEqual({succeeded: 3});
  await expectDoubled(1);
  await expectNothingLeft();
});

test('an interrupt stops the job on the server, and the next run goes on', async () => {
  google.bigquery.fail({
    on: on('stage', 'mart.double'),
    trouble: {kind: 'slow', milliseconds: 60_000, at: 'start'},
  });
  const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');
  const child = spawn(process.execPath, [main, 'materialize'], {
    cwd: project.root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      out += text;
    });
  const job = await until(() => jobs('mart.double', 'stage').find(({state}) => state === 'RUNNING'));
  child.kill('SIGINT');
  await pause(300);
  child.kill('SIGINT');
  const code = await new Promise(resolve => child.on('close', resolve));
  expect([code, job.state, job.error?.reason]).toEqual([130, 'DONE', 'stopped']);
  // Where nobody were left to stop it, it would end by itself.
  expect(job.configuration.jobTimeoutMs).toBe('1800000');
  expect(out).toContain('It was interrupted.');
  const [run = ''] = await runs();
  expect(await outcomesOf(run)).toEqual([
    ...DATES.map(date => `mart.double@${date} cancelled`),
    ...SUCCEEDED.scores,
  ]);
  google.bigquery.heal();
  expect(tally(await project.materialize())).toEqual({succeeded: 3});
  await expectDoubled(1);
  await expectNothingLeft();
});
