/**
 * A small pipeline that uses everything a run can do, what its source says in each of two worlds, and the steps that
 * are broken at every call: a first fill, a rewrite of what was published, corrections with a prune.
 */
import type {PartitionKey} from '../../planner/pipeline.ts';
import {correct} from '../../runner/correct.ts';
import type {Answering} from './answers.ts';
import type {FaultPlan} from './fault-plan.ts';
import {at, type Done, manifest, type Project, SCHEDULE, scheduledCalendar} from './project.ts';

export type World = 'first' | 'later';
export const STEPS = ['fill', 'rewrite', 'correct'] as const;
export type Step = (typeof STEPS)[number];

interface StepAbout {
  readonly world: World;
  /** The instant of the step. */
  readonly now: number;
}

/** A day lies between the first two, so that what is fetched is asked for again. */
const ABOUT: Readonly<Record<Step, StepAbout>> = {
  fill: {world: 'first', now: at('2024-11-10T12:00:00Z')},
  rewrite: {world: 'later', now: at('2024-11-11T12:00:00Z')},
  correct: {world: 'later', now: at('2024-11-11T13:00:00Z')},
};

const SEASONS = ['2023-24', '2024-25'] as const;
/** The last one is postponed in the later world, to the day after. */
const DATES = ['2024-05-01', '2024-05-02', '2024-11-04', '2024-11-05', '2024-11-06'] as const;
const MOVED_TO = '2024-11-07';
const [D1, D2, D3, D4, D5] = DATES;
/** All keys that anything ever has. */
export const KEYS: readonly string[] = [...SEASONS, ...DATES, MOVED_TO, 'all'];

const seasonOf = (date: string): string => (date < '2024-07-01' ? SEASONS[0] : SEASONS[1]);

interface ScheduledGame {
  readonly id: string;
  readonly date: string;
  readonly status: string;
}

function scheduleOf(world: World, season: string): readonly ScheduledGame[] {
  return DATES.filter(date => seasonOf(date) === season).flatMap((date): readonly ScheduledGame[] => {
    const [one, other] = [`${date}-a`, `${date}-b`];
    if (world === 'first' || date !== D5) return [one, other].map(id => ({id, date, status: 'final'}));
    return [one, other].map(id => ({id, date: MOVED_TO, status: 'final'}));
  });
}

/**
 * Points by game and player; undefined where the source fails. Points over 200 are refused by a check.
 * First: the main source lacks a game on D2, has nothing good on D3 (nor has the other) and fails on D4.
 * Later: D1 is corrected, D3 is mended, D4 is bad from both, and D5's games were played on the next day.
 */
function boxOf(world: World, source: string, date: string): readonly [string, string, number][] | undefined {
  const games = world === 'later' && date === MOVED_TO ? [`${D5}-a`, `${D5}-b`] : [`${date}-a`, `${date}-b`];
  const base = Number(date.slice(-1)) * 10 + (source === 'main' ? 0 : 5);
  const bad = world === 'first' ? D3 : D4;
  const add = date === bad ? 400 : world === 'later' && date === D1 ? 3 : 0;
  if (source === 'main' && world === 'first' && date === D4) return undefined;
  const answered = source === 'main' && date === D2 ? games.slice(0, 1) : games;
  return answered.flatMap((game, i) =>
    ['p1', 'p2', 'p3'].map((player, j): [string, string, number] => [game, player, base + add + i + j / 3]),
  );
}

/** Answers `/WORLD/schedule/SEASON`, `/WORLD/main/DATE` and `/WORLD/other/DATE`. */
export const answering: Answering = ({path, response}) => {
  const [, world = 'first', what = '', key = ''] = path.split('/');
  const told: World = world === 'first' ? 'first' : 'later';
  if (what === 'schedule') return JSON.stringify({games: scheduleOf(told, key)});
  const rows = boxOf(told, what, key);
  if (rows === undefined) response.statusCode = 500;
  return JSON.stringify({rows: rows ?? []});
};

const fetched = (
  path: string,
  shape: string,
  games: string,
): string => `import {type Files, z} from 'gameplan';
const Shape = ${shape};
export const files: Files = async ({partition: {key}, site, put}) => {
  const answer = await site.get('${path}/' + key);
  await put('answer.json', answer.bytes);
  const found = answer.json(Shape);
  await put('about/count.json', JSON.stringify({key}));
  ${games}
};
`;
const SCHEDULE_SHAPE =
  'z.object({games: z.array(z.object({id: z.string(), date: z.string(), status: z.string()}))})';
const BOX_SHAPE = 'z.object({rows: z.array(z.tuple([z.string(), z.string(), z.number()]))})';
const GAMES = 'return {games: [...new Set(found.rows.map(([game]) => game))]};';

const landing = (name: string) => ({
  files: `assets/${name}.ts`,
  path: `${name}/{game_date}/`,
  site: 'league',
  retries: 0,
  refresh: {every: '12h', until: '365d'},
});

const ASSETS = {
  'landing.schedule': {
    ...landing('schedule'),
    path: 'schedule/{season}/',
    partition_by: 'season',
  },
  'raw.schedule': {...SCHEDULE, rows: 'assets/land-schedule.ts', upstream: {answers: 'landing.schedule'}},
  'landing.main': landing('main'),
  'landing.other': landing('other'),
  'raw.box': {
    rows: 'assets/land-box.ts',
    sources: [
      {name: 'main', upstream: 'landing.main'},
      {name: 'other', upstream: 'landing.other', quality: 80},
    ],
    take: 'fill',
    columns: {game_date: 'date', game_id: 'string', player: 'string', points: 'float64', _source: 'string'},
    key: ['game_id', 'player'],
    covers: {column: 'game_id', rows_per_game: {min: 2}},
    checks: [{range: {column: 'points', min: 0, max: 200}}],
    batch: 2,
  },
  'mart.form': {
    sql: 'assets/form.sql',
    upstream: {box: {asset: 'raw.box', window: '2 dates', through: 'today', at_least: '50%'}},
    columns: {game_date: 'date', player: 'string', points: 'float64'},
    key: ['game_date', 'player'],
    batch: 'season',
  },
  'mart.total': {
    sql: 'assets/total.sql',
    partition_by: 'all',
    upstream: {box: {asset: 'raw.box', window: 'all', required: false}},
    columns: {player: 'string', points: 'float64'},
    key: ['player'],
  },
  'exports.form': {
    sql: 'assets/export.sql',
    export: {format: 'csv', path: 'v1/{game_date}.csv'},
    upstream: {form: 'mart.form'},
  },
} as const;

export const TABLES = {
  'raw.schedule': 'season',
  'raw.box': 'game_date',
  'mart.form': 'game_date',
  'mart.total': undefined,
} as const;
export const FETCHES = {
  'landing.schedule': 'schedule',
  'landing.main': 'main',
  'landing.other': 'other',
} as const;
export const exportPlace = (key: string): string => `v1/${key}.csv`;

const declared = (targets: object, form: object): string =>
  manifest({
    targets,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the manifest's own placeholder
    sites: {league: {url: '${LEAGUE}', concurrency: 4, per_minute: 'none'}},
    calendars: scheduledCalendar({timezone: 'UTC'}),
    assets: {...ASSETS, 'mart.form': {...ASSETS['mart.form'], ...form}},
  });

const FIRST_FILES: Readonly<Record<string, string>> = {
  'assets/schedule.ts': fetched(
    'schedule',
    SCHEDULE_SHAPE,
    'if (found.games.length === 0) throw new Error(key);',
  ),
  'assets/main.ts': fetched('main', BOX_SHAPE, GAMES),
  'assets/other.ts': fetched('other', BOX_SHAPE, GAMES),
  'assets/land-schedule.ts': `import {type Rows, z} from 'gameplan';
const Shape = ${SCHEDULE_SHAPE};
export const rows: Rows = async function* ({partition: {key}, inputs}) {
  for await (const object of inputs['answers']?.objects() ?? [])
    if (object.name === 'answer.json')
      for (const {id, date, status} of object.json(Shape).games)
        yield {season: key, game_id: id, game_date: date, home: 'H' + id.slice(-1), away: 'A' + id.slice(-1), status};
};
`,
  'assets/land-box.ts': `import {type Rows, z} from 'gameplan';
const Shape = ${BOX_SHAPE};
export const rows: Rows = async function* ({partition: {key}, source, inputs}) {
  for await (const object of inputs[source ?? '']?.objects() ?? [])
    if (object.name === 'answer.json')
      for (const [game_id, player, points] of object.json(Shape).rows)
        yield {game_date: key, game_id, player, points};
};
`,
  'assets/form.sql': `SELECT w.key AS game_date, b.player, avg(b.points) AS points
FROM box_window AS w JOIN box AS b ON b.game_date = w.upstream_key GROUP BY ALL`,
  'assets/total.sql': 'SELECT player, sum(points) AS points FROM box GROUP BY ALL',
  'assets/export.sql': 'SELECT * FROM form ORDER BY player',
};

/** The formula is another one, with a column more. */
const LATER_FORM = {columns: {...ASSETS['mart.form'].columns, best: 'float64'}};
const LATER_FILES: Readonly<Record<string, string>> = {
  ...FIRST_FILES,
  'assets/form.sql': `SELECT w.key AS game_date, b.player, avg(b.points) / 2 AS points, max(b.points) AS best
FROM box_window AS w JOIN box AS b ON b.game_date = w.upstream_key GROUP BY ALL`,
};

/** Brings the project's files and its instant to a step; what was made stays. */
export function setStep(
  project: Project,
  step: Step,
  {league, targets}: {readonly league: string; readonly targets: object},
): void {
  const {world, now} = ABOUT[step];
  project.now = now;
  project.env = {LEAGUE: `${league}/${world}`};
  project.write('pipeline.yaml', declared(targets, world === 'first' ? {} : LATER_FORM));
  for (const [path, text] of Object.entries(world === 'first' ? FIRST_FILES : LATER_FILES))
    project.write(path, text);
}

/** What a step does, through a fault plan. */
export async function act(project: Project, step: Step, plan: FaultPlan): Promise<Done> {
  if (step === 'correct') {
    await forget(project, plan, 'raw.box', [D1, D2]);
    await forget(project, plan, 'landing.main', [D3]);
    await forget(project, plan, 'exports.form', [D1]);
  }
  return await project.materialize({through: plan.through, prune: step === 'correct'});
}

async function forget(
  project: Project,
  plan: FaultPlan,
  name: string,
  keys: readonly string[],
): Promise<void> {
  const target = await project.open();
  try {
    const asset = [...target.pipeline.assets.keys()].find(known => known === name);
    if (asset === undefined) throw new Error(`There is no asset ${name}`);
    const signal = new AbortController().signal;
    const run = `forget-${name}-${process.pid}-${project.now.toString(36)}`;
    const workshop = target.workshop({
      run,
      emit: () => undefined,
      stop: signal,
      cancel: signal,
      acceptCalendar: false,
    });
    await correct(plan.through(workshop), {
      kind: 'forget',
      asset,
      keys: keys as readonly PartitionKey[], // dates of its own
      by: 'ada',
      why: 'a bad feed',
      allowProtected: false,
      now: project.now,
      command: 'test',
    });
  } finally {
    await target.close();
  }
}
