import {expect, test} from 'vitest';
import {Limits, STATEMENTS, type TableWrite} from '../../runner/bigquery-limits.ts';

/** A clock that only waiting moves. */
function limits(concurrency = 1000): {limits: Limits; now: () => number; pass: (ms: number) => void} {
  let time = 1_000_000;
  return {
    limits: new Limits({
      concurrency,
      statements: STATEMENTS,
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
  return {table: 'nba_raw.games', statements: 1, isChange: false, ...about};
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

test('a table has at most 20 statements in any 10 seconds', async () => {
  // https://cloud.google.com/bigquery/quotas#data-manipulation-language-statements: "Maximum rate of DML statements for
  // each table: 25 statements every 10 seconds. [...] Both INSERT and mutating DML statements contribute to this limit."
  const at = await begins(45, write());
  expect([0, 10, 20].map(from => at.filter(each => each >= from && each < from + 10).length)).toEqual([
    20, 20, 5,
  ]);
});

test('each statement of a job counts', async () => {
  const at = await begins(25, write({statements: 2}));
  expect([0, 10, 20].map(from => at.filter(each => each >= from && each < from + 10).length)).toEqual([
    10, 10, 5,
  ]);
});

test('a table that only others write waits for nobody', async () => {
  const {limits: all, now} = limits();
  const start = now();
  for (let n = 0; n < STATEMENTS; n++) await all.within([write()], signal, async () => undefined);
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
    ...Array.from({length: 5}, () => all.within([write({isChange: true})], signal, change)),
    all.within(
      [write({isChange: true, table: 'nba_raw.players'})],
      signal,
      async () => void others.push('ran'),
    ),
  ]);
  expect(most).toBe(1);
  expect(others).toEqual(['ran']);
});

test('two jobs that change the same two tables in another order do not wait for each other', async () => {
  const {limits: all} = limits();
  const [a, b] = [write({isChange: true, table: 'a'}), write({isChange: true, table: 'b'})];
  const slow = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 5));
  await Promise.all([all.within([a, b, a], signal, slow), all.within([b, a], signal, slow)]);
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
