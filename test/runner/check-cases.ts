/** What every warehouse must say of each declared check. */
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Check} from '../../planner/pipeline.ts';
import type {Row} from '../../runner/asset.ts';
import type {AuditRequest, Expectation, Warehouse} from '../../runner/warehouse.ts';
import type {TestEngine} from '../kit/warehouses.ts';
import {temporaryFolder} from './ledger-cases.ts';
import {check, fill, same, stageRows, table} from './warehouse-fixture.ts';

const box = table(
  'raw.box',
  {game_date: 'date', game_id: 'string', player: 'int64', points: 'int64', share: 'float64', at: 'timestamp'},
  ['game_id', 'player'],
);
const team = table('raw.team', {game_date: 'date', game_id: 'string', total: 'int64', weight: 'float64'}, [
  'game_id',
]);
const [first, second] = ['2024-01-15', '2024-01-16'] as const;
const row = (game_date: string, player: number, about: Partial<Row> = {}): Row => ({
  game_date,
  game_id: 'g1',
  player,
  points: 10,
  share: 0.5,
  at: `${game_date} 20:00:00`,
  ...about,
});
const expected: readonly Expectation[] = [first, second].map(key => ({
  key,
  games: ['g1'],
  accepted: [],
  asOf: Date.parse('2024-01-17T10:00:00Z'),
}));

export function checkCases(engine: TestEngine): void {
  let warehouse: Warehouse;
  beforeEach(async () => {
    warehouse = await engine.open(temporaryFolder());
  });
  afterEach(() => warehouse.close());

  async function violations(
    rows: readonly Row[],
    checks: readonly Check[],
    about: Partial<AuditRequest> = {},
  ) {
    const held = await warehouse.recall(undefined, [team.name]);
    const inputs = held.absent.length > 0 ? [] : [same('team', team, [first, second])];
    const staged = await stageRows(warehouse, box, [first, second], rows, inputs);
    const {partitions} = await warehouse.audit({staged, checks, covers: undefined, expected, ...about});
    await warehouse.discard(staged);
    return partitions.map(audit => audit.violations);
  }

  /** What is said of each partition. */
  async function said(...request: Parameters<typeof violations>) {
    return (await violations(...request)).map(list => list.map(({message}) => message));
  }

  test('values that must be unique are so within a partition, and nulls are not compared', async () => {
    const rows = [
      row(first, 1),
      row(first, 2),
      row(first, 3, {points: null}),
      row(first, 4, {points: null}),
      row(second, 1, {points: 11}),
      row(second, 2, {points: 12}),
      row(second, 3, {points: 12}),
    ];
    const unique = check('unique(points)', {kind: 'unique', columns: ['points']});
    const [one, two] = await violations(rows, [unique]);
    expect(one).toEqual([
      {
        check: 'unique(points)',
        severity: 'error',
        penalty: 0,
        count: 2,
        message: '2 rows share one value (points)',
        examples: ['{"game_date":"2024-01-15","points":10,"rows":2}'],
      },
    ]);
    expect(two?.map(({message}) => message)).toEqual(['2 rows share one value (points)']);
    const both = check('unique', {kind: 'unique', columns: ['player', 'points']});
    expect(await said(rows, [both])).toEqual([[], []]);
  });

  test('what holds the key is unique where the key is, and is not looked at again', async () => {
    const unique = check('unique', {kind: 'unique', columns: ['points', 'game_id', 'player']});
    expect(await said([row(first, 1), row(first, 1, {points: 11})], [unique])).toEqual([
      ['2 rows share one key (game_id, player)'],
      [],
    ]);
  });

  test('only accepted values are accepted, of every type, and null is none', async () => {
    const accept = (column: string, ...values: readonly (string | number | boolean)[]) =>
      check(`accepted_values(${column})`, {kind: 'accepted-values', column, values});
    const rows = [
      row(first, 1, {game_id: "it's", points: 3, share: 0.1}),
      row(first, 2, {game_id: 'g', points: null, share: 0.3, at: '2024-01-15 19:30:00.5'}),
    ];
    const wrong = [
      accept('game_id', 'a', 'b'),
      accept('points', 4),
      accept('share', 0.1, 7),
      accept('at', '2024-01-15T20:00:00Z'),
      accept('game_date', '2024-01-14'),
      accept('player', 1, 3, 4, 5, 6, 7, 8, 9, 10, 11),
    ];
    expect((await said(rows, wrong))[0]).toEqual([
      "2 rows have game_id other than 'a', 'b'",
      '1 row has points other than 4',
      '1 row has share other than 0.1, 7',
      "1 row has at other than '2024-01-15T20:00:00Z'",
      "2 rows have game_date other than '2024-01-14'",
      '1 row has player other than 1, 3, 4, 5, 6, 7, 8, 9 and 2 more',
    ]);
    const right = [
      accept('game_id', "it's", 'g'),
      accept('points', 3),
      accept('share', 0.3, 0.1),
      accept('at', '2024-01-15T20:00:00Z', '2024-01-15 19:30:00.5'),
      accept('game_date', '2024-01-15'),
    ];
    expect(await said(rows, right)).toEqual([[], []]);
  });

  test('a regex must match the whole text', async () => {
    const rows = [row(first, 1, {game_id: 'x0022300001'}), row(second, 1, {game_id: '0022300001'})];
    const regex = check('regex', {kind: 'regex', column: 'game_id', pattern: "00\\d{8}|it's"});
    const [one, two] = await violations(rows, [regex]);
    expect(one?.[0]?.message).toBe("1 row has game_id that is not of the form 00\\d{8}|it's");
    expect(one?.[0]?.examples[0]).toContain('"game_id":"x0022300001"');
    expect(two).toEqual([]);
  });

  test('zeros may be a share of the values of a partition, and nulls are no values', async () => {
    const of = (date: string, zeros: number, others: number, nulls: number) =>
      [...Array(zeros).fill(0), ...Array(others).fill(7), ...Array(nulls).fill(null)].map((points, i) =>
        row(date, i, {points, game_id: `g${i % 3}`}),
      );
    const zeroes = check('zeros', {kind: 'zero-share', column: 'points', atMost: 0.29}, 'warn');
    const [one, two] = await violations([...of(first, 30, 70, 50), ...of(second, 29, 71, 0)], [zeroes], {
      covers: {column: 'game_id', atLeast: 1, minRowsPerGame: 1},
    });
    expect(one).toMatchObject([
      {
        severity: 'warn',
        penalty: 5,
        count: 30,
        message: '30 of 100 values of points are 0 (30 %), where at most 29 % may be',
      },
    ]);
    expect(one?.[0]?.examples).toHaveLength(3);
    expect(two).toEqual([]);
    expect(await said([row(first, 1, {points: null})], [zeroes])).toEqual([[], []]);
  });

  test('the newest value is no older than allowed when the rows are made', async () => {
    const fresh = (column: string, hours: number) =>
      check(`freshness(${column})`, {kind: 'freshness', column, within: hours * 3_600_000});
    const rows = [
      row(first, 1, {at: '2024-01-15 09:00:00'}),
      row(first, 2, {game_id: 'g2', at: null}),
      row(second, 1, {at: '2024-01-16 22:30:00.25'}),
      row(second, 2, {at: '2024-01-01 00:00:00'}),
    ];
    const covers = {column: 'game_id', atLeast: 1, minRowsPerGame: 1};
    expect(await said(rows, [fresh('at', 36)], {covers})).toEqual([
      ['the newest at is 2024-01-15 09:00:00 UTC, 49 h old where at most 36 h is allowed'],
      [],
    ]);
    expect((await said(rows, [fresh('at', 11)]))[1]).toEqual([
      'the newest at is 2024-01-16 22:30:00.250 UTC, 11.5 h old where at most 11 h is allowed',
    ]);
    expect(await said(rows, [fresh('game_date', 34)])).toEqual([
      ['the newest game_date is 2024-01-15 00:00:00 UTC, 58 h old where at most 34 h is allowed'],
      [],
    ]);
    expect(await said([row(first, 1, {at: null})], [fresh('at', 36)])).toEqual([
      ['no row has a value in at, which tells how old the rows are'],
      [],
    ]);
  });

  describe('sums', () => {
    const sums = (about: Partial<Check & {kind: 'sum-equals'}> = {}) =>
      check('sums', {
        kind: 'sum-equals',
        column: 'points',
        edge: 'team',
        to: 'total',
        by: ['game_id'],
        tolerance: 0,
        ...about,
      });
    const totals = (
      ...all: readonly (readonly [date: string, game: string | null, total: number | null])[]
    ) =>
      fill(
        warehouse,
        team,
        [first, second],
        all.map(([game_date, game_id, total]) => ({game_date, game_id, total, weight: 1.5})),
      );

    test('by group agree with those of an edge on the same key, and both sides must have the group', async () => {
      await totals([first, 'g1', 30], [first, 'g3', 5], [second, 'g1', 21]);
      const rows = [
        row(first, 1),
        row(first, 2),
        row(first, 3, {points: 7, game_id: 'g2'}),
        row(second, 1),
        row(second, 2, {points: 11}),
      ];
      const [one, two] = await violations(rows, [sums()]);
      expect(one).toEqual([
        {
          check: 'sums',
          severity: 'error',
          penalty: 0,
          count: 3,
          message: "3 sums of points by game_id are not those of total in 'team'",
          examples: [
            '{"game_id":"g1","points":20,"team.total":30}',
            '{"game_id":"g2","points":7,"team.total":null}',
            '{"game_id":"g3","points":null,"team.total":5}',
          ],
        },
      ]);
      expect(two).toEqual([]);
      expect(await said(rows, [sums({by: []})])).toEqual([
        ["1 sum of points is not that of total in 'team'"],
        [],
      ]);
    });

    test('may lie apart by the tolerance, and of doubles by the order that they were added in', async () => {
      await totals([first, 'g1', 23]);
      const thirds = [0.1, 0.2, 0.3, 0.4, 0.5].map((share, i) => row(first, i, {share, points: 4}));
      expect((await said(thirds, [sums({tolerance: 3})]))[0]).toEqual([]);
      expect((await said(thirds, [sums({tolerance: 2.5})]))[0]).toHaveLength(1);
      expect((await said(thirds, [sums({column: 'share', to: 'weight'})]))[0]).toEqual([]);
    });

    test('of nothing are no zero, and groups of nulls are groups', async () => {
      await totals([first, 'g1', null], [first, null, 10], [second, 'g1', null]);
      const rows = [
        row(first, 1, {points: null}),
        row(first, 2, {game_id: null}),
        row(second, 1, {points: 0}),
      ];
      expect(await said(rows, [sums()])).toEqual([
        ['1 row has no value in the key (game_id, player)'],
        ["1 sum of points by game_id is not that of total in 'team'"],
      ]);
    });

    test('are not compared where the edge holds nothing of the key', async () => {
      await totals([first, 'g1', 30]);
      const staged = await stageRows(
        warehouse,
        box,
        [first, second],
        [row(first, 1), row(second, 1)],
        [same('team', team, [first])],
      );
      const {partitions} = await warehouse.audit({staged, checks: [sums()], covers: undefined, expected});
      expect(partitions.map(each => each.violations.length)).toEqual([1, 0]);
    });
  });

  test('games that are signed off need not be held, and the rest must', async () => {
    const games = ['g1', 'g2', 'g3', 'g4', 'g5'];
    const of = (key: string, accepted: readonly string[]): Expectation => ({key, games, accepted, asOf: 0});
    const rows = [row(first, 1), row(second, 1)];
    const covers = {column: 'game_id', atLeast: 1, minRowsPerGame: 1};
    const half = check('covers', {kind: 'covers', atLeast: 0.5}, 'warn');
    const all = {covers, expected: [of(first, ['g2', 'g3', 'g4']), of(second, [])]};
    expect(await said(rows, [half], all)).toEqual([
      [],
      ['1 of 5 games (20 %) where at least 50 % are expected; absent: g2, g3, g4 and 1 more'],
    ]);
    expect((await said(rows, [half], {covers, expected: [of(first, games)]}))[1]).toEqual([]);
  });

  test('the checks of one batch speak in the order of their declaration', async () => {
    await fill(warehouse, team, [first, second], []);
    const rows = [row(first, 1, {points: 0}), row(first, 2, {points: 0})];
    const checks = [
      {...check('mine', {kind: 'sql', query: 'assets/mine.sql' as never}), text: 'SELECT * FROM new_rows'},
      check('zeros', {kind: 'zero-share', column: 'points', atMost: 0.5}),
      check('unique', {kind: 'unique', columns: ['points']}),
      check('rows', {kind: 'rows', min: 3, max: undefined, of: {edge: 'team', atLeast: 1}}),
    ];
    const [one] = await violations(rows, checks);
    expect(one?.map(({check: name, message}) => `${name}: ${message}`)).toEqual([
      'mine: 2 rows are wrong by assets/mine.sql',
      'zeros: 2 of 2 values of points are 0 (100 %), where at most 50 % may be',
      'unique: 2 rows share one value (points)',
      'rows: 2 rows where at least 3 are expected',
    ]);
  });
}
