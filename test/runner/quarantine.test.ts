/** What is held back stays readable until something better is published. */
import {afterEach, expect, test} from 'vitest';
import {at, listed, manifest, Project, rowsFrom, tally} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const DATES = ['2024-01-01', '2024-01-02', '2024-01-03'] as const;
// Columns may be named as what is put beside them.
const columns = {game_date: 'date', player: 'string', points: 'int64', key: 'float64', position: 'string'};
const ASSET = {rows: 'assets/scores.ts', columns, key: ['player']};
const CHECKS = [
  {range: {column: 'points', max: 100}},
  {zero_share: {column: 'points', at_most: '10%'}, severity: 'warn', penalty: 20},
];

let project: Project;
afterEach(() => project.remove());

const rows = (date: string, ...points: readonly number[]) =>
  points.map((value, i) => ({game_date: date, player: `p${i}`, points: value, key: 0.5, position: `'${i}`}));

function open(checks: readonly object[] = CHECKS): Project {
  const calendars = listed({'2023-24': DATES});
  const text = manifest({calendars, assets: {'raw.scores': {...ASSET, checks}}});
  const opened = new Project({'pipeline.yaml': text, 'assets/scores.ts': rowsFrom('scores')}, NOW);
  opened.data('scores', Object.fromEntries(DATES.map(date => [date, rows(date, 1, 2)])));
  return opened;
}

async function held() {
  const target = await project.open();
  try {
    const warehouse = await target.warehouse();
    const all = await warehouse.heldBack();
    return await Promise.all(all.map(async each => ({...each, held: await warehouse.heldRows(each)})));
  } finally {
    await target.close();
  }
}

test('rows that a check holds back are kept with what was found, and the last good ones stay', async () => {
  project = open();
  await project.materialize();
  expect(await held()).toEqual([]);
  project.data('scores', {
    [DATES[0]]: rows(DATES[0], 1, 2),
    [DATES[1]]: rows(DATES[1], 101, 0),
    [DATES[2]]: rows(DATES[2], 7),
  });
  const done = await project.materialize({force: true});
  expect(tally(done)).toEqual({unchanged: 1, quarantined: 1, succeeded: 1});
  expect(await held()).toEqual([
    {
      asset: 'raw.scores',
      key: '2024-01-02',
      run: done.run,
      at: NOW,
      rows: 2,
      kept: 2,
      error: expect.stringMatching(/^range\(points\): 1 row has points above 100 \(such as \{/),
      violations: [
        {
          check: 'range(points)',
          severity: 'error',
          penalty: 0,
          count: 1,
          message: '1 row has points above 100',
          examples: [expect.stringContaining('"points":101')],
        },
        expect.objectContaining({check: 'zero_share(points)', severity: 'warn', penalty: 20, count: 1}),
      ],
      held: [
        `{"game_date":"2024-01-02","player":"p0","points":101,"key":0.5,"position":"'0"}`,
        `{"game_date":"2024-01-02","player":"p1","points":0,"key":0.5,"position":"'1"}`,
      ],
    },
  ]);
  expect(
    await project.query("SELECT points FROM raw.scores WHERE game_date = '2024-01-02' ORDER BY 1"),
  ).toEqual([[1], [2]]);
});

test('only the last attempt of a partition is kept, also where it held back fewer rows', async () => {
  project = open();
  project.data('scores', Object.fromEntries(DATES.map(date => [date, rows(date, 500, 501, 502)])));
  expect(tally(await project.materialize())).toEqual({quarantined: 3});
  project.data('scores', Object.fromEntries(DATES.map(date => [date, rows(date, 600)])));
  await project.materialize({force: true, range: {keys: [DATES[1]]}});
  expect((await held()).map(({key, held: kept}) => [key, kept.length])).toEqual([
    ['2024-01-01', 3],
    ['2024-01-02', 1],
    ['2024-01-03', 3],
  ]);
});

test('what is published, also unchanged, is held back no more; a failure leaves what is kept', async () => {
  project = open();
  await project.materialize();
  project.data('scores', Object.fromEntries(DATES.map(date => [date, rows(date, 500)])));
  expect(tally(await project.materialize({force: true}))).toEqual({quarantined: 3});
  project.data('scores', {
    [DATES[0]]: rows(DATES[0], 1, 2),
    [DATES[1]]: rows(DATES[1], 3),
    [DATES[2]]: 'the source is down',
  });
  expect(tally(await project.materialize({force: true}))).toEqual({unchanged: 1, succeeded: 1, failed: 1});
  expect((await held()).map(({key}) => key)).toEqual(['2024-01-03']);
});

test('what is dropped is held back no more', async () => {
  project = open();
  await project.materialize();
  project.data('scores', Object.fromEntries(DATES.map(date => [date, rows(date, 500)])));
  await project.materialize({force: true});
  const calendars = listed({'2023-24': DATES.slice(0, 2)});
  project.write('pipeline.yaml', manifest({calendars, assets: {'raw.scores': {...ASSET, checks: CHECKS}}}));
  await project.materialize({prune: true});
  expect((await held()).map(({key}) => key)).toEqual(['2024-01-01', '2024-01-02']);
});

test('of a partition with very many rows some are kept, and how many there were is said', async () => {
  project = open();
  const many = Array.from({length: 10_001}, (_, i) => 1000 + i);
  project.data('scores', {[DATES[0]]: rows(DATES[0], ...many)});
  await project.materialize();
  const [first] = await held();
  expect([first?.rows, first?.kept, first?.held.length]).toEqual([10_001, 10_000, 10_000]);
});
