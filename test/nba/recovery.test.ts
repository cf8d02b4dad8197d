/**
 * The shipped pipeline where answers are cut short or fail, on the first weeks of a season played from a seed.
 * Needs no data beside the project.
 */
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {emptyElsewhere, type LeagueProcess, startLeagueProcess} from '../../demo/league/league-process.ts';
import {type CutPlayers, cutPlayersOf} from './cut-players.ts';
import {allReadersOf, datesOf, type Game, isProtected, readersOf} from './expected-readers.ts';
import {byOutcome, inState, ShippedProject} from './shipped-project.ts';

const SEASON = '2023-24';
const DAY_MS = 86_400_000;

let league: LeagueProcess;
const opened: {project?: ShippedProject; proxy?: CutPlayers} = {};

beforeAll(async () => {
  league = await startLeagueProcess(['--simulated', '--seed', '11', '--from', SEASON, '--to', SEASON]);
});

afterEach(async () => {
  await league.clearFaults();
  opened.project?.remove();
  opened.proxy?.stop();
});

afterAll(() => league?.stop());

/** A project of the season's first weeks, with the schedule settled. */
async function openProject(
  end: string,
  {url = league.url, now}: {url?: string; now?: string} = {},
): Promise<{project: ShippedProject; games: readonly Game[]}> {
  const project = new ShippedProject({target: 'simulated', league: url, start: '2023-10-01', end});
  opened.project = project;
  if (now !== undefined) project.now = Date.parse(now);
  await project.materialize({select: '+raw.games'});
  return {project, games: await project.games()};
}

const refs = (assets: readonly string[], keys: readonly string[]) =>
  assets.flatMap(asset => keys.map(key => `${asset}@${key}`)).sort();

/** Without tables by season and those of one partition. */
const datedOf = (all: readonly string[] = []) => all.filter(ref => /@\d{4}-\d\d-\d\d$/.test(ref));

const ROWS = 'raw.player_boxscores';
/** What needs the players of a date on the same date. */
const READERS = ['analytics.team_defense_game_summary', 'analytics.player_game_summary'];

describe('an answer with one row where all players of a date are expected', () => {
  const DATE = '2023-11-10';

  test('is never fresh, what reads it waits, and it is mended when the league has all', async () => {
    const proxy = await cutPlayersOf(league.url, DATE);
    opened.proxy = proxy;
    await league.addFaults(...emptyElsewhere());
    const {project, games} = await openProject('2023-11-12', proxy);
    const first = await project.materialize();
    expect(proxy.rows).toBeGreaterThan(100);
    const waiting = datedOf(byOutcome(first)['skipped']);
    expect(waiting).toEqual(expect.arrayContaining(refs([...READERS, 'landing.espn_boxscores'], [DATE])));
    expect(waiting.filter(ref => !ref.endsWith(DATE))).toEqual([]);
    expect(first.errors.get(`${ROWS}@${DATE}`)).toContain(
      'No source has it: nba: rows of none of the games; bdl:',
    );
    const count = `SELECT count(*)::INT FROM raw.player_boxscores WHERE game_date = '${DATE}'`;
    expect(await project.ask(count)).toEqual([[0]]);

    const plan = await project.plan({all: true});
    const played = games.filter(({date}) => date === DATE).length;
    expect(inState(plan, 'partial')).toEqual(refs(['landing.nbac_player_boxscores'], [DATE]));
    const landed = plan.partitions.find(
      ({asset, key}) => asset === 'landing.nbac_player_boxscores' && key === DATE,
    );
    expect(landed?.reasons).toMatchObject([{kind: 'below-coverage', found: 1, expected: played}]);
    const missing = datedOf(inState(plan, 'missing'));
    expect(missing).toEqual(expect.arrayContaining(refs([ROWS, ...READERS], [DATE])));
    expect(missing.filter(ref => !ref.endsWith(DATE))).toEqual([]);
    const own = plan.partitions.find(({asset, key}) => asset === ROWS && key === DATE);
    expect(own?.reasons.map(({kind}) => kind)).toContain('last-attempt-failed');
    const again = await project.gameplan('materialize');
    expect([again.code, again.err]).toEqual([1, '']);

    // A day later the league has them all; nobody has to say so.
    proxy.isCutting = false;
    project.now += DAY_MS;
    const second = await project.materialize();
    expect(byOutcome(second)['succeeded']).toEqual(
      expect.arrayContaining(refs(['landing.nbac_player_boxscores', ROWS, ...READERS], [DATE])),
    );
    expect(await project.ask(count)).toEqual([[proxy.rows]]);
    const mended = await project.plan();
    expect(mended.states).toMatchObject({missing: 0, partial: 0});
    // What was said before a game stays as it was said.
    expect(inState(mended, 'stale').filter(ref => !isProtected(ref))).toEqual([]);
  });
});

describe('a backfill that fails on date 5 of 10', () => {
  test('does date 5 and what hangs on it when it is run again, and a longer range keeps the progress', async () => {
    const {project, games} = await openProject('2023-11-15');
    const dates = datesOf(games);
    const ten = {from: dates[0] ?? '', to: dates[9] ?? ''};
    const fifth = dates[4] ?? '';
    await league.addFaults(
      {match: {path: '/stats/leaguegamelog', date: fifth}, kind: 'changed-shape'},
      ...emptyElsewhere(),
    );
    const first = await project.materialize({range: ten});
    const landing = `landing.nbac_player_boxscores@${fifth}`;
    const tried = [
      'landing.bdl_player_boxscores',
      'landing.espn_scoreboard',
      'landing.nbac_player_boxscores',
      ROWS,
    ];
    expect(byOutcome(first)['failed']).toEqual(refs(tried, [fifth]));
    expect(first.errors.get(landing)).toContain('PTS');
    const skipped = byOutcome(first)['skipped'] ?? [];
    expect(skipped).toEqual(expect.arrayContaining(refs(['landing.espn_boxscores', ...READERS], [fifth])));
    // Other dates do not wait for it; the season's own table waits for nine dates of ten, which has too few games.
    expect(datedOf(skipped).filter(ref => !ref.endsWith(fifth))).toEqual([]);
    expect(skipped).toContain(`raw.players@${SEASON}`);

    await league.clearFaults();
    const before = await league.requests();
    const second = await project.materialize({range: ten});
    const after = await league.requests();
    const readers = allReadersOf(games, [`raw.player_boxscores@${fifth}`]);
    const inTen = datedOf(readers).filter(ref => ref.slice(ref.indexOf('@') + 1) <= ten.to);
    const {succeeded, failed, quarantined} = byOutcome(second);
    expect(datedOf(succeeded)).toEqual([landing, `raw.player_boxscores@${fifth}`, ...inTen].sort());
    expect([failed, quarantined]).toEqual([undefined, undefined]);
    expect((after['game-log'] ?? 0) - (before['game-log'] ?? 0)).toBe(1);
    expect({...after, 'game-log': 0}).toEqual({...before, 'game-log': 0});

    const done = new Set(
      [...first.outcomes, ...second.outcomes].flatMap(([ref, outcome]) =>
        outcome === 'succeeded' ? [ref] : [],
      ),
    );
    const third = await project.materialize();
    expect(datedOf([...third.outcomes.keys()]).filter(ref => done.has(ref))).toEqual([]);
    const {requested, succeeded: made, unchanged, 'not-needed': notNeeded} = third.counts;
    expect(made + unchanged + notNeeded).toBe(requested);
    expect((await project.plan()).actions).toMatchObject({run: 0, 'run-if': 0, wait: 0});
  });
});

describe('a correction within the days that a fetch is asked for again', () => {
  test('is found by itself, and reaches what reads its date', async () => {
    const {project, games} = await openProject('2023-11-11', {now: '2023-11-12T15:00:00Z'});
    await project.materialize();
    const corrected = '2023-11-10';
    await league.addFaults({match: {date: corrected}, kind: 'corrected'});
    expect((await project.plan()).actions).toMatchObject({run: 0, 'run-if': 0});

    project.now += DAY_MS;
    const plan = await project.plan();
    const asked = plan.partitions.filter(({action}) => action === 'run');
    expect([...new Set(asked.flatMap(({reasons}) => reasons.map(({kind}) => kind)))]).toEqual(['refresh']);
    const boxes = asked.filter(({asset}) => asset.endsWith('_boxscores'));
    // Three days after the games; what is older is not asked for any more.
    expect([...new Set(boxes.map(({key}) => key))]).toEqual(['2023-11-09', '2023-11-10', '2023-11-11']);

    const made = byOutcome(await project.materialize());
    const landed = [
      'landing.nbac_player_boxscores',
      'landing.nbac_team_boxscores',
      'raw.team_boxscores',
      ROWS,
    ];
    const summaries = [...READERS, 'analytics.team_offense_game_summary'];
    expect(made['succeeded']).toEqual(expect.arrayContaining(refs([...landed, ...summaries], [corrected])));
    expect(datedOf(made['succeeded']).filter(ref => !ref.endsWith(corrected))).toEqual([]);
    const windows = datedOf(summaries.flatMap(asset => readersOf(games, asset, [corrected])));
    expect(made['unchanged']).toEqual(
      expect.arrayContaining(windows.filter(ref => !ref.endsWith(corrected) && !isProtected(ref))),
    );
    expect((await project.plan()).actions).toMatchObject({run: 0, 'run-if': 0});
  });
});
