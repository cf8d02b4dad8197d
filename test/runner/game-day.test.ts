/**
 * A game day on a fast clock, from the morning before to the morning after in steps of a quarter of an hour, each of
 * which runs what a pass of healing would. What the shipped pipeline does on one: test/nba/game-day.test.ts.
 */
import {afterAll, beforeAll, expect, test} from 'vitest';
import {chooseHealing} from '../../planner/healing.ts';
import {makePlan} from '../../planner/make-plan.ts';
import {type PlanRequest, WHOLE_REQUEST} from '../../planner/plan.ts';
import type {Event} from '../../runner/event.ts';
import {materialize} from '../../runner/execute.ts';
import {Answers, FETCHED, LANDED} from '../kit/answers.ts';
import {at, manifest, Project, SCHEDULE, scheduledCalendar} from '../kit/project.ts';

const BEFORE = '2024-01-13';
const DAY = '2024-01-15';
const QUARTER = 15 * 60_000;
/** Ten in the morning in New York, and when the first of two games begins. */
const TEN = at('2024-01-15T15:00:00Z');
const FIRST = at('2024-01-15T18:00:00Z');

/** What the sites show now. */
const shown = {points: {injuries: 1, lines: 1, results: 100}, isFinal: false};
const SCHEDULED = `import {type Rows, z} from 'gameplan';
const shape = z.array(z.record(z.string(), z.string()));
export const rows: Rows = async function* ({inputs}) {
  for await (const object of inputs['answers']?.objects() ?? []) yield* object.json(shape);
};
`;
const PUT = `import type {Files} from 'gameplan';
export const files: Files = async ({partition, site, put}) => {
  await put('answer.json', (await site.get(partition.key)).bytes);
  return undefined;
};
`;

function answerTo(path: string): string {
  const [, name = '', key = ''] = path.split('/');
  if (name === 'schedule') return JSON.stringify(games());
  const points = shown.points[name as keyof typeof shown.points]; // one of the sites below
  return JSON.stringify({games: [1, 2].map(n => ({id: `${key}-${n}`, points: key === DAY ? points : 0}))});
}

function games(): readonly object[] {
  const game = (date: string, n: number, starts: string, status: string) => ({
    season: '2023-24',
    game_id: `${date}-${n}`,
    game_date: date,
    home: n === 1 ? 'BOS' : 'NYK',
    away: n === 1 ? 'LAL' : 'MIA',
    status,
    starts,
  });
  const status = shown.isFinal ? 'final' : 'scheduled';
  return [
    ...[1, 2].map(n => game(BEFORE, n, '2024-01-14T00:00:00Z', 'final')),
    game(DAY, 1, '2024-01-15T18:00:00Z', status),
    game(DAY, 2, '2024-01-16T01:00:00Z', status),
  ];
}

const columns = {game_date: 'date', game_id: 'string', points: 'int64'};
const due = {days_before: 0, at: '10:00'};
const table = (about: object) => ({columns, key: ['game_id'], ...about});
const landing = (name: string, about: object) => ({
  files: 'assets/fetch.ts',
  path: `${name}/{game_date}/`,
  site: name,
  ...about,
});
const landed = (name: string, about: object) =>
  table({rows: 'assets/rows.ts', upstream: {answers: `landing.${name}`}, ...about});
const ASSETS = {
  'landing.schedule': {
    files: 'assets/put.ts',
    path: 'schedule/{season}/',
    site: 'schedule',
    partition_by: 'season',
    refresh: {every: '6h'},
  },
  'raw.schedule': {
    ...SCHEDULE,
    rows: 'assets/schedule.ts',
    upstream: {answers: 'landing.schedule'},
    columns: {...SCHEDULE.columns, starts: 'timestamp'},
  },
  'landing.injuries': landing('injuries', {due, refresh: {every: '15m', until: 'first start'}}),
  'landing.lines': landing('lines', {due, refresh: {every: '1h', until: 'first start'}}),
  'landing.results': landing('results', {}),
  'raw.injuries': landed('injuries', {due}),
  'raw.lines': landed('lines', {due}),
  'raw.results': landed('results', {}),
  'mart.context': table({
    sql: 'assets/context.sql',
    due,
    upstream: {injuries: 'raw.injuries', lines: {asset: 'raw.lines', required: false}},
  }),
  'mart.said': table({
    sql: 'assets/said.sql',
    due,
    protect: {from: 'first start'},
    upstream: {context: 'mart.context'},
  }),
  'mart.grades': table({sql: 'assets/grades.sql', upstream: {said: 'mart.said', results: 'raw.results'}}),
  'exports.said': {
    sql: 'assets/export.sql',
    export: {format: 'json', path: 'said/{game_date}.json'},
    due,
    protect: {from: 'first start'},
    upstream: {said: 'mart.said'},
  },
};
const JOINED = (one: string, sum: string, other: string) =>
  `SELECT ${one}.game_date, ${one}.game_id, ${sum} AS points FROM ${one} JOIN ${other} USING (game_date, game_id)`;

let project: Project;
let site: Answers;
let target: Awaited<ReturnType<Project['open']>>;

beforeAll(async () => {
  site = await Answers.open(({path}) => answerTo(path));
  const sites = ['schedule', 'injuries', 'lines', 'results'].map(name => [
    name,
    {url: `${site.url}/${name}`},
  ]);
  project = new Project(
    {
      'pipeline.yaml': manifest({
        start: BEFORE,
        calendars: scheduledCalendar({starts_at: 'starts'}),
        sites: Object.fromEntries(sites),
        assets: ASSETS,
      }),
      'assets/fetch.ts': FETCHED,
      'assets/put.ts': PUT,
      'assets/rows.ts': LANDED,
      'assets/schedule.ts': SCHEDULED,
      'assets/context.sql': JOINED('injuries', '10 * injuries.points + lines.points', 'lines'),
      'assets/said.sql': 'SELECT * FROM context',
      'assets/export.sql': 'SELECT * FROM said',
      'assets/grades.sql': JOINED('said', 'results.points - said.points', 'results'),
    },
    at('2024-01-14T12:00:00Z'),
  );
  target = await project.open();
});

afterAll(async () => {
  await target.close();
  project.remove();
  site.close();
});

/** What `gameplan heal` makes: what came of which, and how often each site was asked. */
async function heal(): Promise<{readonly made: readonly string[]; readonly asked: readonly string[]}> {
  const {pipeline, sources, ledger} = target;
  site.asked.clear();
  const made: string[] = [];
  for (let round = 0; round < 2; round++) {
    const input = {pipeline, sources, ledger: ledger.snapshot(), now: project.now};
    const plan = (request: PlanRequest) => makePlan({...input, request});
    const {only} = chooseHealing(plan(WHOLE_REQUEST), plan);
    if (only.size === 0) break;
    const emit = (event: Event): void => {
      if (event.kind === 'partition-ended' && event.outcome !== 'not-needed')
        made.push(`${event.asset}@${event.key} ${event.outcome}`);
    };
    const never = new AbortController().signal;
    const run = `heal-${project.now}-${round}`;
    const workshop = target.workshop({run, emit, stop: never, cancel: never, acceptCalendar: false});
    const about = {now: project.now, command: 'heal', concurrency: {fetches: 8, batches: 2}, failFast: false};
    await materialize(workshop, {plan: {...WHOLE_REQUEST, only}, ...about});
  }
  const asked = [...site.asked].map(([path, count]) => `${path.split('/')[1]} ${count}`);
  return {made: made.sort(), asked: asked.sort()};
}

/** What the sites show from when on: two of the changes come after the first game has begun. */
const CHANGES: Readonly<Record<string, () => void>> = {
  '2024-01-15T16:10:00Z': () => (shown.points.injuries = 2),
  '2024-01-15T16:40:00Z': () => (shown.points.lines = 5),
  '2024-01-15T18:10:00Z': () => (shown.points.injuries = 3),
  '2024-01-15T18:20:00Z': () => (shown.points.lines = 6),
  '2024-01-16T04:00:00Z': () => (shown.isFinal = true),
};

const on = (day: string, ...names: readonly string[]): readonly string[] =>
  names
    .map(name => `${name.includes(' ') ? name.replace(' ', `@${day} `) : `${name}@${day} succeeded`}`)
    .sort();

const FOLLOW = ['mart.context', 'mart.said', 'exports.said'];
/** What each step makes beside fetches that answer the same. */
const MADE: Readonly<Record<string, readonly string[]>> = {
  [new Date(TEN).toISOString()]: on(
    DAY,
    ...['landing.injuries', 'landing.lines', 'raw.injuries', 'raw.lines', ...FOLLOW],
  ),
  '2024-01-15T16:15:00.000Z': on(DAY, 'landing.injuries', 'raw.injuries', ...FOLLOW),
  // The lines are asked for every hour alone.
  '2024-01-15T17:00:00.000Z': on(DAY, 'landing.lines', 'raw.lines', ...FOLLOW),
  // With the schedule that calls the games final.
  '2024-01-16T06:00:00.000Z': [
    'landing.schedule@2023-24 succeeded',
    ...on(DAY, 'landing.results', 'raw.results', 'mart.grades'),
    'raw.schedule@2023-24 succeeded',
  ].sort(),
};

/** Which fetches are due at a step: the schedule every six hours, and tonight's from ten until the first game begins. */
function dueAt(now: number): readonly string[] {
  const isOpen = now >= TEN && now < FIRST;
  return [
    ...(isOpen ? ['injuries 1'] : []),
    ...(isOpen && new Date(now).getUTCMinutes() === 0 ? ['lines 1'] : []),
    ...(new Date(now).toISOString() === '2024-01-16T06:00:00.000Z' ? ['results 1'] : []),
    ...(new Date(now).getUTCHours() % 6 === 0 && new Date(now).getUTCMinutes() === 0 ? ['schedule 1'] : []),
  ];
}

const points = async (name: string): Promise<unknown> => {
  const found = await (await target.warehouse()).read(
    `SELECT points FROM ${name} WHERE game_date = DATE '${DAY}'`,
  );
  return found.rows.map(([value]) => Number(value));
};

test('tonight follows until the first game begins, is kept from then on, and is graded in the morning', async () => {
  await heal();
  project.now += QUARTER;
  for (; project.now <= at('2024-01-16T15:00:00Z'); project.now += QUARTER) {
    for (const [when, change] of Object.entries(CHANGES))
      if (at(when) <= project.now && at(when) > project.now - QUARTER) change();
    const {made, asked} = await heal();
    const step = new Date(project.now).toISOString();
    expect([step, asked]).toEqual([step, dueAt(project.now)]);
    const changed = made.filter(each => !(each.startsWith('landing.') && each.endsWith(' unchanged')));
    expect([step, changed]).toEqual([step, MADE[step] ?? []]);
    if (project.now === FIRST - QUARTER) expect(await points('mart.said')).toEqual([25, 25]);
  }
  expect(await points('mart.said')).toEqual([25, 25]);
  expect(await points('mart.grades')).toEqual([75, 75]);
});

test('what changes upstream after the first game has begun makes nothing of what was said', async () => {
  const {pipeline, sources, ledger} = target;
  const workshop = target.workshop({
    run: 'forced',
    emit: () => undefined,
    stop: new AbortController().signal,
    cancel: new AbortController().signal,
    acceptCalendar: false,
  });
  const only = new Map([['landing.injuries', new Set([DAY])]]);
  const about = {now: project.now, command: 'test', concurrency: {fetches: 8, batches: 2}, failFast: false};
  await materialize(workshop, {plan: {...WHOLE_REQUEST, only, force: true}, ...about});
  const {made} = await heal();
  expect(made).toEqual(on(DAY, 'raw.injuries', 'mart.context'));
  const plan = makePlan({
    ...{pipeline, sources, ledger: ledger.snapshot(), now: project.now},
    request: WHOLE_REQUEST,
  }).plan.partitions;
  expect(plan.filter(({asset}) => asset === 'mart.said')).toMatchObject([
    {key: DAY, state: 'stale', action: 'skip', reasons: [{kind: 'upstream-changed'}, {kind: 'protected'}]},
  ]);
  expect(await points('mart.said')).toEqual([25, 25]);
});

test('a run that began before the first game and comes to a partition after it leaves it as it was said', async () => {
  shown.points.injuries = 4;
  project.now = FIRST - 60_000;
  const made: string[] = [];
  const emit = (event: Event): void => {
    // The context takes so long that the first game begins.
    if (event.kind === 'partition-ended' && event.asset === 'mart.context') project.now = FIRST;
    if (event.kind === 'partition-ended') made.push(`${event.asset} ${event.outcome}`);
  };
  const never = new AbortController().signal;
  const workshop = target.workshop({run: 'late', emit, stop: never, cancel: never, acceptCalendar: false});
  const only = new Map(
    ['landing.injuries', 'raw.injuries', ...FOLLOW].map(name => [name, new Set([DAY])] as const),
  );
  const about = {now: project.now, command: 'test', concurrency: {fetches: 8, batches: 2}, failFast: false};
  await materialize(workshop, {plan: {...WHOLE_REQUEST, only, force: true}, ...about});
  expect(made).toEqual([
    'landing.injuries succeeded',
    'raw.injuries succeeded',
    'mart.context succeeded',
    'mart.said skipped',
    'exports.said skipped',
  ]);
  expect(await points('mart.said')).toEqual([25, 25]);
});
