import {afterEach, describe, expect, test} from 'vitest';
import {GAMES, startTrial, type Trial} from './bigquery-try.ts';

let trial: Trial;
afterEach(async () => {
  await trial.server.close();
});

const count = async () => (await trial.rows('SELECT COUNT(*) AS n FROM nba.games'))[0]?.['n'];
const slowCommit = {
  on: {method: 'POST', path: '/jobs$'},
  trouble: {kind: 'slow', milliseconds: 150, at: 'commit'},
} as const;
const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

// https://cloud.google.com/bigquery/docs/reference/standard-sql/dml-syntax
describe('statements that change rows', () => {
  test('tell how many they changed', async () => {
    trial = await startTrial();
    await trial.games();
    const deleted = await trial.query("DELETE FROM nba.games WHERE game_id = 'a'");
    expect(deleted.statistics.query).toMatchObject({
      statementType: 'DELETE',
      numDmlAffectedRows: '1',
      dmlStats: {deletedRowCount: '1'},
    });
    const updated = await trial.query('UPDATE nba.games SET points = points + 1 WHERE points > 0');
    expect(updated.statistics.query).toMatchObject({numDmlAffectedRows: '2'});
    expect(await trial.rows('SELECT SUM(points) AS p FROM nba.games')).toEqual([{p: 172}]);
  });

  test('DELETE and UPDATE ask for WHERE', async () => {
    trial = await startTrial();
    await trial.games();
    expect((await trial.query('DELETE FROM nba.games')).error).toMatchObject({
      message: 'DELETE must have a WHERE clause at [1:1]',
    });
  });

  test('MERGE ON FALSE replaces declared partitions in one statement', async () => {
    trial = await startTrial();
    await trial.games();
    await trial.query("SELECT DATE '2024-01-15' AS game_date, 'z' AS game_id, 7 AS points", {
      destinationTable: {projectId: 'league', datasetId: 'nba', tableId: 'staged'},
    });
    const {error, statistics} = await trial.query(
      `MERGE INTO \`league.nba.games\` AS t USING (SELECT * FROM \`league.nba.staged\`) AS s ON FALSE
       WHEN NOT MATCHED BY SOURCE AND t.game_date IN UNNEST(@keys) THEN DELETE
       WHEN NOT MATCHED THEN INSERT ROW`,
      {
        parameterMode: 'NAMED',
        queryParameters: [
          {
            name: 'keys',
            parameterType: {type: 'ARRAY', arrayType: {type: 'DATE'}},
            parameterValue: {arrayValues: [{value: '2024-01-15'}]},
          },
        ],
      },
    );
    expect(error).toBeUndefined();
    expect(statistics.query).toMatchObject({
      numDmlAffectedRows: '3',
      dmlStats: {insertedRowCount: '1', deletedRowCount: '2'},
    });
    expect(await trial.rows('SELECT game_id FROM nba.games ORDER BY 1')).toEqual([
      {game_id: 'c'},
      {game_id: 'z'},
    ]);
  });

  // https://cloud.google.com/bigquery/docs/data-manipulation-language#limitations
  test('rows in the streaming buffer make them fail, but not INSERT', async () => {
    trial = await startTrial();
    await trial.games();
    const table = trial.server.table('nba', 'games');
    if (table !== undefined) table.streaming = true;
    expect((await trial.query('DELETE FROM nba.games WHERE TRUE')).error).toEqual({
      reason: 'invalidQuery',
      message:
        'UPDATE or DELETE statement over table league:nba.games would affect rows in the streaming buffer, which is not supported',
      location: 'query',
    });
    expect((await trial.query("INSERT INTO nba.games VALUES ('2024-01-17', 'd', 1)")).error).toBeUndefined();
    expect((await trial.client.dataset('nba').table('games').getMetadata())[0]).toMatchObject({
      streamingBuffer: {estimatedRows: '1'},
    });
  });
});

// https://cloud.google.com/bigquery/docs/transactions
describe('transactions', () => {
  test('nothing is seen before COMMIT TRANSACTION, then everything', async () => {
    trial = await startTrial();
    await trial.games();
    trial.server.fail(slowCommit);
    const work = trial.query(
      "BEGIN TRANSACTION; DELETE FROM nba.games WHERE TRUE; INSERT INTO nba.games VALUES ('2024-02-01', 'n', 1); COMMIT TRANSACTION;",
    );
    await pause(80);
    expect(await count()).toBe(3);
    const {error, statistics} = await work;
    expect(error).toBeUndefined();
    expect(statistics).toMatchObject({numChildJobs: '4', query: {statementType: 'SCRIPT'}});
    expect(await count()).toBe(1);
  });

  test('a statement that fails takes the whole transaction with it', async () => {
    trial = await startTrial();
    await trial.games();
    const {error} = await trial.query(
      'BEGIN TRANSACTION; DELETE FROM nba.games WHERE TRUE; INSERT INTO nba.absent VALUES (1); COMMIT TRANSACTION;',
    );
    expect(error).toMatchObject({
      reason: 'notFound',
      message: 'Not found: Table league:nba.absent was not found in location us-west2',
    });
    expect(await count()).toBe(3);
  });

  test('one that is not committed is rolled back', async () => {
    trial = await startTrial();
    await trial.games();
    expect((await trial.query('BEGIN TRANSACTION; DELETE FROM nba.games WHERE TRUE;')).error).toBeUndefined();
    expect(await count()).toBe(3);
  });

  // https://cloud.google.com/bigquery/docs/transactions#transaction_concurrency
  test('of two that change rows of one table, the later is aborted', async () => {
    trial = await startTrial();
    await trial.games();
    trial.server.fail(slowCommit);
    const change = 'BEGIN TRANSACTION; DELETE FROM nba.games WHERE points = 100; COMMIT TRANSACTION;';
    const first = trial.query(change);
    await pause(60);
    expect((await trial.query(change)).error).toMatchObject({
      reason: 'invalidQuery',
      message: 'Transaction is aborted due to concurrent update against table league:nba.games.',
    });
    expect((await first).error).toBeUndefined();
  });

  test('a statement outside of them waits for its turn', async () => {
    trial = await startTrial();
    await trial.games();
    trial.server.fail(slowCommit);
    const first = trial.query(
      'BEGIN TRANSACTION; UPDATE nba.games SET points = 1 WHERE TRUE; COMMIT TRANSACTION;',
    );
    await pause(60);
    const second = await trial.query('UPDATE nba.games SET points = points + 1 WHERE TRUE');
    expect([second.error, (await first).error]).toEqual([undefined, undefined]);
    expect(await trial.rows('SELECT DISTINCT points AS p FROM nba.games')).toEqual([{p: 2}]);
  });

  test('rows that are only added never conflict', async () => {
    trial = await startTrial();
    await trial.games();
    trial.server.fail(slowCommit);
    const first = trial.query('BEGIN TRANSACTION; DELETE FROM nba.games WHERE TRUE; COMMIT TRANSACTION;');
    await pause(60);
    expect((await trial.query("INSERT INTO nba.games VALUES ('2024-02-01', 'n', 1)")).error).toBeUndefined();
    expect((await first).error).toBeUndefined();
    expect(await count()).toBe(1);
  });
});

// https://cloud.google.com/bigquery/docs/querying-partitioned-tables#require_a_partition_filter_in_queries
describe('a table that requires a filter', () => {
  const refused = {
    reason: 'invalidQuery',
    message:
      "Cannot query over table 'league.nba.games' without a filter over column(s) 'game_date' that can be used for partition elimination",
  };

  test.each([
    ['SELECT COUNT(*) AS n FROM nba.games', false],
    ['SELECT COUNT(*) AS n FROM nba.games WHERE points > 3', false],
    ["SELECT COUNT(*) AS n FROM nba.games WHERE FORMAT_DATE('%Y', game_date) = '2024'", false],
    [
      "SELECT COUNT(*) AS n FROM nba.games WHERE game_date IN (SELECT game_date FROM nba.games WHERE game_date > '2024-01-01')",
      false,
    ],
    ["SELECT COUNT(*) AS n FROM nba.games WHERE game_date = '2024-01-15' OR points > 3", false],
    ["SELECT COUNT(*) AS n FROM nba.games WHERE game_date >= '2024-01-16' AND points > 3", true],
    [
      "SELECT COUNT(*) AS n FROM nba.games AS g WHERE g.game_date BETWEEN '2024-01-15' AND '2024-01-16'",
      true,
    ],
    ["SELECT n FROM (SELECT COUNT(*) AS n FROM `league.nba.games` WHERE game_date IN ('2024-01-15'))", true],
    ['DELETE FROM nba.games WHERE points > 3', false],
    ["DELETE FROM nba.games WHERE game_date = '2024-01-15'", true],
  ])('%s', async (text, isAllowed) => {
    trial = await startTrial();
    await trial.games({requirePartitionFilter: true});
    const {error} = await trial.query(text);
    if (isAllowed) expect(error).toBeUndefined();
    else expect(error).toMatchObject(refused);
  });
});

// https://cloud.google.com/bigquery/pricing#on_demand_pricing, https://cloud.google.com/bigquery/docs/running-queries#dry-run
describe('bytes', () => {
  const bytes = async (query: string) => {
    const {statistics} = await trial.query(query);
    return Number(statistics['totalBytesProcessed']);
  };

  test('are those of the columns and partitions that a query reads', async () => {
    trial = await startTrial();
    await trial.games();
    expect(await bytes('SELECT points FROM nba.games')).toBe(3 * 8);
    expect(await bytes('SELECT * FROM nba.games')).toBe(3 * 19);
    expect(await bytes("SELECT * FROM nba.games WHERE game_date = '2024-01-16'")).toBe(19);
    expect(await bytes('SELECT COUNT(*) FROM nba.games')).toBe(0);
  });

  // https://cloud.google.com/bigquery/docs/using-dml-with-partitioned-tables#deleting_data_in_partitioned_tables
  test('are none where whole partitions are deleted', async () => {
    trial = await startTrial();
    await trial.games();
    expect(await bytes("DELETE FROM nba.games WHERE game_date IN ('2024-01-16')")).toBe(0);
    expect(await bytes("DELETE FROM nba.games WHERE game_date = '2024-01-15' AND points = 90")).toBe(2 * 16);
  });

  test('are billed from 10 MB a table on', async () => {
    trial = await startTrial();
    await trial.games();
    const {statistics} = await trial.query(
      'SELECT a.points FROM nba.games AS a JOIN nba.games AS b ON a.game_id = b.game_id',
    );
    expect(statistics.query).toMatchObject({totalBytesBilled: String(10 * 1024 * 1024)});
    expect(Number(statistics['totalSlotMs'])).toBeGreaterThan(0);
  });

  // https://cloud.google.com/bigquery/docs/best-practices-costs#limit_query_costs_by_restricting_the_number_of_bytes_billed
  test('beyond maximumBytesBilled fail the job before it runs', async () => {
    trial = await startTrial();
    await trial.games();
    const {error, statistics} = await trial.query('UPDATE nba.games SET points = 0 WHERE points > 1', {
      maximumBytesBilled: '1000',
    });
    expect(error).toEqual({
      reason: 'bytesBilledLimitExceeded',
      message: 'Query exceeded limit for bytes billed: 1000. 10485760 or higher required.',
    });
    expect(statistics.query).toBeUndefined();
    expect(await trial.rows('SELECT MIN(points) AS p FROM nba.games')).toEqual([{p: 80}]);
  });

  test('are told by a dry run, with the columns and tables, and nothing runs', async () => {
    trial = await startTrial();
    await trial.games();
    const [job] = await trial.client.createQueryJob({
      query: 'SELECT game_date, SUM(points) AS p FROM nba.games GROUP BY 1',
      location: 'us-west2',
      dryRun: true,
    });
    expect(job.metadata.statistics).toMatchObject({
      totalBytesProcessed: String(3 * 16),
      query: {
        referencedTables: [{projectId: 'league', datasetId: 'nba', tableId: 'games'}],
        schema: {
          fields: [
            {name: 'game_date', type: 'DATE'},
            {name: 'p', type: 'INTEGER'},
          ],
        },
      },
    });
    await trial.client.createQueryJob({
      query: 'DELETE FROM nba.games WHERE TRUE',
      location: 'us-west2',
      dryRun: true,
    });
    expect(await count()).toBe(3);
    await expect(
      trial.client.createQueryJob({
        query: 'SELECT absent FROM nba.games',
        location: 'us-west2',
        dryRun: true,
      }),
    ).rejects.toThrow('Unrecognized name: absent at [1:8]');
  });
});

test('a table without partitions takes the same statements', async () => {
  trial = await startTrial();
  await trial.client.dataset('nba').createTable('games', {schema: GAMES.schema});
  await trial.query("INSERT INTO nba.games (game_id, points) VALUES ('a', 1)");
  expect((await trial.query('DELETE nba.games WHERE points = 1')).statistics.query).toMatchObject({
    numDmlAffectedRows: '1',
  });
});
