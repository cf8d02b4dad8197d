/**
 * A pipeline without games and teams: closing prices by the sessions of an exchange, in fiscal years that begin in
 * October. Weekends and holidays are no keys; windows count days, sessions and the year so far. One file comes late.
 */
import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {at, type Done, manifest, Project, tally} from '../kit/project.ts';

/** On which the New York Stock Exchange was closed, weekends aside. */
const HOLIDAYS = new Set([
  '2023-11-23',
  '2023-12-25',
  '2024-01-01',
  '2024-01-15',
  '2024-02-19',
  '2024-03-29',
  '2024-05-27',
  '2024-06-19',
  '2024-07-04',
  '2024-09-02',
  '2024-11-28',
  '2024-12-25',
]);
const TICKERS = ['ACME', 'BOLT', 'CORK', 'DUNE'];
const DAY_MS = 86_400_000;
const LATE = '2024-09-18';
/** After the last session of the list is over. */
const NOW = at('2025-01-02T15:00:00Z');

const SESSIONS = sessionsBetween('2023-10-02', '2024-12-31');
const FIRST_YEAR = SESSIONS.filter(date => date < '2024-10-01');

function sessionsBetween(from: string, to: string): readonly string[] {
  const days = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
  return Array.from({length: days}, (_, day) => dayAfter(from, day)).filter(date => {
    const weekday = new Date(date).getUTCDay();
    return weekday !== 0 && weekday !== 6 && !HOLIDAYS.has(date);
  });
}

function dayAfter(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

const closes = (about: object) => ({closes: {asset: 'raw.closes', at_least: '80%', ...about}});
const BY_SESSION = {key: ['session', 'ticker'], batch: 'season', empty: 'allowed'};

const ASSETS = {
  'landing.closes': {external: {objects: 'closes/{game_date}/'}},
  'raw.closes': {
    rows: 'assets/closes.ts',
    upstream: {files: 'landing.closes'},
    columns: {session: 'date', season: 'string', ticker: 'string', close: 'float64'},
    key: ['session', 'ticker'],
    checks: [{rows: {min: TICKERS.length, max: TICKERS.length}}],
  },
  'mart.mean_20_days': {
    ...BY_SESSION,
    sql: 'assets/mean.sql',
    upstream: closes({window: '20 days', crosses_seasons: true}),
    columns: {session: 'date', ticker: 'string', sessions: 'int64', mean: 'float64'},
  },
  'mart.mean_20_sessions': {
    ...BY_SESSION,
    sql: 'assets/mean.sql',
    upstream: closes({window: '20 dates'}),
    columns: {session: 'date', ticker: 'string', sessions: 'int64', mean: 'float64'},
  },
  'mart.year_to_date': {
    ...BY_SESSION,
    sql: 'assets/mean.sql',
    upstream: closes({window: 'season to date'}),
    columns: {session: 'date', ticker: 'string', sessions: 'int64', mean: 'float64'},
  },
  'mart.peak': {
    key: ['session', 'ticker'],
    sql: 'assets/peak.sql',
    start: '2024-07-01',
    end: '2024-10-31',
    upstream: {closes: 'raw.closes', before: {asset: 'mart.peak', window: 'previous'}},
    columns: {session: 'date', ticker: 'string', peak: 'float64'},
  },
  'mart.fiscal_year': {
    sql: 'assets/year.sql',
    partition_by: 'season',
    upstream: closes({}),
    columns: {season: 'string', ticker: 'string', sessions: 'int64', high: 'float64'},
    key: ['season', 'ticker'],
  },
  'mart.ever': {
    sql: 'assets/ever.sql',
    partition_by: 'all',
    upstream: closes({window: 'all'}),
    columns: {ticker: 'string', sessions: 'int64', high: 'float64'},
    key: ['ticker'],
  },
};

const FILES = {
  'pipeline.yaml': manifest({
    name: 'exchange',
    calendars: {
      sessions: {
        dates: 'sessions.csv',
        timezone: 'America/New_York',
        seasons: {from: '2023-24', rolls_over: '10-01'},
      },
    },
    defaults: {partition_by: {calendar: 'sessions', by: 'game_date', column: 'session'}},
    assets: ASSETS,
  }),
  'sessions.csv': `date,season\n${SESSIONS.map(date => `${date},${date < '2024-10-01' ? '2023-24' : '2024-25'}\n`).join('')}`,
  'assets/closes.ts': `import type {Row, Rows} from 'gameplan';

export const rows: Rows = async ({partition, inputs}) => {
  const rows: Row[] = [];
  for await (const file of inputs['files']?.objects() ?? [])
    for (const line of file.text().trim().split('\\n')) {
      const [ticker = '', close] = line.split(',');
      rows.push({session: partition.key, season: partition.season, ticker, close: Number(close)});
    }
  return rows;
};
`,
  'assets/mean.sql': `SELECT closes_window.key AS session, closes.ticker, count(*) AS sessions, avg(closes.close) AS mean
FROM closes_window
JOIN closes ON closes.session = closes_window.upstream_key
GROUP BY closes_window.key, closes.ticker
`,
  'assets/peak.sql': `SELECT closes.session, closes.ticker, greatest(closes.close, coalesce(before.peak, closes.close)) AS peak
FROM closes
LEFT JOIN before ON before.ticker = closes.ticker
`,
  'assets/year.sql':
    'SELECT season, ticker, count(*) AS sessions, max(close) AS high FROM closes GROUP BY season, ticker\n',
  'assets/ever.sql': 'SELECT ticker, count(*) AS sessions, max(close) AS high FROM closes GROUP BY ticker\n',
};

let project: Project;
let first: Done;
beforeAll(async () => {
  project = new Project(FILES, NOW);
  for (const date of SESSIONS) if (date !== LATE) put(date);
  first = await project.materialize();
}, 120_000);
afterAll(() => project.remove());

/** The file of a session, as the exchange sends it. */
function put(date: string): void {
  const file = join(project.root, `.gameplan/store/closes/${date}/closes.csv`);
  mkdirSync(dirname(file), {recursive: true});
  const day = Math.round(Date.parse(date) / DAY_MS);
  // Prices that go up and down and never repeat on neighbouring days.
  const priceOf = (index: number) => 100 + index * 50 + ((day * (7 + index * 4)) % 41);
  writeFileSync(file, TICKERS.map((ticker, index) => `${ticker},${priceOf(index)}\n`).join(''));
}

/** `asset@key` of those in a state, sorted. */
async function inState(state: string, now = NOW): Promise<readonly string[]> {
  const {partitions} = await project.plan({now});
  return partitions.flatMap(each => (each.state === state ? [`${each.asset}@${each.key}`] : [])).toSorted();
}

const of = (asset: string, keys: readonly string[]) => keys.map(key => `${asset}@${key}`);
/** The sessions after the late one that are meant. */
const later = (isMeant: (date: string) => boolean) => SESSIONS.filter(date => date > LATE && isMeant(date));
const inFirstYear = (date: string) => FIRST_YEAR.includes(date);
/** Those that go on from the session before, up to where the asset ends the year. */
const CHAIN = [LATE, ...later(inFirstYear)];

/** What a session's file is read into: worked out here from the windows' own words. */
const READERS: Readonly<Record<string, readonly string[]>> = {
  'mart.mean_20_days': later(date => date <= dayAfter(LATE, 20)),
  'mart.mean_20_sessions': later(inFirstYear).slice(0, 20),
  'mart.year_to_date': later(inFirstYear),
  'mart.fiscal_year': ['2023-24'],
  'mart.ever': ['all'],
};

test('only sessions are keys: no weekend and no holiday is missing', async () => {
  const keys = [...first.outcomes.keys()].filter(ref => ref.startsWith('landing.closes@'));
  expect(keys.toSorted()).toEqual(of('landing.closes', SESSIONS));
  expect(FIRST_YEAR).toHaveLength(251);
});

test('a session is due when its day is over where the exchange is', async () => {
  const last = SESSIONS.at(-1) ?? '';
  const fresh = new Project(FILES, at(`${last}T21:00:00Z`));
  try {
    const due = async (now: string) =>
      (await fresh.plan({now: at(now), select: 'landing.closes'})).partitions
        .filter(({key}) => key === last)
        .map(({state}) => state);
    expect(await due(`${last}T21:00:00Z`)).toEqual(['not-due']);
    expect(await due('2025-01-01T04:59:00Z')).toEqual(['not-due']);
    expect(await due('2025-01-01T05:00:00Z')).toEqual(['missing']);
  } finally {
    fresh.remove();
  }
});

test('one file that is not there leaves a gap and what hangs on it, and the rest is made', async () => {
  expect([...first.errors]).toEqual([
    [
      `landing.closes@${LATE}`,
      `There is nothing in 'closes/${LATE}/' of the store, where others put the objects of ${LATE}.`,
    ],
  ]);
  expect(await inState('missing')).toEqual(
    [...of('landing.closes', [LATE]), ...of('raw.closes', [LATE]), ...of('mart.peak', CHAIN)].toSorted(),
  );
  expect(await inState('stale')).toEqual([]);
});

test('the year that begins after it goes on by itself', () => {
  const begun = [...first.outcomes].filter(([ref]) => ref.startsWith('mart.peak@2024-10'));
  expect(begun).toHaveLength(23);
  expect(new Set(begun.map(([, outcome]) => outcome))).toEqual(new Set(['succeeded']));
});

test('the late file makes stale exactly what reads its session, and all of that is made anew', async () => {
  put(LATE);
  await project.materialize({select: 'raw.closes landing.closes'});
  expect(await inState('stale')).toEqual(
    Object.entries(READERS)
      .flatMap(([asset, keys]) => of(asset, keys))
      .toSorted(),
  );
  expect(await inState('missing')).toEqual(of('mart.peak', CHAIN).toSorted());
  const mended = await project.materialize();
  const expected = [
    ...Object.entries(READERS).flatMap(([asset, keys]) => of(asset, keys)),
    ...of('mart.peak', CHAIN),
  ];
  expect([...mended.outcomes.keys()].toSorted()).toEqual(expected.toSorted());
  expect(tally(mended)).toEqual({succeeded: expected.length});
  expect((await project.plan()).partitions.filter(({action}) => action !== undefined)).toEqual([]);
});

describe('the rows are those that plain SQL over all sessions gives', () => {
  const means = (from: string) =>
    `SELECT this.session, other.ticker, count(*) AS sessions, avg(other.close) AS mean
     FROM (SELECT session, season, dense_rank() OVER (PARTITION BY season ORDER BY session) AS nth FROM raw.closes GROUP BY session, season) this
     JOIN (SELECT *, dense_rank() OVER (PARTITION BY season ORDER BY session) AS nth FROM raw.closes) other ON ${from}
     GROUP BY ALL`;
  test.for<readonly [asset: string, columns: string, sql: string]>([
    [
      'mart.mean_20_days',
      'session, ticker, sessions, round(mean, 6)',
      means('other.session < this.session AND other.session >= this.session - 20'),
    ],
    [
      'mart.mean_20_sessions',
      'session, ticker, sessions, round(mean, 6)',
      means('other.season = this.season AND other.nth BETWEEN this.nth - 20 AND this.nth - 1'),
    ],
    [
      'mart.year_to_date',
      'session, ticker, sessions, round(mean, 6)',
      means('other.season = this.season AND other.session < this.session'),
    ],
    [
      'mart.peak',
      'session, ticker, peak',
      `SELECT session, ticker, max(close) OVER (PARTITION BY season, ticker ORDER BY session) AS peak
       FROM raw.closes WHERE session BETWEEN '2024-07-01' AND '2024-10-31'`,
    ],
    [
      'mart.fiscal_year',
      'season, ticker, sessions, high',
      'SELECT season, ticker, count(*) AS sessions, max(close) AS high FROM raw.closes GROUP BY ALL',
    ],
    [
      'mart.ever',
      'ticker, sessions, high',
      'SELECT ticker, count(*) AS sessions, max(close) AS high FROM raw.closes GROUP BY ALL',
    ],
  ])('%s', async ([asset, columns, sql]) => {
    const made = `SELECT ${columns} FROM ${asset}`;
    const wanted = `SELECT ${columns} FROM (${sql})`;
    const [[rows, differences] = []] = await project.query(
      `SELECT (SELECT count(*) FROM ${asset}),
         (SELECT count(*) FROM ((${made} EXCEPT ALL ${wanted}) UNION ALL (${wanted} EXCEPT ALL ${made})))`,
    );
    expect(rows).toBeGreaterThan(0);
    expect(differences).toBe(0);
  });
});
