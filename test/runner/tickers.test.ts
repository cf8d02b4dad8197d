/**
 * Windows by games where nothing is played: an exchange's list of who trades in which session is the calendar, a
 * ticker is the team of a game of its own, and one that is halted keeps its old sessions in its window.
 */
import {afterEach, beforeEach, expect, test} from 'vitest';
import {at, manifest, Project, rowsFrom, tally} from '../kit/project.ts';

/** Two weeks; Monday 19 February 2024 is a holiday. */
const SESSIONS = [
  '2024-02-12',
  '2024-02-13',
  '2024-02-14',
  '2024-02-15',
  '2024-02-16',
  '2024-02-20',
  '2024-02-21',
  '2024-02-22',
  '2024-02-23',
];
const LATE = '2024-02-14';
/** BOLT is halted for three sessions after it. */
const HALTED = ['2024-02-15', '2024-02-16', '2024-02-20'];
const TICKERS = ['ACME', 'BOLT'];
const NOW = at('2024-03-01T12:00:00Z');

/** The list of the exchange: a line a ticker and session, as its CSV has it. */
const LIST = ['id,session,ticker,status', ...SESSIONS.flatMap(listed)].join('\n');

function listed(session: string): readonly string[] {
  return TICKERS.map(ticker => {
    const isHalted = ticker === 'BOLT' && HALTED.includes(session);
    return `${ticker}-${session},${session},${ticker},${isHalted ? 'cancelled' : 'final'}`;
  });
}

const FILES = {
  'pipeline.yaml': manifest({
    name: 'exchange',
    calendars: {
      trading: {
        asset: 'raw.trading',
        date: 'session',
        season: 'year',
        game: 'id',
        teams: ['ticker'],
        status: 'status',
        timezone: 'America/New_York',
        seasons: {from: '2023-24', rolls_over: '10-01'},
      },
    },
    defaults: {partition_by: {calendar: 'trading', by: 'game_date', column: 'session'}},
    assets: {
      'raw.trading': {
        rows: 'assets/trading.ts',
        partition_by: {calendar: 'trading', by: 'season', column: 'year'},
        columns: {year: 'string', session: 'date', id: 'string', ticker: 'string', status: 'string'},
        key: ['id'],
      },
      'raw.closes': {
        rows: 'assets/closes.ts',
        columns: {session: 'date', id: 'string', ticker: 'string', close: 'float64'},
        key: ['id'],
        retries: 0,
        covers: {column: 'id'},
      },
      'mart.mean': {
        sql: 'assets/mean.sql',
        batch: 'season',
        empty: 'allowed',
        upstream: {closes: {asset: 'raw.closes', window: '2 games per team', required: false}},
        columns: {session: 'date', ticker: 'string', sessions: 'int64', mean: 'float64'},
        key: ['session', 'ticker'],
      },
    },
  }),
  'trading.csv': LIST,
  'assets/trading.ts': `import {readFileSync} from 'node:fs';
import type {Rows} from 'gameplan';

export const rows: Rows = async ({partition}) => {
  const [, ...lines] = readFileSync(new URL('../trading.csv', import.meta.url), 'utf8').trim().split('\\n');
  return lines.map(line => {
    const [id = '', session = '', ticker = '', status = ''] = line.split(',');
    return {year: partition.key, session, id, ticker, status};
  });
};
`,
  'assets/closes.ts': rowsFrom('closes'),
  'assets/mean.sql': `SELECT closes_window.key AS session, closes.ticker, count(*) AS sessions, avg(closes.close) AS mean
FROM closes_window
JOIN closes
  ON closes.session = closes_window.upstream_key AND closes.id = closes_window.game_id AND closes.ticker = closes_window.team
GROUP BY closes_window.key, closes.ticker
`,
};

let project: Project;
beforeEach(() => {
  project = new Project(FILES, NOW);
});
afterEach(() => project.remove());

/** What is known of the closing prices: 1 on the first session, 2 on the second, … */
function know(sessions: readonly string[]): void {
  const rows = sessions.map(session => [
    session,
    TICKERS.filter(ticker => ticker !== 'BOLT' || !HALTED.includes(session)).map(ticker => ({
      session,
      id: `${ticker}-${session}`,
      ticker,
      close: SESSIONS.indexOf(session) + 1,
    })),
  ]);
  project.data('closes', Object.fromEntries(rows));
}

test("a halted ticker's window reaches back over the sessions that it missed", async () => {
  know(SESSIONS);
  expect(tally(await project.materialize())).toEqual({succeeded: 19});
  expect(
    await project.query(
      "SELECT CAST(session AS VARCHAR), sessions, mean FROM mart.mean WHERE ticker = 'BOLT' AND session >= '2024-02-16' ORDER BY session",
    ),
  ).toEqual([
    ['2024-02-16', 2, 2.5],
    ['2024-02-20', 2, 2.5],
    // Its last two sessions are still 13 and 14 February, the second and the third of the list.
    ['2024-02-21', 2, 2.5],
    ['2024-02-22', 2, 5],
    ['2024-02-23', 2, 7.5],
  ]);
});

test('a session that comes late makes stale all whose tickers read it, a halted one longest', async () => {
  know(SESSIONS.filter(session => session !== LATE));
  const first = await project.materialize();
  expect([...first.errors.keys()]).toEqual([`raw.closes@${LATE}`]);
  know(SESSIONS);
  await project.materialize({select: 'raw.closes'});
  const stale = (await project.plan()).partitions.filter(({state}) => state === 'stale');
  expect(stale.map(({asset, key}) => `${asset}@${key}`)).toEqual(
    // ACME reads it for two sessions, BOLT until it has traded twice again.
    ['2024-02-15', '2024-02-16', '2024-02-20', '2024-02-21', '2024-02-22'].map(key => `mart.mean@${key}`),
  );
  expect(tally(await project.materialize())).toEqual({succeeded: 5});
});
