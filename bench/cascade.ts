/**
 * What a cascade adds to a partition: the same rows made by TypeScript of one upstream, and by a cascade whose first
 * source covers, covers none (the second does), or covers half of the games of each date (the second fills the rest).
 * Side by side in one run, medians; only the table is timed. `npm run bench -- cascade [DATES]`.
 */
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {parseManifest} from '../planner/manifest.ts';
import {WHOLE_REQUEST} from '../planner/plan.ts';
import {parseSelector} from '../planner/select.ts';
import {materialize} from '../runner/execute.ts';
import {readProject} from '../runner/project.ts';
import {openTarget} from '../runner/target.ts';
import {median} from './filled.ts';

const DATES = Number(process.argv[2] ?? 800);
const ROUNDS = 3;
const NOW = Date.parse('2030-01-01T12:00:00Z');
const GAMES = 6;
const PLAYERS = 25;

const dates = Array.from({length: DATES}, (_, i) =>
  new Date(Date.parse('2024-01-01T00:00:00Z') + i * 86_400_000).toISOString().slice(0, 10),
);

/** Objects of `share` of the games of a date. */
const fetching = (share: number): string => `import type {Files} from 'gameplan';
export const files: Files = async ({partition, put}) => {
  const games = partition.games.map(game => game.id).slice(0, Math.round(${share} * partition.games.length));
  const rows = games.flatMap(game =>
    Array.from({length: ${PLAYERS}}, (_, player) => ({game_date: partition.key, game_id: game, player, points: player})),
  );
  await put('rows.json', JSON.stringify(rows));
  return {games};
};
`;
const LANDED = `import {type Rows, z} from 'gameplan';
const Shape = z.array(z.object({game_date: z.string(), game_id: z.string(), player: z.number(), points: z.number()}));
export const rows: Rows = async ({source, inputs}) => {
  const found = [];
  for await (const object of inputs[source ?? 'answers'].objects()) found.push(...object.json(Shape));
  return found;
};
`;
const SCHEDULE = `import type {Rows} from 'gameplan';
const dates: readonly string[] = ${JSON.stringify(dates)};
export const rows: Rows = async () =>
  dates.flatMap(date => Array.from({length: ${GAMES}}, (_, i) => ({
    season: seasonOf(date), game_id: date + '-' + i, game_date: date, home: 'H' + i, away: 'A' + i, status: 'final',
  })));
`;

const box = {
  rows: 'assets/box.ts',
  columns: {game_date: 'date', game_id: 'string', player: 'int64', points: 'int64'},
  key: ['game_id', 'player'],
  covers: {column: 'game_id', rows_per_game: {min: 10}},
  checks: [{not_null: ['points']}, {range: {column: 'points', min: 0, max: 110}}],
};
const VARIANTS = {
  'one upstream': {...box, upstream: {answers: 'landing.whole'}},
  'the first covers': {
    ...box,
    sources: [
      {name: 'a', upstream: 'landing.whole'},
      {name: 'b', upstream: 'landing.other'},
    ],
  },
  'the second covers': {
    ...box,
    sources: [
      {name: 'a', upstream: 'landing.none'},
      {name: 'b', upstream: 'landing.whole'},
    ],
  },
  'the second fills half': {
    ...box,
    take: 'fill',
    sources: [
      {name: 'a', upstream: 'landing.half'},
      {name: 'b', upstream: 'landing.whole'},
    ],
  },
} as const;

async function seconds(variant: object): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'gameplan-bench-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), {recursive: true});
    writeFileSync(join(root, path), text);
  };
  const shares = {whole: 1, other: 1, half: 0.5, none: 0};
  const landing = Object.fromEntries(
    Object.keys(shares).map(name => [
      `landing.${name}`,
      {files: `assets/${name}.ts`, path: `${name}/{game_date}/`, partition_by: 'game_date'},
    ]),
  );
  const schedule = {season: 'string', game_id: 'string', game_date: 'date', home: 'string', away: 'string'};
  write(
    'pipeline.yaml',
    JSON.stringify({
      name: 'bench',
      targets: {local: {warehouse: {engine: 'duckdb'}}},
      calendars: {
        nba: {
          asset: 'raw.schedule',
          date: 'game_date',
          season: 'season',
          game: 'game_id',
          teams: ['home', 'away'],
          status: 'status',
          timezone: 'UTC',
          seasons: {from: '2023-24', rolls_over: '07-01'},
        },
      },
      assets: {
        'raw.schedule': {
          rows: 'assets/schedule.ts',
          partition_by: 'all',
          columns: {...schedule, status: 'string'},
          key: ['game_id'],
        },
        ...landing,
        'raw.box': {...variant, partition_by: 'game_date'},
      },
    }),
  );
  for (const [name, share] of Object.entries(shares)) write(`assets/${name}.ts`, fetching(share));
  write('assets/box.ts', LANDED);
  write('assets/schedule.ts', `${SCHEDULE}${SEASON_OF}`);
  try {
    return await run(root);
  } finally {
    rmSync(root, {recursive: true, force: true});
  }
}

const SEASON_OF = `
function seasonOf(date: string): string {
  const year = Number(date.slice(0, 4)) - (date.slice(5) < '07-01' ? 1 : 0);
  return year + '-' + String((year + 1) % 100).padStart(2, '0');
}
`;

async function run(root: string): Promise<number> {
  const find = (path: string) => ({path, text: readFileSync(join(root, path), 'utf8')});
  const {pipeline, diagnostics} = parseManifest({file: find('pipeline.yaml'), target: undefined, env: {}});
  if (pipeline === undefined) throw new Error(diagnostics.map(({message}) => message).join('\n'));
  const {sources} = await readProject({root, pipeline});
  const make = async (selector: string, id: string, force: boolean): Promise<number> => {
    const target = openTarget({root, pipeline, sources, clock: Date.now, waitMs: 0});
    try {
      const selection = parseSelector(selector, pipeline).selection;
      const signal = new AbortController().signal;
      const workshop = target.workshop({
        run: id,
        emit: () => undefined,
        stop: signal,
        cancel: signal,
        acceptCalendar: false,
      });
      const began = performance.now();
      const done = await materialize(workshop, {
        plan: {...WHOLE_REQUEST, selection, force},
        now: NOW,
        command: 'bench',
        concurrency: {fetches: 8, batches: 2},
        failFast: false,
      });
      const {succeeded, requested} = done.counts;
      if (succeeded !== requested) throw new Error(`${selector}: ${JSON.stringify(done.counts)}`);
      return (performance.now() - began) / 1000;
    } finally {
      await target.close();
    }
  };
  await make('raw.schedule', 'r0', false);
  for (const name of ['whole', 'other', 'half', 'none']) await make(`landing.${name}`, `r-${name}`, true);
  return make('raw.box', 'r2', false);
}

const times = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, variant] of Object.entries(VARIANTS))
    times.set(name, [...(times.get(name) ?? []), await seconds(variant)]);
}
const base = median(times.get('one upstream') ?? []);
console.log(`${DATES} dates of ${GAMES} games and ${GAMES * PLAYERS} rows; medians of ${ROUNDS}`);
console.log(`${'variant'.padEnd(24)}seconds  ms a partition  ratio`);
const rows = [...times].map(([name, all]) => {
  const row = {variant: name, seconds: median(all), ratio: median(all) / base};
  const each = ((1000 * row.seconds) / DATES).toFixed(2).padStart(16);
  console.log(
    `${name.padEnd(24)}${row.seconds.toFixed(2).padStart(7)}${each}${row.ratio.toFixed(2).padStart(7)}`,
  );
  return row;
});
console.log(JSON.stringify({bench: 'cascade', dates: DATES, rows}));
