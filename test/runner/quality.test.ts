/** Quality in real runs: a query is shown the score, a gate is kept and overridden, what fell is recorded. */
import {afterEach, expect, test} from 'vitest';
import {at, lines, listed, manifest, Project, rowsFrom} from '../kit/project.ts';

const NOW = at('2024-03-01T12:00:00Z');
const DATES = ['2024-01-01', '2024-01-02'];
const [FIRST = '', SECOND = ''] = DATES;
const columns = {game_date: 'date', player: 'string', points: 'int64'};
const key = ['game_date', 'player'];
const ODD = {range: {column: 'points', max: 10}, severity: 'warn', penalty: 40};
const SCORES = {rows: 'assets/scores.ts', columns, key, checks: [ODD]};
const SUM = {sql: 'assets/sum.sql', upstream: {scores: 'raw.scores'}, columns, key, batch: 10};
const GATED = {...SUM, upstream: {sum: 'mart.sum'}, sql: 'assets/gated.sql', gate: {quality: 70}};
const SHOWN = {
  sql: 'assets/shown.sql',
  upstream: {sum: 'mart.sum'},
  columns: {...columns, trusted: 'int64'},
  key,
  batch: 10,
};

let project: Project;
afterEach(() => project.remove());

function open(): void {
  project = new Project(
    {
      'pipeline.yaml': manifest({
        calendars: listed({'2023-24': DATES}),
        assets: {'raw.scores': SCORES, 'mart.sum': SUM, 'mart.gated': GATED, 'mart.shown': SHOWN},
      }),
      'assets/scores.ts': rowsFrom('scores'),
      'assets/sum.sql': 'SELECT game_date, player, least(points, 10) AS points FROM scores',
      'assets/gated.sql': 'SELECT * FROM sum',
      'assets/shown.sql': 'SELECT sum.*, quality_score AS trusted FROM sum JOIN partitions USING (game_date)',
    },
    NOW,
  );
  give(99);
}
const give = (points: number): void =>
  project.data(
    'scores',
    Object.fromEntries(
      DATES.map((date, i) => [date, [{game_date: date, player: 'p', points: i === 0 ? points : 1}]]),
    ),
  );
const shown = () => project.query('SELECT game_date::VARCHAR, trusted FROM mart.shown ORDER BY ALL');
const events = async () => {
  const target = await project.open();
  try {
    return target.ledger
      .events({})
      .map(each => `${each.kind} ${each.asset}@${each.key}`)
      .reverse();
  } finally {
    await target.close();
  }
};

test('a warning lowers what reads it, is shown to queries, and heals without making again what is the same', async () => {
  open();
  const done = await project.materialize();
  expect(await shown()).toEqual([
    [FIRST, 60],
    [SECOND, 100],
  ]);
  expect(done.outcomes.get(`mart.gated@${FIRST}`)).toBe('skipped');
  expect(done.outcomes.get(`mart.gated@${SECOND}`)).toBe('succeeded');
  expect(await events()).toEqual([
    `check-failed raw.scores@${FIRST}`,
    `insufficient-sample mart.gated@${FIRST}`,
  ]);
  give(10);
  await project.materialize({select: 'raw.scores', force: true});
  const healed = await project.materialize();
  expect(Object.fromEntries(healed.outcomes)).toMatchObject({
    [`mart.sum@${FIRST}`]: 'unchanged',
    [`mart.shown@${FIRST}`]: 'succeeded',
    [`mart.gated@${FIRST}`]: 'succeeded',
  });
  expect(await shown()).toEqual([
    [FIRST, 100],
    [SECOND, 100],
  ]);
  expect((await project.materialize()).counts.requested).toBe(0);
});

test('a gate that is overridden is recorded, and a score that falls too', async () => {
  open();
  give(10);
  await project.materialize();
  give(99);
  await project.materialize({select: 'raw.scores', force: true});
  expect((await events()).filter(each => each.startsWith('quality-fell'))).toEqual([
    `quality-fell raw.scores@${FIRST}`,
  ]);
  await project.materialize();
  expect(lines(await project.plan())).toEqual([]);
  await project.materialize({select: 'mart.gated', force: true});
  expect((await events()).filter(each => each.startsWith('manual'))).toEqual([]);
  await project.materialize({select: 'mart.gated', force: true, ignoreGate: true});
  expect((await events()).filter(each => each.startsWith('manual'))).toEqual([
    `manual-override mart.gated@${FIRST}`,
  ]);
});
