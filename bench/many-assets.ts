/**
 * A project of any number of assets in a temporary folder, the same for the same number: a season's schedule that
 * gives the calendar, tables from TypeScript, and queries that read three tables each through mixed windows.
 * It holds no data: what is measured with it is reading and planning.
 */
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {randomFrom} from './made-project.ts';

export interface ManyAssets {
  readonly root: string;
  readonly manifest: string;
  /** Path of each query to its text. */
  readonly queries: ReadonlyMap<string, string>;
  remove(): void;
}

const HEAD = `name: many
start: 2021-10-19

calendars:
  nba:
    asset: raw.schedule
    date: game_date
    season: season
    game: game_id
    teams: [home_team, away_team]
    status: game_status
    timezone: America/New_York
    seasons: {from: 2021-22, rolls_over: 07-01}

sites:
  league: {url: 'https://stats.example.com', per_minute: 60}

defaults: {retries: 3, timeout: 3m, partition_by: game_date}

assets:
  landing.schedule:
    description: The league's schedule of one season, as it was answered.
    files: assets/schedule.ts
    path: schedule/{season}/
    partition_by: season
    refresh: {every: 12h}
    site: league

  raw.schedule:
    description: Every game of a season.
    rows: assets/schedule.ts
    partition_by: season
    upstream: {answers: landing.schedule}
    columns:
      season: string
      game_id: string
      game_date: date
      game_status: string
      home_team: string
      away_team: string
    key: [game_id]
`;

/** Tables that TypeScript makes; all later ones are queries. */
const FETCHED = 6;

const FETCH = `import type {Files, Rows} from 'gameplan';
import {linesOf} from './lib/lines.ts';

export const files: Files = async ({partition, site, put}) => {
  const answer = await site.get('/answers', {key: partition.key});
  await put('answer.json', answer.bytes);
  return undefined;
};

export const rows: Rows = async ({inputs}) => {
  const made = [];
  for await (const object of inputs('answers').objects()) made.push(...linesOf(object.text()));
  return made;
};
`;

const LINES = `/** Each line is a row as JSON. */
export function linesOf(text: string): readonly Readonly<Record<string, string>>[] {
  return text.split('\\n').filter(line => line !== '').map(line => JSON.parse(line));
}
`;

const COLUMNS = `    columns:
      game_date: date
      season: string
      game_id: string
      team: string
      points: {type: int64, unit: points}
      minutes: {type: float64, unit: minutes}
      rating: {type: float64, description: Null without possessions.}
    key: [game_id, team]
`;

const WINDOWS = ['30 days', '10 dates', 'season to date', '15 games per team', '5 games per playing team'];

/** A project with this many assets, two of which are its schedule's. */
export function writeManyAssets(count: number): ManyAssets {
  const root = mkdtempSync(join(tmpdir(), 'gameplan-many-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), {recursive: true});
    writeFileSync(join(root, path), text);
  };
  write('assets/schedule.ts', FETCH);
  write('assets/lib/lines.ts', LINES);
  const random = randomFrom(count);
  const parts = [HEAD];
  const tables: string[] = [];
  const queries = new Map<string, string>();
  for (let made = 2; made < count; made++) {
    if (tables.length < FETCHED && made + 1 < count) {
      const name = `source_${tables.length}`;
      write(`assets/${name}.ts`, FETCH);
      parts.push(fetchedAsset(name));
      tables.push(`raw.${name}`);
      made++;
      continue;
    }
    const name = `table_${String(made).padStart(6, '0')}`;
    const edges = ['one', 'two', 'three'].map((edge, index) => ({
      edge,
      // Most read what stands shortly before them, some read far back.
      table: tables[pick(random, index === 0 ? tables.length : Math.min(40, tables.length), tables.length)],
      window: index === 0 ? undefined : WINDOWS[Math.floor(random() * WINDOWS.length)],
    }));
    parts.push(queriedAsset(name, edges, made));
    queries.set(`assets/${name}.sql`, query(made));
    tables.push(`stats.${name}`);
  }
  for (const [path, text] of queries) write(path, text);
  const manifest = parts.join('\n');
  write('pipeline.yaml', manifest);
  return {root, manifest, queries, remove: () => rmSync(root, {recursive: true, force: true})};
}

/** An index among the last `near` of `length`. */
function pick(random: () => number, near: number, length: number): number {
  return length - 1 - Math.floor(random() * near);
}

function fetchedAsset(name: string): string {
  return `  landing.${name}:
    description: The league's answer of one date, byte for byte.
    files: assets/${name}.ts
    refresh: {every: 24h, until: 3d}
    site: league
    group: landing

  raw.${name}:
    description: One row a team and game.
    rows: assets/${name}.ts
    upstream: {answers: {asset: landing.${name}, at_least: 90%}}
    group: raw
${COLUMNS}`;
}

interface MadeEdge {
  readonly edge: string;
  readonly table: string | undefined;
  readonly window: string | undefined;
}

function queriedAsset(name: string, edges: readonly MadeEdge[], index: number): string {
  const upstream = edges.map(({edge, table, window}) =>
    window === undefined
      ? `      ${edge}: ${table}\n`
      : `      ${edge}: {asset: ${table}, window: ${window}, required: false}\n`,
  );
  return `  stats.${name}:
    description: What each team did in one game, against its own form before it (${index}).
    sql: assets/${name}.sql
    batch: season
    upstream:
${upstream.join('')}    group: group_${index % 12}
    tags: [teams, form]
    owner: data@example.com
${COLUMNS}    covers: {column: game_id, at_least: 100%, rows_per_game: {min: 2}}
    checks:
      - not_null: [season, team, points]
      - range: {column: rating, min: 0, max: ${100 + (index % 100)}}
      - rows: {of: one, at_least: 95%}
`;
}

function query(index: number): string {
  return `-- Each team's points of the game, and how far they lie from its form.
WITH form AS (
  SELECT w.game_date AS key_date, two.team, avg(two.points) AS points, max(two.rating) AS rating
  FROM two
  JOIN two_window AS w ON w.upstream_key = two.game_date
  GROUP BY ALL
), peers AS (
  SELECT three.team, sum(three.minutes) / nullif(count(*), 0) AS minutes FROM three GROUP BY three.team
)
SELECT
  p.game_date, p.season, one.game_id, one.team, one.points,
  coalesce(peers.minutes, one.minutes) AS minutes,
  safe_divide(one.points - form.points, form.rating + ${index}) AS rating
FROM partitions AS p
JOIN one USING (game_date)
LEFT JOIN form ON form.key_date = p.game_date AND form.team = one.team
LEFT JOIN peers ON peers.team = one.team
WHERE one.points > ${index % 7}
`;
}
