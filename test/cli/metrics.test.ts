/** What /metrics and `gameplan metrics` tell, read by a strict parser. */
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {METRICS} from '../../report/metric-names.ts';
import {openLedger} from '../../runner/ledger-open.ts';
import {fileLedger} from '../../runner/ledger-place.ts';
import {type Family, readExposition} from '../kit/exposition.ts';
import {PageServer} from '../kit/page-server.ts';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

type Families = Map<string, Family>;

async function told(...flags: readonly string[]): Promise<Families> {
  const {code, out, err} = await project.run('metrics', ...flags);
  expect([code, err]).toEqual([0, '']);
  return readExposition(out);
}

/** By the values of its labels. */
function values(families: Families, name: keyof typeof METRICS, ...of: readonly string[]): object {
  const lines = families.get(name)?.lines ?? [];
  return Object.fromEntries(
    lines
      .map(({labels, value}) => [Object.values(labels), value] as const)
      .filter(([labels]) => of.every(each => labels.includes(each)))
      .map(([labels, value]) => [labels.join(' '), value]),
  );
}

describe('the values', () => {
  test('of a project that has no ledger yet, every partition is a gap and nothing was ever done', async () => {
    const families = await told();
    expect([...families.keys()]).toEqual(Object.keys(METRICS));
    expect(values(families, 'gameplan_partitions', 'raw.points', 'missing')).toEqual({
      'raw.points missing': 3,
    });
    expect(values(families, 'gameplan_gaps', 'raw.points')).toEqual({
      'raw.points open': 3,
      'raw.points accepted': 0,
    });
    expect(families.get('gameplan_runs_total')?.lines).toEqual([]);
  });

  test('what failed, and what went well, is counted over runs, and no label tells of keys or errors', async () => {
    project.write('fail-2024-01-16', '');
    await project.run('materialize', 'raw.points');
    await project.run('materialize', 'raw.points');
    const families = await told();
    expect(values(families, 'gameplan_attempts_total', 'raw.points')).toEqual({
      'raw.points failed': 2,
      'raw.points succeeded': 2,
    });
    expect(values(families, 'gameplan_runs_total')).toEqual({'run failed': 2});
    expect(values(families, 'gameplan_partitions', 'raw.points', 'fresh')).toEqual({'raw.points fresh': 2});
    const durations = families.get('gameplan_attempt_duration_seconds')?.lines ?? [];
    expect(durations.find(({name}) => name.endsWith('_count'))?.value).toBe(4);
    expect(durations.find(({name}) => name.endsWith('_sum'))?.value).toBeGreaterThan(0);
    expect(
      families.get('gameplan_oldest_gap_timestamp_seconds')?.lines.map(({value}) => value * 1000),
    ).toContain(Date.parse('2024-01-17T05:00:00Z'));
    expect((await project.run('metrics')).out).not.toMatch(/2024-01|HTTP 503/);
    await project.run('heal');
    expect(values(await told(), 'gameplan_last_pass_timestamp_seconds')).toEqual({
      healed: expect.any(Number),
    });
  });

  test('a counter does not fall when history is deleted', async () => {
    project.declare('assets:\n', 'retention: {history: 30 days}\nassets:\n');
    for (let i = 0; i < 3; i++) await project.run('materialize', 'raw.points', '--force');
    const before = await told();
    project.clockMs = 40 * 86_400_000;
    await project.run('materialize', 'raw.points', '--force');
    const {out} = await project.run('clean', '--json');
    expect(JSON.parse(out).history).toMatchObject({runs: 3, attempts: 9});
    const after = await told();
    expect(values(before, 'gameplan_attempts_total')).toEqual({
      'raw.points succeeded': 3,
      'raw.points unchanged': 6,
    });
    expect(values(after, 'gameplan_attempts_total')).toEqual({
      'raw.points succeeded': 3,
      'raw.points unchanged': 9,
    });
    expect(values(after, 'gameplan_runs_total')).toEqual({'run succeeded': 4});
  });

  test('a file is written whole', async () => {
    const {code, out} = await project.run('metrics', '--out', 'toy.prom');
    expect([code, out]).toEqual([0, '']);
    expect(readdirSync(project.root).filter(name => name.startsWith('toy.prom'))).toEqual(['toy.prom']);
    expect(readExposition(readFileSync(path.join(project.root, 'toy.prom'), 'utf8')).size).toBe(
      Object.keys(METRICS).length,
    );
  });

  test('a file that cannot be written is told with its name, and nothing is left beside it', async () => {
    for (const place of ['nowhere/toy.prom', 'pipeline.yaml/toy.prom', 'assets']) {
      const {code, err} = await project.run('metrics', '--out', place);
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(`^error: --out ${place} cannot be written [(].*: name another file[.]\n$`),
      ]);
    }
    expect(readdirSync(project.root).filter(name => name.startsWith('assets'))).toEqual(['assets']);
  });
});

describe('the server', () => {
  const scrape = async (server: PageServer, headers: Readonly<Record<string, string>> = {}) =>
    await fetch(`${server.url}/metrics`, {headers});

  test('tells what other processes have recorded since the scrape before', async () => {
    const server = await PageServer.start(project);
    try {
      const first = await scrape(server);
      expect(first.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      readExposition(await first.text());
      await project.run('materialize', 'raw.points');
      const second = readExposition(await (await scrape(server)).text());
      expect(values(second, 'gameplan_attempts_total')).toEqual({'raw.points succeeded': 3});
      await project.run('materialize', 'raw.points', '--force');
      const third = readExposition(await (await scrape(server)).text());
      expect(values(third, 'gameplan_attempts_total')).toEqual({
        'raw.points succeeded': 3,
        'raw.points unchanged': 3,
      });
      const alone = await told();
      for (const each of [third, alone]) expect(each.delete('gameplan_planned_timestamp_seconds')).toBe(true);
      expect(third).toEqual(alone);
    } finally {
      await server.stop();
    }
  });

  test.each([
    ['asks for the token here too', [], 401],
    ['and not where it is said to be open', ['--open-metrics'], 200],
  ])('%s', async (_, flags, status) => {
    project.write('token', '0123456789abcdef0123');
    const server = await PageServer.start(project, '--token-file', 'token', ...flags);
    try {
      expect((await scrape(server)).status).toBe(status);
      expect((await scrape(server, {authorization: 'Bearer 0123456789abcdef0123'})).status).toBe(200);
      expect((await server.ask('/overview')).status).toBe(401);
    } finally {
      await server.stop();
    }
  });
});

test('what runs at work have in use, and may have, is told of them together', async () => {
  await project.run('materialize', 'raw.points');
  const now = project.begun;
  const open = () =>
    openLedger({
      place: fileLedger(path.join(project.root, '.gameplan/ledger.sqlite')),
      pipeline: 'toy',
      now: () => now,
    });
  const {ownProcess, beginOwn, endOwn} = await import('../../runner/liveness.ts');
  const ledgers = ['r1', 'r2'].map((run, i) => {
    const ledger = open();
    beginOwn(run);
    ledger.beginSession({run, command: 'gameplan materialize', startedAt: now, ...ownProcess()});
    ledger.beat({isWaiting: false, inUse: [{kind: 'pool', name: 'heavy', inUse: i, limit: 2}]});
    return ledger;
  });
  try {
    const families = await told();
    expect(values(families, 'gameplan_runs_at_work')).toEqual({'': 2});
    expect(values(families, 'gameplan_pool_in_use')).toEqual({'pool heavy': 1});
    expect(values(families, 'gameplan_pool_limit')).toEqual({'pool heavy': 4});
  } finally {
    for (const ledger of ledgers) {
      ledger.endSession();
      ledger.close();
    }
    for (const run of ['r1', 'r2']) endOwn(run);
  }
  expect((await told()).get('gameplan_pool_limit')?.lines).toEqual([]);
});
