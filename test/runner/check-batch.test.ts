/** A check that does not hold on three dates of a batch of 853 holds back three partitions, in one statement and one audit. */
import {afterEach, beforeEach, expect, test} from 'vitest';
import {shiftDate} from '../../planner/duration.ts';
import type {Violation, Warehouse} from '../../runner/warehouse.ts';
import type {Workshop} from '../../runner/workshop.ts';
import {at, listed, manifest, Project, tally} from '../kit/project.ts';

const DATES = Array.from({length: 853}, (_, i) => shiftDate('2021-10-19', i));
const BAD = ['2021-10-19', '2022-08-03', '2024-02-18'];
const columns = {game_date: 'date', player: 'int64', team: 'string', points: 'int64'};
const query = (bad: readonly string[], wrong: string) =>
  `SELECT game_date, player, 't' || player % 2 AS team,
     CASE WHEN game_date IN (${bad.map(date => `DATE '${date}'`).join(', ')}) AND player > 17 THEN ${wrong} ELSE player END AS points
   FROM partitions, unnest(range(1, 21)) AS players(player)`;

let project: Project;
beforeEach(() => {
  project = new Project({}, at('2024-06-01T12:00:00Z'));
});
afterEach(() => project.remove());

function declare(checks: readonly object[], sql: string): void {
  const asset = {sql: 'assets/scores.sql', batch: 1000, columns, key: ['game_date', 'player'], checks};
  const reader = {...asset, sql: 'assets/copy.sql', checks: [], upstream: {scores: 'raw.scores'}};
  const assets = {'raw.scores': asset, 'mart.copy': reader};
  project.write('pipeline.yaml', manifest({calendars: listed({'2021-22': DATES}), assets}));
  project.write('assets/scores.sql', sql);
  project.write('assets/copy.sql', 'SELECT * FROM scores');
}

/** Counts what a run asks of its warehouse, and keeps what the audits said. */
function watched(calls: Record<string, number>, said: Violation[]): (workshop: Workshop) => Workshop {
  const watch = (warehouse: Warehouse): Warehouse =>
    new Proxy(warehouse, {
      get: (target, name: keyof Warehouse) => {
        const found: unknown = target[name];
        if (typeof found !== 'function') return found;
        // Not asked of the engine, and answered at once.
        if (name === 'spent') return found.bind(target);
        return async (...args: readonly unknown[]): Promise<unknown> => {
          calls[name] = (calls[name] ?? 0) + 1;
          const result: unknown = await found.apply(target, args);
          if (name === 'audit')
            said.push(
              ...(result as Awaited<ReturnType<Warehouse['audit']>>).partitions.flatMap(
                each => each.violations,
              ),
            );
          return result;
        };
      },
    });
  return workshop => ({...workshop, warehouse: async () => watch(await workshop.warehouse())});
}

const KINDS: readonly (readonly [check: object, wrong: string, said: string])[] = [
  [{range: {column: 'points', max: 100}}, '1000 + player', '3 rows have points above 100'],
  [{unique: ['points']}, '1', '4 rows share one value (points)'],
  [
    {zero_share: {column: 'points', at_most: '10%'}},
    '0',
    '3 of 20 values of points are 0 (15 %), where at most 10 % may be',
  ],
  [{sql: 'assets/odd.sql'}, '1000', '3 rows are wrong by assets/odd.sql'],
];

test.each(KINDS)(
  'three of 853 dates are held back by %j, and 850 are published at once',
  async (check, wrong, message) => {
    project.write('assets/odd.sql', 'SELECT game_date, player FROM new_rows WHERE points > 999');
    declare([check], query(BAD, wrong));
    const calls: Record<string, number> = {};
    const said: Violation[] = [];
    const done = await project.materialize({through: watched(calls, said)});
    expect(tally(done)).toEqual({succeeded: 1700, quarantined: 3, skipped: 3});
    expect(calls).toMatchObject({stageQuery: 2, audit: 2, publish: 2});
    expect(said.map(violation => violation.message)).toEqual([message, message, message]);
    expect(said.every(({examples, count}) => examples.length > 0 && count > 0)).toBe(true);
    expect(BAD.map(key => done.outcomes.get(`raw.scores@${key}`))).toEqual(Array(3).fill('quarantined'));
    expect(BAD.map(key => done.outcomes.get(`mart.copy@${key}`))).toEqual(Array(3).fill('skipped'));
    expect(await project.query('SELECT count(DISTINCT game_date), count(*) FROM raw.scores')).toEqual([
      [850, 17_000],
    ]);
  },
);

test('the last good version of the three stays, and what is made again publishes them', async () => {
  const checks = [{range: {column: 'points', max: 100}}];
  declare(checks, query(['1999-01-01'], '0'));
  expect(tally(await project.materialize())).toEqual({succeeded: 1706});
  declare(checks, query(BAD, '1000'));
  expect(tally(await project.materialize())).toEqual({unchanged: 850, quarantined: 3, 'not-needed': 853});
  expect(await project.query('SELECT count(*), max(points) FROM raw.scores')).toEqual([[17_060, 20]]);
  declare(checks, query(BAD, '99'));
  expect(tally(await project.materialize({select: 'raw.scores'}))).toMatchObject({succeeded: 3});
});

test.each([
  [
    'a query',
    query(['1999-01-01'], 'no_such_column'),
    'SELECT * FROM new_rows',
    /assets\/scores.sql:2:\d+: Referenced column "no_such_column"/,
  ],
  [
    'a check',
    query(['1999-01-01'], '0'),
    'SELECT game_date FROM new_rows WHERE pts > 1',
    /assets\/odd.sql:1:38: Referenced column "pts"/,
  ],
])(
  '%s that fails whatever the rows are is asked once, and not for each half of the batch',
  async (_, sql, odd, said) => {
    project.write('assets/odd.sql', odd);
    declare([{sql: 'assets/odd.sql'}], sql);
    const calls: Record<string, number> = {};
    const done = await project.materialize({through: watched(calls, [])});
    expect(tally(done)).toEqual({failed: 853, skipped: 853});
    expect(calls['stageQuery']).toBe(1);
    expect(new Set(done.errors.values()).size).toBe(1);
    expect([...done.errors.values()][0]).toMatch(said);
  },
);
