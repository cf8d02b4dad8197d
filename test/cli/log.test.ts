/** Lines of JSON about what happens, for machines that collect logs. */
import {spawn} from 'node:child_process';
import {closeSync, openSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {openLog} from '../../cli/log.ts';
import {childEnvironment} from '../../server/child.ts';
import {PageServer} from '../kit/page-server.ts';
import {Receiver} from '../kit/receiver.ts';
import {DOWN, SECRET, WatchedProject} from './watched-project.ts';

let project: WatchedProject;
beforeEach(async () => {
  project = await WatchedProject.open();
});
afterEach(() => project.remove());

interface Line {
  readonly time: string;
  readonly severity: string;
  readonly message: string;
  readonly event: string;
  readonly run?: string;
  readonly asset?: string;
  readonly key?: string;
  readonly trace_id?: string;
  readonly code?: number;
  readonly path?: string;
  readonly status?: number;
}

const text = () => readFileSync(path.join(project.root, 'log.jsonl'), 'utf8');
const lines = () =>
  text()
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Line);

test('a pass of healing is told from the command to its end, each partition with its key, and no secret', async () => {
  const receiver = await Receiver.open();
  try {
    project.watch({GAMEPLAN_LOG: 'log.jsonl', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url});
    const {out} = await project.run('heal', '--events');
    const all = lines();
    expect(all.map(({event}) => event)).toEqual([
      'command-started',
      'run-started',
      ...Array.from({length: 9}, () => 'partition-ended'),
      'run-ended',
      'command-ended',
    ]);
    expect(all.every(({time, message}) => !Number.isNaN(Date.parse(time)) && message !== '')).toBe(true);
    const run = /"run":"([^"]+)"/.exec(out)?.[1];
    const inRun = all.filter(({event}) => !event.startsWith('command'));
    expect(new Set(inRun.map(line => line.run))).toEqual(new Set([run]));
    expect(inRun.every(line => /^[\da-f]{32}$/.test(line.trace_id ?? ''))).toBe(true);
    expect(all.filter(({severity}) => severity === 'ERROR').map(({event, key}) => [event, key])).toEqual([
      ['partition-ended', DOWN],
      ['run-ended', undefined],
      ['command-ended', undefined],
    ]);
    expect(all.find(({severity}) => severity === 'WARNING')?.message).toMatch(
      /^raw\.points@2024-01-18 succeeded, with warnings: range\(points\)/,
    );
    expect(text()).not.toContain(SECRET);
  } finally {
    receiver.close();
  }
});

test('a complaint is a line too, beside the text that people read', async () => {
  project.watch({GAMEPLAN_LOG: 'log.jsonl'});
  const {err} = await project.run('materialize', 'raw.nothing');
  expect(err).toContain('raw.nothing');
  expect(lines().find(({event}) => event === 'complaint')?.message).toContain('raw.nothing');
  expect(lines().at(-1)).toMatchObject({event: 'command-ended', severity: 'ERROR', code: 64});
});

test('a log that cannot be written is told of once', () => {
  const said: string[] = [];
  const about = {
    level: undefined,
    cwd: project.root,
    now: Date.now,
    complain: (each: string) => void said.push(each),
  };
  const log = openLog({...about, place: 'none/log.jsonl'});
  for (let i = 0; i < 2; i++) log({severity: 'INFO', message: 'x'});
  expect(said).toEqual([expect.stringMatching(/^warning: No log is written to none\/log\.jsonl: ENOENT/)]);
});

test('a level that is none is told with those there are, and leaves nothing out', () => {
  const said: string[] = [];
  const file = path.join(project.root, 'log.jsonl');
  const about = {place: file, cwd: '/', now: Date.now, complain: (each: string) => void said.push(each)};
  openLog({...about, level: 'loud'})({severity: 'DEBUG', message: 'x'});
  expect(said).toEqual([
    "warning: GAMEPLAN_LOG_LEVEL is 'loud', which is none of debug, info, warning, error: all of it is logged.\n",
  ]);
  expect(lines()).toMatchObject([{message: 'x'}]);
});

test('a descriptor that whoever started it has opened will do', () => {
  const file = path.join(project.root, 'log.jsonl');
  const descriptor = openSync(file, 'a');
  const about = {level: 'WARNING', cwd: project.root, now: Date.now, complain: () => undefined};
  const log = openLog({...about, place: `fd:${descriptor}`});
  log({severity: 'INFO', message: 'left out'});
  log({severity: 'ERROR', message: 'told'});
  closeSync(descriptor);
  expect(lines().map(({message}) => message)).toEqual(['told']);
});

test('a reader that is slow gets every line whole', async () => {
  const module = new URL('../../cli/log.ts', import.meta.url).href;
  // What is said to people makes standard error a pipe that is not waited for.
  const writer = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `const {openLog} = await import('${module}');
       process.stderr.write('');
       const about = {place: 'stderr', level: undefined, cwd: '/', now: Date.now, complain: () => undefined};
       const log = openLog(about);
       for (let i = 0; i < 400; i++) log({severity: 'INFO', message: String(i), pad: 'x'.repeat(1500)});`,
    ],
    {stdio: ['ignore', 'inherit', 'pipe']},
  );
  await setTimeout(300);
  const said: string[] = [];
  writer.stderr.setEncoding('utf8');
  for await (const chunk of writer.stderr) said.push(String(chunk));
  const all = said.join('').trimEnd().split('\n');
  expect(all.map(line => (JSON.parse(line) as Line).message)).toEqual(
    Array.from({length: 400}, (_, i) => `${i}`),
  );
});

test('the server tells what it is asked, without what stands after the question mark, and runs that it starts write there too', async () => {
  project.watch({GAMEPLAN_LOG: 'log.jsonl', GAMEPLAN_LOG_LEVEL: 'debug'});
  const server = await PageServer.start(project);
  try {
    await server.get('/overview?x=private');
    await server.ask('/none');
    await server.materialize({select: 'landing.box'});
  } finally {
    await server.stop();
  }
  const all = lines();
  expect(
    all.filter(({event}) => event === 'request').map(({path: asked, status}) => [asked, status]),
  ).toEqual(
    expect.arrayContaining([
      ['/api/v1/overview', 200],
      ['/api/v1/none', 404],
      ['/api/v1/plans', 201],
    ]),
  );
  expect(text()).not.toContain('private');
  expect(all.filter(({event}) => event === 'run-ended')).toHaveLength(1);
});

test('what the server starts does not log to the standard error that the page reads', () => {
  const kept = (place: string) => childEnvironment({GAMEPLAN_LOG: place})['GAMEPLAN_LOG'];
  expect([kept('stderr'), kept('log.jsonl')]).toEqual([undefined, 'log.jsonl']);
});
