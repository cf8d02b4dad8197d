import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {QueryConfiguration} from './bigquery-job.ts';
import {GAMES, startTrial, type Trial} from './bigquery-try.ts';

let trial: Trial;
let now: number;

/** What the bucket `lake` holds. */
const objects = new Map<string, string>();
let storage: Server;

beforeEach(async () => {
  now = Date.parse('2024-02-01T00:00:00Z');
  objects.clear();
  // As much of Cloud Storage as a load job needs.
  storage = createServer((request, response) => {
    const name = decodeURIComponent(/\/b\/lake\/o\/([^?]+)/.exec(request.url ?? '')?.[1] ?? '');
    const content = objects.get(name);
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  await new Promise<void>(resolve => storage.listen(0, '127.0.0.1', resolve));
  // It listens, so that its address has a port.
  const {port} = storage.address() as AddressInfo;
  trial = await startTrial({now: () => now, storageUrl: `http://127.0.0.1:${port}`});
  await trial.games();
});

afterEach(async () => {
  await trial.server.close();
  storage.close();
});

function into(tableId: string, more: Partial<QueryConfiguration> = {}): Partial<QueryConfiguration> {
  return {destinationTable: {projectId: 'league', datasetId: 'nba', tableId}, ...more};
}

const dates = () =>
  trial.rows('SELECT CAST(game_date AS STRING) AS d, COUNT(*) AS n FROM nba.games GROUP BY 1 ORDER BY 1');
const row = (date: string) => `SELECT DATE '${date}' AS game_date, 'x' AS game_id, 1 AS points`;

// https://cloud.google.com/bigquery/docs/managing-partitioned-table-data#write-to-partition
describe('partition decorators', () => {
  const only = {writeDisposition: 'WRITE_TRUNCATE', createDisposition: 'CREATE_NEVER'};

  test('WRITE_TRUNCATE with one replaces that partition and nothing else', async () => {
    expect((await trial.query(row('2024-01-15'), into('games$20240115', only))).error).toBeUndefined();
    expect(await dates()).toEqual([
      {d: '2024-01-15', n: 1},
      {d: '2024-01-16', n: 1},
    ]);
  });

  test('a row of another date fails the job, and nothing has changed', async () => {
    const {error} = await trial.query(
      `${row('2024-01-15')} UNION ALL ${row('2024-01-17')}`,
      into('games$20240115', only),
    );
    expect(error).toEqual({
      reason: 'invalid',
      message: 'Some rows belong to different partitions rather than destination partition games$20240115',
    });
    expect(await dates()).toEqual([
      {d: '2024-01-15', n: 2},
      {d: '2024-01-16', n: 1},
    ]);
  });

  test('an empty result empties the partition', async () => {
    await trial.query(`${row('2024-01-15')} LIMIT 0`, into('games$20240115', only));
    expect(await dates()).toEqual([{d: '2024-01-16', n: 1}]);
  });

  test('WRITE_TRUNCATE without one replaces the whole table and its schema', async () => {
    const {error} = await trial.query(
      "SELECT DATE '2024-03-01' AS game_date, 1.5 AS rating",
      into('games', {writeDisposition: 'WRITE_TRUNCATE'}),
    );
    expect(error).toBeUndefined();
    const [metadata] = await trial.client.dataset('nba').table('games').getMetadata();
    expect(metadata.schema.fields.map(({name}: {name: string}) => name)).toEqual(['game_date', 'rating']);
    expect(metadata).toMatchObject({numRows: '1', timePartitioning: {field: 'game_date'}});
  });

  test('a month has one of six digits; another length is refused', async () => {
    await trial.client
      .dataset('nba')
      .createTable('months', {...GAMES, timePartitioning: {type: 'MONTH', field: 'game_date'}});
    expect((await trial.query(row('2024-01-15'), into('months$202401', only))).error).toBeUndefined();
    expect((await trial.query(row('2024-02-15'), into('months$202401', only))).error).toMatchObject({
      reason: 'invalid',
    });
    expect((await trial.query(row('2024-01-15'), into('months$20240115', only))).error).toMatchObject({
      reason: 'invalid',
      message:
        'Invalid time partition decorator: $20240115 for the MONTH partitioned table league:nba.months',
    });
  });
});

// https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationQuery: createDisposition, writeDisposition
describe('dispositions', () => {
  test('WRITE_EMPTY fails as duplicate where rows are, and is what a query does by default', async () => {
    for (const more of [{}, {writeDisposition: 'WRITE_EMPTY'}])
      expect((await trial.query(row('2024-01-15'), into('games', more))).error).toEqual({
        reason: 'duplicate',
        message: 'Already Exists: Table league:nba.games',
      });
  });

  test('WRITE_APPEND adds rows, of columns that the table has', async () => {
    expect(
      (await trial.query(row('2024-01-17'), into('games', {writeDisposition: 'WRITE_APPEND'}))).error,
    ).toBeUndefined();
    expect(await dates()).toHaveLength(3);
    const other = await trial.query(
      "SELECT DATE '2024-01-17' AS game_date, 'x' AS venue",
      into('games', {writeDisposition: 'WRITE_APPEND'}),
    );
    expect(other.error).toMatchObject({
      message: 'Provided Schema does not match Table league:nba.games. Cannot add fields (field: venue)',
    });
    const text = await trial.query(
      "SELECT DATE '2024-01-17' AS game_date, 'x' AS points",
      into('games', {writeDisposition: 'WRITE_APPEND'}),
    );
    expect(text.error).toMatchObject({
      message: expect.stringContaining('Field points has changed type from INT64 to STRING'),
    });
  });

  test('CREATE_NEVER asks for a table that is there; CREATE_IF_NEEDED makes one', async () => {
    expect(
      (await trial.query(row('2024-01-15'), into('staged', {createDisposition: 'CREATE_NEVER'}))).error,
    ).toEqual({reason: 'notFound', message: 'Not found: Table league:nba.staged'});
    expect((await trial.query(row('2024-01-15'), into('staged'))).error).toBeUndefined();
    expect(await trial.rows('SELECT points FROM nba.staged')).toEqual([{points: 1}]);
  });

  test('a view is no destination', async () => {
    await trial.client
      .dataset('nba')
      .createTable('seen', {view: {query: 'SELECT * FROM nba.games', useLegacySql: false}});
    expect(await trial.rows('SELECT COUNT(*) AS n FROM nba.seen')).toEqual([{n: 3}]);
    expect(
      (await trial.query(row('2024-01-15'), into('seen', {writeDisposition: 'WRITE_TRUNCATE'}))).error,
    ).toMatchObject({
      message: 'league:nba.seen is not allowed for this operation because it is currently a VIEW.',
    });
    expect((await trial.client.dataset('nba').table('seen').getMetadata())[0]).toMatchObject({type: 'VIEW'});
  });
});

// https://cloud.google.com/bigquery/docs/multi-statement-queries
test('a script has no destination, but functions before one query are no script', async () => {
  expect((await trial.query(`SELECT 1; ${row('2024-01-15')}`, into('staged'))).error).toEqual({
    reason: 'invalid',
    message: 'configuration.query.destinationTable cannot be set for scripts',
  });
  const functions =
    'CREATE TEMP FUNCTION twice(x INT64) RETURNS INT64 AS (x * 2); CREATE TEMP FUNCTION half(x ANY TYPE) AS (x / 2);';
  const {error} = await trial.query(`${functions} SELECT twice(4) AS a, half(5) AS b`, into('staged'));
  expect(error).toBeUndefined();
  expect(await trial.rows('SELECT * FROM nba.staged')).toEqual([{a: 8, b: 2.5}]);
});

// https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-json
describe('load jobs', () => {
  const load = (tableId: string, content: string, more: object = {}) => {
    objects.set('staging/rows.ndjson', content);
    return trial.job({
      load: {
        sourceUris: ['gs://lake/staging/rows.ndjson'],
        sourceFormat: 'NEWLINE_DELIMITED_JSON',
        schema: GAMES.schema,
        destinationTable: {projectId: 'league', datasetId: 'nba', tableId},
        ...more,
      },
    });
  };

  test('lines of JSON become rows with the types of the schema', async () => {
    const {error, statistics} = await load(
      'staged',
      '{"game_date":"2024-01-20","game_id":"9007199254740993","points":"9007199254740993"}\n{"game_date":null,"points":3}\n',
    );
    expect(error).toBeUndefined();
    expect(statistics.load).toMatchObject({inputFiles: '1', outputRows: '2'});
    expect(
      await trial.rows('SELECT CAST(points AS STRING) AS p, game_id FROM nba.staged ORDER BY points DESC'),
    ).toEqual([
      {p: '9007199254740993', game_id: '9007199254740993'},
      {p: '3', game_id: null},
    ]);
  });

  test('an unknown field, a wrong value and an absent object fail the whole job', async () => {
    expect((await load('staged', '{"venue":"x"}\n')).error).toMatchObject({
      reason: 'invalid',
      message: expect.stringContaining('No such field: venue'),
    });
    expect((await load('staged', '{"points":1}\n{"points":"many"}\n')).error).toMatchObject({
      reason: 'invalid',
    });
    expect((await load('staged', '', {sourceUris: ['gs://lake/absent']})).error).toEqual({
      reason: 'notFound',
      message: 'Not found: URI gs://lake/absent',
    });
    expect(trial.server.table('nba', 'staged')).toBeUndefined();
  });

  test('a decorator holds here too', async () => {
    const more = {writeDisposition: 'WRITE_TRUNCATE'};
    expect(
      (await load('games$20240115', '{"game_date":"2024-01-15","points":1}\n', more)).error,
    ).toBeUndefined();
    expect(
      (await load('games$20240115', '{"game_date":"2024-01-16","points":1}\n', more)).error,
    ).toMatchObject({reason: 'invalid'});
    expect(await dates()).toEqual([
      {d: '2024-01-15', n: 1},
      {d: '2024-01-16', n: 1},
    ]);
  });
});

// https://cloud.google.com/bigquery/docs/managing-partitioned-tables#copy_individual_partitions
test('a copy job carries one partition, and is not billed', async () => {
  await trial.client.dataset('nba').createTable('staged', GAMES);
  await trial.query(`INSERT INTO nba.staged ${row('2024-01-15')}`);
  const reference = (tableId: string) => ({projectId: 'league', datasetId: 'nba', tableId});
  const copy = {
    sourceTable: reference('staged$20240115'),
    destinationTable: reference('games$20240115'),
    writeDisposition: 'WRITE_TRUNCATE',
    createDisposition: 'CREATE_NEVER',
  };
  const {error, statistics} = await trial.job({copy});
  expect(error).toBeUndefined();
  expect(statistics['copy']).toMatchObject({copiedRows: '1'});
  expect(await trial.rows("SELECT game_id FROM nba.games WHERE game_date = '2024-01-15'")).toEqual([
    {game_id: 'x'},
  ]);
  expect((await trial.job({copy: {...copy, writeDisposition: 'WRITE_EMPTY'}})).error).toMatchObject({
    reason: 'duplicate',
  });
});

// https://cloud.google.com/bigquery/docs/managing-partitioned-tables#partition-expiration
test('a partition older than the expiration is gone as soon as it comes', async () => {
  await trial.client.dataset('nba').createTable('short', {
    ...GAMES,
    timePartitioning: {...GAMES.timePartitioning, expirationMs: String(10 * 86_400_000)},
  });
  const {error} = await trial.query(
    `INSERT INTO nba.short ${row('2024-01-31')} UNION ALL ${row('2024-01-15')}`,
  );
  expect(error).toBeUndefined();
  expect(await trial.rows('SELECT CAST(game_date AS STRING) AS d FROM nba.short')).toEqual([
    {d: '2024-01-31'},
  ]);
});

// https://cloud.google.com/bigquery/docs/updating-datasets#table-expiration
test("a table takes its expiration from the dataset's default", async () => {
  await trial.client.createDataset('staging', {
    location: 'us-west2',
    defaultTableExpirationMs: '86400000',
  } as object);
  await trial.query('SELECT 1 AS x', {
    destinationTable: {projectId: 'league', datasetId: 'staging', tableId: 't'},
  });
  expect(await trial.rows('SELECT x FROM staging.t')).toEqual([{x: 1}]);
  now += 86_400_000;
  expect((await trial.query('SELECT x FROM staging.t')).error).toMatchObject({reason: 'notFound'});
});

// https://cloud.google.com/bigquery/docs/information-schema-partitions
test('INFORMATION_SCHEMA.PARTITIONS tells when each partition was changed last', async () => {
  const before = now;
  now += 60_000;
  await trial.query(row('2024-01-16'), into('games$20240116', {writeDisposition: 'WRITE_TRUNCATE'}));
  const told = await trial.rows(
    "SELECT partition_id, total_rows, total_logical_bytes, UNIX_MILLIS(last_modified_time) AS changed FROM `league.nba.INFORMATION_SCHEMA.PARTITIONS` WHERE table_name = 'games' ORDER BY 1",
  );
  expect(told).toEqual([
    {partition_id: '20240115', total_rows: 2, total_logical_bytes: 38, changed: before},
    {partition_id: '20240116', total_rows: 1, total_logical_bytes: 19, changed: now},
  ]);
  expect((await trial.client.dataset('nba').table('games').getMetadata())[0]).toMatchObject({
    numRows: '3',
    numBytes: '57',
    lastModifiedTime: String(now),
  });
});

// https://cloud.google.com/bigquery/docs/managing-table-schemas
test('columns can be added and a table described; nothing is taken away', async () => {
  const table = trial.client.dataset('nba').table('games');
  const venue = {name: 'venue', type: 'STRING'};
  await table.setMetadata({
    schema: {fields: [...GAMES.schema.fields, venue]},
    description: 'Games',
    labels: {asset: 'games'},
  } as object);
  expect((await table.getMetadata())[0]).toMatchObject({description: 'Games', labels: {asset: 'games'}});
  expect(await trial.rows('SELECT DISTINCT venue FROM nba.games')).toEqual([{venue: null}]);
  await expect(table.setMetadata({schema: {fields: [venue]}} as object)).rejects.toThrow(
    'Field game_date is missing in new schema',
  );
});
