/** Rows on real DuckDB while calendars and declarations change around what is published. */
import {afterEach, describe, expect, test} from 'vitest';
import {
  at,
  ended,
  lines,
  listed,
  manifest,
  Project,
  rowsFrom,
  SCHEDULE,
  scheduledCalendar,
  tally,
} from '../kit/project.ts';

const [DAY1, DAY2, DAY3] = ['2024-01-01', '2024-01-02', '2024-01-03'] as const;
const DATES = [DAY1, DAY2, DAY3];
const NOW = at('2024-03-01T12:00:00Z');
const columns = {game_date: 'date', points: 'int64'};
const GIVEN = {rows: 'assets/given.ts', columns, key: ['game_date']};
const SUM = {
  sql: 'assets/sum.sql',
  upstream: {given: {asset: 'raw.given', window: 'season to date', through: 'today', at_least: '30%'}},
  columns,
  key: ['game_date'],
  empty: 'allowed',
};
const SEASON = {
  sql: 'assets/season.sql',
  partition_by: 'season',
  upstream: {given: 'raw.given'},
  columns: {season: 'string', points: 'int64'},
  key: ['season'],
};
type Declared = Readonly<Record<string, unknown>>;
const text = (about: Declared, more: Declared = {}) =>
  manifest({
    calendars: listed({'2023-24': DATES}),
    ...more,
    assets: {'raw.given': GIVEN, 'mart.sum': SUM, 'mart.season': SEASON, ...about},
  });
const FILES = {
  'package.json': '{"type": "module", "dependencies": {"zod": "*"}}',
  'pipeline.yaml': text({}),
  'assets/given.ts': `import type {Rows} from 'gameplan';
import {pointsOf} from './points.ts';
export const rows: Rows = async ({partition: {key}}) => [{game_date: key, points: pointsOf(key)}];\n`,
  'assets/points.ts': `export const pointsOf = (key: string): number => Number(key.slice(-1));\n`,
  'assets/sum.sql': `SELECT w.key AS game_date, sum(g.points)::BIGINT AS points
FROM given_window AS w JOIN given AS g ON g.game_date = w.upstream_key GROUP BY w.key`,
  'assets/season.sql': `SELECT p.season, sum(g.points)::BIGINT AS points FROM partitions AS p, given AS g GROUP BY p.season`,
};

let project: Project;
afterEach(() => project.remove());

const rows = (table: string) => project.query(`SELECT * FROM ${table} ORDER BY ALL`);
const points = async (table: string) =>
  (await project.query(`SELECT points FROM ${table} ORDER BY ALL`)).flat();
const nothingLeft = async () => (await project.materialize()).counts.requested === 0;

async function begin(files: Readonly<Record<string, string>> = FILES): Promise<void> {
  project = new Project(files, NOW);
  await project.materialize();
}

describe('declarations', () => {
  test('a later start takes rows out of windows, and an earlier one brings them back as they were', async () => {
    await begin();
    expect([await points('mart.sum'), await points('mart.season')]).toEqual([[1, 3, 6], [6]]);
    project.write('pipeline.yaml', text({'raw.given': {...GIVEN, start: DAY2}}));
    await project.materialize();
    expect(await rows('raw.given')).toHaveLength(3);
    expect([await points('mart.sum'), await points('mart.season')]).toEqual([[2, 5], [5]]);
    project.write('pipeline.yaml', text({}));
    const back = await project.materialize();
    expect([...back.outcomes.keys()].filter(ref => ref.startsWith('raw.given'))).toEqual([]);
    expect([await points('mart.sum'), await points('mart.season')]).toEqual([[1, 3, 6], [6]]);
    expect(await nothingLeft()).toBe(true);
  });

  test('a later start of the pipeline makes orphans that nobody reads, and moving it back finds them', async () => {
    await begin();
    project.write('pipeline.yaml', text({}, {start: DAY2}));
    await project.materialize();
    expect(await points('mart.season')).toEqual([5]);
    expect(
      (await project.query(`SELECT points FROM mart.sum WHERE game_date > '${DAY1}' ORDER BY ALL`)).flat(),
    ).toEqual([2, 5]);
    project.write('pipeline.yaml', text({}));
    await project.materialize();
    expect([await points('mart.sum'), await points('mart.season')]).toEqual([[1, 3, 6], [6]]);
  });

  test('skip_first makes days exempt and missing again', async () => {
    await begin({...FILES, 'pipeline.yaml': text({'raw.given': {...GIVEN, skip_first: '1 day'}})});
    expect([await points('raw.given'), await points('mart.season')]).toEqual([[2, 3], [5]]);
    project.write('pipeline.yaml', text({}));
    await project.materialize();
    expect([await points('raw.given'), await points('mart.season')]).toEqual([[1, 2, 3], [6]]);
    project.write('pipeline.yaml', text({'raw.given': {...GIVEN, skip_first: '2 days'}}));
    const done = await project.materialize();
    expect([...done.outcomes.keys()].filter(ref => ref.startsWith('raw.given'))).toEqual([]);
    expect([await points('raw.given'), await points('mart.season')]).toEqual([[1, 2, 3], [3]]);
  });

  test('a narrower window makes its asset again with the rows that it still reads', async () => {
    await begin();
    const narrow = {...SUM, upstream: {given: {asset: 'raw.given', window: '1 date', through: 'today'}}};
    project.write('pipeline.yaml', text({'mart.sum': narrow}));
    expect(tally(await project.materialize())).toEqual({succeeded: 2, unchanged: 1});
    expect(await points('mart.sum')).toEqual([1, 2, 3]);
  });

  test('an edge more makes its asset again, with the rows that it gives', async () => {
    await begin();
    const more = {...SUM, upstream: {...SUM.upstream, season: 'mart.season'}};
    project.write('pipeline.yaml', text({'mart.sum': more}));
    project.write(
      'assets/sum.sql',
      FILES['assets/sum.sql'].replace(
        'sum(g.points)',
        '(sum(g.points) + (SELECT any_value(points) FROM season))',
      ),
    );
    await project.materialize();
    expect(await points('mart.sum')).toEqual([7, 9, 12]);
  });

  test('code: a file that a module imports, and the locked version of a package, make it stale; a comment does not', async () => {
    const lock = (version: string) => JSON.stringify({packages: {'node_modules/zod': {version}}});
    const withPackage = {
      ...FILES,
      'package-lock.json': lock('4.0.0'),
      'assets/points.ts': `import 'zod';\n${FILES['assets/points.ts']}`,
    };
    project = new Project({...FILES, ...withPackage}, NOW);
    const target = await project.open();
    await target.close();
    const hash = async () => {
      const opened = await project.open();
      await opened.close();
      return [...opened.sources.modules.values()].map(module => module.hash);
    };
    const first = await hash();
    project.write('assets/points.ts', `// how many\n${withPackage['assets/points.ts']}`);
    expect(await hash()).toEqual(first);
    project.write('package-lock.json', lock('4.0.1'));
    expect(await hash()).not.toEqual(first);
    project.write('package-lock.json', lock('4.0.0'));
    expect(await hash()).toEqual(first);
    project.write('assets/points.ts', withPackage['assets/points.ts'].replace('Number', '-Number'));
    expect(await hash()).not.toEqual(first);
  });

  test('changed code is planned for what it made, and named', async () => {
    await begin();
    project.write('assets/points.ts', FILES['assets/points.ts'].replace('Number', '-Number'));
    expect(lines(await project.plan({select: 'raw.given'}))).toEqual(
      DATES.map(day => `raw.given@${day} stale run: definition-changed`),
    );
  });
});

describe('a schedule', () => {
  const HOURLY = {...SCHEDULE, refresh: {every: '1h'}};
  const files = {
    ...FILES,
    'pipeline.yaml': text({'raw.schedule': HOURLY}, {calendars: scheduledCalendar()}),
    'assets/schedule.ts': rowsFrom('schedule'),
  };
  const schedule = (status: (day: string) => string | undefined): void =>
    project.data('schedule', {
      '2023-24': DATES.flatMap(day => {
        const said = status(day);
        const game = {season: '2023-24', game_id: `g${day}`, game_date: day, home: 'BOS', away: 'LAL'};
        return said === undefined ? [] : [{...game, status: said}];
      }),
    });

  /** A day's run in the morning after it; every game until `last` is final. */
  async function morningAfter(last: string): Promise<readonly string[]> {
    project.now = at(`${last}T00:00:00Z`) + 36 * 3_600_000;
    schedule(day => (day <= last ? 'final' : 'scheduled'));
    return ended(await project.materialize()).filter(line => !line.startsWith('raw.schedule'));
  }

  test('that grows day by day leaves the rows of one that was there at once, and makes no date twice', async () => {
    project = new Project(files, NOW);
    for (const [index, day] of DATES.entries()) {
      expect(await morningAfter(day)).toEqual([
        'mart.season@2023-24 succeeded',
        `mart.sum@${day} succeeded`,
        `raw.given@${day} succeeded`,
      ]);
      expect(await points('mart.sum')).toEqual([1, 3, 6].slice(0, index + 1));
    }
    const grown = [await rows('raw.given'), await rows('mart.sum'), await rows('mart.season')];
    project.remove();
    project = new Project(files, NOW);
    schedule(() => 'final');
    await project.materialize();
    expect([await rows('raw.given'), await rows('mart.sum'), await rows('mart.season')]).toEqual(grown);
  });

  test('whose game never becomes final has it made after 36 hours, with a note, and once', async () => {
    project = new Project(files, at('2024-01-02T03:00:00Z'));
    schedule(day => (day === DAY1 ? 'scheduled' : undefined));
    await project.materialize();
    expect((await project.plan({select: 'raw.given'})).states['not-due']).toBe(1);
    project.now = at('2024-01-03T05:00:00Z');
    await project.materialize({select: 'raw.schedule'});
    const plan = await project.plan({select: 'raw.given'});
    expect(plan.partitions[0]).toMatchObject({state: 'missing', notes: [{kind: 'schedule-not-final'}]});
    await project.materialize();
    expect(await points('mart.season')).toEqual([1]);
    schedule(day => (day === DAY1 ? 'final' : undefined));
    project.now = at('2024-01-03T09:00:00Z');
    const later = await project.materialize();
    expect(ended(later)).toEqual(['raw.schedule@2023-24 succeeded']);
  });

  test('that is cut short is held back, and what hangs on it stays as it was', async () => {
    project = new Project(files, NOW);
    schedule(() => 'final');
    await project.materialize();
    schedule(day => (day === DAY2 ? undefined : 'final'));
    const short = await project.materialize({force: true, select: 'raw.schedule'});
    expect(ended(short)).toEqual(['raw.schedule@2023-24 quarantined']);
    expect(short.errors.get('raw.schedule@2023-24')).toContain('would lose 1 known game');
    expect((await project.plan({select: 'raw.given'})).states).toMatchObject({fresh: 3, orphan: 0});
    await project.materialize({force: true, select: 'raw.schedule', acceptCalendar: true});
    await project.materialize();
    expect([await points('mart.season'), await points('raw.given')]).toEqual([[4], [1, 2, 3]]);
  });

  test('that postpones a game takes it out, and takes it in again on the day that it gets', async () => {
    project = new Project(files, NOW);
    schedule(() => 'final');
    await project.materialize();
    schedule(day => (day === DAY2 ? 'postponed' : 'final'));
    await project.materialize({force: true, select: 'raw.schedule'});
    await project.materialize();
    expect(await points('mart.season')).toEqual([4]);
    const moved = {
      season: '2023-24',
      game_id: `g${DAY2}`,
      game_date: '2024-01-05',
      home: 'BOS',
      away: 'LAL',
      status: 'final',
    };
    const kept = [DAY1, DAY3].map(day => ({...moved, game_id: `g${day}`, game_date: day}));
    project.data('schedule', {'2023-24': [...kept, moved]});
    await project.materialize({force: true, select: 'raw.schedule'});
    await project.materialize();
    expect(await points('mart.season')).toEqual([9]);
  });

  test("whose 'where' leaves dates out makes orphans of them without fetching it again", async () => {
    project = new Project(files, NOW);
    schedule(() => 'final');
    await project.materialize();
    const where = scheduledCalendar({where: `game_date <> DATE '${DAY2}'`});
    project.write('pipeline.yaml', text({'raw.schedule': HOURLY}, {calendars: where}));
    const done = await project.materialize();
    expect([...done.outcomes.keys()].filter(ref => ref.startsWith('raw.'))).toEqual([]);
    expect(await points('mart.season')).toEqual([4]);
    project.write('pipeline.yaml', files['pipeline.yaml']);
    await project.materialize();
    expect(await points('mart.season')).toEqual([6]);
  });
});
