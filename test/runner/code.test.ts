/** The assets' own code runs in workers: whatever it does, it fails its own partition and ends when its time is over. */
import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {CodeHost, type CodeTools} from '../../runner/code-host.ts';
import {Secrets} from '../../runner/secrets.ts';
import {Answers} from '../kit/answers.ts';
import {at, type Done, listed, manifest, Project, tally} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const DATES = ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04'];
const BAD = '2024-01-02';
const columns = {game_date: 'date', points: 'int64'};

let project: Project;
let answers: Answers | undefined;
afterEach(() => {
  project.remove();
  answers?.close();
  answers = undefined;
});

/** A `rows` asset whose code does `what` on one date, and another asset beside it. */
function openRows(what: string, about: object = {}): void {
  const other = {rows: 'assets/other.ts', columns, key: ['game_date'], batch: 1};
  project = new Project(
    {
      'pipeline.yaml': manifest({
        calendars: listed({'2023-24': DATES}),
        assets: {
          'raw.tried': {
            rows: 'assets/tried.ts',
            columns,
            key: ['game_date', 'points'],
            timeout: '1s',
            ...about,
          },
          'raw.other': other,
        },
      }),
      'assets/tried.ts': `export const rows = async ({partition: {key}}) => {
  if (key === '${BAD}') { ${what} }
  return [{game_date: key, points: 1}];
};\n`,
      'assets/other.ts': `export const rows = async ({partition: {key}}) => [{game_date: key, points: 2}];\n`,
    },
    NOW,
  );
}

/** Only the one partition is not made; returns why. */
function onlyBad(done: Done, asset = 'raw.tried'): string {
  const ref = `${asset}@${BAD}` as const;
  const others = [...done.outcomes].filter(([each]) => each !== ref).map(([, outcome]) => outcome);
  expect(new Set(others)).toEqual(new Set(['succeeded']));
  expect(done.outcomes.get(ref)).toBe('failed');
  return done.errors.get(ref) ?? '';
}

describe('code that', () => {
  test('never ends is ended when its time is over; other partitions and other assets are made', async () => {
    openRows('for (;;) {}');
    expect(onlyBad(await project.materialize())).toBe("Timed out after 1 s; raise 'timeout:'.");
    expect(await project.query('SELECT count(*) FROM raw.tried')).toEqual([[3]]);
  });

  test('waits for what never comes is ended when its time is over', async () => {
    openRows('await new Promise(() => setInterval(() => undefined, 100));');
    expect(onlyBad(await project.materialize())).toBe("Timed out after 1 s; raise 'timeout:'.");
  });

  test('fills its heap fails its own partition, and says how to go on', async () => {
    openRows('const all = []; for (;;) all.push({text: String(all.length), more: [1, 2, 3]});', {
      memory: '64 MiB',
      timeout: '60s',
    });
    expect(onlyBad(await project.materialize())).toBe(
      "Its code needed more than 64 MiB of memory. Yield rows one by one, or raise the asset's 'memory:'.",
    );
  });

  test('fills buffers is stopped by the system where it has a process of its own', async () => {
    openRows('const all = []; for (;;) all.push(Buffer.alloc(16 * 1024 * 1024, 1));', {
      isolate: 'process',
      memory: '128 MiB',
      timeout: '60s',
    });
    expect(onlyBad(await project.materialize())).toMatch(/allocat|memory/i);
  });

  test('ends its process fails its own partition', async () => {
    openRows('process.exit(3);');
    expect(onlyBad(await project.materialize())).toBe(
      'Its code ended the worker that runs it (exit code 3). It must return or throw.',
    );
    project.remove();
    openRows('process.exit(3);', {isolate: 'process'});
    expect(onlyBad(await project.materialize())).toBe(
      'Its code ended the worker that runs it (exit code 3). It must return or throw.',
    );
  });

  test('leaves a promise to fail by itself fails its own partition', async () => {
    openRows("Promise.reject(new Error('forgotten')); await new Promise(done => setTimeout(done, 500));");
    expect(onlyBad(await project.materialize())).toBe(
      'Its code threw outside of its call: forgotten. Await every promise that it starts.',
    );
  });

  test('fails after it has given rows publishes none of them', async () => {
    openRows('');
    project.write(
      'assets/tried.ts',
      `export const rows = async function* ({partition: {key}}) {
  for (let points = 0; points < 2500; points++) {
    if (key === '${BAD}' && points === 2400) throw new Error('half way');
    yield {game_date: key, points};
  }
};\n`,
    );
    expect(onlyBad(await project.materialize())).toBe('half way');
    const counts = 'SELECT game_date::VARCHAR, count(*) FROM raw.tried GROUP BY ALL ORDER BY ALL';
    expect(await project.query(counts)).toEqual(DATES.filter(date => date !== BAD).map(date => [date, 2500]));
  });

  test('gives what cannot be copied fails its own partition', async () => {
    openRows('return [{game_date: key, points: () => 1}];');
    expect(onlyBad(await project.materialize())).toContain('could not be cloned');
  });

  test('never ends is ended by a second interrupt', async () => {
    openRows('for (;;) {}', {timeout: '100s'});
    const cancel = new AbortController();
    const started = performance.now();
    const done = await project.materialize({
      select: 'raw.tried',
      stop: cancel.signal,
      cancel: cancel.signal,
      onEvent: ({kind}) => {
        if (kind === 'batch-started') setTimeout(() => cancel.abort(), 300);
      },
    });
    expect(done.outcomes.get(`raw.tried@${BAD}`)).toBe('cancelled');
    expect(performance.now() - started).toBeLessThan(8_000);
  });
});

describe('a fetch that', () => {
  const FETCH = `export const files = async ({partition: {key}, site, put}) => {
  const answer = await site.get(key);
  await put('a.json', answer.bytes);
  if (key === '${BAD}') for (;;) {}
  await new Promise(done => setTimeout(done, 300));
};\n`;

  async function openFetch(code: string): Promise<void> {
    answers = await Answers.open(() => '{"games": []}');
    project = new Project(
      {
        'pipeline.yaml': manifest({
          calendars: listed({'2023-24': DATES}),
          sites: {league: {url: answers.url}},
          assets: {
            'landing.tried': {
              files: 'assets/tried.ts',
              path: 'tried/{game_date}/',
              site: 'league',
              timeout: '3s',
            },
          },
        }),
        'assets/tried.ts': code,
      },
      NOW,
    );
  }

  test('never ends fails alone: those that shared its worker are fetched again and succeed', async () => {
    await openFetch(FETCH);
    expect(onlyBad(await project.materialize(), 'landing.tried')).toBe(
      "Timed out after 3 s; raise 'timeout:'.",
    );
  });

  test('is refused a name by the store hears of it in its own words', async () => {
    await openFetch(`export const files = async ({put}) => { await put('../up', 'x'); };\n`);
    const done = await project.materialize();
    expect(tally(done)).toEqual({failed: 4});
    expect([...done.errors.values()][0]).toContain(
      'The object name "../up" cannot be stored: \'..\' leads elsewhere',
    );
  });
});

test('a million rows of one partition go through in a bounded memory', async () => {
  project = new Project(
    {
      'pipeline.yaml': manifest({
        calendars: listed({'2023-24': DATES.slice(0, 1)}),
        assets: {
          'raw.many': {rows: 'assets/many.ts', columns, key: ['game_date', 'points'], memory: '64 MiB'},
        },
      }),
      'assets/many.ts': `export const rows = async function* ({partition: {key}}) {
  for (let points = 0; points < 1_000_000; points++) yield {game_date: key, points};
};\n`,
    },
    NOW,
  );
  let peak = 0;
  const before = process.memoryUsage().heapUsed;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().heapUsed - before);
  }, 20);
  const done = await project.materialize();
  clearInterval(timer);
  expect(tally(done)).toEqual({succeeded: 1});
  expect(await project.query('SELECT count(*) FROM raw.many')).toEqual([[1_000_000]]);
  // As objects they would be well over 100 MB.
  expect(peak).toBeLessThan(80 * 1024 * 1024);
});

test('calls of one worker that wait for what never comes all time out, and none is made again', async () => {
  project = new Project(
    {
      'pipeline.yaml': manifest({
        calendars: listed({'2023-24': DATES}),
        assets: {'landing.tried': {files: 'assets/tried.ts', path: 'tried/{game_date}/', timeout: '1s'}},
      }),
      'assets/tried.ts':
        'export const files = async () => new Promise(() => setInterval(() => undefined, 100));\n',
    },
    NOW,
  );
  const {pipeline, close} = await project.open();
  await close();
  const asset = [...pipeline.assets.values()].find(({name}) => name === 'landing.tried');
  if (asset === undefined) throw new Error('no asset');
  const host = new CodeHost(project.root, new Secrets([]));
  const tools: CodeTools = {
    partition: {key: BAD, season: undefined, games: []},
    site: () => ({get: () => Promise.reject(new Error('none'))}),
    put: async () => undefined,
    inputs: {},
    asOf: undefined,
  };
  const options = {cancel: new AbortController().signal, isAlone: false};
  const calls = Array.from({length: 8}, () => host.files(asset, tools, options));
  const ended = await Promise.allSettled(calls);
  await host.close();
  const why = ended.map(each => (each.status === 'rejected' ? each.reason : undefined));
  expect(why.map(each => each?.name)).toEqual(Array.from({length: 8}, () => 'TimedOut'));
});

test('code that never yields does not outlive a parent that is killed', async () => {
  project = new Project(
    {
      'loop.mjs': `import {writeFileSync} from 'node:fs';
export const rows = async () => {
  writeFileSync(new URL('pid', import.meta.url), String(process.pid));
  for (;;) {}
};\n`,
    },
    NOW,
  );
  const channel = new URL('../../runner/code-channel.ts', import.meta.url).href;
  project.write(
    'parent.mjs',
    `import {openChannel} from '${channel}';
const ignore = () => undefined;
openChannel({isolation: 'process', memory: 2 ** 27, onMessage: ignore, onEnd: ignore}).post({
  kind: 'start', call: 1, root: ${JSON.stringify(project.root)}, module: 'loop.mjs', name: 'rows',
  partition: {key: 'k', season: undefined, games: []}, source: undefined, edges: [],
});
setTimeout(ignore, 60_000);\n`,
  );
  const parent = spawn(process.execPath, [join(project.root, 'parent.mjs')], {stdio: 'ignore'});
  const file = join(project.root, 'pid');
  const child = await vi.waitFor(() => Number(readFileSync(file, 'utf8')), {timeout: 5_000});
  expect(isAlive(child)).toBe(true);
  parent.kill('SIGKILL');
  try {
    await vi.waitFor(() => expect(isAlive(child)).toBe(false), {timeout: 5_000});
  } finally {
    if (isAlive(child)) process.kill(child, 'SIGKILL');
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
