import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Warehouse} from '../../runner/warehouse.ts';
import {connectGoogle, type Google, PROJECT, startGoogle} from '../kit/google.ts';
import {fill, stageRows, table} from './warehouse-fixture.ts';

const DATE = '2024-01-15';
const scores = table('raw.scores', {game_date: 'date', points: 'int64'}, ['points']);
const ROWS = [{game_date: DATE, points: 1}];

let google: Google;
let warehouse: Warehouse;
beforeAll(async () => {
  google = await startGoogle();
  warehouse = await connectGoogle(google, 'held_');
});
afterAll(async () => {
  await warehouse.close();
  await google.close();
});

async function hold(): Promise<void> {
  const staged = await stageRows(warehouse, scores, [DATE], ROWS);
  const partitions = [{key: DATE, rows: 1, error: 'wrong', violations: []}];
  await warehouse.holdBack({staged, run: 'run-1', at: 1, partitions});
  await warehouse.discard(staged);
}

/** What was told of the partition, in its order: that it is held, or that it was let go. */
async function told(): Promise<readonly string[]> {
  const {rows} = await warehouse.read(
    `SELECT IF(told IS NULL, 'let go', 'held') FROM \`${PROJECT}.held_gameplan.held\` ORDER BY place`,
  );
  return rows.map(([word]) => String(word));
}

test('what is let go of is let go of once, until it is held back again', async () => {
  await fill(warehouse, scores, [DATE], ROWS);
  await hold();
  await fill(warehouse, scores, [DATE], ROWS);
  await fill(warehouse, scores, [DATE], ROWS);
  expect(await told()).toEqual(['held', 'let go']);
  await hold();
  await warehouse.releaseHeld([{asset: 'raw.scores', key: DATE}]);
  await warehouse.releaseHeld([{asset: 'raw.scores', key: DATE}]);
  expect(await told()).toEqual(['held', 'let go', 'held', 'let go']);
});
