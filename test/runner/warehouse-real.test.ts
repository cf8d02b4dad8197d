import {existsSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import type {Row} from '../../runner/asset.ts';
import {openDuckdb} from '../../runner/duckdb.ts';
import type {InputSpec, PartitionSpec, Warehouse} from '../../runner/warehouse.ts';
import {fill, never, pairs, plainAudit, table} from './warehouse-fixture.ts';

const engines = [{name: 'DuckDB', open: () => openDuckdb({path: ':memory:'})}];
const FILE = '../shared/data/player_boxscores.parquet';
const WINDOW = 10;
const box = table(
  'raw.box',
  {game_date: 'date', game_id: 'string', player_id: 'int64', pts: 'int64', minutes: 'float64'},
  ['game_id', 'player_id'],
);
const form = table(
  'out.form',
  {game_date: 'date', player_id: 'int64', games: 'int64', points: 'float64', spread: 'float64'},
  ['player_id'],
);
/** Each key reads its last ten dates; the means are of a player's games on them. */
const query = `SELECT w.key AS game_date, box.player_id, count(*) AS games, avg(box.pts) AS points, stddev_samp(box.minutes) AS spread
  FROM box_window w JOIN box ON box.game_date = w.upstream_key GROUP BY ALL`;

const isHere = existsSync(FILE);
const title = isHere ? 'on real box scores' : `on real box scores (skipped: ${FILE} is not there)`;

function request(keys: readonly string[], from: number, to: number) {
  const partitions: PartitionSpec[] = keys.slice(from, to).map(key => ({key, season: '2023-24'}));
  const read = partitions.flatMap((_, i) => {
    const own = from + i;
    return keys.slice(Math.max(0, own - WINDOW), own).map(upstream => [keys[own] ?? '', upstream] as const);
  });
  const input: InputSpec = {
    edge: 'box',
    table: box,
    keys: [...new Set(read.map(([, upstream]) => upstream))],
    window: pairs(
      read.map(([key]) => key),
      read.map(([, upstream]) => upstream),
    ),
  };
  return {table: form, query, queryPath: 'form.sql', partitions, inputs: [input]};
}

for (const engine of engines) {
  describe.skipIf(!isHere)(`${engine.name} ${title}`, () => {
    async function season(warehouse: Warehouse): Promise<readonly string[]> {
      const {columns, rows} = await warehouse.read(
        `SELECT game_date, game_id, player_id::BIGINT AS player_id, pts::BIGINT AS pts, minutes::DOUBLE AS minutes
         FROM '${FILE}' WHERE season = '2023-24' AND game_type = 'regular' ORDER BY game_date, game_id, player_id`,
      );
      const objects: Row[] = rows.map(row =>
        Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null])),
      );
      const keys = [...new Set(rows.map(row => String(row[0])))];
      await fill(warehouse, box, keys, objects);
      expect([objects.length, keys.length]).toEqual([26_401, 160]);
      return keys;
    }

    test('a season made at once equals the season made date by date', async () => {
      const warehouse = await engine.open();
      const keys = await season(warehouse);
      const versions: string[] = [];
      for (let at = 0; at < keys.length; at += 1) {
        const staged = await warehouse.stageQuery(request(keys, at, at + 1), never);
        const {partitions, foreign} = await plainAudit(warehouse, staged);
        expect(foreign).toEqual([]);
        versions.push(...partitions.map(({version}) => version));
        await warehouse.publish({staged, keys: [keys[at] ?? ''], receipts: []});
        await warehouse.discard(staged);
      }
      const whole = await warehouse.stageQuery(request(keys, 0, keys.length), never);
      const audited = await plainAudit(warehouse, whole);
      expect(audited.partitions.map(({violations}) => violations.length)).toEqual(keys.map(() => 0));
      expect(await warehouse.findUnchanged(whole, keys)).toEqual(keys);
      const {rows} = await warehouse.read('SELECT count(*), sum(games) FROM out.form');
      expect(Number(rows[0]?.[0])).toBeGreaterThan(40_000);
      expect(versions).toHaveLength(160);
      await warehouse.close();
    });
  });
}
