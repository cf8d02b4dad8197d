/** Partitions made together against partitions made alone: a window that is not kept to shows. */
import {afterEach, expect, test} from 'vitest';
import {makePlan} from '../../planner/make-plan.ts';
import type {AssetName} from '../../planner/pipeline.ts';
import {WHOLE_REQUEST} from '../../planner/plan.ts';
import {type BatchResult, testBatches} from '../../runner/batch-test.ts';
import {at, listed, manifest, Project, rowsFrom} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const SEASONS = {
  '2022-23': ['2023-04-01', '2023-04-03', '2023-04-04'],
  '2023-24': ['2023-10-24', '2023-10-25', '2023-10-28', '2023-10-30'],
};
const DATES = Object.values(SEASONS).flat();
const columns = {game_date: 'date', points: 'float64'};

const RIGHT = `SELECT w.key AS game_date, sum(p.points) AS points
FROM points_window AS w JOIN points AS p ON p.game_date = w.upstream_key GROUP BY ALL`;
/** Takes all that the batch may read for what each of its partitions may read. */
const WRONG = `SELECT a.game_date, sum(p.points) AS points FROM partitions AS a JOIN points AS p ON p.game_date < a.game_date
WHERE EXISTS (FROM points_window) GROUP BY ALL`;

let project: Project;
afterEach(() => project.remove());

function open(query: string, batch: number | 'season'): void {
  const assets = {
    'raw.points': {rows: 'assets/points.ts', columns, key: ['game_date']},
    'mart.last': {
      sql: 'assets/last.sql',
      upstream: {points: {asset: 'raw.points', window: '2 dates', required: false}},
      columns,
      key: ['game_date'],
      empty: 'allowed',
      batch,
    },
  };
  project = new Project(
    {
      'pipeline.yaml': manifest({calendars: listed(SEASONS), assets}),
      'assets/points.ts': rowsFrom('points'),
      'assets/last.sql': query,
    },
    NOW,
  );
  project.data(
    'points',
    Object.fromEntries(DATES.map((date, i) => [date, [{game_date: date, points: 2 ** i}]])),
  );
}

async function compare(samples = 10): Promise<BatchResult> {
  await project.materialize();
  const before = await project.query('SELECT * FROM mart.last ORDER BY ALL');
  const {pipeline, sources, ledger, warehouse, close} = await project.open();
  const request = WHOLE_REQUEST;
  const {frame} = makePlan({pipeline, sources, ledger: ledger.snapshot(), now: NOW, request});
  try {
    const about = {frame, sources, warehouse: await warehouse(), range: {}, samples};
    return await testBatches(about, 'mart.last' as AssetName); // declared above
  } finally {
    await close();
    expect(await project.query('SELECT * FROM mart.last ORDER BY ALL')).toEqual(before);
  }
}

test.each([2, 'season'] as const)(
  'a query that keeps to its window passes, with batches of %s',
  async batch => {
    open(RIGHT, batch);
    const {together, alone, differences} = await compare();
    expect([together, alone]).toEqual([7, 7]);
    expect(differences).toEqual(new Map());
  },
);

test('a query that reads the whole batch for each of its partitions is found out', async () => {
  open(WRONG, 'season');
  const {differences} = await compare();
  // The first of a season reads nothing, the second and third one or two dates: those are right by chance.
  expect([...differences]).toEqual([['2023-10-30', ['row ["2023-10-30"]: points is 56, expected 48']]]);
});

test('the first and the last of a batch are among the samples', async () => {
  open(WRONG, 'season');
  const {alone, differences} = await compare(2);
  expect(alone).toBe(4);
  expect([...differences.keys()]).toEqual(['2023-10-30']);
});
