/** What happens to tables when rows are wrong: the last good ones stay, and the bad partition stands alone. */
import {afterEach, describe, expect, test} from 'vitest';
import {at, type Done, ended, lines, listed, manifest, Project, rowsFrom, tally} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const DATES = Array.from({length: 10}, (_, i) => `2024-01-${String(i + 1).padStart(2, '0')}`);
const BAD = '2024-01-05';
const columns = {game_date: 'date', player: 'string', points: 'int64'};
const key = ['game_date', 'player'];
const SCORES = {rows: 'assets/scores.ts', columns, key};
const DOUBLED = {sql: 'assets/doubled.sql', upstream: {scores: 'raw.scores'}, columns, key};
const DOUBLE = 'SELECT game_date, player, 2 * points AS points FROM scores';

let project: Project;
afterEach(() => project.remove());

const scores = (date: string, ...points: readonly (number | null)[]) =>
  points.map((value, i) => ({game_date: date, player: `p${i}`, points: value}));
const all = () => Object.fromEntries(DATES.map((date, i) => [date, scores(date, i + 1)]));

function open(assets: object, files: Record<string, string> = {}): Project {
  const texts = {'assets/scores.ts': rowsFrom('scores'), 'assets/doubled.sql': DOUBLE, ...files};
  const calendars = listed({'2023-24': DATES});
  const opened = new Project({'pipeline.yaml': manifest({calendars, assets}), ...texts}, NOW);
  opened.data('scores', all());
  return opened;
}

const remake = (change: Record<string, ReturnType<typeof scores> | string>): Promise<Done> => {
  project.data('scores', {...all(), ...change});
  return project.materialize({select: 'raw.scores', range: {keys: Object.keys(change)}, force: true});
};
const pointsOn = async (date: string, table = 'raw.scores') =>
  (await project.query(`SELECT points FROM ${table} WHERE game_date = '${date}' ORDER BY player`)).flat();

describe('checks', () => {
  const refused: readonly [string, object, readonly (number | null)[], RegExp][] = [
    ['not_null', {not_null: ['points']}, [1, null], /not_null|null/],
    ['range', {range: {column: 'points', min: 0, max: 110}}, [1, 111], /range\(points\)/],
    ['unique', {unique: ['points']}, [1, 1], /unique\(points\): 2 rows share one value/],
    [
      'accepted_values',
      {accepted_values: {column: 'player', values: ['p0', 'p2']}},
      [1, 2],
      /other than 'p0'/,
    ],
    ['regex', {regex: {column: 'player', pattern: 'p0'}}, [1, 2], /not of the form p0/],
    ['zero_share', {zero_share: {column: 'points', at_most: '35%'}}, [1, 0], /1 of 2 values/],
    ['rows', {rows: {max: 1}}, [1, 2], /rows/],
    ['sql', {sql: 'assets/odd.sql'}, [12, 13], /odd/],
  ];
  test.each(refused)('of the kind %s keep the last good rows', async (_, check, points, said) => {
    project = open(
      {'raw.scores': {...SCORES, checks: [check]}, 'mart.doubled': DOUBLED},
      {'assets/odd.sql': 'SELECT * FROM new_rows WHERE points = 13'},
    );
    expect(tally(await project.materialize())).toEqual({succeeded: 20});
    const done = await remake({[BAD]: scores(BAD, ...points)});
    expect(ended(done)).toEqual([`raw.scores@${BAD} quarantined`]);
    expect(done.errors.get(`raw.scores@${BAD}`)).toMatch(said);
    expect(await pointsOn(BAD)).toEqual([5]);
    expect(await pointsOn(BAD, 'mart.doubled')).toEqual([10]);
    // The last good rows are still what the ledger says they are.
    expect((await project.materialize()).counts.requested).toBe(0);
  });

  test('of the key refuse a row that comes twice', async () => {
    project = open({'raw.scores': SCORES});
    await project.materialize();
    const done = await remake({[BAD]: [...scores(BAD, 1), ...scores(BAD, 2)]});
    expect(ended(done)).toEqual([`raw.scores@${BAD} quarantined`]);
    expect(done.errors.get(`raw.scores@${BAD}`)).toMatch(/key/);
    expect(await pointsOn(BAD)).toEqual([5]);
  });

  test('compare with the rows of an edge, and what waits for a quarantined partition is skipped', async () => {
    const some = {...DOUBLED, checks: [{rows: {of: 'raw.scores', at_least: '90%'}}]};
    const after = {...DOUBLED, upstream: {scores: 'mart.doubled'}};
    project = open(
      {'raw.scores': SCORES, 'mart.doubled': some, 'mart.again': after},
      {'assets/doubled.sql': `${DOUBLE} WHERE points <> 13`},
    );
    project.data('scores', {...all(), [BAD]: scores(BAD, 12, 13)});
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 10 + 9 + 9, quarantined: 1, skipped: 1});
    expect(done.outcomes.get(`mart.again@${BAD}`)).toBe('skipped');
    expect(await project.query(`SELECT count(*) FROM mart.doubled WHERE game_date = '${BAD}'`)).toEqual([
      [0],
    ]);
  });

  test('of freshness are measured from the attempt on', async () => {
    const checks = [{freshness: {column: 'game_date', within: '60 days'}}];
    project = open({'raw.scores': {...SCORES, checks}});
    project.now = at('2024-03-01T00:00:00Z');
    expect(tally(await project.materialize())).toEqual({succeeded: 10});
    project.now = at('2024-03-05T00:00:00Z');
    const done = await project.materialize({force: true});
    expect(tally(done)).toEqual({quarantined: 4, unchanged: 6});
    expect(done.errors.get('raw.scores@2024-01-04')).toMatch(/1464 h old where at most 1440 h/);
  });

  test('that only warn publish the rows and tell it', async () => {
    project = open({
      'raw.scores': {...SCORES, checks: [{range: {column: 'points', max: 9}, severity: 'warn'}]},
    });
    const {events, counts} = await project.materialize();
    expect(counts.succeeded).toBe(10);
    const warned = events.flatMap(event =>
      event.kind === 'partition-ended' && event.warnings.length > 0 ? [[event.key, ...event.warnings]] : [],
    );
    expect(warned).toEqual([['2024-01-10', expect.stringMatching(/range\(points\).*1 row/)]]);
  });
});

describe('a partition that fails', () => {
  test('in a query over many dates stands alone at the end', async () => {
    project = open(
      {'raw.scores': SCORES, 'mart.doubled': {...DOUBLED, batch: 'season'}},
      {
        'assets/doubled.sql': `SELECT game_date, player,\n  CAST(CASE points WHEN 5 THEN 'x' ELSE '7' END AS BIGINT) AS points FROM scores`,
      },
    );
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 19, failed: 1});
    expect(done.errors.get(`mart.doubled@${BAD}`)).toMatch(/'?x'?.*INT64/);
    expect(await project.query('SELECT count(*) FROM mart.doubled')).toEqual([[9]]);
    expect(lines(await project.plan())).toEqual([
      `mart.doubled@${BAD} missing run: never-materialized, last-attempt-failed`,
    ]);
  });

  test('in code is its own: the others of its batch are published', async () => {
    project = open({'raw.scores': SCORES});
    project.data('scores', {...all(), [BAD]: 'the source is down'});
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 9, failed: 1});
    expect(done.errors.get(`raw.scores@${BAD}`)).toBe('the source is down');
  });

  test('because a value does not fit its column stands alone too', async () => {
    project = open({'raw.scores': SCORES});
    const wrong = [{game_date: BAD, player: 'a', points: 'many'}];
    project.data('scores', {...all(), [BAD]: wrong});
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 9, failed: 1});
    expect(done.errors.get(`raw.scores@${BAD}`)).toMatch(/'many' in the column 'points'.*int64/);
  });

  test('because its code returns no list does not take others with it', async () => {
    project = open(
      {'raw.scores': SCORES},
      {
        'assets/scores.ts': `import type {Rows} from 'gameplan';
export const rows: Rows = async ({partition: {key}}) =>
  (key === '${BAD}' ? undefined : key === '2024-01-06' ? [null] : [{game_date: key, player: 'a', points: 1}]) as never;`,
      },
    );
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 8, failed: 2});
    expect(done.errors.get(`raw.scores@${BAD}`)).toMatch(/list of objects/);
  });

  test('is tried three runs in a row and then parked, until its input changes', async () => {
    const query = `SELECT game_date, player, CAST(CASE points WHEN 5 THEN 'x' ELSE '7' END AS BIGINT) AS points FROM scores`;
    project = open({'raw.scores': SCORES, 'mart.doubled': DOUBLED}, {'assets/doubled.sql': query});
    for (let run = 1; run <= 3; run++) expect(tally(await project.materialize())['failed']).toBe(1);
    const parked = await project.materialize();
    expect(ended(parked)).toEqual([`mart.doubled@${BAD} skipped`]);
    await remake({[BAD]: scores(BAD, 6)});
    expect(ended(await project.materialize())).toEqual([`mart.doubled@${BAD} succeeded`]);
  });

  test('for taking too long says so, and gives its connection back', async () => {
    const query = `SELECT game_date, player, points + (SELECT count(*) FROM range(100000000000)) * CASE points WHEN 5 THEN 1 ELSE 0 END AS points
      FROM scores WHERE points = 5 OR true`;
    project = open(
      {'raw.scores': SCORES, 'mart.doubled': {...DOUBLED, timeout: '1s'}},
      {'assets/doubled.sql': query},
    );
    const one = {select: 'mart.doubled', range: {keys: [BAD]}};
    await project.materialize({select: 'raw.scores'});
    const done = await project.materialize(one);
    expect(done.errors.get(`mart.doubled@${BAD}`)).toMatch(/Timed out after 1 s/);
    project.write('assets/doubled.sql', DOUBLE);
    expect(tally(await project.materialize())).toEqual({succeeded: 10});
  });

  test('waits for nobody in a code that never ends', async () => {
    project = open(
      {'raw.scores': {...SCORES, timeout: '1s'}},
      {
        'assets/scores.ts': `import type {Rows} from 'gameplan';
export const rows: Rows = async ({partition: {key}}) => {
  if (key === '${BAD}') await new Promise(() => undefined);
  return [{game_date: key, player: 'a', points: 1}];
};`,
      },
    );
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 9, failed: 1});
    expect(done.errors.get(`raw.scores@${BAD}`)).toMatch(/Timed out after 1 s/);
  });
});

describe('rows of no key or of others', () => {
  test('are an error that names them', async () => {
    project = open(
      {'raw.scores': SCORES, 'mart.doubled': {...DOUBLED, batch: 4}},
      {
        'assets/doubled.sql': `SELECT CASE WHEN points = 5 THEN game_date + 30 ELSE game_date END AS game_date, player || points AS player, points FROM scores`,
      },
    );
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 19, failed: 1});
    expect(done.errors.get(`mart.doubled@${BAD}`)).toMatch(/other keys: 1 of '2024-02-04'/);
    expect(await pointsOn('2024-01-06', 'mart.doubled')).toEqual([6]);
  });

  test('a query that lacks the partition column fails, and says which', async () => {
    project = open(
      {'raw.scores': SCORES, 'mart.doubled': {...DOUBLED, batch: 'season'}},
      {'assets/doubled.sql': 'SELECT player, points FROM scores'},
    );
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 10, failed: 10});
    expect(done.errors.get(`mart.doubled@${BAD}`)).toMatch(/assets\/doubled.sql.*game_date/);
  });

  test('code that returns rows of another date fails alone', async () => {
    project = open({'raw.scores': SCORES});
    project.data('scores', {...all(), [BAD]: scores('2024-02-01', 1)});
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 9, failed: 1});
    expect(done.errors.get(`raw.scores@${BAD}`)).toMatch(/other keys.*'2024-02-01'/);
  });
});

describe('no rows', () => {
  test('are an error, unless they are allowed', async () => {
    project = open({'raw.scores': SCORES});
    project.data('scores', {...all(), [BAD]: []});
    const done = await project.materialize();
    expect(tally(done)).toEqual({succeeded: 9, failed: 1});
    expect(done.errors.get(`raw.scores@${BAD}`)).toMatch(/empty: allowed/);
    const calendars = listed({'2023-24': DATES});
    const assets = {'raw.scores': {...SCORES, empty: 'allowed'}};
    project.write('pipeline.yaml', manifest({calendars, assets}));
    expect(ended(await project.materialize())).toEqual([`raw.scores@${BAD} succeeded`]);
    expect((await project.materialize()).counts.requested).toBe(0);
  });
});

describe('a backfill of ten dates that fails on the fifth', () => {
  const previous = {
    sql: 'assets/chain.sql',
    upstream: {scores: 'raw.scores', before: {asset: 'mart.chain', window: 'previous'}},
    columns,
    key,
  };
  const chain = `SELECT s.game_date, s.player, s.points + coalesce(b.points, 0) AS points
    FROM scores AS s LEFT JOIN before AS b ON b.player = s.player`;

  test('is resumed with that date and what hangs on it, and no more', async () => {
    project = open(
      {'raw.scores': SCORES, 'mart.doubled': DOUBLED, 'mart.chain': previous},
      {'assets/chain.sql': chain},
    );
    project.data('scores', {...all(), [BAD]: 'down'});
    const first = await project.materialize();
    expect(tally(first)).toEqual({succeeded: 9 + 9 + 4, failed: 1, skipped: 1 + 6});
    project.data('scores', all());
    const second = await project.materialize();
    expect(ended(second)).toEqual([
      ...DATES.slice(4).map(date => `mart.chain@${date} succeeded`),
      `mart.doubled@${BAD} succeeded`,
      `raw.scores@${BAD} succeeded`,
    ]);
    expect(await pointsOn('2024-01-10', 'mart.chain')).toEqual([55]);
    expect((await project.materialize()).counts.requested).toBe(0);
  });

  test('keeps its progress through a run over another range', async () => {
    project = open({'raw.scores': SCORES, 'mart.doubled': DOUBLED});
    project.data('scores', {...all(), [BAD]: 'down'});
    await project.materialize({range: {from: '2024-01-01', to: '2024-01-06'}});
    const other = await project.materialize({range: {from: '2024-01-06', to: '2024-01-08'}});
    expect(ended(other)).toEqual([
      'mart.doubled@2024-01-07 succeeded',
      'mart.doubled@2024-01-08 succeeded',
      'raw.scores@2024-01-07 succeeded',
      'raw.scores@2024-01-08 succeeded',
    ]);
    project.data('scores', all());
    expect(ended(await project.materialize({range: {from: '2024-01-01', to: '2024-01-06'}}))).toEqual([
      `mart.doubled@${BAD} succeeded`,
      `raw.scores@${BAD} succeeded`,
    ]);
  });

  test('a first date that changes is carried along the chain, and ends where it makes no difference', async () => {
    project = open(
      {'raw.scores': SCORES, 'mart.chain': {...previous, empty: 'allowed'}},
      {
        'assets/chain.sql': `SELECT s.game_date, s.player, greatest(s.points, b.points) AS points
        FROM scores AS s LEFT JOIN before AS b ON b.player = s.player`,
      },
    );
    await project.materialize();
    await remake({'2024-01-01': scores('2024-01-01', 3)});
    expect(ended(await project.materialize())).toEqual([
      'mart.chain@2024-01-01 succeeded',
      'mart.chain@2024-01-02 succeeded',
      'mart.chain@2024-01-03 unchanged',
      ...DATES.slice(3).map(date => `mart.chain@${date} not-needed`),
    ]);
  });
});

describe('the version of rows', () => {
  test('knows the names of their columns', async () => {
    const named = (name: string) => ({
      'raw.scores': SCORES,
      'mart.named': {
        sql: 'assets/named.sql',
        upstream: {scores: 'raw.scores'},
        columns: {game_date: 'date', [name]: 'int64'},
        key: ['game_date'],
      },
    });
    const query = (name: string) => `SELECT game_date, points AS ${name} FROM scores`;
    project = open(named('before'), {'assets/named.sql': query('before')});
    await project.materialize();
    const calendars = listed({'2023-24': DATES});
    project.write('pipeline.yaml', manifest({calendars, assets: named('after')}));
    project.write('assets/named.sql', query('after'));
    expect(tally(await project.materialize())).toEqual({succeeded: 10});
    expect(await project.query('SELECT after FROM mart.named ORDER BY game_date')).toEqual(
      DATES.map((_, i) => [i + 1]),
    );
  });

  test('counts a row of zeros', async () => {
    const counts = {
      rows: 'assets/scores.ts',
      partition_by: 'all',
      columns: {id: 'int64', n: 'int64'},
      key: ['id'],
    };
    project = open({'raw.counts': counts});
    project.data('scores', {all: [{id: 1, n: 1}]});
    await project.materialize();
    project.data('scores', {
      all: [
        {id: 0, n: 0},
        {id: 1, n: 1},
      ],
    });
    expect(ended(await project.materialize({force: true}))).toEqual(['raw.counts@all succeeded']);
    expect(await project.query('SELECT id FROM raw.counts ORDER BY id')).toEqual([[0], [1]]);
  });
});

test('code that gives rows of another key fails alone, whatever else is in its batch', async () => {
  project = open({'raw.scores': SCORES});
  const stray = [...scores(BAD, 5), {game_date: DATES[0] ?? '', player: 'stray', points: 9}];
  project.data('scores', {...all(), [BAD]: stray});
  const done = await project.materialize();
  expect(tally(done)).toEqual({succeeded: 9, failed: 1});
  expect(done.errors.get(`raw.scores@${BAD}`)).toMatch(/asked for '2024-01-05'.*1 of '2024-01-01'/);
  expect(await pointsOn(DATES[0] ?? '')).toEqual([1]);
});
