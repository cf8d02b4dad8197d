import {rmSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Outcome} from '../../planner/ledger.ts';
import type {PartitionRef, Reason} from '../../planner/reason.ts';
import {failuresAmong} from '../../report/failures.ts';
import type {AttemptRecord} from '../../runner/ledger-run.ts';
import {ToyProject} from '../cli/command-line.ts';

function attempt(ref: PartitionRef, outcome: Outcome, ...reasons: readonly Reason[]): AttemptRecord {
  const [asset = '', key = ''] = ref.split('@');
  const none = {error: undefined, fingerprint: undefined, version: undefined, rows: undefined, retries: 0};
  return {run: 'r', asset, key, outcome, reasons, startedAt: 0, endedAt: 0, durationMs: 0, ...none};
}

function among(...attempts: readonly AttemptRecord[]): readonly string[] {
  return [...failuresAmong(attempts)]
    .flatMap(([asset, keys]) => [...keys].map(key => `${asset}@${key}`))
    .sort();
}

const missing = (upstream: PartitionRef, count = 1): Reason => ({kind: 'upstream-missing', upstream, count});
const failed = (upstream: PartitionRef): Reason => ({kind: 'upstream-failed', upstream, count: 1});

describe('what --failed means', () => {
  test('failed and quarantined, and nothing that went well, was cancelled or parked', () => {
    const parked: Reason = {kind: 'parked', failures: 3, error: 'HTTP 500', nextTryAt: undefined};
    expect(
      among(
        attempt('a.a@1', 'succeeded'),
        attempt('a.a@2', 'failed'),
        attempt('a.a@3', 'quarantined'),
        attempt('a.a@4', 'cancelled'),
        attempt('a.a@5', 'skipped', parked),
        attempt('a.a@6', 'unchanged'),
      ),
    ).toEqual(['a.a@2', 'a.a@3']);
  });

  test('skipped because of those, however far up, in whatever order it was recorded', () => {
    expect(
      among(
        attempt('c.c@1', 'skipped', failed('b.b@1')),
        attempt('b.b@1', 'skipped', failed('a.a@1')),
        attempt('b.b@2', 'skipped', missing('a.a@2')),
        attempt('a.a@1', 'failed'),
      ),
    ).toEqual(['a.a@1', 'b.b@1', 'c.c@1']);
  });

  test('a wait for several partitions counts where any of that asset failed: it names only the first', () => {
    const partial: Reason = {
      kind: 'upstream-partial',
      upstream: 'a.a@1',
      parts: 2,
      held: 1,
      expected: 2,
      atLeast: 0.9,
      count: 1,
    };
    expect(
      among(
        attempt('a.a@2', 'failed'),
        attempt('b.b@1', 'skipped', missing('a.a@1', 2)),
        attempt('b.b@2', 'skipped', partial),
        attempt('b.b@3', 'skipped', missing('z.z@1', 2)),
      ),
    ).toEqual(['a.a@2', 'b.b@1', 'b.b@2']);
  });
});

describe('--failed', () => {
  let project: ToyProject;
  beforeEach(() => {
    project = new ToyProject();
  });
  afterEach(() => project.remove());

  const planned = async (...args: readonly string[]) => {
    const {out, code} = await project.run('plan', '--failed', '--json', ...args);
    expect(code).toBe(0);
    const {partitions} = JSON.parse(out) as {partitions: {asset: string; key: string; action: string}[]};
    return partitions.map(({asset, key, action}) => `${action} ${asset}@${key}`);
  };

  test('plans and makes what failed and what was skipped because of it, and nothing else', async () => {
    project.write('fail-2024-01-16', '');
    project.write('fail-2024-01-18', '');
    const first = await project.run('materialize');
    expect(first.out).toContain('run the same command again, or with --failed for what failed alone');
    expect(await planned()).toEqual([
      'run raw.points@2024-01-16',
      'run raw.points@2024-01-18',
      'run stats.totals@2024-01-16',
      'run stats.totals@2024-01-18',
    ]);
    expect(await planned('raw.*', '--from', '2024-01-17')).toEqual(['run raw.points@2024-01-18']);
    rmSync(path.join(project.root, 'fail-2024-01-16'));
    const again = await project.run('materialize', '--failed', '--to', '2024-01-16');
    expect(again.out).toMatch(/Run \S+: 2 requested: 2 succeeded in/);
    expect(again.code).toBe(0);
    // That was the last run: what failed in the one before it is no longer meant.
    const nothing = await project.run('materialize', '--failed');
    expect(nothing).toMatchObject({code: 0, err: ''});
    expect(nothing.out).toMatch(/^Nothing failed in the last run, \S+ \(2 requested: 2 succeeded\)\.\n$/);
    expect(await planned()).toEqual([]);
  });

  test('what is selected and did not fail is not planned', async () => {
    project.write('fail-2024-01-16', '');
    await project.run('materialize', 'raw.points');
    expect(await planned('stats.*')).toEqual([]);
    expect((await project.run('plan', '--failed', 'stats.*')).out).toContain(
      'No partition of 3 assets is selected',
    );
  });

  test('where no run has been it says so', async () => {
    for (const command of ['plan', 'materialize']) {
      expect(await project.run(command, '--failed')).toEqual({
        code: 1,
        out: '',
        err: "error: --failed speaks of the last run, and there is no run in .gameplan/ledger.sqlite yet; 'gameplan materialize' starts one.\n",
      });
    }
  });

  test('a wrong selector is told although nothing failed', async () => {
    await project.run('materialize');
    expect((await project.run('plan', '--failed', 'raw.pionts')).code).toBe(64);
  });

  test('a run that was interrupted left something that did not fail', async () => {
    project.onOutput = text => {
      if (text.includes('"batch-started"')) project.interrupt();
    };
    await project.run('materialize', '--json', '--concurrency', '1');
    project.onOutput = () => undefined;
    const {out} = await project.run('plan', '--failed');
    expect(out).toMatch(
      /^Nothing failed in the last run.*cancelled\); without --failed what it left is planned\.\n$/,
    );
  });
});
