/** The command as npm links it: in a Node that is too old, with signals, and with a pipe that closes. */
import {type SpawnSyncReturns, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

const root = path.join(import.meta.dirname, '..', '..');
const bin = path.join(root, 'bin', 'gameplan.js');
const version = /"version": "([^"]+)"/;

let project: ToyProject;
beforeAll(() => {
  project = new ToyProject();
});
afterAll(() => project.remove());

function run(node: string, args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(node, [bin, ...args], {cwd: project.root, encoding: 'utf8'});
}

/** A Node before 24 somewhere on the PATH. */
function findOldNode(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return [...folders, '/usr/bin', '/usr/local/bin']
    .map(folder => path.join(folder, 'node'))
    .find(file => {
      const [, major] = /^v(\d+)/.exec(spawnSync(file, ['--version'], {encoding: 'utf8'}).stdout ?? '') ?? [];
      return major !== undefined && Number(major) < 24;
    });
}

const oldNode = findOldNode();

describe.skipIf(oldNode === undefined)('under a Node that is too old', () => {
  const node = oldNode ?? '';

  test('the command goes on in the one that the package brings', () => {
    const {status, stdout, stderr} = run(node, ['validate']);
    expect({status, stderr}).toEqual({status: 0, stderr: ''});
    expect(stdout).toBe("The pipeline is valid: 3 assets, target 'local'.\n");
  });

  test('the exit code is passed on', () => {
    expect(run(node, ['plan', '--detailed-exitcode']).status).toBe(2);
    expect(run(node, ['nonsense']).status).toBe(64);
  });

  test('one interrupt that reaches both processes counts once: what runs ends, and the ledger is true', async () => {
    const slow = new ToyProject();
    try {
      slow.write(
        'assets/points.ts',
        `export const rows = async ({partition}) => {
          await new Promise(done => setTimeout(done, 1500));
          return [{game_date: partition.key, player: 'ana', points: 1}];
        };\n`,
      );
      const child = spawn(node, [bin, 'materialize', 'raw.points', '--json'], {
        cwd: slow.root,
        detached: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      let isSent = false;
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (isSent || !text.includes('batch-started')) return;
        isSent = true;
        // As a terminal does it: to every process of the group at once.
        process.kill(-(child.pid ?? 0), 'SIGINT');
      });
      const [code] = await once(child, 'exit');
      expect(code).toBe(130);
      const events = text
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line));
      expect(events.filter(({kind}) => kind === 'interrupted')).toMatchObject([{times: 1}]);
      const {succeeded, cancelled, requested} = events.at(-1);
      expect(succeeded).toBeGreaterThan(0);
      expect(succeeded + cancelled).toBe(requested);
    } finally {
      slow.remove();
    }
  });
});

describe('under the Node that runs the tests', () => {
  test('it prints the version of the package', () => {
    const {stdout} = run(process.execPath, ['--version']);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(`"version": "${stdout.trim()}"`).toMatch(version);
  });

  test('a reader that has seen enough is no failure', () => {
    const command = `"${process.execPath}" "${bin}" schema | head -n 1`;
    const {status, stdout, stderr} = spawnSync('bash', ['-c', `set -o pipefail; ${command}`], {
      cwd: project.root,
      encoding: 'utf8',
    });
    expect({status, stdout, stderr}).toEqual({status: 0, stdout: '{\n', stderr: ''});
  });

  test('no colours without a terminal', () => {
    expect(run(process.execPath, ['plan']).stdout).not.toContain('\u001b');
  });
});

describe('a run that is asked to end', () => {
  let slow: ToyProject;
  beforeEach(() => {
    slow = new ToyProject();
    slow.write(
      'assets/points.ts',
      `export const rows = async ({partition}) => {
        await new Promise(done => setTimeout(done, 400));
        return [{game_date: partition.key, player: 'ana', points: 1}];
      };\n`,
    );
    const file = path.join(slow.root, 'pipeline.yaml');
    const last = '      - {date: 2024-01-18, season: 2023-24}\n';
    const more = Array.from({length: 9}, (_, i) => last.replace('18', String(i + 20)));
    const text = readFileSync(file, 'utf8').replace(last, last + more.join(''));
    slow.write(
      'pipeline.yaml',
      text.replace('rows: assets/points.ts\n', 'rows: assets/points.ts\n    batch: 1\n'),
    );
  });
  afterEach(() => slow.remove());

  /** Resolves when something is at work. */
  async function start() {
    const child = spawn(process.execPath, [bin, 'materialize', 'raw.points', '--json'], {
      cwd: slow.root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    await new Promise<void>(resolve => {
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.includes('batch-started')) resolve();
      });
    });
    return {child, ended};
  }

  const lastRun = () => {
    const {stdout} = spawnSync(process.execPath, [bin, 'runs', 'show', 'last', '--json'], {
      cwd: slow.root,
      encoding: 'utf8',
    });
    return JSON.parse(stdout).end;
  };

  test.each(['SIGTERM', 'SIGHUP'] as const)(
    'by %s finishes what is at work and says so in the ledger',
    async signal => {
      const {child, ended} = await start();
      child.kill(signal);
      expect(await ended).toEqual([130, null]);
      const {status, counts} = lastRun();
      expect(status).toBe('interrupted');
      expect(counts.succeeded).toBeGreaterThan(0);
      expect(counts.succeeded + counts.cancelled).toBe(counts.requested);
    },
  );

  test('by a terminal that is gone does the same', async () => {
    const {child, ended} = await start();
    child.stdout.destroy();
    expect(await ended).toEqual([130, null]);
    const {status, counts} = lastRun();
    expect(status).toBe('interrupted');
    expect(counts.succeeded).toBeGreaterThan(0);
  });

  test("by 'runs cancel' in another process does the same; a run that has ended says that it has", async () => {
    const {ended} = await start();
    const cancel = () =>
      spawnSync(process.execPath, [bin, 'runs', 'cancel', 'last', '--by', 'ada'], {
        cwd: slow.root,
        encoding: 'utf8',
      });
    const asked = cancel();
    expect([asked.status, asked.stderr]).toEqual([0, '']);
    expect(asked.stdout).toMatch(/^Run \S+ was asked to end: no new partition starts/);
    expect(await ended).toEqual([130, null]);
    expect(lastRun().status).toBe('interrupted');
    for (const flags of [[], ['--markdown']])
      expect((await slow.run('runs', 'show', 'last', ...flags)).out).toMatch(
        /sked to end \S+ \S+ UTC by ada/,
      );
    const late = cancel();
    expect(late.status).toBe(1);
    expect(late.stderr).toMatch(/^error: Run \S+ has ended already: it was interrupted\.\n$/);
  });

  test("by SIGKILL cannot be cancelled any more, and 'runs cancel' says why", async () => {
    const {child, ended} = await start();
    child.kill('SIGKILL');
    await ended;
    const late = spawnSync(process.execPath, [bin, 'runs', 'cancel', 'last'], {
      cwd: slow.root,
      encoding: 'utf8',
    });
    expect(late.stderr).toMatch(/its process has died. The next run takes over what it held\.\n$/);
  });
});
