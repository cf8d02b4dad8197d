import {expect, test} from 'vitest';
import {LIMITS, Limits, type TableWrite} from '../../runner/bigquery-limits.ts';

/** A clock that only waiting moves. */
function limits(concurrency = 1000): {limits: Limits; now: () => number; pass: (ms: number) => void} {
  let time = 1_000_000;
  return {
    limits: new Limits({
      concurrency,
      now: () => time,
      sleep: async ms => {
        // Who may begin begins first.
        await new Promise(resolve => setImmediate(resolve));
        time += ms;
      },
    }),
    now: () => time,
    pass: ms => {
      time += ms;
    },
  };
}

const signal = new AbortController().signal;

function write(about: Partial<TableWrite> = {}): TableWrite {
  return {table: 'nba_raw.games', kind: 'copy', partitions: 1, ...about};
}

/** When each of `count` writes began, in seconds from the first. */
async function begins(count: number, one: TableWrite): Promise<readonly number[]> {
  const {limits: all, now} = limits();
  const start = now();
  const at: number[] = [];
  await Promise.all(
    Array.from({length: count}, () =>
      all.within([one], signal, async () => void at.push((now() - start) / 1000)),
    ),
  );
  return at;
}

test('a partitioned table is written at most 40 times in any 10 seconds', async () => {
  // https://cloud.google.com/bigquery/quotas#partitioned_tables: "Maximum rate of partition modification: 50 every 10
  // seconds" of a column-partitioned table.
  const at = await begins(90, write());
  expect(at.filter(each => each < 10)).toHaveLength(40);
  expect(at.filter(each => each < 20)).toHaveLength(80);
  expect(at).toHaveLength(90);
});

test('another table is written at most 4 times in any 10 seconds', async () => {
  // https://cloud.google.com/bigquery/quotas#standard_tables: "Maximum rate of table metadata update operations per
  // table: 5 operations every 10 seconds".
  const at = await begins(9, write({partitions: undefined}));
  expect(at).toEqual([0, 0, 0, 0, 10, 10, 10, 10, 20]);
});

test('a table that only others write waits for nobody', async () => {
  const {limits: all, now} = limits();
  const start = now();
  for (let n = 0; n < 40; n++) await all.within([write()], signal, async () => undefined);
  await all.within([write({table: 'nba_raw.players'})], signal, async () => undefined);
  expect(now()).toBe(start);
});

test('statements that change a table run one after the other, and those of other tables beside them', async () => {
  // https://cloud.google.com/bigquery/quotas#data-manipulation-language-statements: "Concurrent mutating DML statements
  // per table: 2", and up to 20 queued.
  const {limits: all} = limits();
  let atWork = 0;
  let most = 0;
  const others: string[] = [];
  const change = async (): Promise<void> => {
    atWork++;
    most = Math.max(most, atWork);
    await new Promise(resolve => setImmediate(resolve));
    atWork--;
  };
  await Promise.all([
    ...Array.from({length: 5}, () => all.within([write({kind: 'change'})], signal, change)),
    all.within(
      [write({kind: 'change', table: 'nba_raw.players'})],
      signal,
      async () => void others.push('ran'),
    ),
  ]);
  expect(most).toBe(1);
  expect(others).toEqual(['ran']);
});

test('two jobs that change the same two tables in another order do not wait for each other', async () => {
  const {limits: all} = limits();
  const [a, b] = [write({kind: 'change', table: 'a'}), write({kind: 'change', table: 'b'})];
  const slow = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 5));
  await Promise.all([all.within([a, b], signal, slow), all.within([b, a], signal, slow)]);
});

test('a day has 1,500 load jobs of a table, also of those that failed', async () => {
  // https://cloud.google.com/bigquery/docs/optimize-load-jobs: "Failed load jobs still count toward both per-table and
  // per-project quotas"; the quota "refills over the next 24 hours".
  const {limits: all, pass} = limits();
  const load = write({kind: 'load', partitions: 10});
  const failing = async (): Promise<never> => {
    throw new Error('x');
  };
  for (let n = 0; n < LIMITS.loadsADay; n++) await all.within([load], signal, failing).catch(() => undefined);
  const begun: string[] = [];
  await expect(all.within([load], signal, async () => void begun.push('it'))).rejects.toMatchObject({
    kind: 'quota',
    message:
      "BigQuery allows 1500 load jobs of the table 'nba_raw.games' a day, and this process has used them up: nothing was sent. Gather more partitions in one load (a longer batch of the asset), or go on in 24 hours.",
  });
  expect(begun).toEqual([]);
  pass(24 * 60 * 60 * 1000);
  await all.within([load], signal, async () => undefined);
});

test('a day has 30,000 partition writes of a table', async () => {
  // https://cloud.google.com/bigquery/quotas#partitioned_tables: "Number of modifications per partitioned table per day:
  // 30,000".
  const {limits: all} = limits();
  const many = write({kind: 'query', partitions: 4000});
  for (let n = 0; n < 7; n++) await all.within([many], signal, async () => undefined);
  await expect(all.within([many], signal, async () => undefined)).rejects.toThrow(
    /^BigQuery allows 30,000 partition writes of the table 'nba_raw\.games' a day.*grain: month/,
  );
  await all.within([write({kind: 'change', partitions: 4000})], signal, async () => undefined);
});

test('no more jobs are at work than allowed', async () => {
  const {limits: all} = limits(3);
  let atWork = 0;
  let most = 0;
  await Promise.all(
    Array.from({length: 12}, () =>
      all.within([], signal, async () => {
        most = Math.max(most, ++atWork);
        await new Promise(resolve => setImmediate(resolve));
        atWork--;
      }),
    ),
  );
  expect(most).toBe(3);
});

test('who waits for a turn leaves when it is stopped, and what has begun is waited for', async () => {
  const {limits: all} = limits(1);
  const controller = new AbortController();
  const ended: string[] = [];
  const begun = all.within([], controller.signal, async () => {
    await new Promise(resolve => setTimeout(resolve, 10));
    ended.push('begun');
  });
  const waiting = all.within([], controller.signal, async () => void ended.push('waiting'));
  controller.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
  await begun;
  expect(ended).toEqual(['begun']);
});
