/** `gameplan copy` on the command line: what is said before and after, what is refused, and how it exits. */
import {existsSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';
import {expectGolden} from './golden.ts';

const LOCAL = `targets:
  local:
    warehouse: {engine: duckdb, path: .gameplan/warehouse.duckdb}
    store: {kind: folder, path: .gameplan/store}
    ledger: .gameplan/ledger.sqlite
`;
const BOTH = `${LOCAL}  prod:
    warehouse: {engine: duckdb, path: prod/warehouse.duckdb}
    store: {kind: folder, path: prod/store}
    ledger: prod/ledger.sqlite
`;

let toy: ToyProject;
beforeEach(() => {
  toy = new ToyProject();
  toy.declare(LOCAL, BOTH);
});
afterEach(() => toy.remove());

const copy = (...args: readonly string[]) => toy.run('copy', '--from', 'local', '--to', 'prod', ...args);

/** Without what is another each time. */
const plain = (text: string): string =>
  text.replaceAll(/\d{8}-\d{6}-[0-9a-f]{6}/g, 'RUN').replaceAll(/in \d+(\.\d+)? m?s/g, 'in TIME');

test('a dry run says what would be carried and touches nothing; the copy does it, and nothing is left', async () => {
  await toy.run('materialize');
  const before = toy.files();
  const dry = await copy('--dry-run');
  expect(dry.code).toBe(0);
  expect(toy.files()).toEqual(before);
  const first = await copy('stats.totals');
  const part = await copy('raw.points@2024-01-15..2024-01-16');
  const rest = await copy();
  const again = await copy();
  expect([first.code, part.code, rest.code, again.code]).toEqual([1, 0, 0, 0]);
  const said = [dry, first, part, rest, again].map(({out, err}) => plain(out + err));
  expectGolden('print/copy.txt', said.join('\n----\n'));
  const plan = await toy.run('plan', '--target', 'prod', '--detailed-exitcode');
  expect([plan.code, plan.out]).toEqual([0, expect.stringContaining('9 fresh')]);
  const runs = await toy.run('runs', '--target', 'prod', '--json');
  expect(JSON.parse(runs.out).map(({kind}: {kind: string}) => kind)).toEqual(['copy', 'copy']);
  const attempts = await toy.run('explain', 'raw.points@2024-01-15', '--target', 'prod');
  expect(attempts.out).toMatch(/carried from local, where\s+it was last made/);
});

test('what is stale is left out with its mend, unless --stale says otherwise', async () => {
  await toy.run('materialize');
  toy.write(
    'assets/totals.sql',
    'SELECT game_date, sum(points + 0)::BIGINT AS total FROM points GROUP BY game_date\n',
  );
  const without = await copy();
  expect(without.code).toBe(1);
  const withStale = await copy('--stale');
  expect(withStale.code).toBe(0);
  expectGolden('print/copy-stale.txt', [without, withStale].map(({out}) => plain(out)).join('\n----\n'));
  const [here, there] = await Promise.all(
    ['local', 'prod'].map(async target =>
      (await toy.run('plan', '--target', target)).out.split('\n').slice(2),
    ),
  );
  expect(there?.join('\n').replace(/entry \d+/, '')).toBe(here?.join('\n').replace(/entry \d+/, ''));
});

test('as JSON: what is carried and left out first, then the events, then the outcomes', async () => {
  await toy.run('materialize');
  const {out, code} = await copy('--json', 'raw.points', '--season', '2023-24');
  const said = out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  expect(code).toBe(0);
  expect(said[0]).toMatchObject({kind: 'copy', version: 1, from: 'local', to: 'prod', there: 0, leftOut: []});
  expect(said[0].carry).toEqual(
    ['2024-01-15', '2024-01-16', '2024-01-18'].map(key => ({asset: 'raw.points', key})),
  );
  expect(said.at(-1)).toMatchObject({kind: 'summary', requested: 3, succeeded: 3});
});

describe('is refused', () => {
  test.each<[string, readonly string[], number, string]>([
    [
      'without targets',
      ['copy'],
      64,
      "say from which target to which: 'gameplan copy --from local --to prod'",
    ],
    ['from a target to itself', ['copy', '--from', 'local', '--to', 'local'], 64, 'that is one target'],
    ['for a target that is none', ['copy', '--from', 'local', '--to', 'prd'], 1, "Did you mean 'prod'?"],
    [
      'from where nothing was made',
      ['copy', '--from', 'prod', '--to', 'local'],
      1,
      "Target 'prod' has no ledger at 'prod/ledger.sqlite'",
    ],
  ])('%s', async (_, args, code, message) => {
    const said = await toy.run(...args);
    expect([said.code, said.err]).toEqual([code, expect.stringContaining(message)]);
    expect(existsSync(path.join(toy.root, 'prod'))).toBe(false);
  });

  test('between targets that share a warehouse or a ledger', async () => {
    await toy.run('materialize');
    for (const [was, is, what] of [
      [
        'path: prod/warehouse.duckdb',
        'path: .gameplan/warehouse.duckdb',
        "the warehouse '.gameplan/warehouse.duckdb'",
      ],
      [
        'ledger: prod/ledger.sqlite',
        'ledger: .gameplan/ledger.sqlite',
        "the ledger '.gameplan/ledger.sqlite'",
      ],
    ] as const) {
      toy.declare(LOCAL, BOTH.replace(was, is));
      const {code, err} = await copy();
      expect([code, err]).toEqual([
        1,
        `error: Targets 'local' and 'prod' share ${what}: give each its own, then copy from the one to the other.\n`,
      ]);
    }
  });

  test('for selectors and partitions at once, and for a range that is none', async () => {
    await toy.run('materialize');
    const mixed = await copy('stats.totals', 'raw.points@2024-01-15');
    expect([mixed.code, mixed.err]).toEqual([
      64,
      "error: 'stats.totals' selects assets and 'raw.points@2024-01-15' partitions: give only the one or the other.\n",
    ]);
    const wrong = await copy('raw.pionts@2024-01-15');
    expect([wrong.code, wrong.err]).toEqual([64, expect.stringContaining("Did you mean 'raw.points'?")]);
  });
});

test('a warehouse of the source that is gone is named, and nothing is made in its place', async () => {
  await toy.run('materialize');
  toy.move('.gameplan/warehouse.duckdb', 'elsewhere.duckdb');
  const {code, err} = await copy();
  expect([code, err]).toEqual([
    1,
    "error: There is no warehouse '.gameplan/warehouse.duckdb' of target 'local', of which its ledger has partitions published. Put the file back.\n",
  ]);
  expect(existsSync(path.join(toy.root, '.gameplan/warehouse.duckdb'))).toBe(false);
});

test('the flags that name targets are completed by targets', async () => {
  const {out} = await toy.run('complete', '--', 'copy', '--from', '');
  expect(out).toBe('local\t\nprod\t\n');
  const dates = await toy.run('complete', '--', 'plan', '--from', '2');
  expect(dates.out).not.toContain('prod');
});
