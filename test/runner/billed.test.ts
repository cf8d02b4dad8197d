/** What an engine bills, from its stagings to the ledger: nothing is lost where a batch fails, is halved or is killed. */
import {afterEach, expect, test} from 'vitest';
import {addBilled} from '../../planner/billed.ts';
import {openLedger} from '../../runner/ledger-open.ts';
import {fileLedger} from '../../runner/ledger-place.ts';
import {billing} from '../kit/billing.ts';
import {at, listed, manifest, Project, rowsFrom} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const DATES = ['2023-10-24', '2023-10-25', '2023-10-26', '2023-10-27'];
const columns = {game_date: 'date', player: 'string', points: 'float64'};
const key = ['game_date', 'player'];

const rowsOn = (game_date: string, count: number) =>
  Array.from({length: count}, (_, i) => ({game_date, player: `p${i}`, points: 10 + i}));

function project(about: object = {}, checks: readonly object[] = []): Project {
  const assets = {
    'raw.points': {
      rows: 'assets/points.ts',
      columns,
      key,
      retries: 0,
      checks: [{range: {column: 'points', min: 0, max: 100}}, ...checks],
    },
    'mart.recent': {
      sql: 'assets/recent.sql',
      upstream: {points: 'raw.points'},
      columns,
      key,
    },
    ...about,
  };
  const made = new Project(
    {
      'pipeline.yaml': manifest({calendars: listed({'2023-24': DATES}), assets}),
      'assets/points.ts': rowsFrom('points'),
      'assets/recent.sql': 'SELECT game_date, player, points FROM points',
    },
    NOW,
  );
  made.data('points', Object.fromEntries(DATES.map((date, i) => [date, rowsOn(date, i + 1)])));
  return made;
}

let open: Project | undefined;
afterEach(() => open?.remove());

async function ledgerOf(made: Project) {
  const target = await made.open();
  try {
    const [run] = target.ledger.runs(1);
    const found = run === undefined ? undefined : target.ledger.findRun(run.id);
    return {run: found, soFar: target.ledger.billed()};
  } finally {
    await target.close();
  }
}

test('a batch is shared over its partitions by rows, and the sum is what its stagings were billed', async () => {
  open = project();
  let whole = 0;
  await open.materialize({
    through: billing({staging: 100_000, publication: 1_001}, bytes => (whole += bytes)),
  });
  const {run, soFar} = await ledgerOf(open);
  const ofPoints = run?.attempts.filter(({asset}) => asset === 'raw.points').map(({billed}) => billed);
  // 1, 2, 3 and 4 rows of one batch.
  expect(ofPoints?.map(each => each?.bytesBilled)).toEqual([10_100, 20_200, 30_300, 40_401]);
  const all = addBilled(run?.attempts.map(({billed}) => billed) ?? []);
  expect(all?.bytesBilled).toBe(whole);
  expect(addBilled([...soFar.values()])).toEqual(all);
  expect(run?.expectedBytes).toBeUndefined();
});

test('what DuckDB makes has no bill, in the attempts, the sums and what a run expects', async () => {
  open = project();
  await open.materialize();
  const {run, soFar} = await ledgerOf(open);
  expect(run?.attempts.map(({billed}) => billed)).toEqual(Array(8).fill(undefined));
  expect([soFar.size, run?.expectedBytes]).toEqual([0, undefined]);
});

test('what failed, was held back or came out unchanged is billed too', async () => {
  open = project();
  open.data('points', {
    [DATES[0] ?? '']: rowsOn(DATES[0] ?? '', 1),
    [DATES[1] ?? '']: [{game_date: DATES[1] ?? '', player: 'p', points: 101}],
    [DATES[2] ?? '']: 'the source answered HTTP 503',
    [DATES[3] ?? '']: rowsOn(DATES[3] ?? '', 4),
  });
  let whole = 0;
  const through = billing({staging: 100_000, publication: 1_001}, bytes => (whole += bytes));
  await open.materialize({select: 'raw.points', through});
  const first = await ledgerOf(open);
  expect(first.run?.attempts.map(({outcome, billed}) => [outcome, billed?.bytesBilled])).toEqual([
    ['succeeded', 25_250],
    ['quarantined', 25_250],
    ['failed', 25_250],
    ['succeeded', 25_251],
  ]);
  await open.materialize({select: 'raw.points', force: true, through});
  const second = await ledgerOf(open);
  expect(second.run?.attempts.map(({outcome}) => outcome)).toEqual([
    'unchanged',
    'quarantined',
    'failed',
    'unchanged',
  ]);
  expect(second.soFar.get('raw.points')).toMatchObject({bytesBilled: whole, attempts: 8});
  // Half of the 8 attempts were expected again.
  expect(second.run?.expectedBytes).toEqual({'raw.points': 101_001});
});

test('a batch that is halved is billed for the try in vain as well', async () => {
  open = project({}, [{sql: 'assets/check.sql'}]);
  // A check that cannot be evaluated on one date: the batch is staged, and fails when it is judged.
  open.write('assets/check.sql', 'SELECT game_date FROM new_rows WHERE CAST(player AS INT64) < 0');
  open.data('points', {
    ...Object.fromEntries(DATES.map(date => [date, [{game_date: date, player: '7', points: 1}]])),
    '2023-10-26': [{game_date: '2023-10-26', player: 'x', points: 1}],
  });
  let whole = 0;
  let stagings = 0;
  const through = billing({staging: 100_000, publication: 0}, bytes => {
    whole += bytes;
    stagings++;
  });
  const done = await open.materialize({select: 'raw.points', through});
  expect([...done.outcomes.values()].sort()).toEqual(['failed', 'succeeded', 'succeeded', 'succeeded']);
  const {run} = await ledgerOf(open);
  // The batch, its halves, and the halves of the half that holds the wrong date.
  expect(stagings).toBe(1 + 2 + 2);
  expect(addBilled(run?.attempts.map(({billed}) => billed) ?? [])?.bytesBilled).toBe(whole);
});

test('every source of a cascade that was asked is billed, and what was put together of them', async () => {
  open = project({
    'raw.other': {rows: 'assets/points.ts', columns, key},
    'mart.best': {
      columns,
      key,
      sources: [
        {name: 'first', upstream: 'raw.points', quality: 100},
        {name: 'second', upstream: 'raw.other', quality: 90},
      ],
    },
  });
  let whole = 0;
  const through = billing({staging: 100_000, publication: 7}, bytes => (whole += bytes));
  await open.materialize({through});
  const {run} = await ledgerOf(open);
  expect(run?.attempts.filter(({asset}) => asset === 'mart.best')).toHaveLength(4);
  expect(addBilled(run?.attempts.map(({billed}) => billed) ?? [])?.bytesBilled).toBe(whole);
});

test('a run that died between the commit and the record is settled with what it was billed till then', async () => {
  open = project();
  const bill = billing({staging: 100_000, publication: 1});
  const dying = open.materialize({
    select: 'raw.points',
    through: workshop => {
      const billed = bill(workshop);
      // As where the disk of the ledger fills up: what is published stays an open intent.
      return {
        ...billed,
        ledger: new Proxy(billed.ledger, {
          get(target, name) {
            if (name === 'recordOutcomes') throw new Error('the ledger cannot be written');
            const found: unknown = Reflect.get(target, name);
            return typeof found === 'function' ? found.bind(target) : found;
          },
        }),
      };
    },
  });
  await expect(dying).rejects.toThrow();
  await open.materialize({select: 'raw.points'});
  const ledger = openLedger({place: fileLedger(`${open.root}/.gameplan/ledger.sqlite`), now: () => NOW});
  try {
    expect(ledger.billed().get('raw.points')).toMatchObject({bytesBilled: 100_000, attempts: 4});
  } finally {
    ledger.close();
  }
});
