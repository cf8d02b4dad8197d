import {expect, test} from 'vitest';
import {testPostgres} from './postgres.ts';
import {describeWithPostgres} from './with-postgres.ts';

describeWithPostgres('a PostgreSQL for tests', () => {
  test('each test has a database of its own', async () => {
    const server = await testPostgres();
    const [one, other] = [await server.database(), await server.database()];
    await server.query(one, 'CREATE TABLE notes AS SELECT 1 AS number');
    expect(await server.query(one, 'SELECT * FROM notes')).toEqual([{number: 1}]);
    await expect(server.query(other, 'SELECT * FROM notes')).rejects.toThrow(/"notes" does not exist/);
  });

  test('a wrong password is refused', async () => {
    const server = await testPostgres();
    const url = new URL(await server.database());
    url.password = 'guessed';
    await expect(server.query(url.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  });
});
