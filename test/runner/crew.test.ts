/** Who shares work out and who takes it, as the ledger keeps it. */
import {afterEach, beforeEach, expect, test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {printRun} from '../../cli/print-runs.ts';
import type {OpenTarget} from '../../runner/target.ts';
import {at, listed, manifest, Project} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const columns = {game_date: 'date', points: 'int64'};
const FILES = {
  'pipeline.yaml': manifest({
    calendars: listed({'2023-24': ['2024-01-01']}),
    assets: {'raw.given': {sql: 'assets/given.sql', columns, key: ['game_date']}},
  }),
  'assets/given.sql': 'SELECT game_date, 1 AS points FROM partitions',
};
const member = {identity: 'same', fetches: 4, host: 'box', pid: 7, startedAt: NOW};
const session = {pid: process.pid, host: 'here', born: '1', command: 'test', startedAt: NOW};
const outcome = {
  asset: 'raw.given',
  key: '2024-01-01',
  outcome: 'skipped' as const,
  error: null,
  startedAt: NOW,
  endedAt: NOW,
  durationMs: 0,
  reasons: [],
};

let project: Project;
const opened: OpenTarget[] = [];
beforeEach(() => {
  project = new Project(FILES, NOW);
});
afterEach(async () => {
  for (const target of opened.splice(0)) await target.close();
  project.remove();
});

async function open() {
  const target = await project.open();
  opened.push(target);
  return target.ledger;
}

test('what a worker makes is recorded as the run that it works for, with the worker', async () => {
  const [ours, workers] = [await open(), await open()];
  workers.beginSession({...session, run: 'worker-1'});
  workers.enlist({...member, role: 'worker'});
  workers.workFor('run-1');
  workers.recordOutcomes({run: 'worker-1', outcomes: [outcome]});
  const {attempts, last} = ours.attemptsOfRunAfter('run-1', 0);
  expect(attempts.map(({run, worker, outcome}) => [run, worker, outcome])).toEqual([
    ['run-1', 'worker-1', 'skipped'],
  ]);
  expect(ours.attemptsOfRunAfter('run-1', last).attempts).toEqual([]);
  expect(ours.endedIn('run-1', 'raw.given', ['2024-01-01', '2024-01-02'])).toEqual(new Set(['2024-01-01']));
  ours.startRun({id: 'run-1', pipeline: 'test', target: 'local', command: 'test', startedAt: NOW});
  const found = ours.findRun('run-1');
  expect(found?.workers?.map(({session, worksFor}) => [session, worksFor])).toEqual([['worker-1', 'run-1']]);
  const text = printRun({
    run: found ?? expect.fail(),
    isAtWork: true,
    keyOrder: () => new Map<string, number>(),
    width: 100,
    paint: paintFor(false),
  });
  expect(text).toContain('handed to 1 worker: process 7 on box (1); made by itself: 0');
});

test('so is what others settle of a worker that is dead', async () => {
  const [ours, workers] = [await open(), await open()];
  workers.beginSession({...session, run: 'worker-1'});
  workers.enlist({...member, role: 'worker'});
  workers.workFor('run-1');
  workers.endSession();
  ours.recordOutcomes({run: 'worker-1', outcomes: [outcome]});
  expect(ours.attemptsOfRunAfter('run-1', 0).attempts).toHaveLength(1);
});

test('a crew has those whose sessions are there', async () => {
  const [ours, workers] = [await open(), await open()];
  workers.beginSession({...session, run: 'worker-1'});
  workers.enlist({...member, role: 'worker'});
  expect(ours.crew().map(({session, role, identity}) => [session, role, identity])).toEqual([
    ['worker-1', 'worker', 'same'],
  ]);
  workers.endSession();
  expect(ours.crew()).toEqual([]);
});

test('what was cancelled has not ended, and is made by another worker', async () => {
  const ledger = await open();
  ledger.recordOutcomes({run: 'run-1', outcomes: [{...outcome, outcome: 'cancelled'}]});
  expect(ledger.endedIn('run-1', 'raw.given', ['2024-01-01'])).toEqual(new Set());
});
