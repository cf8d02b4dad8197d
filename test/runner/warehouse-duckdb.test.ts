import {DuckDBConnection} from '@duckdb/node-api';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {inFile, inMemory} from '../kit/warehouses.ts';
import {generalCases} from './general-cases.ts';
import {warehouseCases} from './warehouse-cases.ts';
import {dates, queryRequest, table} from './warehouse-fixture.ts';

describe(inFile.name, () => warehouseCases(inFile));
describe(inMemory.name, () => generalCases(inMemory));

afterEach(() => {
  vi.restoreAllMocks();
});

test('a statement that has not begun when it is cancelled stops as well', async () => {
  const warehouse = await inMemory.open('');
  const stop = new AbortController();
  const {run} = DuckDBConnection.prototype;
  vi.spyOn(DuckDBConnection.prototype, 'run').mockImplementation(async function (
    this: DuckDBConnection,
    ...args
  ) {
    if (args[0].includes(inMemory.endless)) stop.abort();
    return await run.apply(this, args);
  });
  const request = queryRequest({
    table: table('raw.counts', {game_date: 'date', n: 'int64'}, ['n']),
    query: `SELECT DATE '2024-01-15' AS game_date, count(*) AS n FROM ${inMemory.endless}`,
    partitions: dates('2024-01-15'),
  });
  await expect(warehouse.stageQuery(request, stop.signal)).rejects.toMatchObject({kind: 'cancelled'});
  await warehouse.close();
});
