/** Whatever the rows are: judged in one batch or alone, a partition gets the same violations, with the same rows as examples. */
import fc from 'fast-check';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Check} from '../../planner/pipeline.ts';
import type {Row} from '../../runner/asset.ts';
import {openDuckdb} from '../../runner/duckdb.ts';
import type {Audit, Warehouse} from '../../runner/warehouse.ts';
import {check, fill, same, stageRows, table} from './warehouse-fixture.ts';

const KEYS = ['2024-01-15', '2024-01-16', '2024-01-17', '2024-01-18'];
const columns = {
  game_date: 'date',
  game_id: 'string',
  player: 'int64',
  points: 'int64',
  share: 'float64',
} as const;
const box = table('raw.box', columns, ['game_id', 'player']);
const CHECKS: readonly (Check & {text?: string})[] = [
  check('not_null', {kind: 'not-null', columns: ['points', 'share']}),
  check('unique', {kind: 'unique', columns: ['points', 'share']}),
  check('accepted', {kind: 'accepted-values', column: 'points', values: [0, 1, 2, 3]}, 'warn'),
  check('range', {kind: 'range', column: 'share', min: 0.1, max: 0.9}),
  check('regex', {kind: 'regex', column: 'game_id', pattern: 'g[12]'}),
  check('zeros', {kind: 'zero-share', column: 'points', atMost: 0.4}),
  check('sums', {
    kind: 'sum-equals',
    column: 'points',
    edge: 'old',
    to: 'points',
    by: ['game_id'],
    tolerance: 1,
  }),
  check('rows', {kind: 'rows', min: 1, max: 5, of: {edge: 'old', atLeast: 0.5}}),
  check('covers', {kind: 'covers', atLeast: 0.6}),
  {
    ...check('sql', {kind: 'sql', query: 'assets/odd.sql' as never}),
    text: 'SELECT * FROM new_rows WHERE points + player > 5',
  },
];

const rowOf = fc.record({
  game_date: fc.constantFrom(...KEYS),
  game_id: fc.constantFrom('g1', 'g2', 'g3', null),
  player: fc.option(fc.integer({min: 0, max: 4}), {freq: 9}),
  points: fc.option(fc.integer({min: 0, max: 4})),
  share: fc.option(fc.constantFrom(0, 0.1, 0.5, 0.95)),
});
const rows = fc.array(rowOf, {maxLength: 24});

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await openDuckdb({path: ':memory:'});
});
afterAll(() => warehouse.close());

async function audited(keys: readonly string[], all: readonly Row[]): Promise<readonly Audit[]> {
  const own = all.filter(row => keys.includes(String(row['game_date'])));
  const staged = await stageRows(warehouse, box, keys, own, [same('old', box, keys)]);
  try {
    const expected = keys.map(key => ({
      key,
      games: ['g1', 'g2', 'g3'],
      accepted: key === KEYS[0] ? ['g3'] : [],
      asOf: 0,
    }));
    const covers = {column: 'game_id', atLeast: 1, minRowsPerGame: 2};
    return (await warehouse.audit({staged, checks: CHECKS, covers, expected})).partitions;
  } finally {
    await warehouse.discard(staged);
  }
}

test('a partition is judged alike in a batch and alone', async () => {
  await fc.assert(
    fc.asyncProperty(rows, rows, async (before, after) => {
      const whole = before.filter(row => row.game_id !== null && row.player !== null);
      await fill(warehouse, box, KEYS, whole);
      const together = await audited(KEYS, after);
      const alone = [];
      for (const key of KEYS) alone.push(...(await audited([key], after)));
      expect(together).toEqual(alone);
    }),
    {numRuns: 25},
  );
});

test('every kind of check is among those that say something', async () => {
  await fill(warehouse, box, KEYS, []);
  const row = {game_date: KEYS[1] ?? '', game_id: 'g3', player: 4, points: 4, share: 0.95};
  const wrong = [
    row,
    row,
    {...row, player: 3, points: 0},
    {...row, player: 2, points: 0},
    {...row, player: 1, points: null, game_id: 'g4'},
    {...row, player: 0, points: 0},
  ];
  const [, found] = await audited(KEYS, wrong);
  expect([...new Set(found?.violations.map(violation => violation.check))]).toEqual([
    'key',
    ...CHECKS.map(({name}) => name),
  ]);
});
