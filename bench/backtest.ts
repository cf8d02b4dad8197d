/**
 * Predictions graded on five seasons of recorded games, beside plain baselines and the bookmakers' lines.
 * `npm run bench -- backtest [--project DIR]` fills a folder of its own, or brings DIR up to today's pipeline first.
 */
import {parseArgs} from 'node:util';
import {DuckDBInstance} from '@duckdb/node-api';
import {type GradeRow, type Grades, grade} from './grading.ts';
import {NbaProject, startLeague, TARGET} from './nba-project.ts';

/** After the last recorded game. */
const END = '2026-06-30';
/** What a bet at -110 must win: 110 of 210. */
const BREAK_EVEN = (100 * 110) / 210;

const MARKET = `At -110 ${BREAK_EVEN.toFixed(1)} % of bets must win; needed_pct is what the book's own odds ask for.`;

const TITLES: Readonly<Record<keyof Grades, string>> = {
  points:
    'Points of who played. Constants of the systems were fitted on 2021-22 and 2022-23; no later season chose any of them.',
  calibration: 'What the ensemble says, and what comes of it on average, in all seasons.',
  confidence: 'What its confidence is worth: error in all seasons, and its side of every recorded line.',
  'points-market': `Points against the preferred book's line; the first 14 days of a season have no predictions. ${MARKET}`,
  'threes-market': `A moving average of threes against the preferred book's line. ${MARKET}`,
};

const {values} = parseArgs({options: {project: {type: 'string'}}});
if (TARGET !== 'recorded') throw new Error('There are no recorded games in ../shared/data to be graded on.');

const league = await startLeague();
const project = new NbaProject(league, values.project === undefined ? {} : {root: values.project});
try {
  // Predictions are protected: of an older formula they would stay in a folder that is used again.
  const {seconds, counts} = project.materialize(END, ['--allow-protected']);
  console.log(`Filled in ${seconds.toFixed(1)} s: ${JSON.stringify(counts)}`);
  const instance = await DuckDBInstance.create(project.warehouse, {access_mode: 'READ_ONLY'});
  const connection = await instance.connect();
  const grades = await grade(connection);
  connection.closeSync();
  instance.closeSync();
  for (const [name, title] of Object.entries(TITLES)) {
    console.log(`\n${title}`);
    print(grades[name as keyof Grades]); // a key of TITLES
  }
  console.log(JSON.stringify({bench: 'backtest', breakEven: BREAK_EVEN, ...grades}));
} finally {
  await league.stop();
  if (values.project === undefined) project.remove();
}

function print(rows: readonly GradeRow[]): void {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map(row => names.map(name => shown(row[name])))];
  const widths = names.map((_, i) => Math.max(...lines.map(line => (line[i] ?? '').length)));
  for (const line of lines) {
    console.log(line.map((text, i) => text.padStart(widths[i] ?? 0)).join('  '));
  }
}

function shown(value: GradeRow[string] | undefined): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(2);
  return value === null || value === undefined ? '' : String(value);
}
