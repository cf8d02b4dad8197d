import {BigQuery} from '@google-cloud/bigquery';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {clientOf} from './bigquery-client.ts';
import {type BigqueryServer, startBigqueryServer} from './bigquery-server.ts';

let server: BigqueryServer;
let client: BigQuery;

beforeAll(async () => {
  server = await startBigqueryServer({project: 'league'});
  client = clientOf(server, 'league');
  await client.createDataset('nba_raw', {location: 'us-west2'});
  await client.dataset('nba_raw').createTable('games', {
    schema: {
      fields: [
        {name: 'game_date', type: 'DATE'},
        {name: 'game_id', type: 'STRING'},
        {name: 'points', type: 'INT64'},
      ],
    },
    timePartitioning: {type: 'DAY', field: 'game_date'},
  });
});

afterAll(async () => {
  await server.close();
});

test('a query returns rows in pages', async () => {
  const [job] = await client.createQueryJob({
    query: 'SELECT x, x / 2 AS half FROM UNNEST(GENERATE_ARRAY(1, 5)) AS x ORDER BY x',
    location: 'us-west2',
  });
  const [rows, next] = await job.getQueryResults({maxResults: 2, autoPaginate: false});
  expect(rows).toEqual([
    {x: 1, half: 0.5},
    {x: 2, half: 1},
  ]);
  expect(next).toMatchObject({pageToken: '2'});
});

/** The client sends null for a DATE within a struct that is given as text. */
const date = (value: string) => BigQuery.date(value);

test('a script changes a table and counts', async () => {
  const [job] = await client.createQueryJob({
    location: 'us-west2',
    query: `BEGIN TRANSACTION;
      DELETE FROM \`league.nba_raw.games\` WHERE game_date IN UNNEST(@keys);
      INSERT INTO \`league.nba_raw.games\` (game_date, game_id, points) SELECT r.d, r.id, 3 FROM UNNEST(@rows) AS r;
      COMMIT TRANSACTION;`,
    params: {
      keys: ['2024-01-15'],
      rows: [
        {d: date('2024-01-15'), id: 'a'},
        {d: date('2024-01-16'), id: 'b'},
      ],
    },
    types: {keys: ['DATE'], rows: [{d: 'DATE', id: 'STRING'}]},
  });
  await job.promise();
  const [rows] = await client.query({
    query: 'SELECT game_date, SUM(points) AS points FROM nba_raw.games GROUP BY game_date ORDER BY 1',
    location: 'us-west2',
  });
  expect(rows).toMatchObject([
    {game_date: {value: '2024-01-15'}, points: 3},
    {game_date: {value: '2024-01-16'}, points: 3},
  ]);
});
