import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {SELF, Served, until} from './served.ts';

const SLOW = `export const rows = async ({partition}) => {
  await new Promise(done => setTimeout(done, 700));
  return [{game_date: partition.key, player: 'ana', points: 1}];
};
`;

let served: Served;
beforeEach(async () => {
  served = await new Served().open();
});
afterEach(() => served.remove());

async function startWhole(flags: Parameters<Served['work']['startRun']>[1] = {}): Promise<string> {
  const started = await served.work.startRun(served.planFile(), flags);
  if (!('run' in started)) throw new Error(JSON.stringify(started));
  return started.run;
}

const endOf = (run: string) => until(() => served.ended.find(each => each.run === run), `the end of ${run}`);

describe('a run', () => {
  test('is told as soon as it has begun, and is recorded with who asked for it and why', async () => {
    served.project.write('assets/points.ts', SLOW);
    const run = await startWhole({
      order: 'newest',
      failFast: true,
      bySeason: true,
      reason: 'for the report',
      by: 'bo',
    });
    expect(served.run(run)).toMatchObject({end: undefined, by: 'bo', why: 'for the report'});
    expect(await endOf(run)).toEqual({run, isCrash: false});
    expect(served.run(run)?.end).toMatchObject({status: 'succeeded', counts: {succeeded: 9}});
    expect(served.work.crashOf(run)).toBeUndefined();
  });

  test('that nobody put a name to is by the user of the server', async () => {
    const run = await startWhole();
    await endOf(run);
    expect(served.run(run)?.by).toBe('ada');
  });

  test('whose partitions fail has not crashed', async () => {
    served.project.write('fail-2024-01-16', '');
    const run = await startWhole();
    expect(await endOf(run)).toEqual({run, isCrash: false});
    expect(served.run(run)?.end?.status).toBe('failed');
    expect(served.work.crashOf(run)).toBeUndefined();
  });

  test('whose process is killed is shown as a crash', async () => {
    served.project.write('assets/points.ts', SLOW);
    const run = await startWhole();
    const pid = served.ledger(ledger => ledger.otherSessions().find(each => each.run === run)?.pid);
    process.kill(pid ?? 0, 'SIGKILL');
    expect(await endOf(run)).toEqual({run, isCrash: true});
    expect(served.work.crashOf(run)).toBe('Ended by SIGKILL.\n');
  });

  test('is refused with the difference where the plan does not hold any more', async () => {
    const plan = served.planFile();
    served.project.write(
      'assets/totals.sql',
      'SELECT game_date, count(*)::BIGINT AS total FROM points GROUP BY game_date\n',
    );
    const refused = await served.work.startRun(plan, {});
    expect(refused).toMatchObject({
      status: 409,
      refusal: {
        error: expect.stringMatching(/^The plan does not hold any more/),
        details: expect.stringMatching(/stats\.totals[\s\S]*Nothing was made\. Plan again/),
      },
    });
    expect(JSON.stringify(refused)).not.toContain(plan);
    expect(served.ended).toEqual([]);
  });

  test('of which nothing is left is refused', async () => {
    const plan = served.planFile();
    served.command('materialize', plan);
    expect(await served.work.startRun(plan, {})).toEqual({
      status: 409,
      refusal: {error: 'Nothing of this plan is left to do.'},
    });
  });

  test('that cannot be started at all says so', async () => {
    const broken = new Served({self: ['/no/such/program']});
    try {
      expect(await broken.work.startRun('/tmp/plan.json', {})).toMatchObject({
        status: 409,
        refusal: {error: expect.stringContaining('ENOENT')},
      });
      expect(await broken.work.forget({partitions: 'a@all', reason: 'x'})).toMatchObject({status: 409});
    } finally {
      broken.remove();
    }
  });

  test('that does not begin in time is ended', async () => {
    const self = [process.execPath, '-e', 'setInterval(() => undefined, 1000)', '--'] as const;
    const slow = new Served({self, patienceMs: 200});
    try {
      const answers = [
        await slow.work.startRun('/tmp/plan.json', {}),
        await slow.work.held('raw.points', 'all'),
      ];
      for (const answer of answers)
        expect(answer).toMatchObject({
          status: 409,
          refusal: {error: expect.stringMatching(/SIGTERM|Command failed/)},
        });
    } finally {
      slow.remove();
    }
  });

  test('of a pass that goes on after one that ended well is the one that crashed', async () => {
    const events = [
      {kind: 'run-started', run: 'one'},
      {kind: 'batch-started', text: ''},
      {kind: 'run-ended', run: 'one'},
      {kind: 'run-started', run: 'two'},
    ];
    const script = `for (const event of ${JSON.stringify(events)}) console.log(JSON.stringify(event.text === '' ? {...event, text: 'ü'.repeat(200000)} : event));
      console.error('error: no such thing', 'ü'.repeat(10000)); console.error('out of memory'); process.exit(1);`;
    const other = new Served({self: [process.execPath, '-e', script, '--']});
    try {
      expect(await other.work.heal(undefined)).toEqual({run: 'one', text: ''});
      await until(() => other.ended.length === 2, 'both ends');
      expect(other.ended).toEqual([
        {run: 'one', isCrash: false},
        {run: 'two', isCrash: true},
      ]);
      expect(other.work.crashOf('one')).toBeUndefined();
      expect(other.work.crashOf('two')).toBe('out of memory\nEnded with exit code 1.\n');
    } finally {
      other.remove();
    }
  });

  test('whose command line is too long for the system is refused', async () => {
    const echo = new Served({self: [process.execPath, '-e', '', '--', 'x'.repeat(3_000_000)]});
    try {
      expect(await echo.work.startRun('/tmp/plan.json', {})).toMatchObject({
        status: 409,
        refusal: {error: expect.stringContaining('E2BIG')},
      });
    } finally {
      echo.remove();
    }
  });

  test('does not see the token of the server', async () => {
    const env = {...process.env, GAMEPLAN_TOKEN: 'correct-horse-battery-staple', OTHER: 'seen'};
    const other = await new Served({env}).open();
    try {
      other.project.write(
        'assets/points.ts',
        `import {writeFileSync} from 'node:fs';
        export const rows = async ({partition}) => {
          writeFileSync(new URL('../env.json', import.meta.url), JSON.stringify(process.env));
          return [{game_date: partition.key, player: 'ana', points: 1}];
        };\n`,
      );
      const started = await other.work.startRun(other.planFile(), {});
      expect(started).toHaveProperty('run');
      await until(() => other.ended.length > 0, 'its end');
      const seen = JSON.parse(readFileSync(path.join(other.project.root, 'env.json'), 'utf8'));
      expect([seen['OTHER'], seen['GAMEPLAN_TOKEN']]).toEqual(['seen', undefined]);
    } finally {
      other.remove();
    }
  });

  test('goes on to its end when the server is interrupted, and leaves no file behind', async () => {
    served.project.write('assets/points.ts', SLOW);
    const plan = served.planFile();
    const temporary = path.join(served.project.root, 'tmp');
    served.project.write('tmp/.keep', '');
    const module = pathToFileURL(path.join(import.meta.dirname, '..', '..', 'server', 'work.ts')).href;
    const script = `
      import {Work} from ${JSON.stringify(module)};
      const work = new Work({self: ${JSON.stringify(SELF)}, project: ['-C', ${JSON.stringify(served.project.root)}],
        cwd: process.cwd(), env: process.env, user: 'ada'});
      process.stdout.write(JSON.stringify(await work.startRun(${JSON.stringify(plan)}, {})) + '\\n');
      setInterval(() => undefined, 1000);`;
    // A group of its own, as a terminal gives one, so that the interrupt reaches whoever is in it.
    const server = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {...process.env, TMPDIR: temporary},
    });
    const [said] = await once(server.stdout, 'data');
    const {run} = JSON.parse(String(said));
    process.kill(-(server.pid ?? 0), 'SIGINT');
    await once(server, 'exit');
    expect(served.run(run)?.end).toBeUndefined();
    const {status, counts} = await until(() => served.run(run)?.end, 'its end');
    expect([status, counts.succeeded]).toEqual(['succeeded', 9]);
    expect(served.project.files().filter(name => name.includes('gameplan-page'))).toEqual([]);
  });

  test('more than a few at once are refused', async () => {
    served.project.write('assets/points.ts', SLOW);
    const plan = served.planFile();
    const all = await Promise.all(Array.from({length: 6}, () => served.work.startRun(plan, {})));
    const refused = all.filter(each => 'refusal' in each && each.status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(2);
    expect(all.some(each => 'run' in each)).toBe(true);
    for (const each of all) if ('run' in each) await endOf(each.run);
    // What has ended makes room again.
    expect(await served.work.startRun(plan, {})).toMatchObject({status: 409});
  });
});

describe('healing', () => {
  test('is told by its first run, recorded with who asked; a second pass has nothing to heal', async () => {
    served.project.declare('assets:\n', 'healing: {auto_within: 9999 days}\nassets:\n');
    const {status, body} = await served.post('/heal', {by: 'bo'});
    expect([status, body.text]).toEqual([202, '']);
    await endOf(body.run ?? '');
    expect(served.run(body.run ?? '')).toMatchObject({by: 'bo', end: {status: 'succeeded'}});
    expect(await served.post('/heal', {})).toEqual({
      status: 202,
      body: {run: null, text: 'Nothing to heal.\n'},
    });
  });
});
