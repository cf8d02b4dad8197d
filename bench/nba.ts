/**
 * The shipped pipeline with everything on, as whole processes against a league server of its own: four seasons from
 * empty, one season from empty, a date that arrives late, a changed formula, and a night. Medians of the rounds, beside
 * what the old platform is known to have taken. `npm run bench -- nba [--rounds N]`.
 */
import {parseArgs} from 'node:util';
import {emptyElsewhere} from '../demo/league/league-process.ts';
import {median} from './filled.ts';
import {NbaProject, startLeague, TARGET} from './nba-project.ts';

const FOUR_SEASONS = '2025-06-30';
/** In the middle of a season: all later dates of it read what its games give. */
const LATE = '2023-01-18';
const NIGHT = {before: '2025-12-01', on: '2025-12-02'};

/** What the platform that this replaces is known to have taken, by its own figures, and what exactly each was. */
const OLD: Readonly<Record<string, string>> = {
  'four seasons from empty':
    'phase 4 alone about 65 h for 845 dates; box scores a night, in which 35.5 % of 853 dates failed',
  'one season from empty': '4 to 6 h of a person; phase 3 alone 10 to 16 h for 327 dates',
  'a late date': 'phase 4 about 278 s a date, one date after another; which dates was found by hand',
  'a formula of the summaries': 'phase 3 10 to 16 h for 327 dates, then phase 4 about 278 s a date',
  'a formula of the factors': 'phase 4 about 278 s a date: about 65 h for 845 dates',
  'a night': 'no figure',
};

interface Step {
  readonly name: string;
  readonly seconds: number;
  readonly megabytes: number;
  /** Made or read again; of these `changed` have other rows than before. */
  readonly worked: number;
  readonly changed: number;
}

const {values} = parseArgs({options: {rounds: {type: 'string', default: '3'}}});
const rounds = Number(values.rounds);
const steps: Step[] = [];
const league = await startLeague();
try {
  for (let round = 0; round < rounds; round++) {
    await fourSeasons();
    oneSeason();
  }
} finally {
  await league.stop();
}
print();

async function fourSeasons(): Promise<void> {
  const project = new NbaProject(league);
  try {
    // Nobody has the players' lines of one date until all else is filled.
    await league.addFaults(
      {match: {site: 'nba', path: '/stats/leaguegamelog', date: LATE}, kind: 'empty'},
      ...emptyElsewhere(LATE),
    );
    note('four seasons from empty', project.materialize(FOUR_SEASONS));
    await league.clearFaults();
    note('a late date', project.materialize(FOUR_SEASONS));
    project.replace(
      'assets/analytics/player_game_summary.sql',
      '100 * (box.field_goals_attempted + 0.44e0 *',
      '100 * (box.field_goals_attempted + 0.45e0 *',
    );
    note('a formula of the summaries', project.materialize(FOUR_SEASONS));
    project.replace(
      'assets/precompute/player_composite_factors.sql',
      'player.days_of_rest = 0, 15, 0',
      'player.days_of_rest = 0, 14, 0',
    );
    note('a formula of the factors', project.materialize(FOUR_SEASONS));
    project.materialize(NIGHT.before);
    note('a night', project.materialize(NIGHT.on));
  } finally {
    await league.clearFaults();
    project.remove();
  }
}

function oneSeason(): void {
  const project = new NbaProject(league, {start: '2023-10-01'});
  try {
    note('one season from empty', project.materialize('2024-06-30'));
  } finally {
    project.remove();
  }
}

function note(name: string, {seconds, megabytes, counts}: ReturnType<NbaProject['materialize']>): void {
  // Of the first step the one date that comes late is not there, and neither is what needs it.
  if (name !== 'four seasons from empty' && counts.failed + counts.quarantined > 0)
    throw new Error(`${name}: ${JSON.stringify(counts)}`);
  const changed = counts.succeeded;
  steps.push({name, seconds, megabytes, worked: changed + counts.unchanged, changed});
  console.error(`${name}: ${seconds.toFixed(1)} s ${JSON.stringify(counts)}`);
}

function print(): void {
  console.log(
    `Target '${TARGET}', whole processes, medians of ${rounds}; predictions stay as they were said.`,
  );
  console.log(`${'step'.padEnd(28)}seconds     MB  made (other rows)  the old platform`);
  const rows = Object.keys(OLD).map(name => {
    const of = steps.filter(step => step.name === name);
    const row = {
      name,
      seconds: median(of.map(({seconds}) => seconds)),
      megabytes: Math.max(...of.map(({megabytes}) => megabytes)),
      worked: of[0]?.worked ?? 0,
      changed: of[0]?.changed ?? 0,
    };
    const made = `${row.worked.toLocaleString('en-US')} (${row.changed.toLocaleString('en-US')})`;
    console.log(
      `${name.padEnd(28)}${row.seconds.toFixed(1).padStart(7)}${row.megabytes.toFixed(0).padStart(7)}  ${made.padEnd(19)}${OLD[name]}`,
    );
    return row;
  });
  console.log(JSON.stringify({bench: 'nba', target: TARGET, rounds, rows}));
}
