/** Declared columns and slicings that change, on real DuckDB: what is published stays whole until it is made again. */
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {at, ended, lines, listed, manifest, Project} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const [DAY1, DAY2, DAY3] = ['2024-01-01', '2024-01-02', '2024-01-03'] as const;
const DATES = [DAY1, DAY2, DAY3];
const A = {game_date: 'date', points: 'int64', note: 'string'};
const QUERY_A =
  "SELECT game_date, CAST(day(game_date) AS BIGINT) AS points, 'n' || day(game_date) AS note FROM partitions";
const SUM = {
  sql: 'assets/sum.sql',
  upstream: {box: 'raw.box'},
  columns: {game_date: 'date', points: 'int64'},
  key: ['game_date'],
};

let project: Project;
beforeEach(async () => {
  project = new Project({'assets/sum.sql': 'SELECT game_date, points FROM box'}, NOW);
  declare(A, QUERY_A);
  await project.materialize();
});
afterEach(() => project.remove());

/** Declares `raw.box` anew. */
function declare(
  columns: Readonly<Record<string, string>>,
  query: string,
  more: Readonly<Record<string, unknown>> = {},
): void {
  project.write('assets/box.sql', query);
  const box = {sql: 'assets/box.sql', columns, key: Object.keys(columns).slice(0, 1), batch: 1, ...more};
  const assets = more['partition_by'] === 'season' ? {'raw.box': box} : {'raw.box': box, 'mart.sum': SUM};
  project.write('pipeline.yaml', manifest({calendars: listed({'2023-24': DATES}), assets}));
}

const rows = (sql = 'SELECT * FROM raw.box ORDER BY ALL') => project.query(sql);
const ofBox = async () => lines(await project.plan()).filter(line => line.startsWith('raw.box'));
const OLD = [
  [DAY1, 1, 'n1'],
  [DAY2, 2, 'n2'],
  [DAY3, 3, 'n3'],
];
const MINUTES = {...A, minutes: 'int64'};
const withMinutes = (value: string) => QUERY_A.replace(' FROM', `, ${value} AS minutes FROM`);

describe('a column that is added', () => {
  test('leaves table and partitions whole where the new query fails', async () => {
    declare(MINUTES, withMinutes("error('no minutes')"));
    const done = await project.materialize();
    expect(done.counts.failed).toBe(3);
    expect(await rows()).toEqual(OLD);
    declare(A, QUERY_A);
    expect((await project.materialize()).counts.requested).toBe(0);
  });

  test('leaves them whole where a check holds the new rows back', async () => {
    declare(MINUTES, withMinutes('-1'), {checks: [{range: {column: 'minutes', min: 0}}]});
    expect((await project.materialize()).counts.quarantined).toBe(3);
    expect(await rows()).toEqual(OLD);
  });

  test('is null in what is not yet made again, for readers too', async () => {
    declare(MINUTES, withMinutes('48'));
    await project.materialize({select: 'raw.box', range: {to: DAY1}});
    expect(await rows('SELECT minutes FROM raw.box ORDER BY game_date')).toEqual([[48], [null], [null]]);
    project.write('assets/sum.sql', 'SELECT game_date, coalesce(minutes, 7) AS points FROM box');
    await project.materialize({select: 'mart.sum'});
    expect(await rows('SELECT points FROM mart.sum ORDER BY game_date')).toEqual([[48], [7], [7]]);
    await project.materialize();
    expect(await rows('SELECT points FROM mart.sum ORDER BY game_date')).toEqual([[48], [48], [48]]);
    expect((await project.materialize()).counts.requested).toBe(0);
  });

  test('can be read by what is made before the table has it', async () => {
    declare(MINUTES, withMinutes('48'));
    project.write('assets/sum.sql', 'SELECT game_date, coalesce(minutes, 7) AS points FROM box');
    await project.materialize({select: 'mart.sum'});
    expect(await rows('SELECT points FROM mart.sum ORDER BY game_date')).toEqual([[7], [7], [7]]);
  });
});

describe('a column that is dropped', () => {
  const B = {game_date: 'date', points: 'int64'};
  const QUERY_B = 'SELECT game_date, CAST(day(game_date) AS BIGINT) AS points FROM partitions';

  test('stays until no partition is published that was made with it', async () => {
    declare(B, QUERY_B);
    const first = await project.materialize({select: 'raw.box', range: {to: DAY1}});
    expect(ended(first)).toEqual([`raw.box@${DAY1} succeeded`]);
    expect(await rows('SELECT note FROM raw.box ORDER BY game_date')).toEqual([[null], ['n2'], ['n3']]);
    await project.materialize({select: 'raw.box', range: {to: DAY2}});
    expect(await rows('SELECT note FROM raw.box ORDER BY game_date')).toEqual([[null], [null], ['n3']]);
    await project.materialize({select: 'raw.box'});
    await expect(rows('SELECT note FROM raw.box')).rejects.toThrow(/note/);
  });

  test('and declared again finds the partitions that were not made in between as they were', async () => {
    declare(B, QUERY_B);
    await project.materialize({select: 'raw.box', range: {to: DAY1}});
    declare(A, QUERY_A);
    expect(await ofBox()).toEqual([`raw.box@${DAY1} stale run: definition-changed, schema-changed`]);
    await project.materialize();
    expect(await rows()).toEqual(OLD);
  });

  test('gives new versions to rows that say the same otherwise: an old version is of other columns', async () => {
    declare(B, QUERY_B);
    const {outcomes} = await project.materialize();
    expect(outcomes.get(`raw.box@${DAY1}`)).toBe('succeeded');
    expect(outcomes.get(`mart.sum@${DAY1}`)).toBe('unchanged');
  });
});

describe('a column of another type', () => {
  const real = {...A, points: 'float64'};

  test('takes the published values over', async () => {
    declare(real, QUERY_A.replace('points', 'points').replace('AS BIGINT', 'AS DOUBLE'));
    await project.materialize({select: 'raw.box', range: {to: DAY1}});
    expect(await rows()).toEqual(OLD);
    declare(A, QUERY_A);
    expect((await ofBox()).map(line => line.split(' ')[0])).toEqual([`raw.box@${DAY1}`]);
    await project.materialize();
    expect(await rows()).toEqual(OLD);
  });

  test('that cannot hold them is refused with the mend, and all stays as it was', async () => {
    const asNumber = {...A, note: 'int64'};
    declare(asNumber, QUERY_A.replace("'n' || day(game_date)", '7'));
    const {errors, counts} = await project.materialize({select: 'raw.box', range: {to: DAY1}});
    expect(counts.failed).toBe(1);
    expect(errors.get(`raw.box@${DAY1}`)).toBe(
      "The column 'note' of raw.box is declared int64, and 2 published rows hold values that int64 cannot hold as it is, such as n2. Declare the new column under another name, which leaves the published rows as they are until they are made again; or take the old type back.",
    );
    expect(await rows()).toEqual(OLD);
    declare(A, QUERY_A);
    expect((await project.materialize()).counts.requested).toBe(0);
  });
});

test('a key in a column of another name is carried over, and partitions that are not made again can be read', async () => {
  const renamed = {played_on: 'date', points: 'int64', note: 'string'};
  const query = QUERY_A.replace('game_date,', 'game_date AS played_on,');
  declare(renamed, query, {partition_by: {by: 'game_date', column: 'played_on'}});
  project.write('assets/sum.sql', 'SELECT played_on AS game_date, points FROM box');
  const early = await project.materialize({select: 'mart.sum', range: {to: DAY1}});
  expect(early.errors.get(`mart.sum@${DAY1}`)).toBe(
    "raw.box holds its key in another column than 'played_on' until one of its partitions is made again: materialize it first.",
  );
  await project.materialize({range: {to: DAY1}});
  expect(await rows('SELECT played_on, points, note FROM raw.box ORDER BY ALL')).toEqual(OLD);
  await project.materialize();
  expect(await rows('SELECT played_on, points, note FROM raw.box ORDER BY ALL')).toEqual(OLD);
  expect((await project.materialize()).counts.requested).toBe(0);
});

describe('a table that is sliced otherwise', () => {
  const bySeason = {season: 'string', game_date: 'date', points: 'int64'};
  const query = "SELECT season, DATE '2024-01-05' AS game_date, 5 AS points FROM partitions";
  const asSeason = {partition_by: 'season', batch: 1};

  test('stays as it was where the new query fails', async () => {
    declare(bySeason, "SELECT season, error('no') AS game_date, 5 AS points FROM partitions", asSeason);
    expect((await project.materialize()).counts.failed).toBe(1);
    expect(await rows()).toEqual(OLD);
    declare(A, QUERY_A);
    expect((await project.materialize()).counts.requested).toBe(0);
  });

  test('loses the old slices with their receipts, so that none looks published if it returns', async () => {
    declare(bySeason, query, asSeason);
    const done = await project.materialize();
    expect(ended(done)).toEqual(['raw.box@2023-24 succeeded']);
    expect(await rows()).toEqual([['2023-24', '2024-01-05', 5]]);
    expect(
      await project.query("SELECT key FROM gameplan.receipts WHERE kind = 'dropped' ORDER BY key"),
    ).toEqual(DATES.map(date => [date]));
    expect(await ofBox()).toEqual([]);
    declare(A, QUERY_A);
    expect(await ofBox()).toEqual([
      ...DATES.map(date => `raw.box@${date} missing run: forgotten`),
      'raw.box@2023-24 orphan -: undeclared',
    ]);
    await project.materialize();
    expect(await rows()).toEqual(OLD);
    expect(await ofBox()).toEqual([]);
  });
});
