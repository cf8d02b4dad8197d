/**
 * A small pipeline for runs at once: tables by code and by SQL, fetches and exports over twelve dates, each of which takes
 * a moment. Every call of code leaves a line, so that what was made twice is known for sure.
 */
import {LANDED} from './answers.ts';
import {at, listed, manifest, type Project} from './project.ts';

export const NOW = at('2024-03-01T12:00:00Z');
export const DATES = Array.from({length: 12}, (_, i) => `2024-01-${String(i + 1).padStart(2, '0')}`);
const columns = {game_date: 'date', game_id: 'string', points: 'int64'};
export const ASSETS = {
  'raw.given': {rows: 'assets/given.ts', columns, key: ['game_id'], batch: 2},
  'landing.copies': {files: 'assets/copy.ts', path: 'copies/{game_date}/'},
  'raw.copies': {
    rows: 'assets/land.ts',
    upstream: {answers: 'landing.copies'},
    columns,
    key: ['game_id'],
    batch: 2,
  },
  'mart.sum': {
    sql: 'assets/sum.sql',
    upstream: {given: {asset: 'raw.given', window: 'season to date', through: 'today'}, copies: 'raw.copies'},
    columns: {game_date: 'date', points: 'int64'},
    key: ['game_date'],
    batch: 3,
  },
  'exports.sum': {
    sql: 'assets/export.sql',
    export: {format: 'csv', path: 'v1/{game_date}.csv'},
    upstream: {sum: 'mart.sum'},
  },
};
const LOGGED = `import {appendFileSync} from 'node:fs';
export const log = (line: string): void =>
  appendFileSync(new URL('../calls.log', import.meta.url), \`\${line}\\n\`);\n`;
const CALENDARS = listed({'2023-24': DATES});

/** The manifest with other targets than a DuckDB file. */
export function manifestOn(targets: object): string {
  return manifest({targets, calendars: CALENDARS, assets: ASSETS});
}

export const FILES = {
  'pipeline.yaml': manifest({calendars: CALENDARS, assets: ASSETS}),
  'assets/log.ts': LOGGED,
  'assets/given.ts': `import type {Rows} from 'gameplan';
import {log} from './log.ts';
export const rows: Rows = async ({partition: {key}}) => {
  log(\`raw.given@\${key}\`);
  await new Promise(done => setTimeout(done, 30));
  return [{game_date: key, game_id: key, points: Number(key.slice(-2))}];
};\n`,
  'assets/copy.ts': `import type {Files} from 'gameplan';
import {log} from './log.ts';
export const files: Files = async ({partition: {key}, put}) => {
  log(\`landing.copies@\${key}\`);
  await new Promise(done => setTimeout(done, 60));
  await put('a.json', JSON.stringify({games: [{id: key, points: 100 * Number(key.slice(-2))}]}));
};\n`,
  'assets/land.ts': LANDED,
  'assets/sum.sql': `SELECT p.game_date, c.points + (SELECT sum(g.points) FROM given_window AS w JOIN given AS g
  ON g.game_date = w.upstream_key WHERE w.key = p.game_date) AS points
FROM partitions AS p JOIN copies AS c ON c.game_date = p.game_date`,
  'assets/export.sql': 'SELECT * FROM sum',
};
const SUMS = DATES.map((_, i) => 100 * (i + 1) + ((i + 1) * (i + 2)) / 2);

/** What the project must hold in the end: of each date the sum, in the table and as an export. */
export const WHOLE = {
  sums: SUMS.map(sum => [sum]),
  exports: DATES.map((date, i) => `game_date,points\r\n${date},${SUMS[i]}\r\n`),
};

/** `table`: the name of `mart.sum` in queries. */
export async function contentsOf(project: Project, table = 'mart.sum'): Promise<typeof WHOLE> {
  const sums = await project.query(`SELECT points FROM ${table} ORDER BY game_date`);
  const target = await project.open();
  const found = await Promise.all(DATES.map(date => target.store().find(`v1/${date}.csv`)));
  await target.close();
  return {
    sums: sums.map(([sum]) => [Number(sum)]),
    exports: found.map(bytes => new TextDecoder().decode(bytes)),
  };
}
