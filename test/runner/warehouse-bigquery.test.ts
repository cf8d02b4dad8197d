import {describe, expect, test} from 'vitest';
import {connectGoogle, startGoogle} from '../kit/google.ts';
import {onBigquery} from '../kit/warehouses.ts';
import {warehouseCases} from './warehouse-cases.ts';
import {never, queryRequest, table} from './warehouse-fixture.ts';

const engine = onBigquery();
describe(engine.name, () => warehouseCases(engine));

// GoogleSQL's analyzer calls the rows of `SELECT * FROM (... ORDER BY x)` unordered, and those of `(... ORDER BY x)` ordered.
test('what is read or exported in an order is not read through another query', async () => {
  const google = await startGoogle();
  const warehouse = await connectGoogle(google, 'order_');
  const sent = () => google.bigquery.jobs.at(-1)?.configuration.query?.query ?? '';
  const query = 'SELECT n FROM UNNEST([2, 1]) AS n ORDER BY n';
  expect((await warehouse.read(query)).rows).toEqual([[1], [2]]);
  expect(sent()).toBe(`(\n${query}\n)`);
  const {rows} = await warehouse.readQuery(queryRequest({table: table('out.n', {}, []), query}), never);
  expect(rows).toEqual([[1], [2]]);
  expect(sent().startsWith('WITH ')).toBe(true);
  expect(sent().endsWith(`\n(\n${query}\n)`)).toBe(true);
  await warehouse.close();
  await google.close();
});
