/**
 * A prediction's grade survives a restatement: a source corrects a box score, the features of a later day come out
 * otherwise and are made again, and what was said of that day stays, with its grade and a record of what it was made from.
 */
import {afterAll, beforeAll, expect, test} from 'vitest';
import {type LeagueProcess, startLeagueProcess} from '../../demo/league/league-process.ts';
import {type Made, ShippedProject} from './shipped-project.ts';

const SEASON = '2024-25';
/** Its minutes of some players come as 0 at first. */
const RESTATED = '2024-10-30';
const DAY = '2024-11-06';
const SAID = 'predictions.player_points';
const GRADE = 'predictions.accuracy';
const FEATURES = 'precompute.ml_feature_store';

let league: LeagueProcess;
let project: ShippedProject;
let versions: Readonly<Record<string, string>>;
let digest: string;
let grades: unknown;
let made: Made;

beforeAll(async () => {
  league = await startLeagueProcess(['--simulated', '--seed', '7', '--from', SEASON, '--to', SEASON]);
  project = new ShippedProject({target: 'simulated', league: league.url, start: '2024-10-01', end: DAY});
  await league.addFaults({
    match: {site: 'nba', path: '/stats/leaguegamelog', date: RESTATED},
    kind: 'zeros',
    share: 0.1,
  });
  const {errors} = await project.materialize();
  expect([...errors]).toEqual([]);
  versions = await versionsNow();
  digest = (await told(SAID)).publication.digest;
  grades = await project.ask(`SELECT * FROM ${GRADE} WHERE game_date = '${DAY}' ORDER BY ALL`);

  await league.clearFaults();
  const landed = 'landing.nbac_player_boxscores';
  await project.materialize({select: landed, range: {keys: [RESTATED]}, force: true});
  made = await project.materialize();
}, 300_000);

afterAll(async () => {
  project?.remove();
  await league?.stop();
});

/** What `explain` says of the day's partition. */
async function told(asset: string) {
  const {out} = await project.gameplan('explain', `${asset}@${DAY}`, '--json');
  return JSON.parse(out);
}

async function versionsNow(): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const asset of [FEATURES, SAID, GRADE]) found[asset] = (await told(asset)).publication.version;
  return found;
}

test('the features are made again, and neither the prediction nor its grade is', async () => {
  expect(made.outcomes.get(`raw.player_boxscores@${RESTATED}`)).toBe('succeeded');
  expect(made.outcomes.get(`${FEATURES}@${DAY}`)).toBe('succeeded');
  expect(made.outcomes.get(`${SAID}@${DAY}`)).toBeUndefined();
  expect(['not-needed', undefined]).toContain(made.outcomes.get(`${GRADE}@${DAY}`));
  const now = await versionsNow();
  expect(now[FEATURES]).not.toBe(versions[FEATURES]);
  expect({...now, [FEATURES]: ''}).toEqual({...versions, [FEATURES]: ''});
  expect(await project.ask(`SELECT * FROM ${GRADE} WHERE game_date = '${DAY}' ORDER BY ALL`)).toEqual(grades);
});

test('explain names what changed since, and in which version the prediction read it', async () => {
  const {state, action, digest: now, publication, read} = await told(SAID);
  expect([state, action, publication.digest]).toEqual(['stale', 'skip', digest]);
  expect(now).not.toBe(digest);
  expect(read).toContainEqual({partition: `${FEATURES}@${DAY}`, version: versions[FEATURES]});
  const {out} = await project.gameplan('explain', `${SAID}@${DAY}`);
  expect(out).toContain(`because ${FEATURES}@${DAY} changed`);
  expect(out).toContain('because protected: only --allow-protected touches what was made');
  expect(out).toContain(`inputs ${now} (made from ${digest})`);
  expect(out).toContain(`made from ${FEATURES}@${DAY} as it was in version ${versions[FEATURES]}`);
});

test('the grade is that of what was said, and is up to date', async () => {
  expect(await told(GRADE)).toMatchObject({state: 'fresh', read: []});
});

test('a game that was put off after it was spoken of takes no grade from the others of its date', async () => {
  const [first] = await project.ask(`SELECT min(game_id) FROM ${SAID} WHERE game_date = '${DAY}'`);
  const game = String(first?.[0]);
  await league.postpone(game);
  await project.materialize({select: 'landing.nbac_schedule', force: true});
  const {outcomes, errors} = await project.materialize();
  expect([...errors]).toEqual([]);
  expect(outcomes.get(`${GRADE}@${DAY}`)).toBe('succeeded');
  const gamesIn = (table: string) =>
    project.ask(`SELECT DISTINCT game_id FROM ${table} WHERE game_date = '${DAY}' ORDER BY 1`);
  expect(await gamesIn(GRADE)).toEqual((await gamesIn(SAID)).filter(([id]) => id !== game));
});
