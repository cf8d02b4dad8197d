import {expect, test} from 'vitest';
import type {Watcher} from '../../cli/watch.ts';
import {type WatchedRun, watchedBy} from '../../cli/watchers.ts';
import type {Event} from '../../runner/event.ts';

const EVENT: Event = {kind: 'interrupted', at: 5, times: 1};

function watched(said: string[]): WatchedRun {
  const world = {env: {}, now: () => 0, version: '1', complain: (text: string) => void said.push(text)};
  // No watcher of these tests looks at the project.
  return {project: {} as never, run: 'r1', world};
}

function listener(heard: string[], name: string): Watcher {
  return {emit: event => void heard.push(`${name} ${event.kind}`), end: () => void heard.push(`${name} end`)};
}

test('every watcher hears what a run tells, and what shows it ends last', async () => {
  const heard: string[] = [];
  const openers = [async () => listener(heard, 'second'), () => undefined];
  const all = await watchedBy(listener(heard, 'shown'), watched([]), openers);
  all.emit(EVENT);
  await all.end();
  expect(heard).toEqual(['shown interrupted', 'second interrupted', 'second end', 'shown end']);
});

test('a watcher that fails is left out, which is said once, and stops no run', async () => {
  const [heard, said]: [string[], string[]] = [[], []];
  const broken: Watcher = {
    emit: () => {
      throw new Error('the disk is full');
    },
    end: () => {
      throw new Error('never reached');
    },
  };
  const late: Watcher = {emit: () => undefined, end: async () => Promise.reject(new Error('nobody answers'))};
  const openers = [
    async () => broken,
    async () => Promise.reject(new Error('no such place')),
    async () => late,
  ];
  const all = await watchedBy(listener(heard, 'shown'), watched(said), openers);
  all.emit(EVENT);
  all.emit(EVENT);
  await all.end();
  expect(heard).toEqual(['shown interrupted', 'shown interrupted', 'shown end']);
  expect(said.map(line => line.trim())).toEqual([
    'warning: The run goes on unwatched: no such place',
    'warning: The run goes on unwatched: the disk is full',
    'warning: The run goes on unwatched: nobody answers',
  ]);
});
